import dataclasses
import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.rollouts import Rollout

ROLLOUT = Rollout(
    problem_id="mbpp/11",
    prompt_ids=(1, 2, 3),
    completion_ids=(7, 8, 2),
    rollout_logprobs=(-0.1, -2.5, -1e-300),
    policy_version=4,
    step=5,
    is_greedy=False,
    is_truncated=False,
    completion="x = 1\n",
    program_start=0,
    program_end=6,
    verdict="runtime_error",
    reward=-0.6,
    token_advantages=(-0.6, -1.5, -0.6),
    passed=1,
    total=3,
    error_type="KeyError",
    error_line=1,
    blamed=(False, True, False),
)

finite = st.floats(allow_nan=False, allow_infinity=False)


def bits(values: tuple[float, ...]) -> bytes:
    return struct.pack(f"{len(values)}d", *values)


@given(
    st.lists(st.tuples(st.integers(0, 2**31), finite, finite, st.booleans()), max_size=8),
    finite,
    st.text(st.characters(codec=None), max_size=20),
    st.none() | st.text(max_size=5),
    st.none() | st.integers(1, 99),
)
def test_a_rollout_comes_back_from_json_bit_for_bit(
    tokens: list[tuple[int, float, float, bool]],
    reward: float,
    completion: str,
    error_type: str | None,
    error_line: int | None,
):
    ids = tuple(token_id for token_id, *_ in tokens)
    logprobs = tuple(logprob for _, logprob, *_ in tokens)
    advantages = tuple(advantage for *_, advantage, _ in tokens)
    blamed = tuple(is_blamed for *_, is_blamed in tokens)
    rollout = dataclasses.replace(
        ROLLOUT,
        completion_ids=ids,
        rollout_logprobs=logprobs,
        token_advantages=advantages,
        blamed=blamed,
        reward=reward,
        completion=completion,
        program_start=0,
        program_end=len(completion),
        error_type=error_type,
        error_line=error_line,
    )

    restored = Rollout.from_dict(json.loads(json.dumps(rollout.to_dict())))

    assert restored == rollout
    assert bits(restored.rollout_logprobs) == bits(rollout.rollout_logprobs)  # 0.0 is not -0.0
    assert bits(restored.token_advantages) == bits(rollout.token_advantages)
    assert bits((restored.reward,)) == bits((rollout.reward,))


def test_a_rollout_comes_back_without_json():
    assert Rollout.from_dict(ROLLOUT.to_dict()) == ROLLOUT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rollout_logprobs", (-0.1,)),
        ("token_advantages", (0.0, 0.0)),
        ("blamed", ()),
        ("rollout_logprobs", (-0.1, -math.inf, -0.1)),
        ("token_advantages", (0.0, math.nan, 0.0)),
        ("reward", math.nan),
        ("program_end", 7),
        ("program_start", -1),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(field: str, value: object):
    with pytest.raises(ValueError, match=field):
        dataclasses.replace(ROLLOUT, **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("problem_id", 11),
        ("step", 5.0),
        ("step", True),
        ("is_greedy", 1),
        ("reward", 1),
        ("completion_ids", "abc"),
        ("prompt_ids", [1, "2"]),
        ("rollout_logprobs", [0, 1, 2]),
        ("blamed", [0, 1, 0]),
        ("error_line", "1"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_name(field: str, value: object):
    with pytest.raises(ValueError, match=rf"rollout\.{field}"):
        Rollout.from_dict({**ROLLOUT.to_dict(), field: value})


def test_missing_and_unknown_fields_are_named():
    plain = {**ROLLOUT.to_dict(), "colour": "red"}
    del plain["step"]

    with pytest.raises(ValueError, match=r"missing \['step'\], unknown \['colour'\]"):
        Rollout.from_dict(plain)
