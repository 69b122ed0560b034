"""Graders that attacks can be sent to: this executor, and services that speak other APIs.

The foreign ones grade nothing themselves, they run a program and say how it ended. What decides
there is what their users do: compare the output, or append the tests to the program and trust the
exit code. The reward hacks are run against exactly that.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx

from rltf_executor.redteam.suites import Attack, Kind
from rltf_executor.schema import ExecutionResult, Verdict

_PATIENCE_S: Final = 60.0  # on top of the limits of a submission: queueing, replacing a sandbox
_BUSY: Final = (429, 503)
_MAX_TRIES: Final = 20
_DEFAULT_WALL_S: Final = 5.0
_DEFAULT_MEMORY_MB: Final = 256
_TOTAL_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a grader said about one program."""

    verdict: Verdict | None  # None: it gave no verdict at all
    tests: Sequence[Verdict] = ()
    output: str = ""  # all that the program printed
    detail: str = ""  # for a person


class Target(Protocol):
    """A grader."""

    kinds: Sequence[Kind]  # what it can be asked to grade

    async def grade(self, attack: Attack, kind: Kind) -> Observation:
        """Have one program graded by its tests of one kind."""
        ...


class ExecutorTarget:
    """This project's executor: ``POST /execute``."""

    kinds: Sequence[Kind] = ("stdio", "call", "assert")

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Use ``client``, whose base URL is the service's."""
        self._client = client

    async def grade(self, attack: Attack, kind: Kind) -> Observation:
        """Have one program graded."""
        limits = {
            "wall_s": _DEFAULT_WALL_S,
            "memory_mb": _DEFAULT_MEMORY_MB,
            "total_s": _TOTAL_S,
            **attack.limits,
        }
        for whole in ("memory_mb", "output_kb", "processes"):
            if whole in limits:
                limits[whole] = int(limits[whole])
        body = {
            "id": attack.name,
            "source": attack.program,
            "tests": attack.tests(kind),
            "limits": limits,
            "return_output": True,
            **({"checker": attack.checker} if attack.checker else {}),
        }
        answer = await _post(self._client, "/execute", body, limits["total_s"])
        if isinstance(answer, Observation):
            return answer
        result = ExecutionResult.model_validate(answer)
        output = "".join((test.stdout or "") + (test.stderr or "") for test in result.tests)
        error = f"{result.error.type}: {result.error.message}" if result.error else ""
        return Observation(
            verdict=result.verdict,
            tests=[test.verdict for test in result.tests],
            output=output,
            detail=error,
        )


class SandboxFusionTarget:
    """A service with SandboxFusion's ``POST /run_code``."""

    kinds: Sequence[Kind] = ("stdio", "call", "assert")

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Use ``client``, whose base URL is the service's."""
        self._client = client

    async def grade(self, attack: Attack, kind: Kind) -> Observation:
        """Have one program run, test after test, and judge it as that service's users do."""
        wall_s = attack.limits.get("wall_s", _DEFAULT_WALL_S)
        runs = []
        for source, stdin, expected in _as_scripts(attack, kind):
            body = {
                "code": source,
                "stdin": stdin,
                "language": "python",
                "run_timeout": wall_s,
                "memory_limit_MB": int(attack.limits.get("memory_mb", _DEFAULT_MEMORY_MB)),
            }
            answer = await _post(self._client, "/run_code", body, wall_s)
            if isinstance(answer, Observation):
                return answer
            run = answer.get("run_result") or {}
            is_timeout = run.get("status") == "TimeLimitExceeded"
            code = None if run.get("status") != "Finished" else run.get("return_code")
            runs.append(_judged(run, code, expected, is_timeout=is_timeout))
        return _joined(runs)


