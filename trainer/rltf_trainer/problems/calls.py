"""Call tests, and the asserts that take their place where JSON cannot carry a value."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rltf_executor.schema import AssertTest, CallTest

MAX_JSON_INT: Final = (
    10**4300
)  # longer decimal numbers are refused by Python's own conversion, on either side


def call_test(
    function: str, args: Sequence[Any], expected: object, *, callee: str | None = None
) -> CallTest | AssertTest:
    """Gives the test that ``function(*args)`` returns ``expected``.

    An assert test with the same meaning takes the place of a call test where an argument or the
    answer is a number that JSON does not carry, or a dict whose keys are not strings.

    Args:
        function: Name the executor looks up: a global, or a method of ``Solution``.
        args: Positional arguments, plain data.
        expected: What it should return, plain data.
        callee: The function's expression in an assert, as ``Solution().solve``; None: ``function``.
    """
    if is_json((*args, expected)):
        return CallTest(kind="call", function=function, args=list(args), expected=expected)
    arguments = ", ".join(python_literal(value) for value in args)
    code = f"assert {callee or function}({arguments}) == {python_literal(expected)}"
    return AssertTest(kind="assert", code=code)


def is_json(value: object) -> bool:
    """True if strict JSON carries ``value`` unchanged (tuples as arrays)."""
    match value:
        case float():
            return math.isfinite(value)
        case int():
            return -MAX_JSON_INT < value < MAX_JSON_INT
        case None | str():
            return True
        case list() | tuple():
            return all(is_json(item) for item in value)
        case dict():
            return all(isinstance(key, str) for key in value) and is_json([*value.values()])
        case _:
            return False


def python_literal(value: object) -> str:
    """Gives an expression for plain data; long integers in hexadecimal, which has no bound."""
    match value:
        case float() if not math.isfinite(value):
            return f'float("{value}")'
        case int() if not -MAX_JSON_INT < value < MAX_JSON_INT:
            return hex(value)
        case list():
            return f"[{_joined(value)}]"
        case tuple():
            return f"({_joined(value)}{',' if len(value) == 1 else ''})"
        case dict():
            items = (f"{python_literal(k)}: {python_literal(v)}" for k, v in value.items())
            return "{" + ", ".join(items) + "}"
        case _:
            return repr(value)


def _joined(values: Iterable[object]) -> str:
    return ", ".join(python_literal(value) for value in values)
