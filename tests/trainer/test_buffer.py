import dataclasses
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.buffer import OnlineBuffer
from rltf_trainer.rollouts import Rollout


def rollout_of(name: str, policy_version: int) -> Rollout:
    return Rollout(
        problem_id=name,
        prompt_ids=(1,),
        completion_ids=(2,),
        rollout_logprobs=(-0.5,),
        policy_version=policy_version,
        step=policy_version,
        is_greedy=False,
        is_truncated=False,
        completion="x",
        program_start=0,
        program_end=1,
        verdict="passed",
        reward=1.0,
        token_advantages=(0.1 + 0.2,),
        passed=1,
        total=1,
        error_type=None,
        error_line=None,
        blamed=(False,),
    )


def names(buffer: OnlineBuffer) -> list[str]:
    return [rollout.problem_id for rollout in buffer]


def test_the_oldest_leave_when_the_buffer_is_full():
    buffer = OnlineBuffer(3, max_staleness=9)
    buffer.add([rollout_of("a", 0), rollout_of("b", 0), rollout_of("c", 1)])

    num_left = buffer.add([rollout_of("d", 1), rollout_of("e", 2)])

    assert num_left == 2
    assert names(buffer) == ["c", "d", "e"]


def test_a_late_rollout_of_an_older_policy_leaves_first():
    buffer = OnlineBuffer(2, max_staleness=9)
    buffer.add([rollout_of("new", 5)])

    buffer.add([rollout_of("late", 3), rollout_of("newest", 6)])

    assert names(buffer) == ["new", "newest"]


def test_more_rollouts_than_fit_leave_the_newest():
    buffer = OnlineBuffer(2, max_staleness=9)

    assert buffer.add([rollout_of(name, 0) for name in "abcd"]) == 2
    assert names(buffer) == ["c", "d"]


def test_rollouts_leave_when_they_are_too_stale():
    buffer = OnlineBuffer(9, max_staleness=2)
    buffer.add([rollout_of(str(version), version) for version in range(5)])

    assert buffer.evict(5) == 3
    assert names(buffer) == ["3", "4"]
    assert buffer.ages(5) == [2, 1]


def test_without_staleness_only_the_newest_policy_s_rollouts_stay():
    buffer = OnlineBuffer(9, max_staleness=0)
    buffer.add([rollout_of("old", 1), rollout_of("new", 2)])

    buffer.evict(2)

    assert names(buffer) == ["new"]


def test_a_draw_holds_no_rollout_twice():
    buffer = OnlineBuffer(9, max_staleness=9)
    buffer.add([rollout_of(name, 0) for name in "abcde"])

    drawn = [rollout.problem_id for rollout in buffer.sample(4)]

    assert len(set(drawn)) == 4
    assert sorted(rollout.problem_id for rollout in buffer.sample(9)) == list("abcde")


def test_every_rollout_is_drawn_about_as_often():
    buffer = OnlineBuffer(4, max_staleness=9, seed=1)
    buffer.add([rollout_of(name, 0) for name in "abcd"])

    drawn = Counter(rollout.problem_id for _ in range(1000) for rollout in buffer.sample(2))

    # 500 expected each, standard deviation sqrt(1000 / 4) = 16
    assert all(420 < drawn[name] < 580 for name in "abcd")


def test_the_same_seed_draws_the_same():
    first, second = OnlineBuffer(9, 9, seed=3), OnlineBuffer(9, 9, seed=3)
    for buffer in (first, second):
        buffer.add([rollout_of(name, 0) for name in "abcdefg"])

    assert [first.sample(3) for _ in range(5)] == [second.sample(3) for _ in range(5)]


@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=3)), max_size=12), st.integers(0, 4))
def test_a_restored_buffer_goes_on_where_the_saved_one_does(
    added: list[tuple[int, str]], num_draws: int
):
    saved = OnlineBuffer(8, max_staleness=3, seed=2)
    saved.add(rollout_of(name, version) for version, name in added)
    for _ in range(num_draws):
        saved.sample(2)
    restored = OnlineBuffer(8, max_staleness=3, seed=99)

    restored.load_state_dict(json.loads(json.dumps(saved.state_dict())))

    assert list(restored) == list(saved)
    assert [restored.sample(3) for _ in range(4)] == [saved.sample(3) for _ in range(4)]
    assert restored.state_dict() == saved.state_dict()


def test_a_state_with_other_bounds_is_refused():
    state = OnlineBuffer(8, max_staleness=3).state_dict()

    with pytest.raises(ValueError, match="capacity: the saved buffer has 8, this one 9"):
        OnlineBuffer(9, max_staleness=3).load_state_dict(state)
    with pytest.raises(ValueError, match="max_staleness: the saved buffer has 3, this one 4"):
        OnlineBuffer(8, max_staleness=4).load_state_dict(state)


@pytest.mark.parametrize(("capacity", "max_staleness"), [(0, 1), (1, -1)])
def test_bounds_out_of_range_are_refused(capacity: int, max_staleness: int):
    with pytest.raises(ValueError, match="is less than"):
        OnlineBuffer(capacity, max_staleness)


def test_a_cleared_buffer_is_empty():
    buffer = OnlineBuffer(2, 1)
    buffer.add([rollout_of("a", 0), dataclasses.replace(rollout_of("b", 0), step=9)])

    buffer.clear()

    assert len(buffer) == 0
    assert buffer.sample(3) == []
