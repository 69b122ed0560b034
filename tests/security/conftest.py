"""A service of its own for the attacks: one sandbox, so that leftovers meet the next program."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import httpx
import pytest

_START_S, _STOP_S = 120.0, 60.0
LABEL = "io.rltf.sandbox"
OWNER_LABEL = "io.rltf.owner"


@dataclass(frozen=True)
class Service:
    """A running executor on Docker."""

    url: str
    process: subprocess.Popen[bytes]
    engine: docker.DockerClient

    def containers(self) -> list[docker.models.containers.Container]:
        """Gives its sandboxes, the stopped ones too."""
        ours = self.engine.containers.list(all=True, filters={"label": LABEL})
        return [c for c in ours if f":{self.process.pid}:" in c.labels.get(OWNER_LABEL, "")]

    def stop(self) -> int:
        """Ask it to end and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOP_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def service(
    docker_host: str, sandbox_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Starts an executor with one sandbox; nothing of it may be left when it has stopped."""
    port = _free_port()
    log = tmp_path_factory.mktemp("redteam") / "service.log"
    options = ["--port", str(port), "--sandbox", "docker", "--pool-size", "1"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("EXECUTOR_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "rltf_executor", "serve", *options, "--image", sandbox_image],
            env={**environment, "DOCKER_HOST": docker_host},
            stdout=output,
            stderr=output,
        )
    engine = docker.DockerClient(base_url=docker_host, timeout=60)
    running = Service(f"http://127.0.0.1:{port}", process, engine)
    try:
        _wait_until_ready(running, log)
        yield running
        if process.poll() is None:
            assert running.stop() == 0, log.read_text()[-2000:]
        assert running.containers() == []
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        engine.close()


def _wait_until_ready(service: Service, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if service.process.poll() is not None:
            break
        try:
            if httpx.get(f"{service.url}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the service did not start:\n{log.read_text()[-2000:]}", pytrace=False)
