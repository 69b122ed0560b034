"""Every attack against a real service: held, and the innocent program after it gets its verdict."""

import asyncio
from typing import Any

import httpx
import pytest

from rltf_executor.redteam import Attack, run, shipped

pytestmark = pytest.mark.docker
_RUNNER_PROCESSES = 4  # what waits in an idle sandbox: tini or none, the runner, an init, a child


@pytest.mark.parametrize("attack", shipped(), ids=lambda attack: f"{attack.suite}/{attack.name}")
def test_attack_is_held(service: Any, attack: Attack):
    (finding,) = asyncio.run(run(service.url, attacks=[attack]))

    assert finding.success is None, f"{finding.success}\n(it tries: {finding.intent})"


def test_nothing_of_the_attacks_is_left_in_the_sandbox(service: Any):
    assert httpx.get(f"{service.url}/readyz", timeout=10).json()["sandboxes"]["ready"] == 1
    (sandbox,) = service.containers()

    processes = sandbox.top()["Processes"]

    assert len(processes) <= _RUNNER_PROCESSES, processes
    assert not sandbox.diff()


def test_service_is_alive_and_lean_after_the_attacks(service: Any):
    assert service.process.poll() is None
    with open(f"/proc/{service.process.pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)

    assert int(fields["VmRSS"].split()[0]) < 600_000
