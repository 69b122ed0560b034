"""What a test says of where it was compared: ``graded``."""

import pytest

from rltf_executor.judge.asserts import split_asserts

OUTSIDE = (
    "assert f(2) == 4",
    "assert not f(2) == 5",
    "assert f(2) and f(3) == 9",
    "assert 1 < f(2) <= 4",
    "assert f(2) in (3, 4)",
    "assert 4 in f(2)",
    "assert abs(f(2) - 4) < 1e-6",
    "assert -round(f(2) - 4.5, 1) == 0.5",
    "import math\nassert math.isclose(f(2), 4)",
    "import numpy as np\nassert np.allclose(f(2), [4, 5])",
    "assert (f(2) == [4, 5]).all()",
    "assert isinstance(f(2), (int, float))",
    "assert sorted(f(2)) == [1, 2]",
    "assert sorted(f(2), key=lambda pair: pair[1]) == [(2, 1)]",
    "assert len(f([1, 2] + [3])) == 3",
    "assert round(f(2), 3) == 4.125",
    "assert f(2)[0] == 4",
    "assert f(2 * 3, [1 < 2]) == 4",
    "assert f(2).total() == 4",
    "assert ', '.join(f(2)) == 'a, b'",
    "assert f(2) == g(2)",
    "assert f(2) + f(3) == 13",
    "x = f(2)\nassert x == 4\nassert x[0] == f(3)",
    "s = Stack()\ns.push(1)\nassert s.pop() == 1",
    "expected = [4]\nassert f(2) == expected",
    "assert (f(2), f(3)) == (4, 9)",
    "assert f(2) % 2 == 0",
    "import math\nassert math.copysign(1, f(2)) == -1",
    "assert [f(i) for i in range(3)] == [0, 1, 4]",
)
INSIDE = (
    "assert (f(2) == 4) == True",
    "assert bool(f(2) == 4) is True",
    "assert [f(1) == 1, f(2) == 4] == [True, True]",
    "assert all(f(i) == i for i in range(3))",
    "assert sum(f(i) == i for i in range(3)) == 3",
    "assert len([i for i in range(3) if f(i) != i]) == 0",
    "assert f'{f(3) == 9}' == 'True'",
    "assert abs((f(2) - 4) / 4) < 1e-6",
    "assert (f(2) - 4) ** 2 < 1e-9",
    "assert max(abs(f(2) - 4), abs(f(3) - 9)) < 1e-6",
    "assert sum(abs(a - b) for a, b in zip(f(2), [1.5, 2.5])) < 1e-6",
    "import operator\nassert operator.eq(f(2), 4)",
    "assert f(2).__eq__(4)",
    "assert [4].count(f(2)) == 1",
    "assert {4: True}[f(2)]",
    "assert len({4, f(2)}) == 1",
    "import math\nassert math.dist(f(2), (3, 4)) < 1e-9",
    "if f(2) != 4:\n    raise AssertionError",
    "f(2)",
    "import unittest\nunittest.TestCase().assertEqual(f(2), 4)",
    "ok = f(2) == 4\nassert ok",
    "def near(a, b):\n    return abs(a - b) < 1e-6\nassert near(f(2), 4)",
    "assert f(3) == [i * i for i in range(3)]",
    "assert f(2) == (4 if True else 5)",
    "assert sorted(map(tuple, f(2))) == sorted(map(tuple, [[1], [2]]))",
    "assert str(f(2)) == str([4 for _ in range(1)])",
    "x = [i for i in range(3)]\nassert f(3) == x",
    "bag = Bag()\nbag.add(5)\nassert 5 in bag",
    "assert f(2) is g(2)",
)


@pytest.mark.parametrize("code", OUTSIDE)
def test_values_alone_cross(code: str):
    assert not split_asserts(code).is_inside


@pytest.mark.parametrize("code", INSIDE)
def test_a_comparison_where_the_program_is_is_admitted(code: str):
    assert split_asserts(code).is_inside


def test_helpers_of_the_setup_compare_inside():
    setup = "def check(candidate):\n    assert candidate(2) == 4\ndef ref(x):\n    return x * x\n"

    assert split_asserts("check(f)", setup=setup).is_inside
    assert split_asserts("assert check(f) is None", setup=setup).is_inside
    assert split_asserts("assert f(2) == ref(2)", setup=setup).is_inside
    assert not split_asserts("assert f(ref(2)) == 16", setup=setup).is_inside


def test_what_the_setup_makes_of_the_program_is_the_programs():
    setup = "solution = Solution()\n"

    assert not split_asserts("assert solution.add(1, 2) == 3", setup=setup).is_inside
    assert not split_asserts("assert solution.first == solution.last", setup=setup).is_inside


def test_names_the_program_reads_are_sent_in_and_that_is_said():
    code = "result = 4\nassert f(2) == result"

    assert not split_asserts(code).is_inside
    assert split_asserts(code, "def f(x):\n    return result").is_inside
    assert "result = 4" in repr(split_asserts(code, setup="def g():\n    return result").steps)


@pytest.mark.parametrize(
    ("setup", "code", "literal"),
    [
        ("pi = 3.14", "assert f(1) == pi", False),
        ("from math import pi", "assert f(1) == pi", True),
        ("", "assert f(1) == pi", True),
        ("def isclose(a, b):\n    return abs(a - b) < 1", "assert isclose(f(1), 4)", False),
    ],
)
def test_names_of_the_setup_are_not_what_they_are_by_custom(setup: str, code: str, literal: bool):
    assert split_asserts(code, setup=setup).is_inside is not literal


def test_a_very_long_setup_is_not_read():
    setup = "pi = 3\n" + "x = 1\n" * 10_000

    assert not split_asserts("assert f(1) == pi", setup=setup).is_inside


@pytest.mark.parametrize("code", ["assert (", "def\n", "\0", "x = " + "(" * 500])
def test_code_that_does_not_parse_binds_nothing(code: str):
    assert not split_asserts("assert f(2) == 4", setup=code, prelude=code).is_inside
