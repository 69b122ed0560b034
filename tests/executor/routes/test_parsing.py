import json
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.problems import ProblemError
from rltf_executor.routes.parsing import MAX_DEPTH, MAX_DIGITS, parse_batch, parse_submission
from rltf_executor.schema import CallTest, RefusedItem, Submission


def parse(body: bytes | str | Any) -> Submission:
    return parse_submission(_bytes(body), max_memory_mb=2048)


def batch(body: bytes | str | Any) -> list[Submission | RefusedItem]:
    return parse_batch(_bytes(body), max_memory_mb=2048)


def _bytes(body: bytes | str | Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def refusal(parser: Any, body: Any) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        parser(body)
    assert caught.value.kind.status == 422
    return caught.value


def call_with(argument: str) -> str:
    return f'{{"source":"","tests":[{{"kind":"call","function":"f","args":[{argument}]}}]}}'


def first_argument(submission: Submission) -> Any:
    test = submission.tests[0]
    assert isinstance(test, CallTest)
    return test.args[0]


@pytest.mark.parametrize("field", ["source", "prelude", "setup"])
def test_program_text_may_hold_lone_surrogates_and_nul(field: str):
    body = {"source": "", field: "a\ud800\0\udfffb"}

    assert getattr(parse(body), field) == "a\ud800\0\udfffb"


def test_values_of_a_call_may_hold_lone_surrogates():
    assert first_argument(parse(call_with(r'{"\ud800": ["\udc00"]}'))) == {"\ud800": ["\udc00"]}


def test_the_two_halves_of_a_character_are_one():
    assert parse(r'{"source":"\ud83d\ude00"}').source == "😀"


@pytest.mark.parametrize("num_digits", [1, 4300, 4301, MAX_DIGITS])
def test_integers_keep_every_digit(num_digits: int):
    for sign in ("", "-"):
        value = first_argument(parse(call_with(sign + "7" * num_digits)))
        assert abs(value) == 7 * (10**num_digits - 1) // 9
        assert (value < 0) == bool(sign)


def test_an_integer_of_too_many_digits_is_refused_by_field_and_bound():
    problem = refusal(parse, call_with("[1, " + "7" * (MAX_DIGITS + 1) + "]"))

    assert problem.faults[0].message == (
        f"tests[0].args: an integer of {MAX_DIGITS + 1} digits is more than {MAX_DIGITS}"
    )


def test_long_integers_are_few_in_one_body():
    refusal(parse, call_with(",".join(["7" * MAX_DIGITS] * 20)))


def test_a_long_integer_in_a_typed_field_is_refused_for_its_type():
    body = '{"source":"","limits":{"memory_mb":' + "7" * 5000 + "}}"
    assert refusal(parse, body).faults[0].field == "limits.memory_mb"
    body = '{"source":' + "7" * 30_000 + "}"
    assert refusal(parse, body).faults[0].message == "source: must be a string"


@pytest.mark.parametrize("depth", [1, 100, 150, MAX_DEPTH - 1])
def test_values_may_be_nested(depth: int):
    parse(call_with("[" * depth + "]" * depth))


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 900, 10_000, 1_000_000])
def test_values_nested_too_deep_are_refused(depth: int):
    problem = refusal(parse, call_with("[" * depth + "]" * depth))
    assert problem.faults[0].message.endswith(f"nested deeper than {MAX_DEPTH}")
    refusal(parse, call_with('{"a":' * depth + "1" + "}" * depth))


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 900, 10_000])
def test_a_batch_nested_too_deep_is_no_fault_of_ours(depth: int):
    for entry in batch_or_nothing(('{"submissions":' + "[" * depth + "]" * depth + "}").encode()):
        assert isinstance(entry, RefusedItem)


def batch_or_nothing(body: bytes) -> list[Submission | RefusedItem]:
    try:
        return batch(body)
    except ProblemError:
        return []


def test_numbers_that_are_no_json_are_taken_for_values_but_not_for_limits():
    assert first_argument(parse(call_with("Infinity"))) == float("inf")
    problem = refusal(parse, '{"source":"","limits":{"wall_s":NaN}}')
    assert problem.faults[0].message == "limits.wall_s: NaN is not in 0.05..120"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body: Expecting value at line 1 column 1"),
        (b'{"source": "x"', "body: Expecting ',' delimiter at line 1 column 15"),
        (b'{"source": "\xff"}', "body: invalid UTF-8 at byte 12"),
        (b'{"source": "\xed\xa0\x80"}', "body: invalid UTF-8 at byte 12"),
        ('{"source": ""}'.encode("utf-16"), "body: invalid UTF-8 at byte 0"),
        (b"null", "body: null is not an object"),
    ],
)
def test_a_malformed_body_is_refused_by_place(body: bytes, message: str):
    assert refusal(parse, body).faults[0].message == message
    assert refusal(batch, body).faults[0].message == message


