"""An assert test must end as it would in plain Python: held, failed, or with the same exception."""

import pytest

from rltf_executor.judge import Judge
from rltf_executor.schema import AssertTest, Submission, Verdict

PROGRAM = """
import collections, datetime, decimal, fractions, math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction

Pair = namedtuple("Pair", "a b")

class Point:
    def __init__(self, x):
        self.x = x
    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x
    def __hash__(self):
        return hash(self.x)
    def __lt__(self, other):
        return self.x < other.x

class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next

class Bag:
    def __init__(self):
        self.items = []
    def __contains__(self, item):
        return item in self.items

class Empty:
    def __len__(self):
        return 0

def same(x):
    return x

def add(a, b):
    return a + b

def fail(kind=ValueError):
    raise kind("failed")

def numbers():
    yield 1
    yield 2
    yield 3

def nothing():
    pass

def uses_limit():
    return limit + 1

counter = 0
def count():
    global counter
    counter += 1
    return counter

items = [3, 1, 2]
"""

ASSERTS = [
    "assert Point(1) == Point(1) == Point(1)",
    "assert Point(1) == Point(1) == Point(2)",
    "assert Point(1) is Point(1) is nothing()",
    "assert add(1, 1) < add(1, 2) < add(2, 2)",
    "assert add(1, 1) < add(1, 2) < add(1, 1)",
    "bag = Bag()\nbag.items.append(5)\nassert 5 in bag",
    "bag = Bag()\nassert 5 in bag",
    "assert type(add(1, 2)) == type(add(3, 4))",
    "assert type(add(1, 2)) == type(add('a', 'b'))",
    "assert [type(add(1, 2)), str] == [type(add(3, 4)), type(add('a', 'b'))]",
    "assert type(nothing()) in (type(nothing()), int)",
    "assert {type(add(1, 2)): 1} == {type(add(3, 4)): add(0, 1)}",
    "assert 5 not in Bag()",
    "assert not add('', '') > 3",
    "assert add(1, 2) == 3",
    "assert add(1, 2) == 4",
    "assert 3 == add(1, 2)",
    "assert add(1, 2) != 3",
    "assert add(1, 2) != 4",
    "assert add(1, 2) is not None",
    "assert nothing() is None",
    "assert nothing() is not None",
    "assert nothing() == None",
    "assert add(1, 2)",
    "assert add(1, -1)",
    "assert not add(1, -1)",
    "assert not add(1, 1)",
    "assert not add(1, 1) == 2",
    "assert not (add(1, 1) == 3)",
    "assert same(True) is True",
    "assert same(1) is True",
    "assert same(1) == True",
    "assert same(1.0) == 1",
    "assert same((1, 2)) == [1, 2]",
    "assert same([1, 2]) == [1, 2]",
    "assert same((1, 2)) == (1, 2)",
    "assert same({1: 'a'}) == {1: 'a'}",
    "assert same({1: 'a'}) == {'1': 'a'}",
    "assert same({1, 2}) == {2, 1}",
    "assert same({1, 2}) == frozenset([2, 1])",
    "assert same(set()) == set()",
    "assert same(frozenset()) == set()",
    "assert Counter('aab') == Counter({'a': 2, 'b': 1})",
    "assert Counter('aab') == {'a': 2, 'b': 1}",
    "assert Counter('aab') == Counter('aba')",
    "assert same(defaultdict(int, a=1)) == {'a': 1}",
    "assert OrderedDict([('a', 1), ('b', 2)]) == OrderedDict([('b', 2), ('a', 1)])",
    "assert OrderedDict([('a', 1), ('b', 2)]) == {'b': 2, 'a': 1}",
    "assert same(deque([1, 2])) == deque([1, 2])",
    "assert same(deque([1, 2])) == [1, 2]",
    "assert Pair(1, 2) == (1, 2)",
    "assert Pair(1, 2) == Pair(1, 2)",
    "assert Pair(1, 2).a == 1",
    "assert range(3) == range(0, 3)",
    "assert same(range(3)) == [0, 1, 2]",
    "assert list(range(3)) == [0, 1, 2]",
    "assert same({'a': 1}).keys() == {'a'}",
    "assert same({'a': 1}).items() == {('a', 1)}",
    "assert same({'a': 1}).values() == [1]",
    "assert list(same({'a': 1}).values()) == [1]",
    "assert same('é') == '\\xe9'",
    "assert same('\\ud800') == '\\ud800'",
    "assert same(b'ab') == b'ab'",
    "assert same(bytearray(b'ab')) == b'ab'",
    "assert same(b'ab') == 'ab'",
    "assert same(10**100) == 10**100",
    "assert same(-10**20) == -10**20",
    "assert same(float('inf')) == float('inf')",
    "assert same(float('inf')) == math.inf",
    "assert same(-math.inf) == -float('inf')",
    "assert same(float('nan')) == float('nan')",
    "assert math.isnan(same(float('nan')))",
    "assert same(float('nan')) != float('nan')",
    "assert [same(float('nan'))] == [float('nan')]",
    "assert same(3.14159) == math.pi",
    "assert same(math.pi) == math.pi",
    "assert same(1 + 2j) == 1 + 2j",
    "assert same(1 + 2j) == (1+2j)",
    "assert same(-0.0) == 0.0",
    "assert same(Decimal('1.20')) == Decimal('1.2')",
    "assert same(Decimal('1.5')) == 1.5",
    "assert same(Fraction(1, 3)) == Fraction(1, 3)",
    "assert same(Fraction(1, 2)) == 0.5",
    "assert same(datetime.date(2020, 1, 2)) == datetime.date(2020, 1, 2)",
    "assert same(datetime.datetime(2020, 1, 2, 3)) == datetime.datetime(2020, 1, 2, 3)",
    "assert same(datetime.timedelta(1)) == datetime.timedelta(days=1)",
    "from datetime import date\nassert same(date(2020, 1, 2)) == date(2020, 1, 2)",
    "assert abs(same(3.1) - 3.1) < 1e-9",
    "assert abs(same(3.1) - 3.2) < 1e-9",
    "assert abs(3.1 - same(3.1)) <= 1e-9",
    "assert 1e-9 > abs(same(3.1) - 3.1)",
    "assert abs(same(3.1) - same(3.1)) < 1e-9",
    "assert abs(same(None) - 3.1) < 1e-9",
    "assert abs(same('3') - 3) < 1e-9",
    "assert abs(add(1, 2) - 10**400) < 1e-9",
    "assert abs(same(1.5) - 10**400) < 1e-9",
    "assert same(5) - 5 == 0",
    "assert (same(5) - 4) ** 2 < 2",
    "assert same({1, 2}) - {1} == {2}",
    "assert math.fabs(same(2.0) - 2) < 0.1",
    "assert round(same(3.14159), 2) == 3.14",
    "assert round(same(3.14159) - 0.1, 2) == 3.04",
    "assert math.isclose(same(0.1) + 0.2, 0.3)",
    "assert math.isclose(same(0.1) + 0.2, 0.3, rel_tol=1e-20)",
    "assert math.isclose(0.3, same(0.30001), abs_tol=0.01)",
    "assert math.isclose(same('x'), 0.3)",
    "assert math.isclose(same(None), 0.3)",
    "assert not math.isclose(same(1), 2)",
    "from math import isclose\nassert isclose(same(1), 1.0)",
    "assert isclose(same(1), 1.0)",
    "del math\nassert same(3.14) == math.pi",
    "del math\nassert same(3.14) == 3.14 == math.pi",
    "del math\nassert math.isclose(same(1), 1)",
    "del Counter\nassert same({'a': 1}) == Counter('a')",
    "assert missing(1) == 2",
    "assert same(1) == missing",
    "assert np.array_equal(same([1]), [1])",
    "assert isinstance(same(1), int)",
    "assert isinstance(same(True), int)",
    "assert isinstance(same('1'), int)",
    "assert isinstance(same(1), (int, str))",
    "assert isinstance(same([]), list)",
    "assert isinstance(Pair(1, 2), tuple)",
    "assert isinstance(Point(1), Point)",
    "assert isinstance(Counter(), dict)",
    "assert isinstance(numbers(), list)",
    "assert not isinstance(Point(1), int)",
    "assert type(same(1)) == int",
    "assert type(same(1)) is int",
    "assert type(same(True)) is int",
    "assert type(same(1)) in (int, float)",
    "assert type(same(1)) == type(2)",
    "assert type(Point(1)) is Point",
    "assert type(Point(1)).__name__ == 'Point'",
    "assert type(Counter()) is Counter",
    "assert len(same([1, 2, 3])) == 3",
    "assert len(same(5)) == 3",
    "assert len(same([1])) > 1",
    "assert set(same([1, 2, 2])) == {1, 2}",
    "assert set(same([1, 2, 2])) == set([2, 1])",
    "assert sorted(same([3, 1])) == [1, 3]",
    "assert sorted(same([3, 1])) == sorted([1, 3])",
    "assert list(numbers()) == [1, 2, 3]",
    "assert numbers() == [1, 2, 3]",
    "assert tuple(numbers()) == (1, 2, 3)",
    "assert str(same(12)) == '12'",
    "assert same(3) in [1, 2, 3]",
    "assert same(4) in [1, 2, 3]",
    "assert same(4) not in [1, 2, 3]",
    "assert same([4]) in {1, 2}",
    "assert same('a') in 'abc'",
    "assert same(1) in 'abc'",
    "assert 'a' in same('abc')",
    "assert 1 in same([1, 2])",
    "assert 1 not in same([1, 2])",
    "assert 'k' in same({'k': 1})",
    "assert 2 in numbers()",
    "assert 9 in numbers()",
    "assert 1 in same(5)",
    "assert 'x' in same(range(10**12))" if False else "assert 3 in same(range(10**12))",
    "assert same(2) in numbers()",
    "assert same(1) < 2 < same(3)",
    "assert 0 < add(1, 2) < 10",
    "assert 0 < add(1, 2) < 3",
    "assert 0 < add(1, 2) == 3",
    "assert same(1) == same(1) == 1",
    "assert same(1) == same(2)",
    "assert same(1) == same(1)",
    "assert same(1) < same('a')",
    "assert same(None) > 1",
    "assert add(1, 2) == 3 and add(2, 2) == 4",
    "assert add(1, 2) == 3 and add(2, 2) == 5",
    "assert add(1, 2) == 4 and fail()",
    "assert add(1, 2) == 3 and fail()",
    "assert add(1, 2) == 3 or fail()",
    "assert add(1, 2) == 4 or add(2, 2) == 4",
    "assert add(1, 2) == 4 or fail()",
    "assert nothing() is not None and nothing().x == 3",
    "assert nothing() is None or nothing().x == 3",
    "assert fail() == 3",
    "assert fail(AssertionError) == 3",
    "assert fail(AssertionError)",
    "assert add(1, 2) == 3, 'message'",
    "assert add(1, 2) == 4, fail()" if False else "assert add(1, 2) == 4, 'message'",
    "assert (add(1, 2) == 4, 'message')",
    "assert True",
    "assert False",
    "assert 1 == 1",
    "assert 1 == 2",
    "assert ''",
    "assert Point(1) == Point(1)",
    "assert Point(1) == Point(2)",
    "assert Point(1) != Point(2)",
    "assert Point(1) != Point(1)",
    "assert [Point(1)] == [Point(1)]",
    "assert [Point(1)] == [Point(2)]",
    "assert {Point(1)} == {Point(1)}",
    "assert Point(1) < Point(2)",
    "assert Point(2) < Point(1)",
    "assert Point(1) in [Point(1)]",
    "assert Point(1) is Point(1)",
    "assert same(items) is items",
    "assert Point(1).x == 1",
    "assert Point(1)",
    "assert not Point(1)",
    "assert Empty()",
    "assert not Empty()",
    "assert numbers()",
    "assert same",
    "assert same == same",
    "assert Node(1, Node(2)).next.value == 2",
    "assert Node(1).next is None",
    "assert Node(1).missing == 1",
    "x = add(1, 2)\nassert x == 3",
    "x = add(1, 2)\nassert x == 4",
    "x = add(1, 2)\ny = x + 1\nassert y == 4\nassert x == 3",
    "expected = 3\nassert add(1, 2) == expected",
    "expected = 4\nassert add(1, 2) == expected",
    "expected = [1, 2]\nexpected.append(3)\nassert same([1, 2, 3]) == expected",
    "limit = 3\nassert uses_limit() == 4",
    "limit = 3\nassert uses_limit() - 1 == limit",
    "limit = 3\nassert uses_limit() == limit",
    "assert uses_limit() == 4",
    "x = [3, 1]\nx.sort()\nassert x == [1, 3]",
    "x = 5\nassert same(x) == 5",
    "x = 5\nassert same(x) == x",
    "x = [5]\nassert same(x) == x\nx = [6]\nassert same(x) == [6]",
    "assert items == [3, 1, 2]\nitems = 5\nassert items == 5",
    "assert counter == 0\nassert count() == 1\nassert count() == 2",
    "assert count() == 1\nassert count() == 1\nassert fail() == 1",
    "assert add(1, 2) == 3\nfail()\nassert add(1, 2) == 3",
    "assert add(1, 2) == 4\nfail()",
    "for i in range(3):\n    assert add(i, 1) == i + 1",
    "for i in range(3):\n    assert add(i, 1) == i",
    "def check(f):\n    assert f(1, 2) == 3\n    assert f(2, 2) == 4\ncheck(add)",
    "def check(f):\n    assert f(1, 2) == 4\ncheck(add)",
    "try:\n    fail()\n    assert False\nexcept ValueError:\n    pass",
    "try:\n    fail(KeyError)\n    assert False\nexcept ValueError:\n    pass",
    "try:\n    same(1)\nexcept ValueError:\n    pass\nelse:\n    assert False, 'no error'",
    "assert all(add(i, 1) == i + 1 for i in range(3))",
    "assert all(add(i, 1) == i for i in range(3))",
    "assert any(same(i) == 2 for i in range(3))",
    "assert [add(i, 1) for i in range(3)] == [1, 2, 3]",
    "assert (lambda x: x + 1)(2) == 3",
    "assert (y := add(1, 2)) == 3 and y == 3",
    "assert add(\n    1,\n    2,\n) == (\n    3\n)",
    "assert same('a; b') == 'a; b'; assert same(2) == 2",
    "x = 1; assert same(x) == 1",
    "assert same('''a\nb''') == 'a\\nb'",
    "assert same(\"a\\r\\nb\") == 'a\\r\\nb'",
    "assert same([1, [2, (3, {'a': {4}})]]) == [1, [2, (3, {'a': {4}})]]",
    "assert same([0] * 5) == [0] * 5",
    "assert same('ab' * 3) == 'ab' * 3",
    "assert same([1, 2]) == [1] + [2]",
    "assert same(1024) == 2 ** 10",
    "assert same(0.5) == 1 / 2",
    "assert same('a,b') == ','.join(['a', 'b'])",
    "assert same('ABC') == 'abc'.upper()",
    "assert same([0, 1, 2]) == list(range(3))",
    "assert same(6) == sum([1, 2, 3])",
    "assert same([1, 4, 9]) == [i * i for i in range(1, 4)]",
    "assert same([1, 2, 3]) == [*(1, 2), 3]",
    "assert same({'a': 1, 'b': 2}) == {**{'a': 1}, 'b': 2}",
    "assert same({'a': 1}) == dict(a=1)",
    "assert same(3) == int('3')",
    "assert same([1, 2, 3])[0] == 1",
    "assert same([1, 2, 3])[5] == 1",
    "assert same({'a': 1})['b'] == 1",
    "assert same(5) == 1 / 0",
    "assert same(1) is 1",
    "assert same('a') is 'a'",
    "assert same(...) is ...",
    "assert same(int) is int",
    "assert same(ValueError) == ValueError",
    "assert same(1) == 1 if items else False",
    "assert not not same(1)",
    "assert -same(1) == -1",
    "assert same(1) & 1",
    "assert same(5) % 2 == 1",
    "assert same({'b': 1, 'a': 2}) == {'a': 2, 'b': 1}",
    "assert {**same({'a': 1})} == {'a': 1}",
    "assert f'{same(1)}' == '1'",
    "assert same(1) == 1  # comment",
    "# nothing at all",
    "",
    "pass",
    "same(1)",
    "fail()",
    "assert",
    "assert same(1) = 1",
    "import not_a_module\nassert same(1) == 1",
    "assert sorted({'b': 1, 'a': 2}.items(), key=lambda kv: kv[1]) == [('b', 1), ('a', 2)]",
    "assert same('x').startswith('x')",
    "assert same('x').startswith('y')",
    "assert callable(same)",
    "assert hasattr(Point(1), 'x')",
    "assert issubclass(Point, object)",
    "assert eval('1 + 1') == 2",
    "assert same([1, 2, 3]) == [1, 2, 3] == same([1, 2, 3])",
    "assert same(2) == 2.0000000000000001",
    "assert same(0.1 + 0.2) == 0.3",
    "del items\nassert same(1) == 1",
    "global_name = same\nassert global_name(3) == 3",
    "class T:\n    def run(self):\n        assert add(1, 2) == 3\nT().run()",
    "with open('/nonexistent/file') as f:\n    assert f.read() == ''",
    "raise ValueError('test')",
    "assert same(1) == 1 and same(2) == 2 and same(3) == 3",
    "assert (same(1) == 1) == True",
    "assert (same(1) == 1) is True",
    "assert bool(same([])) == False",
    "assert bool(same([])) is False",
    "assert max(same([1, 5, 3])) == 5",
    "assert sum(same([1, 5, 3])) == 9",
    "assert same('a') < 'b'",
    "assert same([1, 2]) < [1, 3]",
    "assert same({1}) <= {1, 2}",
    "assert same({1, 2}) == {1, 2} | {2}",
    "assert {1, 2} >= same({1})",
]


def python_verdict(code: str) -> tuple[str, str | None]:
    """What plain Python does: the verdict, and the type of a runtime error."""
    namespace: dict[str, object] = {"__name__": "program"}
    exec(PROGRAM, namespace)
    try:
        exec(compile(code, "<test>", "exec"), namespace)
    except AssertionError as error:
        traceback = error.__traceback__
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        if traceback is not None and traceback.tb_frame.f_code.co_filename == "<string>":
            return "runtime_error", "AssertionError"
        return "wrong_answer", None
    except BaseException as error:
        return "runtime_error", type(error).__name__
    return "passed", None


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("code", ASSERTS)
async def test_assert_ends_as_in_python(judge: Judge, code: str):
    expected = python_verdict(code)

    result = await judge.judge(
        Submission(source=PROGRAM, tests=[AssertTest(kind="assert", code=code)])
    )

    error_type = result.error.type if result.error else None
    assert (str(result.verdict), error_type) == expected
    assert result.verdict is not Verdict.INTERNAL_ERROR
