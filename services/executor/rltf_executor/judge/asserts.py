"""Splits assert tests, by their syntax tree, into what is evaluated inside and what must hold.

Expected answers stay outside: of ``assert f(2) == 4`` the sandbox sees ``f(2)``. Statements between
the asserts run inside as they stand. An assert that cannot be split is executed inside, without its
message, and the test says so.
"""

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from rltf_executor.judge.bindings import (
    Bindings,
    assigned_name,
    find_bindings,
    names_in,
    separate_assignments,
)
from rltf_executor.judge.conditions import Condition, Held
from rltf_executor.judge.exposure import Exposure, Outer, outer_names
from rltf_executor.judge.literals import Literals
from rltf_executor.judge.names import Names
from rltf_executor.judge.splitting import AssertSplitter, ValueShape
from rltf_executor.sandbox.base import Evaluate, Exec, Hold, Step

MAX_CACHED_CHARS: Final = 8000  # longer code is split anew each time

_ANSWER: Final = re.compile(r"_*(expect|answer|want|correct|gold|truth)", re.IGNORECASE)
_READS_NAMES: Final = re.compile(r"\b(?:eval|exec|globals|locals|vars)\s*\(")
_LINE_END: Final = re.compile(r"\r\n?")
_NOTHING: Final = Outer()


@dataclass(frozen=True, slots=True)
class AssertPlan:
    """An assert test, split.

    Args:
        steps: What the sandbox does.
        conditions: What must hold of the values it ships, in order.
        starts: For each step the number of values shipped before it.
        shapes: What each of those values is.
        kept_out: Names bound to expected answers, whose assignment is not sent in.
        is_inside: Something is compared inside: an assert that could not be split, one in a nested
            statement, or a comparison within what is sent in.
    """

    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...]
    starts: tuple[int, ...]
    is_inside: bool
    shapes: tuple[ValueShape, ...] = ()
    kept_out: frozenset[str] = frozenset()

    def shown(self, values: Sequence[object]) -> list[object]:
        """Gives the values of the test's own expressions out of what was shipped for it."""
        return [
            value[0]
            if shape is ValueShape.WRAPPED and isinstance(value, tuple) and value
            else value
            for value, shape in zip(values, self.shapes, strict=False)
            if shape is not ValueShape.NAME
        ]


def split_asserts(code: str, source: str = "", *, prelude: str = "", setup: str = "") -> AssertPlan:
    """Gives the plan of one test's code; what is not valid Python runs inside and fails there.

    Args:
        code: The test.
        source: The program. What the test assigns to a name that the program uses is sent in, for
            the program may read it, unless the name itself says that it is the answer.
        prelude: What runs before the program: it binds names, and may use the test's.
        setup: What runs after it, likewise.
    """
    split = _split_cached if len(code) <= MAX_CACHED_CHARS else _split
    outer = outer_names(prelude, setup) if prelude or setup else _NOTHING
    plan = split(code, frozenset(), outer)
    readers = [source, prelude, setup]
    if _READS_NAMES.search(code):
        readers.append(code)
    shared = frozenset(
        name for name in plan.kept_out if any(_may_read(reader, name) for reader in readers)
    )
    return split(code, shared, outer) if shared else plan


def _may_read(source: str, name: str) -> bool:
    if name not in source or _ANSWER.match(name):
        return False
    return re.search(rf"\b{re.escape(name)}\b", source) is not None


def _split(code: str, shared: frozenset[str], outer: Outer) -> AssertPlan:
    text = _LINE_END.sub("\n", code)
    try:
        with warnings.catch_warnings(action="ignore"):
            text, module = separate_assignments(text, ast.parse(text))
        return _plan(text, module, shared, outer)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return AssertPlan(
            steps=(Exec(code=code),), conditions=(), starts=(0,), is_inside="assert" in code
        )


_split_cached = lru_cache(maxsize=4096)(_split)


def _plan(text: str, module: ast.Module, shared: frozenset[str], outer: Outer) -> AssertPlan:
    """Splits, keeping out expected answers that are first bound to a name."""
    bindings = find_bindings(text, module)
    kept_out = bindings.constants.keys() - shared
    while True:
        constants = {name: bindings.constants[name] for name in kept_out}
        plan = _Planner(text, module, replace(bindings, constants=constants), outer)
        still_needed = plan.names_sent_in & kept_out
        if not still_needed:
            return plan.finished()
        kept_out -= still_needed


class _Planner:
    def __init__(self, text: str, module: ast.Module, bindings: Bindings, outer: Outer) -> None:
        self._lines = text.encode().split(b"\n")
        self._constants = bindings.constants
        self._names = Names(
            bindings.bound | outer.bound,
            {**dict(outer.imports), **bindings.imports},
            bindings.constants,
        )
        self._literals = Literals(self._names)
        self._exposure = Exposure(self._names, self._literals, module.body, outer)
        self._steps: list[Step] = []
        self._starts: list[int] = []
        self._conditions: list[Condition] = []
        self._shapes: list[ValueShape] = []
        self._num_values = 0
        self._num_held = 0
        self._is_inside = False
        self.names_sent_in: set[str] = set()
        self._split_all(module.body)

    def finished(self) -> AssertPlan:
        """Gives the plan. Without an assert all depends on what the test does inside."""
        return AssertPlan(
            steps=tuple(self._steps),
            conditions=tuple(self._conditions),
            starts=tuple(self._starts),
            is_inside=self._is_inside or not self._conditions,
            shapes=tuple(self._shapes),
            kept_out=frozenset(self._constants),
        )

    def _split_all(self, statements: list[ast.stmt]) -> None:
        waiting: list[ast.stmt] = []
        for statement in statements:
            if isinstance(statement, ast.Assert):
                self._execute(waiting)
                waiting = []
                self._assert(statement)
            elif assigned_name(statement) not in self._constants:
                waiting.append(statement)
        self._execute(waiting)

    def _execute(self, statements: list[ast.stmt]) -> None:
        if not statements:
            return
        self._is_inside |= self._exposure.compares_any(statements)
        self._send_in(statements)
        code = "\n".join(self._source(statement) for statement in statements)
        self._add(Exec(code=code))

    def _assert(self, statement: ast.Assert) -> None:
        splitter = AssertSplitter(
            self._names, self._literals, self._exposure, self._source, self._num_values
        )
        condition = splitter.split(statement.test)
        if condition is None:
            self._send_in([statement.test])
            self._is_inside = True
            self._add(Hold(code=f"assert ({self._source(statement.test)}\n)"))
            condition = Held(self._num_held)
            self._num_held += 1
        elif splitter.expressions:
            self._is_inside |= splitter.is_inside
            self._send_in(splitter.sent_in)
            self._add(Evaluate(expressions=tuple(splitter.expressions)))
            self._num_values += len(splitter.expressions)
            self._shapes.extend(splitter.shapes)
        self._conditions.append(condition)

    def _send_in(self, nodes: Sequence[ast.AST]) -> None:
        if self._constants:
            self.names_sent_in |= names_in(nodes)

    def _add(self, step: Step) -> None:
        self._starts.append(self._num_values)
        self._steps.append(step)

    def _source(self, node: ast.expr | ast.stmt) -> str:
        """Gives the text of ``node`` as it stands in the test; positions count bytes of UTF-8."""
        first, column = node.lineno - 1, node.col_offset
        for decorator in getattr(node, "decorator_list", ()):
            if decorator.lineno - 1 < first:
                first, column = decorator.lineno - 1, 0
        last = (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][column:]
        return b"\n".join(lines).decode()
