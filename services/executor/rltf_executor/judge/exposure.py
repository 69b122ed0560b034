"""Tells by its syntax what of an assert is compared where the program is, before anything runs.

An expression is sent in to be evaluated; its value is compared out here. But if a comparison, or an
answer, is part of the expression itself, objects of the program take part in it: a class decides
what ``f(2) / 4`` is, and a program that walks the frames can read what ``f(3) == [i * i for i in
range(3)]`` expects. Such a test says ``"graded": "inside"``. In doubt it says so too.
"""

import ast
import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rltf_executor.judge.bindings import find_bindings
from rltf_executor.judge.literals import Literals
from rltf_executor.judge.names import Names

MAX_OUTER_CHARS: Final = 20_000
_PASSES: Final = 3

_BUILTINS: Final = frozenset(vars(builtins))
# Python's own that put values beside each other.
_MIXING: Final = frozenset(f"builtins.{name}" for name in ("zip", "max", "min", "sum", "filter"))
_COMPARING_MODULES: Final = ("operator.", "unittest.", "difflib.", "numpy.testing.", "numpy.ma.")
_COMPARING_FUNCTIONS: Final = frozenset({"math.dist", "numpy.isin", "numpy.array_equiv"})
_COMPARING_METHODS: Final = frozenset(
    {f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "contains", "sub", "rsub")}
    | {"count", "index", "startswith", "endswith", "issubset", "issuperset", "isdisjoint"}
    | {"equals", "symmetric_difference", "difference"}
)
_COMPARES: Final = (ast.Compare, ast.Assert, ast.Match, ast.Raise)


@dataclass(frozen=True, slots=True)
class Outer:
    """What the code around a test binds: its prelude and its setup.

    Args:
        bound: Names assigned or defined there.
        imports: Names imported there, each with the dotted path it stands for.
        derived: Those of ``bound`` that hold something of the program.
        helpers: Functions and classes of it that compare.
    """

    bound: frozenset[str] = frozenset()
    imports: tuple[tuple[str, str], ...] = ()
    derived: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()


def outer_names(prelude: str, setup: str) -> Outer:
    """Gives what a submission's prelude and setup bind.

    Code that does not parse binds nothing, and very long code is not looked at.
    """
    if len(prelude) + len(setup) > MAX_OUTER_CHARS:
        return Outer()
    return _outer_names(prelude, setup)


@lru_cache(maxsize=256)
def _outer_names(prelude: str, setup: str) -> Outer:
    before, after = _parsed(prelude), _parsed(setup)
    found = [find_bindings(code, tree) for code, tree in ((prelude, before), (setup, after))]
    bound = found[0].bound | found[1].bound
    imports = {**found[0].imports, **found[1].imports}
    names = Names(bound, imports)
    exposure = Exposure(names, Literals(names), after.body)
    return Outer(
        bound=bound,
        imports=tuple(imports.items()),
        derived=frozenset(exposure.derived),
        helpers=_helpers([*before.body, *after.body]),
    )


