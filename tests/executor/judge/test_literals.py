import ast
import math
from collections import Counter, OrderedDict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from rltf_executor.judge.literals import LiteralReader
from rltf_executor.judge.names import Names, NotLiteralError


def read(expression: str) -> object:
    return LiteralReader(Names()).read(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("-1", -1),
        ("~5", -6),
        ("not 1", False),
        ("2 ** 100", 2**100),
        ("10 ** -2", 0.01),
        ("7 // 2 + 7 % 2", 4),
        ("1 / 4", 0.25),
        ("1 + 2j", 1 + 2j),
        ("'a' 'b' + 'c' * 3", "abccc"),
        ("[1, (2, {3}), {'a': None}]", [1, (2, {3}), {"a": None}]),
        ("[*'ab', *[1]]", ["a", "b", 1]),
        ("{**{'a': 1}, 'b': 2}", {"a": 1, "b": 2}),
        ("set()", set()),
        ("{1, 2} | {3}", {1, 2, 3}),
        ("frozenset([1])", frozenset([1])),
        ("Counter({'a': 2})", Counter("aa")),
        ("collections.Counter('aab')", Counter("aab")),
        ("OrderedDict([('a', 1)])", OrderedDict(a=1)),
        ("float('inf')", math.inf),
        ("-math.inf", -math.inf),
        ("math.pi / 2", math.pi / 2),
        ("math.sqrt(2)", math.sqrt(2)),
        ("Decimal('1.20')", Decimal("1.2")),
        ("Fraction(1, 3)", Fraction(1, 3)),
        ("datetime.date(2020, 1, 2)", date(2020, 1, 2)),
        ("date(2020, 1, 2)", date(2020, 1, 2)),
        ("sorted([3, 1, 2], reverse=True)", [3, 2, 1]),
        ("list(range(3))", [0, 1, 2]),
        ("sum([1, 2])", 3),
        ("round(2.567, 1)", 2.6),
        ("', '.join(['a', 'b'])", "a, b"),
        ("'a b'.split()", ["a", "b"]),
        ("'abc'[::-1]", "cba"),
        ("[1, 2, 3][-1]", 3),
        ("int", int),
        ("...", ...),
        ("type(3)", int),
        ("b'a' * 2", b"aa"),
    ],
)
def test_literal_expressions_have_a_value(expression: str, value: object):
    found = read(expression)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "expression",
    [
        "f(1)",
        "x",
        "x + 1",
        "self.x",
        "[i for i in range(3)]",
        "lambda: 1",
        "f'{1}'",
        "1 if 2 else 3",
        "1 < 2",
        "1 and 2",
        "(x := 3)",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "__import__('os')",
        "().__class__",
        "'a'.__class__",
        "'{}'.format(1)",
        "'%1000000d' % 1",
        "sorted([1], key=len)",
        "object()",
        "type('T', (), {})",
        "len",
        "math.sqrt",
        "Counter",
        "1 / 0",
        "[1][5]",
        "{[1]: 2}",
        "int('x')",
        "2 ** 10 ** 9",
        "(2 ** 100000) ** 100000",
        "1 << 10 ** 9",
        "'a' * 10 ** 9",
        "[0] * 10 ** 8",
        "10 ** 8 * [0]",
        "list(range(10 ** 9))",
        "sum(range(10 ** 12))",
        "[*range(10 ** 9)]",
        "bytes(10 ** 9)",
        "bytearray(10 ** 9)",
        "str([0] * 10)",
        "''.join(['a' * 900000] * 1000)",
        "sum([[1]] * 1000, [])",
        "Decimal('1e999999999')",
        "Fraction('1e999999999')",
        "Fraction(1, 3) ** 100000000",
        "Decimal(7) ** 100000000",
        "pow(3, 10 ** 9)",
        "defaultdict(lambda: 1)",
        "Counter(**{'a': 1})",
    ],
)
def test_everything_else_is_none(expression: str):
    with pytest.raises(NotLiteralError):
        read(expression)


def test_deep_expressions_are_none():
    with pytest.raises(NotLiteralError):
        read("(" * 150 + "1" + ",)" * 150)


def test_names_that_need_an_import_are_remembered():
    reader = LiteralReader(Names())

    reader.read(ast.parse("[math.pi, Counter('a'), set(), float('inf')]", mode="eval").body)

    assert reader.relied_on == ["math.pi", "Counter"]


def test_a_name_the_test_binds_is_not_what_it_customarily_is():
    names = Names(bound=frozenset({"Counter", "sorted"}))
    for expression in ("Counter('a')", "sorted([1])"):
        with pytest.raises(NotLiteralError):
            LiteralReader(names).read(ast.parse(expression, mode="eval").body)
