"""Finds what a test binds to names: imports, definitions, constants that may be answers."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rltf_executor.judge.literals import LiteralReader
from rltf_executor.judge.names import Constant, Names, NotLiteralError


@dataclass(frozen=True, slots=True)
class Bindings:
    """Names a test binds.

    Args:
        bound: Those it assigns or defines anywhere.
        imports: Those it imports, each with the dotted path it stands for.
        constants: Those it binds once, at its top level, to a literal, and reads later.
    """

    bound: frozenset[str] = frozenset()
    imports: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Constant] = field(default_factory=dict)


def find_bindings(text: str, module: ast.Module) -> Bindings:
    """Gives the names that ``module``, parsed from ``text``, binds."""
    if ":=" not in text and all(isinstance(statement, ast.Assert) for statement in module.body):
        return Bindings()  # arguments of lambdas and names in comprehensions are their own
    counts: Counter[str] = Counter()
    read: set[str] = set()
    imports: dict[str, str] = {}
    for node in ast.walk(module):
        counts.update(_names_bound_by(node))
        imports.update(_names_imported_by(node))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            read.add(node.id)
    bound = frozenset(counts)
    names = Names(bound, imports)
    once = {name for name, count in counts.items() if count == 1 and name not in imports}
    return Bindings(bound, imports, dict(_constants(module, once & read, names)))


def separate_assignments(text: str, module: ast.Module) -> tuple[str, ast.Module]:
    """Turns every ``a, b = x, y`` at top level, where no value reads a target, into two statements.

    So an answer that is bound beside an argument can be kept out alone.
    """
    body: list[ast.stmt] = []
    for statement in module.body:
        body.extend(_separated(statement) or [statement])
    if len(body) == len(module.body):
        return text, module
    text = ast.unparse(ast.Module(body=body, type_ignores=[]))
    return text, ast.parse(text)


def _separated(statement: ast.stmt) -> list[ast.stmt]:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    targets, values = statement.targets[0], statement.value
    if not isinstance(targets, ast.Tuple) or not isinstance(values, ast.Tuple):
        return []
    if len(targets.elts) != len(values.elts) or not all(
        isinstance(target, ast.Name) for target in targets.elts
    ):
        return []
    if any(isinstance(value, ast.Starred) for value in values.elts):
        return []
    if names_in(targets.elts) & names_in(values.elts):
        return []
    return [
        ast.copy_location(ast.Assign(targets=[target], value=value), statement)
        for target, value in zip(targets.elts, values.elts, strict=True)
    ]


def assigned_name(statement: ast.stmt) -> str | None:
    """Gives the name that ``name = value`` binds; None for any other statement."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Gives the names that occur in ``nodes`` and below."""
    return {part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name)}


def _constants(
    module: ast.Module, candidates: set[str], names: Names
) -> Iterator[tuple[str, Constant]]:
    for statement in module.body:
        name = assigned_name(statement)
        if name not in candidates or not isinstance(statement, ast.Assign):
            continue
        reader = LiteralReader(names)
        try:
            value = reader.read(statement.value)
        except NotLiteralError:
            continue
        if not reader.relied_on:
            yield name, Constant(value, statement.end_lineno or statement.lineno)


def _names_bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        if node.name:
            yield node.name
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names


def _names_imported_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            outer = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or outer, outer
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
