import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rltf_executor.faults import MAX_FAULTS, describe_faults, quote
from rltf_executor.schema import Submission

SUBMISSION = TypeAdapter(Submission)


def messages(submission: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        SUBMISSION.validate_python(submission, strict=True)
    faults = describe_faults(caught.value, Submission, maxima={"memory_mb": 2048})
    assert all(fault.message.startswith(f"{fault.field}: ") for fault in faults)
    return [fault.message for fault in faults]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"limits": {"memory_mb": 0}}, "limits.memory_mb: 0 is not in 16..2048"),
        ({"limits": {"memory_mb": 4096}}, "limits.memory_mb: 4096 is not in 16..2048"),
        ({"limits": {"wall_s": 500}}, "limits.wall_s: 500 is not in 0.05..120"),
        ({"limits": {"wall_s": math.nan}}, "limits.wall_s: NaN is not in 0.05..120"),
        (
            {"limits": {"processes": 10**80}},
            "limits.processes: an integer of 266 bits is not in 1..256",
        ),
        ({"limits": {"output_kb": "4"}}, 'limits.output_kb: "4" is not an integer'),
        ({"limits": {"procesess": 4}}, "limits.procesess: is no field; did you mean processes?"),
        ({"limits": 4}, "limits: 4 is not an object"),
        ({"tests": [{"kind": "unit"}]}, 'tests[0].kind: "unit" is not one of stdio, call, assert'),
        ({"tests": [{}]}, "tests[0].kind: is missing"),
        ({"tests": [7]}, "tests[0]: 7 is not an object"),
        ({"tests": 7}, "tests: 7 is not an array"),
        ({"tests": [{"kind": "stdio"}]}, "tests[0].expected_stdout: is missing"),
        (
            {"tests": [{"kind": "call", "function": ""}]},
            "tests[0].function: 0 characters are not in 1..1000",
        ),
        (
            {"tests": [{"kind": "assert", "code": ""}] * 1001},
            "tests: 1001 items are not in 0..1000",
        ),
        ({"source": "é" * 750_001}, "source: 1500002 bytes is more than 1500000"),
        ({"source": None}, "source: must be a string"),
        ({"language": "java"}, 'language: "java" is not one of python'),
        ({"id": "\ud800"}, "id: holds a lone surrogate"),
        (
            {"checker": {"kind": "fuzzy"}},
            'checker.kind: "fuzzy" is not one of exact, lines, tokens, equal, approx, unordered',
        ),
        (
            {"checker": {"kind": "exact", "float_tolerance": -1}},
            "checker.float_tolerance: -1 is not in 0..1",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_fault_names_field_value_and_bound(fields: dict[str, Any], message: str):
    assert messages({"source": ""} | fields) == [message]


def test_a_submission_that_is_none_at_all_is_named_so():
    assert messages({}) == ["source: is missing"]
    assert messages([]) == ["body: an array is not an object"]


def test_every_fault_is_named_up_to_a_bound():
    assert (
        len(messages({"source": "", "tests": [{"kind": "stdio"}] * 3, "limits": {"wall_s": 0}}))
        == 4
    )
    assert len(messages({"source": "", "tests": [{"kind": "stdio"}] * 1000})) == MAX_FAULTS


@given(st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.integers()))
def test_a_quoted_value_is_short_and_can_always_be_encoded(value: object):
    quote(value).encode("utf-8")
    assert len(quote(value)) <= 12 * 61 + 2


@pytest.mark.parametrize(
    "value", ["\ud800", 10**5000, -(10**5000), True, None, b"\xff", object()], ids=lambda _: ""
)
def test_odd_values_can_be_quoted(value: object):
    assert 1 <= len(quote(value).encode("utf-8")) < 100