def test_types_are_not_guessed():
    assert refusal(parse, {"source": "", "stop_on_failure": "yes"}).faults[0].message == (
        'stop_on_failure: "yes" is not true or false'
    )
    assert refusal(parse, {"source": "", "limits": {"memory_mb": True}})


def test_a_whole_number_is_an_integer_however_json_spells_it():
    limits = parse('{"source":"","limits":{"memory_mb":64.0,"processes":2.9e1,"wall_s":2}}').limits

    assert (limits.memory_mb, limits.processes, limits.wall_s) == (64, 29, 2.0)
    assert isinstance(limits.memory_mb, int)
    assert refusal(parse, '{"source":"","limits":{"processes":1.5}}')
    assert refusal(parse, '{"source":"","limits":{"processes":Infinity}}')


def test_the_bound_of_memory_is_the_services_own():
    body = b'{"source":"","limits":{"memory_mb":100}}'

    assert parse_submission(body, max_memory_mb=100).limits.memory_mb == 100
    with pytest.raises(ProblemError, match=r"limits\.memory_mb: 100 is not in 16\.\.99"):
        parse_submission(body, max_memory_mb=99)


def test_a_bad_submission_leaves_a_batch_its_others():
    bad: list[Any] = [
        {"id": "no source"},
        {"id": "limits", "source": "", "limits": {"wall_s": 0}},
        {"id": "\ud800", "source": ""},
        {"id": 7, "source": ""},
        {"id": "x" * 1001, "source": ""},
        5,
        None,
    ]
    entries = batch({"submissions": [{"id": "a", "source": "\ud800"}, *bad, {"source": ""}]})

    assert isinstance(entries[0], Submission)
    assert isinstance(entries[-1], Submission)
    refused = [entry for entry in entries if isinstance(entry, RefusedItem)]
    assert [entry.id for entry in refused] == ["no source", "limits", "\\ud800", *[None] * 4]
    assert all(entry.problem.status == 422 for entry in refused)
    assert refused[1].problem.errors == [
        {"field": "limits.wall_s", "message": "limits.wall_s: 0 is not in 0.05..120"}
    ]
    for entry in refused:
        entry.model_dump_json()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "submissions: is missing"),
        ({"submissions": []}, "submissions: 0 items are not in 1..1024"),
        ({"submissions": [{}] * 1025}, "submissions: 1025 items are not in 1..1024"),
        ({"submissions": {}}, "submissions: an object is not an array"),
        ({"submissions": [{"source": ""}], "more": 1}, "more: is no field"),
        ([], "body: an array is not an object"),
    ],
)
def test_a_malformed_batch_is_refused_whole(body: Any, message: str):
    assert refusal(batch, body).faults[0].message == message


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, categories=None)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
NEARLY_SUBMISSIONS = st.dictionaries(
    st.sampled_from(["source", "id", "tests", "limits", "checker", "setup", "sauce"]),
    JSON_VALUES
    | st.fixed_dictionaries({"wall_s": JSON_VALUES, "memory_mb": JSON_VALUES})
    | st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(["stdio", "call", "assert"]) | JSON_VALUES},
            optional={"function": JSON_VALUES, "args": JSON_VALUES, "expected": JSON_VALUES},
        ),
        max_size=3,
    ),
)


@given(JSON_VALUES | NEARLY_SUBMISSIONS)
def test_any_json_is_a_submission_or_a_problem_that_can_be_sent(value: Any):
    for parser, body in ((parse, value), (batch, {"submissions": [value]}), (batch, value)):
        try:
            entries = parser(body)
        except ProblemError as problem:
            json.loads(problem.details.model_dump_json())
            continue
        for entry in entries if isinstance(entries, list) else [entries]:
            if isinstance(entry, RefusedItem):
                json.loads(entry.model_dump_json())


@given(st.binary())
def test_any_bytes_are_a_submission_or_a_problem(body: bytes):
    for parser in (parse, batch):
        with suppress(ProblemError):
            parser(body)


def test_the_interpreters_own_bound_is_the_one_that_is_worked_around():
    assert sys.get_int_max_str_digits() == 4300
