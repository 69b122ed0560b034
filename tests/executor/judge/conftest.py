"""A sandbox without walls: runs plans in this process, so that no engine is needed."""

import contextlib
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rltf_executor.errors import SandboxLostError
from rltf_executor.judge import Judge
from rltf_executor.runner.values import encode
from rltf_executor.sandbox.base import (
    Call,
    CodeFrame,
    Evaluate,
    Exec,
    Fault,
    Outcome,
    Phase,
    Plan,
    Probe,
    Report,
    StdioRun,
)
from rltf_executor.schema import Isolation, Limits, Runtime

PROGRAM = "<program>"


class FakeSandbox:
    """Executes plans in this process, or answers with outcomes it was given."""

    isolation = Isolation(backend="fake", runtime="none", level="none")
    runtime = Runtime(language="python", version="3.11")

    def __init__(self, pool: "FakePool") -> None:
        self._pool = pool

    async def run(self, plan: Plan, proceed: Callable[[Outcome], bool]) -> float:
        self._pool.plans.append(plan)
        script = self._pool.scripts.pop(0) if self._pool.scripts else None
        outcomes = _outcomes(plan) if script is None else script
        for outcome in outcomes:
            if isinstance(outcome, SandboxLostError):
                raise outcome
            if not proceed(outcome):
                break
        return 1.5

    def condemn(self, reason: str) -> None:
        self._pool.condemned.append(reason)


class FakePool:
    """Lends fake sandboxes, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.scripts: list[list[Outcome | SandboxLostError]] = []  # for the next runs, in order
        self.lease_errors: list[Exception | None] = []
        self.leases: list[tuple[int, bool]] = []
        self.plans: list[Plan] = []
        self.condemned: list[str] = []

    @asynccontextmanager
    async def lease(self, *, memory_mb: int, fresh: bool = False) -> AsyncIterator[FakeSandbox]:
        self.leases.append((memory_mb, fresh))
        error = self.lease_errors.pop(0) if self.lease_errors else None
        if error is not None:
            raise error
        yield FakeSandbox(self)


def _fault(error: BaseException) -> Fault:
    frames = []
    is_own = False
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        is_own = name == PROGRAM or (is_own and not name.startswith("<"))
        if name == PROGRAM:
            frames.append(
                CodeFrame(function=traceback.tb_frame.f_code.co_name, line=traceback.tb_lineno)
            )
        traceback = traceback.tb_next
    errno = error.errno if isinstance(error, OSError) else None
    return Fault(
        type=type(error).__name__,
        message=str(error),
        frames=tuple(frames),
        errno=errno,
        is_memory_error=isinstance(error, MemoryError),
        is_own=is_own,
    )


def _outcomes(plan: Plan) -> Iterator[Outcome]:
    namespace: dict[str, Any] = {"__name__": "program"}
    probes = [index for index, test in enumerate(plan.tests) if isinstance(test, Probe)]
    broken = None
    if probes:
        try:
            code = compile(plan.source, PROGRAM, "exec")
        except SyntaxError as error:
            broken = (Phase.COMPILE, _fault(error))
        else:
            try:
                exec(plan.prelude, namespace)
                exec(code, namespace)
                exec(plan.setup, namespace)
            except BaseException as error:
                broken = (Phase.LOAD, _fault(error))
    for index in probes:
        test = plan.tests[index]
        assert isinstance(test, Probe)
        if broken is not None:
            yield Outcome(index=index, phase=broken[0], report=Report(fault=broken[1]))
        else:
            yield Outcome(index=index, phase=Phase.TEST, report=_probe(test, namespace))
    for index, test in enumerate(plan.tests):
        if isinstance(test, StdioRun):
            yield _stdio(index, test, plan)


def _probe(test: Probe, namespace: dict[str, Any]) -> Report:
    values: list[Any] = []
    held: list[bool] = []
    fault = None
    impostor = False
    try:
        for step in test.steps:
            if isinstance(step, Exec):
                exec(compile(step.code, "<test>", "exec"), namespace)
            elif isinstance(step, Evaluate):
                for expression in step.expressions:
                    code = compile(expression, "<test>", "eval")
                    value, claims = encode(eval(code, namespace))  # noqa: S307  # our own tests
                    values.append(value)
                    impostor |= claims
            elif isinstance(step, Call):
                owner, _, name = step.function.rpartition(".")
                if owner:
                    function = getattr(namespace[owner](), name)
                elif name in namespace:
                    function = namespace[name]
                else:
                    function = getattr(namespace["Solution"](), name)
                value, claims = encode(function(*step.args, **step.kwargs))
                values.append(value)
                impostor |= claims
            else:
                held.append(False)
                exec(compile(step.code, "<test>", "exec"), namespace)
                held[-1] = True
    except BaseException as error:
        fault = _fault(error)
    flags = ("impostor_value",) if impostor else ()
    return Report(values=tuple(values), held=tuple(held), fault=fault, flags=flags)


def _stdio(index: int, test: StdioRun, plan: Plan) -> Outcome:
    stdout = io.StringIO()
    fault, exit_code = None, 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(stdout):
        patch.setattr(sys, "stdin", io.StringIO(test.stdin.decode()))
        try:
            exec(compile(plan.source, PROGRAM, "exec"), {"__name__": "__main__"})
        except SystemExit as error:
            exit_code = error.code if isinstance(error.code, int) else 0
        except BaseException as error:
            fault, exit_code = _fault(error), 1
    report = Report(fault=fault) if fault else None
    return Outcome(
        index=index,
        phase=Phase.TEST,
        report=report,
        exit_code=exit_code,
        stdout=stdout.getvalue().encode(),
    )


@pytest.fixture
def pool() -> FakePool:
    return FakePool()


@pytest.fixture
def judge(pool: FakePool) -> Judge:
    return Judge(pool)


@pytest.fixture
def limits() -> Limits:
    return Limits()
