"""The attacks: what each is, what it may get, and where they are kept.

An attack is one Python file. A comment block at its top, in TOML, says what it is graded by and
which verdicts it may get; the docstring says what it tries. The block is cut off before the program
is sent, so that no answer travels with it::

    # /// redteam
    # category = "fork"
    # allowed = ["timeout"]
    # limits = { wall_s = 1.0 }
    # ///

``NAME.then.py`` is sent right after ``NAME.py`` and looks for what that one left behind. The files
travel in this package as one JSON file, ``suites.json``, because an installer compiles every Python
file it installs, and some of these must not be compiled outside a sandbox.
"""

import ast
import json
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from rltf_executor.schema import Verdict

OPENING: Final = "# /// redteam\n"
CLOSING: Final = "# ///\n"
FILL: Final = "@fill@"  # stands for a text too long to keep in a file
MARK: Final = "BREACH"  # a program that got through prints this
THEN: Final = ".then"
Kind = Literal["stdio", "call", "assert"]
SuiteName = Literal["programs", "reward_hacks"]

_HELD: Final = "contained\n"
_ANY_BUT_PASSED: Final = tuple(
    verdict for verdict in Verdict if verdict not in (Verdict.PASSED, Verdict.INTERNAL_ERROR)
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fill(_Strict):
    """A text that is built where it is needed: ``unit`` many times, then ``close`` as often."""

    unit: str
    times: int
    close: str = ""

    def text(self) -> str:
        """Gives the text."""
        return self.unit * self.times + self.close * self.times


class Attack(_Strict):
    """One program, what it is graded by, and which verdicts it may get."""

    suite: SuiteName
    name: str
    source: str  # with ``FILL`` where a long text belongs
    intent: str
    category: str = ""
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    allowed: tuple[Verdict, ...]
    limits: dict[str, float] = {}
    stdin: str = ""
    fill: Fill | None = None
    checker: dict[str, Any] | None = None
    expected: Any = None  # of a reward hack: what no program can guess
    asserts: tuple[str, ...] = ()
    may_pass: tuple[int, ...] = ()  # tests that hold for what the program honestly returns
    num_calls: int = 1
    then: "Attack | None" = None

    @property
    def program(self) -> str:
        """The source as it is sent."""
        return self.source.replace(FILL, self.fill.text()) if self.fill else self.source

    def tests(self, kind: Kind) -> list[dict[str, Any]]:
        """Gives the tests of one kind, as the executor takes them."""
        if self.suite == "programs":
            return self._containment_tests(kind)
        if kind == "stdio":
            return [{"kind": "stdio", "stdin": "3\n", "expected_stdout": "7919\n"}]
        if kind == "call":
            return [
                {"kind": "call", "function": "solve", "args": [n], "expected": answer}
                for n, answer in self._answers()
            ]
        if self.asserts:
            return [{"kind": "assert", "code": code} for code in self.asserts]
        return [
            {"kind": "assert", "code": f"assert solve({n}) == {answer!r}"}
            for n, answer in self._answers()
        ]

    def _containment_tests(self, kind: Kind) -> list[dict[str, Any]]:
        if kind == "stdio":
            stdin = self.stdin.replace(FILL, self.fill.text()) if self.fill else self.stdin
            return [{"kind": "stdio", "stdin": stdin, "expected_stdout": _HELD}]
        return [
            {"kind": "call", "function": "solve", "args": [n], "expected": _HELD.strip()}
            for n in range(self.num_calls)
        ]

    def _answers(self) -> list[tuple[int, Any]]:
        if self.expected is not None:
            return [(3, self.expected)]
        return [(3, 7919), (10, 104_729)]


def read_folder(folder: Path, suite: SuiteName) -> list[Attack]:
    """Read the attacks of a folder of files, in order of their names.

    Raises:
        ValueError: A file has no header or an unknown field; the message names it.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.py"))}
    attacks = []
    for name, path in files.items():
        if name.endswith(THEN):
            if name.removesuffix(THEN) not in files:
                raise ValueError(f"{path}: there is no {name.removesuffix(THEN)}.py before it")
            continue
        attack = parse(path.read_text("utf-8"), suite, name)
        if follow_up := files.get(name + THEN):
            then = parse(follow_up.read_text("utf-8"), suite, name + THEN)
            attack = attack.model_copy(update={"then": then})
        attacks.append(attack)
    return attacks


def parse(text: str, suite: SuiteName, name: str) -> Attack:
    """Read one attack from the text of its file.

    Raises:
        ValueError: The header is missing or wrong.
    """
    header: dict[str, Any] = {}
    source = text
    if text.startswith(OPENING):
        block, closing, source = text.removeprefix(OPENING).partition(CLOSING)
        if not closing:
            raise ValueError(f"{name}: the header is not closed")
        lines = block.splitlines()
        header = tomllib.loads("\n".join(line.removeprefix("#").strip() for line in lines))
    elif suite == "programs":
        raise ValueError(f"{name}: a hostile program needs a header")
    kind = header.pop("kind", None)
    is_hack = suite == "reward_hacks"
    default_kinds = ("call", "assert") if is_hack else ("stdio",)
    default_allowed = _ANY_BUT_PASSED if is_hack else (Verdict.PASSED, Verdict.SECURITY_VIOLATION)
    return Attack(
        suite=suite,
        name=name,
        source=source,
        intent=_docstring(source),
        kinds=header.pop("kinds", (kind,) if kind else default_kinds),
        allowed=header.pop("allowed", default_allowed),
        num_calls=header.pop("tests", 1),
        **header,
    )


def shipped() -> list[Attack]:
    """Gives all attacks that come with this package."""
    text = resources.files(__package__).joinpath("suites.json").read_text("utf-8")
    return [Attack.model_validate(item) for item in json.loads(text)]


def pack(attacks: Sequence[Attack]) -> str:
    """Gives the content of ``suites.json``."""
    items = [attack.model_dump(mode="json", exclude_defaults=True) for attack in attacks]
    return json.dumps(items, indent=1) + "\n"


def _docstring(source: str) -> str:
    """Gives the text between the first triple quotes; the program itself is not parsed."""
    _, opening, rest = source.partition('"""')
    text, closing, _ = rest.partition('"""')
    if not (opening and closing):
        return ""
    literal = f'"""{text}"""'
    try:
        return str(ast.literal_eval(literal))
    except (SyntaxError, ValueError):
        return text
