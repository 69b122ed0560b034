"""The service that is measured: started on a free port, watched from outside, stopped again."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import docker

from rltf_executor.client import ExecutorClient

LABEL: Final = "io.rltf.sandbox"
OWNER_LABEL: Final = "io.rltf.owner"
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_ENGINE_PROGRAMS: Final = ("dockerd", "containerd", "containerd-shim")
_SAMPLE_EVERY_S: Final = 0.2
_PROBE_EVERY_S: Final = 0.03


class RunningService:
    """A service with a process of its own."""

    def __init__(self, url: str, pid: int, engine: docker.DockerClient, ready_s: float) -> None:
        self.url = url
        self.pid = pid
        self.ready_s = ready_s  # from the start of its process until it was ready
        self._engine = engine

    def own_cpu_s(self) -> float:
        """CPU seconds that the service has used, those of ended children included."""
        return _cpu_s(self.pid)

    def sandbox_cpu_s(self) -> dict[str, float]:
        """CPU seconds of each of its containers."""
        return {
            name: stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
            for name, stats in self._stats().items()
        }

    def sandbox_memory_mb(self) -> list[float]:
        """Memory of each of its containers as ``docker stats`` counts it, MiB."""
        return [_memory_mb(stats["memory_stats"]) for stats in self._stats().values()]

    def resident_mb(self) -> float:
        """Resident memory of the service's own process, MiB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _stats(self) -> dict[str, Any]:
        found = self._engine.api.containers(filters={"label": LABEL})
        stats: dict[str, Any] = {}
        for container in found:
            if f":{self.pid}:" not in container["Labels"].get(OWNER_LABEL, ""):
                continue
            try:
                answer = self._engine.api.stats(container["Id"], stream=False, one_shot=True)
            except (docker.errors.APIError, ValueError):  # it was replaced meanwhile
                continue
            if answer.get("memory_stats"):
                stats[container["Id"]] = answer
        return stats


class SandboxCpuMeter:
    """Adds up the CPU of a service's containers, those replaced meanwhile included."""

    def __init__(self, service: RunningService) -> None:
        self._service = service
        self._first = service.sandbox_cpu_s()
        self._last: dict[str, float] = dict(self._first)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Gives the CPU seconds since the start."""
        self._ended.set()
        self._thread.join()
        self._last.update(self._service.sandbox_cpu_s())
        return sum(cpu_s - self._first.get(name, 0.0) for name, cpu_s in self._last.items())

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_EVERY_S):
            self._last.update(self._service.sandbox_cpu_s())


@contextmanager
def running(
    engine: docker.DockerClient, options: Mapping[str, str] | None = None
) -> Iterator[RunningService]:
    """Starts ``python -m rltf_executor serve`` on Docker and waits until it is ready.

    Raises:
        RuntimeError: It ended, or was not ready in time; the message holds its log.
    """
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "rltf_executor", "serve", "--sandbox", "docker"]
    with tempfile.TemporaryFile("w+") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, "--port", str(port)], stderr=log, env={**os.environ, **(options or {})}
        )
        try:
            with ExecutorClient(url) as client:
                _wait(client, process, log)
            yield RunningService(url, process.pid, engine, time.monotonic() - started)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()


def engine_cpu_s() -> float:
    """CPU seconds of the container engine's processes on this host."""
    total_s = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "comm").read_text().strip()
            if name.startswith(_ENGINE_PROGRAMS):
                total_s += _cpu_s(int(folder.name))
        except OSError:  # ended
            continue
    return total_s


def _wait(client: ExecutorClient, process: "subprocess.Popen[bytes]", log: Any) -> None:
    deadline = time.monotonic() + 180
    while True:
        (probe,) = client.readyz()
        if probe.ok:
            return
        if process.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            raise RuntimeError(f"the service did not become ready: {log.read()[-2000:]}")
        time.sleep(_PROBE_EVERY_S)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def _memory_mb(stats: Mapping[str, Any]) -> float:
    details = stats.get("stats", {})
    reclaimable = details.get("total_inactive_file", details.get("inactive_file", 0))
    return float(stats["usage"] - reclaimable) / 2**20


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