def _parsed(code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _helpers(statements: Sequence[ast.stmt]) -> frozenset[str]:
    return frozenset(
        statement.name
        for statement in statements
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and _has(statement, _COMPARES)
    )


def _names_bound_in(statement: ast.stmt) -> set[str]:
    return {
        part.id if isinstance(part, ast.Name) else part.name
        for part in ast.walk(statement)
        if (isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load))
        or isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def _has(node: ast.AST, kinds: tuple[type[ast.AST], ...]) -> bool:
    return any(isinstance(part, kinds) for part in ast.walk(node))


@dataclass(slots=True)
class Exposure:
    """What one test exposes.

    Args:
        names: What its names stand for.
        literals: Its expected values, which are never sent in.
        statements: The test, or the code in question.
        outer: What is bound around it.
    """

    names: Names
    literals: Literals
    statements: Sequence[ast.stmt]
    outer: Outer = Outer()
    derived: set[str] = field(init=False)
    _helpers: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._helpers = self.outer.helpers
        self.derived = set(self.outer.derived)
        if any(not isinstance(statement, ast.Assert) for statement in self.statements):
            self._helpers |= _helpers(self.statements)
            self._derive()

    def _derive(self) -> None:
        """Finds the names that are bound to something of the program, through other names too."""
        for _ in range(_PASSES):  # a name may be used above the place that binds it
            num_before = len(self.derived)
            for statement in self.statements:
                if self.is_programs(statement):
                    self.derived |= _names_bound_in(statement)
            if len(self.derived) == num_before:
                return

    def _is_literal(self, node: ast.expr) -> bool:
        return self.literals.find(node) is not None

    def is_programs(self, node: ast.AST) -> bool:
        """True if ``node`` reads a name of the program, or one that holds something of it."""
        own = {
            part.id if isinstance(part, ast.Name) else part.arg
            for part in ast.walk(node)
            if (isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load))
            or isinstance(part, ast.arg)
        } - self.derived
        return any(
            isinstance(part, ast.Name)
            and isinstance(part.ctx, ast.Load)
            and part.id not in own
            and (part.id in self.derived or self._is_free(part))
            for part in ast.walk(node)
        )

    def _is_free(self, name: ast.Name) -> bool:
        """True if nothing but the program can have bound it."""
        path = self.names.path(name)
        return path is not None and path == f"builtins.{name.id}" and name.id not in _BUILTINS

    def makes_own_object(self, node: ast.expr) -> bool:
        """True if ``node`` is an object of a class of the program, by the look of its making.

        ``Bag()``, or a name that the test binds to nothing but that.
        """
        if isinstance(node, ast.Call):
            function = node.func
            return (
                isinstance(function, ast.Name)
                and function.id[:1].isupper()
                and self.is_programs(function)
            )
        if not isinstance(node, ast.Name):
            return False
        made = [
            self.makes_own_object(statement.value)
            for statement in self.statements
            if isinstance(statement, ast.Assign)
            and any(isinstance(part, ast.Name) and part.id == node.id for part in statement.targets)
            and isinstance(statement.value, ast.Call)
        ]
        return bool(made) and all(made)

    def compares_any(self, statements: Iterable[ast.stmt]) -> bool:
        """True if statements, executed inside, compare something of the program or may raise."""
        return any(
            _has(statement, (ast.Assert, ast.Raise, ast.Match))
            or (_has(statement, (ast.Compare,)) and self.is_programs(statement))
            or any(self._asserts(part) for part in ast.walk(statement))
            for statement in statements
        )

    def _asserts(self, node: ast.AST) -> bool:
        """True for a call of what compares: a helper of the test's, a method of unittest's."""
        if not isinstance(node, ast.Call):
            return False
        function = node.func
        if isinstance(function, ast.Attribute):
            return function.attr.startswith("assert")
        return isinstance(function, ast.Name) and function.id in self._helpers

    def compares(self, node: ast.AST) -> bool:
        """True if evaluating ``node`` compares an expected value with one of the program."""
        if isinstance(node, ast.expr) and self._is_literal(node):
            return False
        if isinstance(node, ast.Compare):
            return True
        if isinstance(node, ast.Call):
            return self._call_compares(node)
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Sub) and self._is_mixed([node.left, node.right]):
                return True
        elif isinstance(node, ast.Set):
            if self._is_mixed(node.elts):
                return True
        elif isinstance(node, ast.Dict):
            if self._is_mixed([key for key in node.keys if key is not None]):
                return True
        elif isinstance(node, ast.Subscript):
            return self.compares(node.value) or (
                self._is_literal(node.value) and self.is_programs(node.slice)
            )
        elif isinstance(node, ast.IfExp) and self.is_programs(node.test):
            return True
        return any(self.compares(child) for child in ast.iter_child_nodes(node))

    def _call_compares(self, call: ast.Call) -> bool:
        if self._asserts(call):
            return True
        function = call.func
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        path = self.names.path(function)
        if isinstance(function, ast.Attribute) and (path is None or path.startswith("builtins.")):
            return self._method_compares(function, given)
        if path is None or (path.startswith("builtins.") and path[9:] not in _BUILTINS):
            return False  # a function of the program, and what it is given
        is_comparing = (
            path in _MIXING or path in _COMPARING_FUNCTIONS or path.startswith(_COMPARING_MODULES)
        )
        if is_comparing and self._is_mixed(given):
            return True
        return any(self.compares(argument) for argument in given)

    def _method_compares(self, function: ast.Attribute, given: Sequence[ast.expr]) -> bool:
        owner = function.value
        if self._is_literal(owner):
            is_text = isinstance(owner, ast.Constant) and isinstance(owner.value, str | bytes)
            return (not is_text and any(self.is_programs(each) for each in given)) or any(
                self.compares(each) for each in given
            )
        if function.attr in _COMPARING_METHODS and not all(map(self.is_programs, given)):
            return True
        return self.compares(owner)

    def _is_mixed(self, nodes: Sequence[ast.expr]) -> bool:
        """True if some of these are the program's and others what is expected."""
        theirs = [self.is_programs(node) for node in nodes]
        return any(theirs) and not all(theirs)
