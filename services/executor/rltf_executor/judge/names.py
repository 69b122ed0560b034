"""What the names in a test stand for: builtins, imports written or customary, its own constants."""

import ast
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from rltf_executor.judge.foreign import NumpyArray, as_array


class NotLiteralError(Exception):
    """The expression has to be evaluated where the program is."""


def _numpy_array(value: object) -> NumpyArray:
    array = as_array(value)
    if array is None:
        raise NotLiteralError
    return array


_DATA_TYPES: Final = (
    *(bool, int, float, complex, str, bytes, bytearray, object, type),
    *(list, tuple, set, frozenset, dict, range),
)
_PURE_FUNCTIONS: Final = (abs, len, max, min, ord, chr, round, sorted, sum)

BUILTINS: Final[Mapping[str, object]] = MappingProxyType(
    {known.__name__: known for known in (*_DATA_TYPES, *_PURE_FUNCTIONS)}
    | {"NotImplemented": NotImplemented, "Ellipsis": ...}
)

# Names a test means by themselves. The sandbox is asked whether they are bound, never for a value.
_QUALIFIED: Final[Mapping[str, object]] = MappingProxyType(
    {
        "math.pi": math.pi,
        "math.e": math.e,
        "math.tau": math.tau,
        "math.inf": math.inf,
        "math.nan": math.nan,
        "math.sqrt": math.sqrt,
        "math.floor": math.floor,
        "math.ceil": math.ceil,
        "collections.Counter": Counter,
        "collections.OrderedDict": OrderedDict,
        "collections.defaultdict": defaultdict,
        "collections.deque": deque,
        "decimal.Decimal": Decimal,
        "fractions.Fraction": Fraction,
        "datetime": datetime,  # `from datetime import datetime` is the custom where it is called
        "datetime.date": date,
        "datetime.time": time,
        "datetime.datetime": datetime,
        "datetime.timedelta": timedelta,
        "numpy.array": _numpy_array,
        "numpy.inf": math.inf,
        "numpy.nan": math.nan,
        "numpy.pi": math.pi,
    }
)

# What a bare name stands for where the test does not import it: preludes and programs import it so.
_CUSTOMARY: Final[Mapping[str, str]] = MappingProxyType(
    {name: name for name in ("math", "collections", "decimal", "fractions", "datetime", "numpy")}
    | {name: f"collections.{name}" for name in ("Counter", "OrderedDict", "defaultdict", "deque")}
    | {name: f"datetime.{name}" for name in ("date", "time", "timedelta")}
    | {name: f"math.{name}" for name in ("pi", "inf", "nan", "isclose")}
    | {"Decimal": "decimal.Decimal", "Fraction": "fractions.Fraction", "np": "numpy"}
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal that a test binds to a name on this line, once and for all."""

    value: object
    line: int


class Names:
    """What the names in one test stand for.

    Args:
        bound: Names the test binds itself: no longer what they customarily are.
        imports: Names the test imports, each with the dotted path it stands for.
        constants: Names the test binds once, to a literal.
    """

    def __init__(
        self,
        bound: frozenset[str] = frozenset(),
        imports: Mapping[str, str] = MappingProxyType({}),
        constants: Mapping[str, Constant] = MappingProxyType({}),
    ) -> None:
        self._bound = bound
        self._imports = imports
        self._constants = constants

    def path(self, node: ast.expr) -> str | None:
        """Gives the dotted path of a name or attribute, ``builtins.x`` for a builtin, or None."""
        if isinstance(node, ast.Attribute):
            outer = self.path(node.value)
            return None if outer is None else f"{outer}.{node.attr}"
        if not isinstance(node, ast.Name):
            return None
        if node.id in self._imports:
            return self._imports[node.id]
        if node.id in self._bound:
            return None
        return _CUSTOMARY.get(node.id) or f"builtins.{node.id}"

    def is_builtin(self, node: ast.expr) -> bool:
        """True if a name is one of Python's own, which need not be imported."""
        return (self.path(node) or "").startswith("builtins.")

    def constant(self, node: ast.Name) -> object:
        """Gives the literal a name is bound to where it is used.

        Raises:
            NotLiteralError: It is bound to none.
        """
        constant = self._constants.get(node.id)
        if constant is None or node.lineno <= constant.line:
            raise NotLiteralError
        return constant.value

    def value(self, node: ast.expr) -> object:
        """Gives the value a name or attribute is known by.

        Raises:
            NotLiteralError: It is not known.
        """
        path = self.path(node)
        if path is None:
            raise NotLiteralError
        module, _, name = path.partition(".")
        known, key = (BUILTINS, name) if module == "builtins" else (_QUALIFIED, path)
        if key not in known:
            raise NotLiteralError
        return known[key]