class PistonTarget:
    """A service with Piston's ``POST /api/v2/execute``."""

    kinds: Sequence[Kind] = ("stdio", "call", "assert")

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Use ``client``, whose base URL is the service's."""
        self._client = client

    async def grade(self, attack: Attack, kind: Kind) -> Observation:
        """Have one program run, test after test, and judge it as that service's users do."""
        wall_s = attack.limits.get("wall_s", _DEFAULT_WALL_S)
        memory_mb = int(attack.limits.get("memory_mb", _DEFAULT_MEMORY_MB))
        runs = []
        for source, stdin, expected in _as_scripts(attack, kind):
            body = {
                "language": "python",
                "version": "*",
                "files": [{"name": "main.py", "content": source}],
                "stdin": stdin,
                "run_timeout": int(wall_s * 1000),
                "run_memory_limit": memory_mb * 1024 * 1024,
            }
            answer = await _post(self._client, "/api/v2/execute", body, wall_s)
            if isinstance(answer, Observation):
                return answer
            run = answer.get("run") or {}
            is_timeout = run.get("signal") == "SIGKILL" and run.get("status") == "TO"
            runs.append(_judged(run, run.get("code"), expected, is_timeout=is_timeout))
        return _joined(runs)


TARGETS: Final[Mapping[str, Callable[[httpx.AsyncClient], Target]]] = {
    "rltf": ExecutorTarget,
    "sandboxfusion": SandboxFusionTarget,
    "piston": PistonTarget,
}


async def _post(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], limit_s: float
) -> dict[str, Any] | Observation:
    """Gives the answer's JSON, or what went wrong. A busy service is asked again."""
    for _ in range(_MAX_TRIES):
        try:
            answer = await client.post(path, json=body, timeout=limit_s + _PATIENCE_S)
        except httpx.HTTPError as error:
            return Observation(verdict=None, detail=f"{type(error).__name__}: {error}")
        if answer.status_code not in _BUSY:
            break
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
    if answer.status_code != httpx.codes.OK:
        return Observation(verdict=None, detail=f"HTTP {answer.status_code}: {answer.text[:200]!r}")
    try:
        content = answer.json()
    except ValueError:
        return Observation(verdict=None, detail=f"no JSON: {answer.text[:200]!r}")
    if not isinstance(content, dict):
        return Observation(verdict=None, detail="the answer is no object")
    return content


def _as_scripts(attack: Attack, kind: Kind) -> list[tuple[str, str, str | None]]:
    """Gives source, stdin and expected stdout of a script per test; None: the exit code decides."""
    scripts: list[tuple[str, str, str | None]] = []
    for test in attack.tests(kind):
        if kind == "stdio":
            scripts.append((attack.program, test["stdin"], test["expected_stdout"]))
        elif kind == "assert":
            scripts.append((f"{attack.program}\n{test['code']}\n", "", None))
        else:
            call = f"{test['function']}({', '.join(map(repr, test['args']))})"
            scripts.append((f"{attack.program}\nassert {call} == {test['expected']!r}\n", "", None))
    return scripts


def _judged(
    run: dict[str, Any], code: object, expected: str | None, *, is_timeout: bool
) -> Observation:
    output = str(run.get("stdout") or "") + str(run.get("stderr") or "")
    if is_timeout:
        return Observation(verdict=Verdict.TIMEOUT, output=output)
    if code != 0:
        return Observation(verdict=Verdict.RUNTIME_ERROR, output=output, detail=f"exit code {code}")
    if expected is not None and str(run.get("stdout") or "").rstrip() != expected.rstrip():
        return Observation(verdict=Verdict.WRONG_ANSWER, output=output)
    return Observation(verdict=Verdict.PASSED, output=output)


def _joined(runs: Sequence[Observation]) -> Observation:
    verdicts = [run.verdict for run in runs if run.verdict is not None]
    failed = next((run for run in runs if run.verdict is not Verdict.PASSED), None)
    return Observation(
        verdict=failed.verdict if failed else Verdict.PASSED,
        tests=verdicts,
        output="".join(run.output for run in runs),
        detail=failed.detail if failed else "",
    )
