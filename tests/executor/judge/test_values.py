"""Whatever plain value the runner encodes comes back equal; anything else is refused."""

import contextlib
import json
import math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_executor.judge.foreign import DictValues, NumpyArray, NumpyScalar, Opaque
from rltf_executor.judge.values import MAX_COLLISIONS, MAX_INT_BITS, decode
from rltf_executor.runner.values import encode

surrogates = st.text(st.characters(categories=["Lu", "Nd", "Zs", "Cs", "So"]))
moments = st.datetimes() | st.datetimes(timezones=st.just(timezone(timedelta(hours=2))))
hashable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | surrogates
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.dates()
    | st.times()
    | moments
    | st.timedeltas(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)
plain = st.recursive(
    hashable | st.builds(range, st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 9)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.sets(hashable, max_size=4)
        | st.dictionaries(hashable, inner, max_size=4)
        | st.builds(deque, st.lists(inner, max_size=3), st.just(3) | st.none())
        | st.builds(bytearray, st.binary())
    ),
    max_leaves=20,
)


def shipped(value: object) -> Any:
    """Encode, cross the wire as JSON, decode."""
    return decode(json.loads(json.dumps(encode(value)[0])))[0]


@given(plain)
def test_plain_values_come_back_equal_and_of_their_type(value: object):
    decoded = shipped(value)

    assert type(decoded) is type(value)
    assert decoded == value


Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    "value",
    [
        True,
        1,
        1.0,
        -0.0,
        2**53,
        -(2**53),
        2**53 - 1,
        16**5000,
        float("inf"),
        complex(float("-inf"), 1.5),
        "a\ud800\x00é\U0001f600",
        Counter("aab"),
        Counter({"a": -1, "b": 0}),
        OrderedDict([("b", 1), ("a", 2)]),
        defaultdict(int, {1: 2}),
        deque([1, 2], maxlen=5),
        {1: 2}.keys(),
        {1: 2}.items(),
        range(10, 0, -3),
        Decimal("1.20"),
        Decimal("-Infinity"),
        Decimal("1E+400"),
        Fraction(-1, 3),
        date(2020, 2, 29),
        time(1, 2, 3, 4),
        datetime(2020, 1, 1, tzinfo=timezone.utc),  # noqa: UP017
        timedelta(days=-1, microseconds=5),
        ...,
        int,
        ValueError,
        {(1, 2): [{3}, frozenset({4})]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_value_comes_back(value: object):
    decoded = shipped(value)

    assert type(decoded) is type(value)
    assert decoded == value


def test_negative_zero_keeps_its_sign():
    assert math.copysign(1, shipped(-0.0)) == -1.0


def test_namedtuple_comes_back_as_the_tuple_it_is():
    assert shipped(Pair(1, [2])) == (1, [2])


def test_nan_equals_nothing_not_even_itself_in_a_list():
    decoded = shipped([float("nan"), float("nan")])

    assert decoded != shipped([float("nan"), float("nan")])
    assert math.isnan(decoded[0])


def test_dict_values_hold_their_items_and_equal_only_themselves():
    decoded = shipped({1: 2, 3: 4}.values())

    assert isinstance(decoded, DictValues)
    assert list(decoded) == [2, 4]
    assert decoded != [2, 4]


class LyingInt(int):
    """Claims to be whatever it is compared with."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Thing:
    """An object like any other."""


@pytest.mark.parametrize(
    "value",
    [LyingInt(3), Thing(), len, iter([]), (1, LyingInt(2))],
    ids=lambda value: type(value).__name__,
)
def test_objects_that_are_no_plain_data_equal_nothing(value: object):
    decoded = shipped(value)

    assert decoded != value
    assert decoded != 3
    assert decoded != (1, 2)


def test_claim_to_be_plain_is_noticed():
    assert decode(encode([LyingInt(3)])[0])[1]
    assert not decode(encode([Thing(), 3])[0])[1]


def test_numpy_scalars_compare_by_value():
    assert shipped(numpy.int64(3)) == 3
    assert shipped(numpy.int64(3)) != 4
    assert [shipped(numpy.float64(0.5))] == [0.5]
    assert shipped(numpy.float32(0.1)) == 0.1
    assert shipped(numpy.float32(0.1)) != 0.1001
    assert shipped(numpy.float32(0.5)) == shipped(numpy.float64(0.5))
    assert shipped(numpy.str_("a")) == "a"
    assert {shipped(numpy.int64(1)): 2} == {1: 2}
    assert shipped(numpy.int64(3)) < 4
    assert isinstance(shipped(numpy.bool_(True)), NumpyScalar)
    assert abs(shipped(numpy.float64(1.5)) - 1.0) == 0.5


def test_numpy_arrays_compare_item_by_item():
    decoded = shipped(numpy.array([[1, 2], [3, 4]]))

    assert isinstance(decoded, NumpyArray)
    assert decoded.shape == (2, 2)
    assert (decoded == [[1, 2], [3, 5]]).items == [True, True, True, False]
    with pytest.raises(ValueError, match="ambiguous"):
        bool(decoded == [[1, 2], [3, 4]])
    assert shipped(numpy.array([7])) == [7]
    assert [list(row) for row in decoded] == [[1, 2], [3, 4]]


def test_value_too_deep_or_endless_is_refused_as_data():
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    endless: list[object] = []
    endless.append(endless)

    assert isinstance(shipped(deep), Opaque)
    assert isinstance(shipped(endless), Opaque)


@pytest.mark.parametrize(
    "data",
    [
        [],
        [1],
        ["?"],
        [["l"]],
        {"a": 1},
        2**53,
        float("nan"),
        float("inf"),
        ["i", "12"],
        ["i", "0x"],
        ["i", 12],
        ["i", "0xff", 1],
        ["f", "1.5"],
        ["f", 1.5],
        ["c", 1, 2.0],
        ["b", "0g"],
        ["s", ["l"]],
        ["d", 1],
        ["d", ["l"], 1],
        ["d", 1, 1, 1, 2],
        ["dq"],
        ["dq", 1, 1, 2],
        ["dq", -1],
        ["dq", ["i", "0x8000000000000000"]],
        ["r", 1, 2, 0],
        ["r", 1, 2],
        ["r", 1.0, 2, 1],
        ["di", 1],
        ["di", ["t", 1]],
        ["nt", "N", ["a"], 1, 2],
        ["nt", "N", "a", 1],
        ["D", "1e"],
        ["D", "one"],
        ["D", "1E9999999999999999999"],
        ["F", 1, 0],
        ["F", 1, -2],
        ["F", 1.5, 2],
        ["date", "2020-13-01"],
        ["dt", "now"],
        ["time", 3],
        ["td", 10**10, 0, 0],
        ["np", "O", 1],
        ["np", "<i8", ["l"]],
        ["na", "<i8", [2], 1],
        ["na", "<i8", 2, 1, 1],
        ["na", "<i8", [-1]],
        ["T"],
        ["e", 1],
        ["o", "x", 1, False],
        ["o", "x", None],
        ["o", 1, None, False],
        ["x", "weight"],
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_the_encoder_does_not_write_is_refused(data: Any):
    with pytest.raises(ValueError):  # noqa: PT011
        decode(data)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)


@given(
    json_data
    | st.builds(
        lambda tag, rest: [tag, *rest],
        st.sampled_from(
            [
                "i",
                "f",
                "c",
                "b",
                "B",
                "l",
                "t",
                "s",
                "S",
                "d",
                "dd",
                "ct",
                "od",
                "dq",
                "r",
                "dk",
                "dv",
                "di",
                "nt",
                "D",
                "F",
                "date",
                "time",
                "dt",
                "td",
                "np",
                "na",
                "T",
                "e",
                "o",
                "x",
            ]
        ),
        st.lists(json_data, max_size=4),
    )
)
def test_any_json_is_decoded_or_refused_cleanly(data: Any):
    with contextlib.suppress(ValueError):
        decode(data)


def test_nesting_is_bounded():
    data: list[Any] = ["l"]
    for _ in range(100_000):
        data = ["l", data]

    with pytest.raises(ValueError, match="deep"):
        decode(data)


def test_size_is_bounded():
    row = ["l", *range(1000)]

    with pytest.raises(ValueError, match="nodes"):
        decode(["l", *[row] * 2000])


def test_colliding_hashes_are_refused():
    modulus = 2**61 - 1
    few = ["s", *[["i", hex(2**53 * modulus + i * modulus)] for i in range(MAX_COLLISIONS)]]
    many = [["i", hex(2**53 * modulus + i * modulus)] for i in range(MAX_COLLISIONS + 1)]

    assert len(decode(few)[0]) == MAX_COLLISIONS  # type: ignore[arg-type]
    for costly in (["s", *many], ["d", *[part for each in many for part in (each, 1)]]):
        value, _ = decode(["l", 1, costly])
        assert value[0] == 1  # type: ignore[index]
        assert isinstance(value[1], Opaque)  # type: ignore[index]  # no accusation: it can be honest


def test_long_integers_are_bounded_one_by_one_and_together():
    one = ["i", hex(1 << MAX_INT_BITS)]
    value, claims = decode(["l", one, ["i", hex(1 << 1000)], 5])

    assert isinstance(value[0], Opaque)  # type: ignore[index]
    assert value[1:] == [1 << 1000, 5]  # type: ignore[index]
    assert not claims
    long = ["i", hex(1 << (MAX_INT_BITS - 64))]
    values, _ = decode(["l", *[long] * 10])
    assert [isinstance(value, int) for value in values] == [True] * 7 + [False] * 3  # type: ignore[attr-defined]
    assert isinstance(decode(["r", 0, one, 1])[0], Opaque)


def test_rows_that_hold_nothing_are_bounded():
    assert encode(numpy.zeros((2_000_000, 0))) == (["x", "size"], False)
    with pytest.raises(ValueError, match="rows"):
        decode(["na", "<f8", [1_000_000, 2, 0]])
    assert decode(encode(numpy.zeros((3, 0)))[0])[0].shape == (3, 0)  # type: ignore[attr-defined]


def test_costly_numbers_are_no_plain_data():
    assert isinstance(decode(["F", ["i", "0x1" + "0" * 100_000], 3])[0], Opaque)
    assert isinstance(decode(["D", "1" * 1_000_000])[0], Opaque)
