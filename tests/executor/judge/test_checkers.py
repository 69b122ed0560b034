import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.judge.checkers import encode_text, output_matches
from rltf_executor.schema import Checker

LINES = Checker(kind="lines")
TOKENS = Checker(kind="tokens")
CLOSE_TOKENS = Checker(kind="tokens", float_tolerance=1e-6)
EXACT = Checker(kind="exact")


@pytest.mark.parametrize(
    ("actual", "expected", "matches"),
    [
        (b"3\n", b"3\n", True),
        (b"3", b"3\n", True),
        (b"3\n\n\n", b"3", True),
        (b"3  \n", b"3\n", True),
        (b"3\t\n4", b"3\n4\n", True),
        (b"3\r\n4\r\n", b"3\n4\n", True),
        (b"3\n \n\t\n", b"3\n", True),
        (b"", b"\n", True),
        (b" \n", b"", True),
        (b" 3\n", b"3\n", False),
        (b"3\n\n4\n", b"3\n4\n", False),
        (b"\n3\n", b"3\n", False),
        (b"3  4\n", b"3 4\n", False),
        (b"3 4\n", b"3\n4\n", False),
        (b"3\x0c\n", b"3\n", False),
        (b"3\x00\n", b"3\n", False),
        (b"A\n", b"a\n", False),
        (b"3\n4", b"3\n", False),
        (b"3\n", b"3\n4", False),
        ("é\n".encode(), "e\u0301\n".encode(), False),
        ("3\xa0\n".encode(), b"3\n", False),
    ],
)
def test_lines_ignore_blanks_at_line_ends_and_newlines_at_the_end(
    actual: bytes, expected: bytes, matches: bool
):
    assert output_matches(actual, expected, LINES) is matches
    assert output_matches(actual, expected, None) is matches
    assert output_matches(expected, actual, LINES) is matches


@pytest.mark.parametrize(
    ("actual", "expected", "matches"),
    [
        (b"1 2\n3", b"1\n2 3\n", True),
        (b"  1\t2\r\n", b"1 2", True),
        (b"1 2 3", b"1 2", False),
        (b"12", b"1 2", False),
        (b"1.0", b"1", False),
        (b"", b" \n", True),
    ],
)
def test_tokens_split_on_white_space(actual: bytes, expected: bytes, matches: bool):
    assert output_matches(actual, expected, TOKENS) is matches


@pytest.mark.parametrize(
    ("actual", "expected", "matches"),
    [
        (b"1.0", b"1", True),
        (b"0.3333333", b"0.33333333333", True),
        (b"0.333", b"0.33333333333", False),
        (b"1000000.5", b"1000000.6", True),
        (b"1e3", b"1000", True),
        (b".5", b"0.5", True),
        (b"5.", b"5", True),
        (b"-0", b"0", True),
        (b"inf", b"Infinity", True),
        (b"inf", b"-inf", False),
        (b"1e308", b"inf", False),
        (b"1e400", b"inf", False),
        (b"inf", b"9" * 350, False),
        (b"1e400", b"1e400", True),
        (b"1e400", b"1e500", False),
        (b"-1e999", b"-3e999", False),
        (b"9" * 399, b"8" * 399, False),
        (b"1" + b"0" * 350, b"1" + b"0" * 349 + b"1", True),
        (b"1e999999999", b"1e999999998", False),
        (b"0.30000000000000004", b"0.3", True),
        (b"nan", b"NaN", True),
        (b"nan", b"1", False),
        (b"1_0", b"10", False),
        (b"0x10", b"16", False),
        (b"abc", b"abd", False),
        (b"YES 0.50000001", b"YES 0.5", True),
        (b"yes 0.5", b"YES 0.5", False),
    ],
)
def test_tokens_with_a_tolerance_compare_numbers_by_value(
    actual: bytes, expected: bytes, matches: bool
):
    assert output_matches(actual, expected, CLOSE_TOKENS) is matches


def test_exact_compares_bytes():
    assert output_matches(b"3\n", b"3\n", EXACT)
    assert not output_matches(b"3", b"3\n", EXACT)


def test_a_checker_for_calls_leaves_stdio_with_lines():
    assert output_matches(b"3 \n", b"3", Checker(kind="unordered"))


@given(st.text(alphabet=" \t\r\na\x0c"))
def test_every_output_matches_itself(text: str):
    output = text.encode()

    for checker in (None, LINES, TOKENS, CLOSE_TOKENS, EXACT):
        assert output_matches(output, output, checker)
        assert output_matches(output, output + b"\n", checker) or checker is EXACT


@pytest.mark.parametrize("checker", [LINES, TOKENS, CLOSE_TOKENS])
@pytest.mark.parametrize(
    "unit", [b" ", b"\n", b"\r", b" a", b"a\n", b"1 ", b"\t\n"], ids=lambda unit: repr(unit)
)
def test_time_is_linear_in_the_output(checker: Checker, unit: bytes):
    output = unit * 300_000

    started = time.process_time()
    output_matches(output + b"x", output + b"y", checker)

    assert time.process_time() - started < 5


def test_text_with_lone_surrogates_has_bytes():
    assert encode_text("é") == b"\xc3\xa9"
    assert encode_text("\udcff") == b"\xff"
    assert encode_text("\ud800") == b"\xed\xa0\x80"
