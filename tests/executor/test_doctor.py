import json
from dataclasses import replace
from typing import Any

import pytest

from rltf_executor import doctor
from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.host import Finding
from rltf_executor.schema import Isolation
from rltf_executor.settings import Settings

ENGINE = Finding(name="docker engine", is_well=True, found="28")
IMAGE = Finding(name="sandbox image", is_well=True, found="rltf-sandbox:latest")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the host offers: findings of the engine, and the level of each backend."""
    offered: dict[str, Any] = {
        "engine": [ENGINE, IMAGE],
        "docker": "namespaces",
        "local": "uid",
        "sockets": "none",
    }

    async def isolation_of(_settings: Settings, backend: str) -> Isolation:
        if offered[backend] is None:
            raise SandboxUnavailableError(f"no {backend} here")
        return Isolation(backend=backend, runtime="runc", level=offered[backend])

    monkeypatch.setattr(doctor, "host_findings", lambda: [])
    monkeypatch.setattr(doctor, "engine_findings", lambda _settings: offered["engine"])
    monkeypatch.setattr(doctor, "_isolation_of", isolation_of)
    return offered


def test_the_level_of_each_backend_is_found_by_trying(host: dict[str, Any], in_thread: Any):
    diagnosis = in_thread(doctor.diagnose, Settings())

    assert diagnosis.isolation == {"docker": "namespaces", "local": "uid"}
    assert diagnosis.is_usable


@pytest.mark.parametrize(
    ("backend", "required", "is_usable"),
    [
        ("auto", "namespaces", True),
        ("docker", "namespaces", True),
        ("local", "namespaces", False),
        ("local", "uid", True),
        ("sockets", "uid", False),
    ],
)
def test_a_host_below_the_required_level_is_not_usable(
    backend: str, required: str, is_usable: bool, host: dict[str, Any], in_thread: Any
):
    settings = Settings(sandbox={"backend": backend, "require_isolation": required})

    assert in_thread(doctor.diagnose, settings).is_usable == is_usable


def test_a_sandbox_that_does_not_start_is_said(host: dict[str, Any], in_thread: Any):
    host["local"] = None

    diagnosis = in_thread(doctor.diagnose, Settings(sandbox={"backend": "local"}))

    assert diagnosis.isolation["local"] == "unavailable"
    assert not diagnosis.is_usable
    assert "no local here" in [finding.found for finding in diagnosis.findings]


def test_without_an_engine_auto_means_local(host: dict[str, Any], in_thread: Any):
    host["engine"] = [replace(ENGINE, is_well=False)]

    diagnosis = in_thread(doctor.diagnose, Settings())

    assert diagnosis.isolation["docker"] == "unavailable"
    assert diagnosis.is_usable


@pytest.mark.parametrize("local", ["uid", None])
def test_the_exit_code_says_whether_the_executor_can_start(
    local: str | None, host: dict[str, Any], in_thread: Any, capsys: pytest.CaptureFixture[str]
):
    host["local"] = local
    settings = Settings(sandbox={"backend": "local"})

    assert in_thread(doctor.run, settings, as_json=True) == (local is None)
    assert json.loads(capsys.readouterr().out)["is_usable"] == (local is not None)
    assert in_thread(doctor.run, settings, as_json=False) == (local is None)
    assert "isolation level: docker: namespaces" in capsys.readouterr().out
