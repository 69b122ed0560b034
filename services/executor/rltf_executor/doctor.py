"""``rltf-executor doctor``: what this host offers, which isolation results, what to change."""

import asyncio
import json
import logging
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from rich.console import Console
from rich.text import Text

from rltf_executor import sandbox
from rltf_executor.errors import ExecutorError
from rltf_executor.host import Finding, engine_findings, host_findings, namespaces_advice
from rltf_executor.schema import Isolation
from rltf_executor.settings import Settings

_ENGINE_TIMEOUT_S: Final = 10
_PROBE_TIMEOUT_S: Final = 20
_LEVELS: Final = ("none", "uid", "namespaces")

Backend = Literal["docker", "local", "sockets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that was found."""

    findings: list[Finding] = field(default_factory=list)
    isolation: dict[str, str]  # level by backend; "unavailable" if it cannot run
    required: str
    is_usable: bool  # the backend asked for runs with at least the level required


def run(settings: Settings, *, as_json: bool) -> int:
    """Prints what this host offers; gives 0 if the executor can start here, else 1."""
    logging.getLogger("rltf_executor").setLevel(
        logging.ERROR
    )  # what goes wrong is printed as a finding
    diagnosis = diagnose(settings)
    console = Console(soft_wrap=True, highlight=False)
    if as_json:
        console.out(json.dumps(asdict(diagnosis), indent=2), highlight=False)
    else:
        _print(console, diagnosis)
    return 0 if diagnosis.is_usable else 1


def diagnose(settings: Settings) -> Diagnosis:
    """Looks at the host and tries each backend."""
    findings = [*host_findings(), *engine_findings(settings)]
    has_engine = any(f.name == "docker engine" and f.is_well for f in findings)
    has_image = any(f.name == "sandbox image" and f.is_well for f in findings)
    levels: dict[str, str] = {}
    backend_asked_for = settings.sandbox.backend
    backends: list[Backend] = ["docker", "local"]
    if backend_asked_for == "sockets":  # others start those; without being asked there are none
        backends.append("sockets")
    for backend in backends:
        finding, levels[backend] = _tried(
            settings, backend, can_try=backend != "docker" or has_image
        )
        findings.append(finding)
    if backend_asked_for == "auto":
        backend_asked_for = "docker" if has_engine else "local"
    level, required = levels[backend_asked_for], settings.sandbox.require_isolation
    return Diagnosis(
        findings=findings,
        isolation=levels,
        required=required,
        is_usable=level in _LEVELS and _LEVELS.index(level) >= _LEVELS.index(required),
    )


def _tried(settings: Settings, backend: Backend, *, can_try: bool) -> tuple[Finding, str]:
    """Opens one sandbox: no list of kernel options tells as much."""
    name = f"{backend} sandbox"
    if not can_try:
        return Finding(
            name=name, is_well=None, found="not tried: no engine or no image"
        ), "unavailable"
    try:
        isolation = asyncio.run(_isolation_of(settings, backend))
    except ExecutorError as error:
        return Finding(name=name, is_well=False, found=str(error)), "unavailable"
    is_best = isolation.level == _LEVELS[-1]
    return (
        Finding(
            name=name,
            is_well=True if is_best else None,
            found=f"works, isolation level {isolation.level} ({isolation.runtime})",
            advice=None if is_best else namespaces_advice(),
        ),
        isolation.level,
    )


async def _isolation_of(settings: Settings, backend: Backend) -> Isolation:
    update = {"backend": backend, "require_isolation": "none"}
    one = settings.model_copy(
        update={
            "sandbox": settings.sandbox.model_copy(update=update),
            "pool": settings.pool.model_copy(update={"size": 1}),
        }
    )
    pool = await sandbox.open_pool(one)
    try:
        return pool.isolation
    finally:
        await pool.close(0.0)


def _print(console: Console, diagnosis: Diagnosis) -> None:
    marks = {True: ("ok", "green"), False: ("--", "red"), None: ("..", "yellow")}
    for finding in diagnosis.findings:
        mark, style = marks[finding.is_well]
        console.print(
            Text(f"{mark} ", style=style), Text(f"{finding.name}: {finding.found}"), sep=""
        )
        if finding.advice:
            console.print(Text(f"     {finding.advice}", style="dim"))
    levels = ", ".join(f"{backend}: {level}" for backend, level in diagnosis.isolation.items())
    console.print(
        Text(f"\nisolation level: {levels}; required: {diagnosis.required}", style="bold")
    )
    if not diagnosis.is_usable:
        console.print(Text("the executor cannot start here as it is set up", style="red"))
