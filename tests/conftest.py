"""What every test may use: a Docker engine that answers, and the sandbox image on it.

A Docker test without an engine fails; it never skips. ``docker/engine.sh up`` starts one. Tests run
from the fast to the slow, so that a mistake shows early.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SANDBOX_IMAGE = "rltf-sandbox:latest"
TIERS = ("docker", "slow", "e2e")  # a test belongs to the last one that marks it
ENGINE_SOCKETS = ("/var/run/docker.sock", "/var/tmp/rltf-engine/docker.sock")


def _tier(item: pytest.Item) -> int:
    return max(
        (rank for rank, tier in enumerate(TIERS, 1) if item.get_closest_marker(tier)), default=0
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_tier)
    for item in items:
        # An image of an earlier state of this tree may be there; no Docker test may run in that.
        if isinstance(item, pytest.Function) and item.get_closest_marker("docker"):
            item.fixturenames.insert(0, "sandbox_image")


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


def _refusal(host: str) -> str | None:
    """Why the engine at ``host`` cannot be used; None if it answers."""
    scheme, _, address = host.partition("://")
    family = socket.AF_UNIX if scheme == "unix" else socket.AF_INET
    name, _, port = address.rpartition(":")
    try:
        with socket.socket(family) as connection:
            connection.settimeout(30)
            connection.connect(address if scheme == "unix" else (name, int(port)))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            status_line = connection.recv(4096).split(b"\r\n")[0]
    except OSError as error:
        return f"{host}: {error}"
    return None if b" 200 " in status_line else f"{host}: {status_line!r}"


@pytest.fixture(scope="session")
def docker_host() -> Iterator[str]:
    """Address of the engine; ``DOCKER_HOST`` is set to it for as long as the tests run."""
    given = os.environ.get("DOCKER_HOST")
    candidates = [given] if given else [f"unix://{path}" for path in ENGINE_SOCKETS]
    refusals: list[str] = []
    for host in candidates:
        refusal = _refusal(host)
        if refusal is None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("DOCKER_HOST", host)
                yield host
            return
        refusals.append(refusal)
    pytest.fail(
        "no Docker engine answers (start one with `docker/engine.sh up`): " + "; ".join(refusals),
        pytrace=False,
    )


@pytest.fixture(scope="session")
def sandbox_image(docker_host: str) -> str:
    """The image programs run in, built from this tree; the engine caches it."""
    import docker

    client = docker.DockerClient(base_url=docker_host, timeout=600)
    try:
        client.images.build(
            path=str(REPOSITORY / "services" / "executor" / "rltf_executor"),
            dockerfile=str(REPOSITORY / "docker" / "sandbox.Dockerfile"),
            tag=SANDBOX_IMAGE,
            rm=True,
        )
    finally:
        client.close()
    return SANDBOX_IMAGE
