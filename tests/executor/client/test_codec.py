import json
import math
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rltf_executor.client import SubmissionEncodingError
from rltf_executor.client.codec import BATCH_CLOSE, BATCH_OPEN, ITEM, RESULT, decode, encode, split
from rltf_executor.schema import CallTest, Limits, StdioTest, Submission, Verdict

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def calling(*args: Any, expected: Any = None) -> Submission:
    return Submission(
        source="", tests=[CallTest(kind="call", function="f", args=list(args), expected=expected)]
    )


def sent(submission: Submission) -> Any:
    return json.loads(encode(submission).body)


@given(st.lists(JSON_VALUES, max_size=3), JSON_VALUES)
def test_json_values_arrive_as_they_were(args: list[Any], expected: Any):
    test = sent(calling(*args, expected=expected))["tests"][0]

    assert repr(test["args"]) == repr(args)
    assert repr(test["expected"]) == repr(expected)


@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_any_text_survives_lone_surrogates_included(text: str):
    submission = Submission(
        source=text, tests=[StdioTest(kind="stdio", stdin=text, expected_stdout=text)]
    )

    assert encode(submission).body.isascii()
    assert sent(submission)["source"] == text
    assert sent(submission)["tests"][0] == {"kind": "stdio", "stdin": text, "expected_stdout": text}


def test_only_what_was_set_is_sent_so_that_the_service_chooses_defaults():
    assert sent(Submission(source="x")) == {"source": "x"}
    assert sent(Submission(source="x", limits=Limits(wall_s=10.0)))["limits"] == {"wall_s": 10.0}


def test_an_int_beyond_the_interpreters_digit_bound_keeps_every_digit():
    value = -(10**5000) + 7
    body = encode(calling([value], expected={"n": value})).body.decode()

    digits = "-" + "9" * 4999 + "3"
    assert f'"args":[[{digits}]]' in body
    assert f'"expected":{{"n":{digits}}}' in body
    assert sys.get_int_max_str_digits() == 4300  # left as it was


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_float_that_json_lacks_is_refused_with_its_path(value: float):
    with pytest.raises(
        SubmissionEncodingError,
        match=r"^submissions\[3\]\.tests\[0\]\.args\[1\]\['k'\]\[0\]: (nan|-?inf) is no",
    ):
        encode(calling(0, {"k": [value]}), index=3)


def test_a_value_json_cannot_spell_is_a_value_error_naming_its_type():
    with pytest.raises(ValueError, match=r"tests\[0\]\.expected: a set has no spelling in JSON"):
        encode(calling(expected={1, 2}))


def test_keys_of_an_expected_object_become_their_str_and_those_of_an_argument_are_refused():
    assert sent(calling(expected={1: "a", None: "c"}))["tests"][0]["expected"] == {
        "1": "a",
        "None": "c",
    }
    with pytest.raises(SubmissionEncodingError, match=r"args\[0\]: the key 1 is no string"):
        encode(calling({1: "a"}))


def test_a_bottomless_value_is_refused_not_a_crash():
    bottomless: list[Any] = []
    bottomless.append(bottomless)
    with pytest.raises(SubmissionEncodingError, match=r"submissions\[0\]"):
        encode(calling(bottomless))


def test_runs_keep_order_and_both_bounds():
    items = [
        encode(Submission(source="x" * size), index)
        for index, size in enumerate([1, 1, 1, 50, 2, 2])
    ]
    envelope = len(BATCH_OPEN) + len(BATCH_CLOSE)
    one = len(items[0].body) + 1

    runs = list(split(items, max_items=2, max_bytes=envelope + 3 * one))

    assert [[item.index for item in run] for run in runs] == [[0, 1], [2], [3], [4, 5]]


def test_nothing_to_split_gives_no_run():
    assert list(split([], max_items=1, max_bytes=100)) == []


RESULT_JSON = (
    '{"verdict":"passed","passed":1,"total":1,"tests":[{"index":0,"verdict":"passed","value":%s}],'
    '"timing":{"queue_ms":0,"run_ms":1,"total_ms":1},'
    '"isolation":{"backend":"docker","runtime":"runc","level":"namespaces"%s}%s}'
)


def test_fields_that_a_newer_executor_adds_are_ignored_at_every_depth():
    result = decode(RESULT, (RESULT_JSON % ("1", ',"new":1', ',"newer":[2]')).encode())

    assert result.verdict is Verdict.PASSED
    assert result.isolation.level == "namespaces"


def test_a_returned_int_beyond_the_parsers_bound_is_read_whole():
    result = decode(RESULT, (RESULT_JSON % ("9" * 5000, "", "")).encode())

    assert result.tests[0].value == 10**5000 - 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"index":"x","result":{}}', b"\xff\xfe"])
def test_anything_else_is_a_validation_error(body: bytes):
    with pytest.raises(ValidationError):
        decode(ITEM, body)
