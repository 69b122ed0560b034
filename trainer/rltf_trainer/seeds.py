"""Seeds derived from the run's seed and what they are for, so that no random state outlives a step.

Whatever is random in step ``n`` depends on the run's seed, the purpose and ``n`` alone. A resumed
run therefore draws what the uninterrupted one would have drawn, and an evaluation in between
changes nothing.
"""

import hashlib

import torch


def derive_seed(seed: int, purpose: str, number: int) -> int:
    """Gives a seed in 0..2**63 - 1 for one purpose at one step (or epoch)."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator_for(seed: int, purpose: str, number: int) -> torch.Generator:
    """Gives a CPU generator that starts at the derived seed."""
    return torch.Generator().manual_seed(derive_seed(seed, purpose, number))
