"""An executor of the run's own: a child process on a loopback port, gone when the run is gone.

The child is told by the kernel when its parent dies, however that happens, and then stops as on
SIGTERM, sandboxes included. It runs in a session of its own, so that a Ctrl-C in the terminal
reaches the trainer alone, which still needs grades for its last step.
"""

import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from rltf_trainer.errors import ExecutorStartError

logger = logging.getLogger(__name__)

_LOG_TAIL_LINES: Final = 15
_STOP_WITHIN_S: Final = 45.0  # longer than the service's own bound for draining

# Asks for SIGTERM at the parent's death, makes sure that it has not died before, becomes the
# service.
_LAUNCHER: Final = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.executable, [sys.executable, "-m", "rltf_executor", *sys.argv[2:]])
"""


class EmbeddedExecutor:
    """Starts an executor, watches it, and stops it at the end whatever happens.

    Args:
        log_path: Where its log goes; appended to.
        sandbox: Its backend: auto, docker or local.
        token: Bearer token it asks for; a random one by default, so that nobody else on this host
            runs programs through it.

    The kernel ties the child to the thread that started it: use it from the main thread.
    """

    def __init__(self, log_path: Path, *, sandbox: str = "auto", token: str | None = None) -> None:
        self._log_path = log_path
        self._sandbox = sandbox
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_stopped = False
        self.token = secrets.token_urlsafe(24) if token is None else token
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, timeout_s: float) -> None:
        """Start it and wait until it is ready.

        Raises:
            ExecutorStartError: It ended, or is not ready within ``timeout_s``; says what its log
                says.
        """
        self._spawn()
        deadline = time.monotonic() + timeout_s
        while not self._is_ready():
            if self._process is not None and self._process.poll() is not None:
                self._fail(f"ended with exit code {self._process.returncode}")
            if time.monotonic() > deadline:
                self.stop()
                self._fail(f"was not ready within {timeout_s:g} s")
            time.sleep(0.1)

    def revive(self) -> None:
        """Start it again if it has ended."""
        process = self._process
        if process is not None and process.poll() is not None:
            logger.warning("the embedded executor ended", extra={"exit_code": process.returncode})
            self._spawn()

    def stop(self) -> None:
        """End it and wait until it is gone. Safe to call twice."""
        with self._lock:
            self._is_stopped = True
            process = self._process
            self._process = None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            logger.warning("the embedded executor does not stop; killing it")
            process.kill()
            process.wait()

    def _spawn(self) -> None:
        with self._lock:
            if self._is_stopped:
                return
            environment = os.environ | {"EXECUTOR_TOKEN": self.token}
            arguments = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
            arguments += ["--sandbox", self._sandbox]
            self._log_path.parent.mkdir(parents=True, exist_ok=True)
            with self._log_path.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    [sys.executable, "-c", _LAUNCHER, str(os.getpid()), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                )

    def _is_ready(self) -> bool:
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = httpx.get(f"{self.url}/readyz", headers=headers, timeout=2.0, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    def _fail(self, what: str) -> None:
        try:
            lines = self._log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        tail = "".join(f"\n  {line}" for line in lines[-_LOG_TAIL_LINES:])
        raise ExecutorStartError(
            f"the embedded executor {what}; its log {self._log_path} ends with:{tail or ' nothing'}"
        )


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
