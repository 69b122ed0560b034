from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from rltf_executor.judge.foreign import NumpyArray, Opaque
from rltf_executor.judge.rendering import MAX_REPR_CHARS, json_value, text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        ((1, [2.5, "é"]), [1, [2.5, "é"]]),
        ({"a": (True,)}, {"a": [True]}),
        ({1: 2}, {"repr": "{1: 2}"}),
        ({1}, {"repr": "{1}"}),
        (float("nan"), {"repr": "nan"}),
        ([float("inf")], {"repr": "[inf]"}),
        ("\ud800", {"repr": "'\\ud800'"}),
        (b"\x00", {"repr": "b'\\x00'"}),
        (Decimal("1.20"), {"repr": "Decimal('1.20')"}),
        (Counter("a"), {"repr": "Counter({'a': 1})"}),
        (Opaque("program.Thing"), {"repr": "<program.Thing object>"}),
        (NumpyArray("<i8", (2, 1), [1, 2]), {"repr": "array([[1], [2]])"}),
        (2**64, 2**64),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_shown_as_json_or_by_their_repr(value: object, shown: Any):
    assert json_value(value) == shown


def test_long_numbers_are_shown_in_hexadecimal():
    shown = json_value(16**5000)

    assert isinstance(shown, dict)
    assert str(shown["repr"]).startswith("0x1000")
    assert json_value([{16**5000}]) == {"repr": "<list>"}


def test_a_repr_is_bounded():
    shown = json_value(set(range(10_000)))

    assert isinstance(shown, dict)
    assert len(str(shown["repr"])) == MAX_REPR_CHARS
    assert json_value(set(range(100_000))) == {"repr": "<set of more than 20000 items>"}


def test_output_that_is_no_utf8_is_escaped():
    assert text(b"\xc3\xa9\xff") == "é\\xff"
