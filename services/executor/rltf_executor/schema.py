"""Wire models of the executor: the one source of truth for its JSON. Validation, no behaviour.

Strings that reach a program (``source``, ``stdin``, ``code`` …) may hold lone surrogates, which
JSON can spell and models do emit; such a source is a verdict (``syntax_error``), never a refused
request. Strings of a result never hold any: the service escapes them before it answers.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

MAX_SOURCE_BYTES: Final = 1_500_000
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
MAX_TESTS: Final = 1000
MAX_BATCH: Final = 1024
MIN_MEMORY_MB: Final = 16
DEFAULT_MAX_MEMORY_MB: Final = 2048


class Verdict(StrEnum):
    """Outcome of a test or of a whole submission, from worst to best."""

    INTERNAL_ERROR = "internal_error"
    SYNTAX_ERROR = "syntax_error"
    SECURITY_VIOLATION = "security_violation"
    RUNTIME_ERROR = "runtime_error"
    TIMEOUT = "timeout"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    WRONG_ANSWER = "wrong_answer"
    SKIPPED = "skipped"
    PASSED = "passed"


_SEVERITY: Final[Mapping[Verdict, int]] = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: list[Verdict]) -> Verdict:
    """Gives the most severe of ``verdicts``, or ``passed`` for an empty list."""
    return min(verdicts, key=_SEVERITY.__getitem__, default=Verdict.PASSED)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": "string"})]
"""A string that may hold lone surrogates; pydantic's own ``str`` refuses those."""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StdioTest(_Wire):
    """Runs the program as ``__main__`` and compares what it prints."""

    kind: Literal["stdio"]
    stdin: Text = ""
    expected_stdout: Text


class CallTest(_Wire):
    """Calls a function of the program and compares what it returns."""

    kind: Literal["call"]
    function: str = Field(min_length=1, max_length=1000, description="`name`, or `Class.method`.")
    args: list[Any] = Field(default_factory=list)
    kwargs: dict[str, Any] = Field(default_factory=dict)
    expected: Any = None


class AssertTest(_Wire):
    """Python code whose asserts must hold.

    Compared outside the sandbox wherever it can be split.
    """

    kind: Literal["assert"]
    code: Text


Test = Annotated[StdioTest | CallTest | AssertTest, Field(discriminator="kind")]


class Limits(_Wire):
    """Bounds of every test of a submission; ``total_s`` bounds all of them together."""

    wall_s: float = Field(
        default=10.0, ge=0.05, le=120, description="Wall time of a test, seconds."
    )
    cpu_s: float | None = Field(
        default=None, ge=0.05, le=120, description="CPU time of a test, seconds; null: wall_s."
    )
    memory_mb: int = Field(
        default=512,
        ge=MIN_MEMORY_MB,
        description="Memory of a test's processes together, MiB; the service sets the upper bound.",
        json_schema_extra={"maximum": DEFAULT_MAX_MEMORY_MB},
    )
    output_kb: int = Field(
        default=4096, ge=1, le=65536, description="Bytes of stdout and of stderr, KiB each."
    )
    processes: int = Field(default=16, ge=1, le=256, description="Processes and threads at a time.")
    total_s: float = Field(
        default=60.0, ge=0.05, le=3600, description="Wall time of the whole submission, seconds."
    )

    @field_validator("memory_mb")
    @classmethod
    def _memory_within_the_service(cls, memory_mb: int, info: ValidationInfo) -> int:
        context = info.context or {}
        bound = int(context.get("max_memory_mb", DEFAULT_MAX_MEMORY_MB))
        if memory_mb > bound:
            raise ValueError(f"{memory_mb} is not in {MIN_MEMORY_MB}..{bound}")
        return memory_mb

    @property
    def effective_cpu_s(self) -> float:
        """CPU seconds a test may use."""
        return self.wall_s if self.cpu_s is None else self.cpu_s


class Checker(_Wire):
    """How an answer is compared.

    ``exact | lines | tokens`` are for stdio tests, ``equal | approx | unordered`` for call tests; a
    test of the other kind uses its own default (``lines``, ``equal``).
    """

    kind: Literal["exact", "lines", "tokens", "equal", "approx", "unordered"]
    float_tolerance: float | None = Field(default=None, ge=0, le=1)


class Submission(_Wire):
    """One program with the tests it is graded by."""

    id: str | None = Field(default=None, max_length=1000)
    language: Literal["python"] = "python"
    source: Text
    tests: list[Test] = Field(default_factory=list, max_length=MAX_TESTS)
    prelude: Text = ""
    setup: Text = ""
    limits: Limits = Limits()
    stop_on_failure: bool = False
    fresh_process: bool = False
    checker: Checker | None = None
    return_output: bool = False
    return_coverage: bool = False

    @model_validator(mode="after")
    def _bounded(self) -> "Submission":
        for field in ("source", "prelude", "setup"):
            size = len(getattr(self, field).encode("utf-8", "surrogatepass"))
            if size > MAX_SOURCE_BYTES:
                raise ValueError(f"{field}: {size} bytes is more than {MAX_SOURCE_BYTES}")
        return self


class Frame(_Wire):
    """One call of the program on the way to an error, outermost first."""

    function: str
    line: int


class ErrorInfo(_Wire):
    """What went wrong, and where in ``source``."""

    type: str
    message: str
    line: int | None = Field(
        default=None, description="1-based line in `source`; null if not in it."
    )
    column: int | None = Field(
        default=None, description="1-based character column of the first character."
    )
    end_line: int | None = None
    end_column: int | None = Field(
        default=None, description="1-based column just past the last character."
    )
    source_line: str | None = None
    frames: list[Frame] = Field(default_factory=list)


class TestResult(_Wire):
    """Verdict of one test."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    index: int
    verdict: Verdict
    error: ErrorInfo | None = None
    stdout: str | None = None
    stderr: str | None = None
    value: JsonValue = None
    exit_code: int | None = None
    signal: int | None = None
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    memory_kb: int = 0
    executed_lines: list[int] | None = None
    graded: Literal["outside", "inside"] = "outside"
    flags: list[str] = Field(default_factory=list)


class Timing(_Wire):
    """Where the time of a submission went, milliseconds."""

    queue_ms: float
    run_ms: float
    total_ms: float


class Isolation(_Wire):
    """What stood between the program and the host."""

    backend: str
    runtime: str
    level: str


class ExecutionResult(_Wire):
    """Verdict of a submission, with one entry a test."""

    id: str | None = None
    verdict: Verdict
    passed: int
    total: int
    tests: list[TestResult]
    error: ErrorInfo | None = None
    timing: Timing
    isolation: Isolation


class ProblemDetails(_Wire):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(
        default_factory=list, description="`field` and `message` of each fault."
    )


class RefusedItem(_Wire):
    """A submission of a batch that was out of bounds; it stands in its result's place."""

    id: str | None = None
    problem: ProblemDetails


class BatchRequest(_Wire):
    """Submissions to be judged together; answered in the same order."""

    submissions: list[Submission] = Field(min_length=1, max_length=MAX_BATCH)


class BatchResponse(_Wire):
    """One entry a submission, in order."""

    results: list[ExecutionResult | RefusedItem]


class BatchItem(_Wire):
    """One line of a streamed batch."""

    index: int
    result: ExecutionResult | RefusedItem


class Runtime(_Wire):
    """A language the executor can run."""

    language: str
    version: str
    aliases: list[str] = Field(default_factory=list)
    packages: dict[str, str] = Field(default_factory=dict)
