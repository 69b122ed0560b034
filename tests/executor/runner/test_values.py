"""The encoder in the sandbox: plain data crosses exactly, all else as its type's name."""

import collections
import datetime
import decimal
import fractions
import json
import math

import numpy
import pytest

from rltf_executor.runner.values import MAX_DEPTH, encode

Point = collections.namedtuple("Point", "x y")


class LyingInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Anything:
    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    __hash__ = object.__hash__


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (-(2**53) + 1, -(2**53) + 1),
        (2**53, ["i", "0x20000000000000"]),
        (-(2**70), ["i", "-0x400000000000000000"]),
        (1.5, 1.5),
        (math.inf, ["f", "inf"]),
        (-math.inf, ["f", "-inf"]),
        (math.nan, ["f", "nan"]),
        (1 + 2j, ["c", 1.0, 2.0]),
        ("a\ud800", "a\ud800"),
        (b"\x00\xff", ["b", "00ff"]),
        (bytearray(b"a"), ["B", "61"]),
        ([1, [2]], ["l", 1, ["l", 2]]),
        ((1,), ["t", 1]),
        ({3}, ["s", 3]),
        (frozenset({3}), ["S", 3]),
        ({1: "a", None: 2}, ["d", 1, "a", None, 2]),
        (collections.OrderedDict(a=1), ["od", "a", 1]),
        (collections.Counter("aa"), ["ct", "a", 2]),
        (collections.defaultdict(list, {1: [2]}), ["dd", 1, ["l", 2]]),
        (collections.deque([1, 2], 3), ["dq", 3, 1, 2]),
        (range(1, 9, 2), ["r", 1, 9, 2]),
        ({1: 2}.keys(), ["dk", 1]),
        ({1: 2}.values(), ["dv", 2]),
        ({1: 2}.items(), ["di", ["t", 1, 2]]),
        (Point(1, 2), ["nt", "Point", ["x", "y"], 1, 2]),
        (decimal.Decimal("1.20"), ["D", "1.20"]),
        (fractions.Fraction(1, 3), ["F", 1, 3]),
        (datetime.date(2024, 2, 29), ["date", "2024-02-29"]),
        (datetime.time(1, 2, 3), ["time", "01:02:03"]),
        (datetime.datetime(2024, 2, 29, 1, 2), ["dt", "2024-02-29T01:02:00"]),
        (datetime.timedelta(days=-1, microseconds=5), ["td", -1, 0, 5]),
        (int, ["T", "builtins.int"]),
        (..., ["e"]),
    ],
)
def test_plain_value_is_encoded_as_documented(value, encoded):
    data, claims = encode(value)

    assert data == encoded
    assert [type(part) for part in [data]] == [type(encoded)]
    assert not claims
    json.dumps(data)


def test_subclass_of_a_plain_type_is_no_data_and_is_reported():
    data, claims = encode([LyingInt(3)])

    assert data[1][0] == "o"
    assert data[1][3] is True
    assert claims


def test_object_of_the_program_is_no_data_and_its_truth_is_unknown():
    assert encode(Anything())[0][2:] == [None, False]


def test_object_of_a_builtin_type_tells_its_truth():
    assert encode(iter([]))[0][2] is True


def test_namedtuple_with_its_own_comparison_is_no_data():
    class Rigged(Point):
        pass

    class Overridden(tuple):
        _fields = ("x",)
        __slots__ = ()

        def __eq__(self, other):
            return True

        __hash__ = tuple.__hash__

    assert encode(Rigged(1, 2))[0][0] == "o"
    assert encode(Overridden((1,)))[0][0] == "o"


def test_value_that_contains_itself_is_refused():
    loop: list[object] = []
    loop.append(loop)

    assert encode(loop)[0] == ["x", "cycle"]


def test_the_same_member_twice_is_no_cycle():
    shared = [1]

    assert encode([shared, shared])[0] == ["l", ["l", 1], ["l", 1]]


def test_value_nested_too_deeply_is_refused():
    nested: list[object] = []
    for _ in range(MAX_DEPTH + 1):
        nested = [nested]

    assert encode(nested)[0] == ["x", "depth"]


def test_value_with_too_many_members_is_refused():
    assert encode([0] * 1_000_001)[0] == ["x", "size"]


def test_numpy_scalar_and_array_are_data():
    assert encode(numpy.int64(3))[0] == ["np", "<i8", 3]
    assert encode(numpy.array([[1, 2], [3, 4]], dtype="int32"))[0] == [
        "na",
        "<i4",
        [2, 2],
        1,
        2,
        3,
        4,
    ]


def test_aware_time_is_data_for_fixed_offsets_only():
    fixed = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))

    assert encode(fixed)[0] == ["dt", "2024-01-01T00:00:00+02:00"]
