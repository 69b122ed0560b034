"""The service as a process over HTTP, a Docker engine of the tests' own, and load on it."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest

LABEL = "io.rltf.sandbox"
OWNER_LABEL = "io.rltf.owner"

PASSES = {"source": "def f(x): return x + 1", "expected": "passed"}
FAILS = {"source": "def f(x): return x", "expected": "wrong_answer"}
RAISES = {"source": "def f(x): return x // 0", "expected": "runtime_error"}
IS_NO_PYTHON = {"source": "def f(x: return x", "expected": "syntax_error"}
INNOCENTS = (PASSES, FAILS, RAISES, IS_NO_PYTHON)


def submission(source: str, **fields: Any) -> dict[str, Any]:
    """A submission that calls ``f(1)`` three times and expects 2."""
    test = {"kind": "call", "function": "f", "args": [1], "expected": 2}
    return {"source": source, "tests": [test] * 3, **fields}


def wait_until(condition: Callable[[], object], timeout_s: float = 30, what: str = "") -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what or condition}"
        time.sleep(0.05)


class Service:
    """A service of its own process, on a free port."""

    def __init__(self, folder: Path, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"service-{self.port}.log"
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("EXECUTOR_")
        }
        self._environment = {**inherited, **environment}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "rltf_executor", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def readiness(self) -> httpx.Response | None:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/readyz", timeout=5)
        return None

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"the service ended: {self.tail()}"
        answer = self.readiness()
        return answer is not None and answer.status_code == 200

    def wait_ready(self, timeout_s: float = 60) -> None:
        wait_until(self.is_ready, timeout_s, "the service is ready")

    def execute(self, body: dict[str, Any], *, timeout_s: float = 120) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/execute", json=body, timeout=timeout_s)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def verdict(self, innocent: dict[str, str] = PASSES, **fields: Any) -> str:
        return str(self.execute(submission(innocent["source"], **fields))["verdict"])

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        total = 0.0
        for line in httpx.get(f"{self.url}/metrics", timeout=10).text.splitlines():
            if line.startswith((f"{name} ", f"{name}{{")):
                total += float(line.rpartition(" ")[2])
        return total

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, timeout_s: float = 60) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.process.returncode


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts services; stops in the end whatever still runs."""
    services: list[Service] = []

    def start(*, wait: bool = True, **options: object) -> Service:
        defaults = {
            "sandbox__backend": "docker",
            "sandbox__memory_mb": 256,
            "sandbox__tmpfs_mb": 16,
            "pool__size": 2,
            "log__json": "true",
        }
        environment = {
            f"EXECUTOR_{name.upper()}": str(value)
            for name, value in {**defaults, **options}.items()
        }
        service = Service(tmp_path, **environment)
        services.append(service)
        if wait:
            service.wait_ready()
        return service

    yield start
    for service in services:
        service.stop()


class Load:
    """Innocent submissions, a few at a time, and what was answered to each."""

    def __init__(self, service: Service, *, concurrency: int = 6) -> None:
        self._service = service
        self._concurrency = concurrency
        self.answers: Counter[tuple[str, str]] = Counter()  # expected verdict, what came
        self._stopping = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """Keep posting until the context ends; every request under way gets its answer."""
        limits = httpx.Limits(max_connections=self._concurrency)
        async with httpx.AsyncClient(
            base_url=self._service.url, timeout=180, limits=limits
        ) as client:
            tasks = [
                asyncio.create_task(self._post(client, number))
                for number in range(self._concurrency)
            ]
            try:
                yield self
            finally:
                self._stopping.set()
                await asyncio.gather(*tasks)

    async def _post(self, client: httpx.AsyncClient, number: int) -> None:
        while not self._stopping.is_set():
            innocent = INNOCENTS[number % len(INNOCENTS)]
            number += 1
            try:
                answer = await client.post("/execute", json=submission(innocent["source"]))
            except httpx.TransportError as error:
                self.answers[innocent["expected"], type(error).__name__] += 1
                await asyncio.sleep(0.1)
                continue
            came = str(answer.status_code)
            if answer.status_code == 200:
                came = answer.json()["verdict"]
            self.answers[innocent["expected"], came] += 1
            if answer.status_code != 200:
                await asyncio.sleep(0.1)

    @property
    def num_right(self) -> int:
        return sum(count for (expected, came), count in self.answers.items() if expected == came)

    def others(self) -> dict[str, int]:
        """What came instead of the right verdict."""
        found: Counter[str] = Counter()
        for (expected, came), count in self.answers.items():
            if expected != came:
                found[came] += count
        return dict(found)

    async def more(self, count: int, timeout_s: float = 60) -> None:
        """Wait until that many more right verdicts came."""
        wanted = self.num_right + count
        async with asyncio.timeout(timeout_s):
            while self.num_right < wanted:  # noqa: ASYNC110  # the load goes on by itself
                await asyncio.sleep(0.05)


