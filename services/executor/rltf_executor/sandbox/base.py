"""What the judge asks of a sandbox, and what it gets back.

Nothing here knows Docker or HTTP. A ``Plan`` holds everything that may enter the sandbox. Expected
answers have no field in it, on purpose. Whatever a ``Report`` holds was written inside the sandbox,
next to the program: data to be compared, never trusted.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

from rltf_executor.schema import Isolation, Limits, Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class StdioRun:
    """Run the program as ``__main__`` with this stdin."""

    stdin: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exec:
    """Execute statements of a test in the program's namespace."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """Evaluate expressions in the program's namespace and ship each value as data, in order."""

    expressions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Call a function of the program with JSON arguments and ship what it returns."""

    function: str
    args: tuple[JsonValue, ...] = ()
    kwargs: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An assert that cannot be split: executed inside, and reported to have held or not."""

    code: str


Step = Exec | Evaluate | Call | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A call or assert test without its answer.

    Steps run one after the other against the loaded program.
    """

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that enters the sandbox for one submission; ``tests[i]`` belongs to its test ``i``.

    Probes share one process, which loads the program once; each ``StdioRun`` has a process of its
    own.
    """

    source: str
    tests: tuple[StdioRun | Probe, ...]
    prelude: str = ""
    setup: str = ""
    limits: Limits = Limits()
    fresh_process: bool = False
    coverage: bool = False
    # Consult ``proceed`` between tests; costs a round trip each. For tests of one kind: of two, the
    # probes come first, whatever their places.
    stepwise: bool = False


class Phase(StrEnum):
    """How far a test got."""

    COMPILE = "compile"  # the program does not compile
    LOAD = "load"  # running the program before its probes, which all share this outcome
    TEST = "test"  # a probe, or a stdio run


class LimitHit(StrEnum):
    """The limit that ended a process."""

    WALL = "wall"
    CPU = "cpu"
    MEMORY = "memory"
    OUTPUT = "output"
    TOTAL = (
        "total"  # total_s of the submission ran out while this test ran, or before it was reached
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFrame:
    """One traceback entry that lies in the program.

    Lines are 1-based, columns 0-based offsets in UTF-8 bytes.
    """

    function: str
    line: int
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An uncaught exception as reported from inside.

    ``frames`` holds the program's own, outermost first. For a SyntaxError of the program it is one
    entry with the compiler's position.
    """

    type: str
    message: str
    frames: tuple[CodeFrame, ...] = ()
    errno: int | None = None  # of an OSError
    is_memory_error: bool = False  # of that class, or one below it
    is_own: bool = True  # the program raised it, not the test or what was set up for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the process said about a test it finished, or about the exception that ended it.

    ``values`` are encoded (see ``runner/values.py``; decoded by ``judge/values.py``): one per
    expression or call that was evaluated before ``fault``, over all steps in order. ``held`` has
    one entry per Hold step reached.
    """

    values: tuple[JsonValue, ...] = ()
    held: tuple[bool, ...] = ()
    fault: Fault | None = None
    executed_lines: tuple[int, ...] | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened in one test. Says nothing about whether its answer is right.

    Exactly one of these holds: ``limit_hit`` is set (ended by it); ``tampered`` (the protocol was
    forged and the process killed); ``exit_code`` or ``signal`` is set (the process ended: normal
    for stdio, a failure for a probe); or only ``report`` is set (a probe answered and its process
    lives on).
    """

    index: int
    phase: Phase
    report: Report | None = None
    exit_code: int | None = None
    signal: int | None = None
    limit_hit: LimitHit | None = None
    tampered: bool = False
    stdout: bytes = b""  # at most Limits.output_kb
    stderr: bytes = b""
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    memory_kb: int = 0
    stack: tuple[
        CodeFrame, ...
    ] = ()  # where it was when a limit or a signal ended it; innermost LAST; best effort
    flags: tuple[str, ...] = ()  # what the runner itself saw; unforgeable, unlike report.flags


class Sandbox(Protocol):
    """One isolated place programs run in, leased for one submission at a time."""

    isolation: Isolation
    runtime: Runtime

    async def run(self, plan: Plan, proceed: Callable[[Outcome], bool]) -> float:
        """Run ``plan``; hand every test's outcome to ``proceed`` once, probes before stdio runs.

        Once ``proceed`` has answered False no further test is run, and none is handed over. It is
        consulted before the next test starts only if ``stepwise`` was asked for; see ``Plan``. A
        compile or load failure is handed over for every test it concerns.

        Returns:
            Milliseconds the sandbox worked.

        Raises:
            SandboxLostError: The sandbox died or fell silent. Outcomes handed over before stay
                valid.
        """
        ...

    def condemn(self, reason: str) -> None:
        """Have this sandbox destroyed and replaced when its lease ends."""
        ...


class SandboxPool(Protocol):
    """Warm sandboxes."""

    def lease(self, *, memory_mb: int, fresh: bool = False) -> AbstractAsyncContextManager[Sandbox]:
        """Lend one clean sandbox whose memory limit is ``memory_mb``.

        Args:
            memory_mb: Memory all processes of one test may use together, MiB.
            fresh: Insist on one that has run nothing yet.

        Raises:
            PoolTimeoutError: None came free within ``lease_timeout_s``.
            ShuttingDownError: The pool is closing.
        """
        ...
