"""An update is the same every time, whatever the threads do meanwhile."""

import hashlib
from collections.abc import Iterator

import pytest
import torch

from rltf_trainer.config import TrainConfig
from rltf_trainer.learner import Learner
from rltf_trainer.policy.loading import Policy


@pytest.fixture
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_two_threads")
def test_gradients_of_shared_prompts_are_added_up_in_one_order(policy: Policy):
    Learner(policy, TrainConfig())
    generator = torch.Generator().manual_seed(0)
    keys = torch.randn(4, 250, 576, requires_grad=True)
    rows = torch.randint(0, 4, (2000,), generator=generator)
    tokens = torch.randint(0, 250, (2000,), generator=generator)
    weights = torch.randn(2000, 576, generator=generator)
    digests = set()

    for _ in range(12):
        keys.grad = None
        (keys[rows, tokens] * weights).sum().backward()
        assert keys.grad is not None
        digests.add(hashlib.sha256(keys.grad.numpy().tobytes()).hexdigest())

    assert len(digests) == 1
