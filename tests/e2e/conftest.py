"""Deployments by compose; the tiny model and its problems, for tests that train it."""

import importlib.util
import itertools
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import httpx
import pytest


@dataclass(frozen=True)
class Deployment:
    """One compose project of a test's own."""

    repository: Path
    options: tuple[str, ...]
    environment: dict[str, str]
    url: str

    @property
    def project(self) -> str:
        """Its name, with which compose labels all that is part of it."""
        return self.environment["COMPOSE_PROJECT_NAME"]

    def compose(self, *arguments: str) -> str:
        """What a compose command printed, standard error included."""
        completed = subprocess.run(
            [self.repository / "docker" / "compose.sh", *self.options, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert completed.returncode == 0, f"compose {arguments}:\n{completed.stdout[-3000:]}"
        return completed.stdout

    def down(self) -> None:
        """Remove all of it."""
        self.compose("--profile", "train", "down", "--volumes", "--timeout", "60")

    def wait_until_ready(self, timeout_s: float, num_sandboxes: int = 1) -> None:
        """Wait until so many sandboxes are warm."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                answer = httpx.get(f"{self.url}/readyz", timeout=5)
                if answer.is_success and answer.json()["sandboxes"]["ready"] >= num_sandboxes:
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < deadline, self.compose("logs", "executor")
            time.sleep(0.2)


@pytest.fixture(scope="session")
def deploy(docker_host: str, repository: Path) -> Callable[..., AbstractContextManager[Deployment]]:
    """Gives what brings a deployment up, under a name and on a port of its own, and down again."""
    numbers = itertools.count()

    @contextmanager
    def deploy(*options: str, **variables: str) -> Iterator[Deployment]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("EXECUTOR_", "COMPOSE_"))
        }
        environment |= {
            "COMPOSE_PROJECT_NAME": f"rltfe2e{os.getpid()}x{next(numbers)}",
            "DOCKER_HOST": docker_host,
            "EXECUTOR_PORT": str(port),
            **variables,
        }
        deployment = Deployment(repository, options, environment, f"http://127.0.0.1:{port}")
        try:
            deployment.compose("up", "-d", "--build")
            yield deployment
        finally:
            deployment.down()

    return deploy


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module that makes the tiny model and its problems."""
    spec = importlib.util.spec_from_file_location(
        "tiny_model", Path(__file__).with_name("tiny_model.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of the tiny model after its warm-up: about half of what it writes passes."""
    import torch

    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    directory: Path = tiny.build_model(tmp_path_factory.mktemp("model"))
    torch.set_num_threads(num_threads)
    return directory


@pytest.fixture(scope="session")
def tiny_problems(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tiny model's problems."""
    path: Path = tiny.write_problems(tmp_path_factory.mktemp("problems") / "tiny.jsonl")
    return path