@pytest.fixture
def load_on() -> Callable[..., Load]:
    return Load


class Engine:
    """A Docker engine that tests may stop, hang and kill; no other engine notices."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self._containerd = self._start_containerd()

    def _start_containerd(self) -> "subprocess.Popen[bytes]":
        """A containerd of its own, which outlives the engine as on any host."""
        config = self.folder / "containerd.toml"
        config.write_text(
            f'version = 2\nroot = "{self.folder}/containerd"\nstate = "{self.folder}/run"\n'
            'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
            f'[grpc]\naddress = "{self.folder}/containerd.sock"\n'
        )
        with (self.folder / "containerd.log").open("ab") as log:
            process = subprocess.Popen(
                ["containerd", "--config", str(config)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        wait_until((self.folder / "containerd.sock").exists, 60, "containerd listens")
        return process

    def start(self) -> None:
        pid_file = self.folder / "pid"
        pid_file.unlink(missing_ok=True)
        command = [
            # In the host's network it would take the bridge of the host's own engine away.
            "unshare",
            "--net",
            "dockerd",
            f"--host={self.host}",
            f"--data-root={self.folder}/data",
            f"--exec-root={self.folder}/exec",
            f"--pidfile={pid_file}",
            f"--containerd={self.folder}/containerd.sock",
            f"--config-file={self._write_config()}",
            "--bridge=none",
            "--iptables=false",
            "--ip-forward=false",
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        wait_until(self.answers, 60, "dockerd answers")

    def _write_config(self) -> Path:
        """Options of the engine: gVisor as a second runtime, where it is installed."""
        runsc = shutil.which("runsc")
        options = {"path": runsc, "runtimeArgs": ["--platform=ptrace", "--network=none"]}
        path = self.folder / "daemon.json"
        path.write_text(json.dumps({"runtimes": {"runsc": options}} if runsc else {}))
        return path

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.folder / "docker.sock"))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return b" 200 " in connection.recv(4096).split(b"\r\n")[0]
        return False

    @contextlib.contextmanager
    def client(self) -> Iterator[docker.DockerClient]:
        client = docker.DockerClient(base_url=self.host, timeout=60)
        try:
            yield client
        finally:
            client.close()

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self.process is not None
        self.send(signal.SIGCONT)
        self.send(number)
        self.process.wait(60)

    def remove(self) -> None:
        """Stop it and what it left running; delete its files."""
        with self.client() as client:
            for container in client.containers.list(all=True):
                with contextlib.suppress(docker.errors.APIError):
                    container.remove(force=True)
        self.stop(signal.SIGKILL)  # nothing is left that it could end in order
        self._containerd.terminate()
        self._containerd.wait(60)
        for line in Path("/proc/self/mounts").read_text().splitlines():
            if str(self.folder) in line.split()[1]:
                subprocess.run(["umount", "-l", line.split()[1]], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def private_engine(docker_host: str, sandbox_image: str) -> Iterator[Engine]:
    """An engine of the tests' own, with the sandbox image on it."""
    assert shutil.which("dockerd"), "dockerd is needed on this machine to stop and start one"
    engine = Engine(Path(tempfile.mkdtemp(prefix="rltf-faults-", dir="/var/tmp")))
    engine.start()
    try:
        shared = docker.DockerClient(base_url=docker_host, timeout=600)
        with engine.client() as client:
            client.images.load(b"".join(shared.images.get(sandbox_image).save(named=True)))
        shared.close()
        yield engine
    finally:
        engine.remove()


@pytest.fixture
def engine_client(docker_host: str) -> Iterator[docker.DockerClient]:
    client = docker.DockerClient(base_url=docker_host, timeout=60)
    yield client
    client.close()


@pytest.fixture
def containers_of() -> Callable[..., list[Any]]:
    """Our containers on an engine, of one service or of all."""

    def find(client: docker.DockerClient, service: Service | None = None) -> list[Any]:
        found = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        mark = f":{service.pid}:" if service is not None else ""
        return [container for container in found if mark in container.labels.get(OWNER_LABEL, "")]

    return find


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_until
