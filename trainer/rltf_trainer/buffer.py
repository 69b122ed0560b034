"""The online buffer: a bounded queue of the latest rollouts, from which training batches are drawn.

RLTF (arXiv 2307.04349, §3.2) trains on what the policy wrote a moment ago while new programs are
being judged. How old a rollout may be is counted in policy versions. Nothing here knows how
rollouts are made or learnt from.
"""

import random
from bisect import insort_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rltf_trainer.rollouts import Rollout


def _version(rollout: Rollout) -> int:
    return rollout.policy_version


class OnlineBuffer:
    """Holds at most ``capacity`` rollouts; the oldest leave first.

    Oldest means sampled by the lowest policy version, and of those the one added first: a rollout
    that comes late from a slow batch does not outlive newer ones.
    """

    def __init__(self, capacity: int, max_staleness: int, *, seed: int = 0) -> None:
        """Open an empty buffer.

        Args:
            capacity: Most rollouts held, at least 1.
            max_staleness: Greatest age a rollout may reach, in policy versions; 0 = only the newest
                policy's own.
            seed: Of the draws of ``sample``.

        Raises:
            ValueError: A bound is out of range.
        """
        if capacity < 1:
            raise ValueError(f"capacity: {capacity} is less than 1")
        if max_staleness < 0:
            raise ValueError(f"max_staleness: {max_staleness} is less than 0")
        self.capacity = capacity
        self.max_staleness = max_staleness
        self._rollouts: list[Rollout] = []  # by policy version, then by order of arrival
        self._random = random.Random(seed)  # noqa: S311 - draws batches, guards no secret

    def __len__(self) -> int:
        """Count the rollouts held."""
        return len(self._rollouts)

    def __iter__(self) -> Iterator[Rollout]:
        """Iterate over the rollouts held, oldest first."""
        return iter(tuple(self._rollouts))

    def add(self, rollouts: Iterable[Rollout]) -> int:
        """Take in rollouts; those beyond the capacity leave, oldest first.

        Returns:
            How many left.
        """
        for rollout in rollouts:
            insort_right(self._rollouts, rollout, key=_version)
        num_left = max(0, len(self._rollouts) - self.capacity)
        del self._rollouts[:num_left]
        return num_left

    def evict(self, policy_version: int) -> int:
        """Let go every rollout older than ``max_staleness`` when the policy is at this version.

        Returns:
            How many left.
        """
        num_before = len(self._rollouts)
        oldest_kept = policy_version - self.max_staleness
        self._rollouts = [rollout for rollout in self._rollouts if _version(rollout) >= oldest_kept]
        return num_before - len(self._rollouts)

    def sample(self, num_rollouts: int) -> list[Rollout]:
        """Draw different rollouts, all equally likely; every one, shuffled, if fewer are held."""
        return self._random.sample(self._rollouts, min(num_rollouts, len(self._rollouts)))

    def ages(self, policy_version: int) -> list[int]:
        """Gives the age of every rollout in policy versions, oldest first."""
        return [policy_version - _version(rollout) for rollout in self._rollouts]

    def clear(self) -> None:
        """Let every rollout go."""
        self._rollouts.clear()

    def state_dict(self) -> dict[str, Any]:
        """Gives all that ``load_state_dict`` needs to go on exactly here; JSON can spell it."""
        kind, internal, gauss = self._random.getstate()
        return {
            "capacity": self.capacity,
            "max_staleness": self.max_staleness,
            "rollouts": [rollout.to_dict() for rollout in self._rollouts],
            "random": [kind, list(internal), gauss],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what ``state_dict`` gave, the state of the draws included.

        Raises:
            ValueError: The state is of a buffer with other bounds.
        """
        for name, ours in (("capacity", self.capacity), ("max_staleness", self.max_staleness)):
            if state[name] != ours:
                raise ValueError(f"{name}: the saved buffer has {state[name]}, this one {ours}")
        kind, internal, gauss = state["random"]
        self._random.setstate((kind, tuple(internal), gauss))
        self._rollouts = [Rollout.from_dict(plain) for plain in state["rollouts"]]
