from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction

import pytest

from rltf_executor.judge.equality import value_matches
from rltf_executor.judge.foreign import NumpyArray, NumpyScalar, Opaque
from rltf_executor.schema import Checker

APPROX = Checker(kind="approx")
UNORDERED = Checker(kind="unordered")


@pytest.mark.parametrize(
    ("actual", "expected", "matches"),
    [
        (3, 3, True),
        (3, 3.0, True),
        (True, 1, True),
        (0.1 + 0.2, 0.3, False),
        ("3", 3, False),
        (None, None, True),
        (None, 0, False),
        ((1, (2, [3])), [1, [2, [3]]], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ({1: "a", None: "b", (1, 2): "c"}, {"1": "a", "None": "b", "(1, 2)": "c"}, True),
        ({"1": "a", 1: "b"}, {"1": "b"}, False),
        ({"1": "a", 1: "b"}, {"1": "b", "2": "a"}, False),
        ({True: 1}, {"True": 1}, True),
        ({True: 1}, {"true": 1}, False),
        ({"a": (1, 2)}, {"a": [1, 2]}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (OrderedDict(a=1), {"a": 1}, True),
        (defaultdict(int, a=1), {"a": 1}, True),
        (Counter("aab"), {"a": 2, "b": 1}, True),
        ({1, 2}, [1, 2], False),
        (deque([1, 2]), [1, 2], False),
        (range(3), [0, 1, 2], False),
        (b"a", "a", False),
        (Decimal("1.5"), 1.5, True),
        (Fraction(1, 2), 0.5, True),
        (2 + 0j, 2, True),
        (float("nan"), float("nan"), False),
        (Opaque("program.Thing"), 3, False),
        ([Opaque("program.Thing")], [3], False),
        (NumpyScalar("<i8", 3), 3, True),
        ([NumpyScalar("<f8", 0.5)], [0.5], True),
        (NumpyArray("<i8", (2,), [1, 2]), [1, 2], False),
        ([], {}, False),
        ({}, [], False),
        ("\ud800", "\ud800", True),
        ({10**5000: 1}, {"1": 1}, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_equal_is_json_equality(actual: object, expected: object, matches: bool):
    assert value_matches(actual, expected, None) is matches
    assert value_matches(actual, expected, Checker(kind="equal")) is matches
    assert value_matches(actual, expected, Checker(kind="lines")) is matches


@pytest.mark.parametrize(
    ("actual", "expected", "matches"),
    [
        (0.1 + 0.2, 0.3, True),
        (1.00001, 1, False),
        (1_000_000.5, 1_000_000, True),
        ([1.0000001, (2.0,)], [1, [2]], True),
        ({"a": 0.9999999}, {"a": 1}, True),
        (True, 1, True),
        (True, 1.0000001, False),
        ("1.0", 1, False),
        (float("inf"), float("inf"), True),
        (float("inf"), 1e308, False),
        (10**400, 10**400 + 1, True),
        (10**400, 1.5, False),
        (Decimal("0.3333333"), 1 / 3, True),
        (Fraction(1, 3), 0.333333333, True),
        (1 + 1e-9j, 1, True),
        (NumpyScalar("<f4", 0.10000000149), 0.1, True),
        (NumpyArray("<f8", (2,), [0.5, 1.5]), [0.5, 1.5], True),
        (None, 0, False),
        ([1], 1, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_approx_compares_numbers_within_a_tolerance(
    actual: object, expected: object, matches: bool
):
    assert value_matches(actual, expected, APPROX) is matches


def test_approx_takes_the_tolerance_it_is_given():
    assert value_matches(1.05, 1, Checker(kind="approx", float_tolerance=0.1))
    assert not value_matches(1.05, 1, Checker(kind="approx", float_tolerance=0.01))
    assert not value_matches(0.1 + 0.2, 0.3, Checker(kind="approx", float_tolerance=0.0))


@pytest.mark.parametrize(
    ("actual", "expected", "matches"),
    [
        ([2, 1], [1, 2], True),
        ((2, 1.0), [1, 2], True),
        ({2, 1}, [1, 2], True),
        ([1, 1, 2], [1, 2, 2], False),
        ([1, 2], [1, 2, 2], False),
        ([[2, 1]], [[1, 2]], False),
        ([(3, 4), (1, 2)], [[1, 2], [3, 4]], True),
        ([{"a": 1}, {"b": (2,)}], [{"b": [2]}, {"a": 1}], True),
        ([True, 0], [0, 1], True),
        (["1", 1], [1, "1"], True),
        (["1"], [1], False),
        ([None, "None"], ["None", None], True),
        ([None], ["None"], False),
        ([0.5, 0.25], [0.25, 0.5], True),
        ([Opaque("x")], [1], False),
        ([float("nan")], [float("nan")], False),
        ([Decimal("1E+999999999")], [1], False),
        ("ab", "ba", False),
        ({"a": 1}, {"a": 1}, True),
        (3, 3, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_unordered_ignores_the_outermost_order(actual: object, expected: object, matches: bool):
    assert value_matches(actual, expected, UNORDERED) is matches


def test_unordered_takes_no_longer_for_numbers_with_one_hash():
    modulus = 2**61 - 1
    numbers = [modulus * i for i in range(20_000)]

    assert value_matches(numbers[::-1], numbers, UNORDERED)
