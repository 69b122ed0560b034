"""The child process and its end. The executor itself is stood in for by small scripts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rltf_trainer import embedded
from rltf_trainer.embedded import EmbeddedExecutor
from rltf_trainer.errors import ExecutorStartError

SERVICE = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_known = self.headers["Authorization"] == "Bearer " + os.environ["EXECUTOR_TOKEN"]
        self.send_response(200 if is_known and self.path == "/readyz" else 401)
        self.end_headers()
print("listening", flush=True)
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script that is started instead of the executor."""
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    launcher = embedded._LAUNCHER.replace('"-m", "rltf_executor"', repr(str(script)))
    assert launcher != embedded._LAUNCHER
    monkeypatch.setattr(embedded, "_LAUNCHER", launcher)
    return script


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def pid_of(executor: EmbeddedExecutor) -> int:
    assert executor._process is not None
    return executor._process.pid


def test_it_is_ready_after_the_start_and_gone_after_the_end(stand_in: Path, tmp_path: Path):
    with EmbeddedExecutor(tmp_path / "log") as executor:
        executor.start(timeout_s=20)
        pid = pid_of(executor)
        assert is_running(pid)

    assert not is_running(pid)
    executor.stop()


def test_it_is_gone_if_the_run_fails(stand_in: Path, tmp_path: Path):
    pids: list[int] = []

    def fail() -> None:
        with EmbeddedExecutor(tmp_path / "log") as executor:
            executor.start(timeout_s=20)
            pids.append(pid_of(executor))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not is_running(pids[0])


def test_one_that_ends_at_once_is_a_user_error_with_its_log(stand_in: Path, tmp_path: Path):
    stand_in.write_text("import sys; sys.exit('no sandbox can be had here')")

    with (
        EmbeddedExecutor(tmp_path / "log") as executor,
        pytest.raises(ExecutorStartError, match=r"(?s)exit code 1.*no sandbox can be had here"),
    ):
        executor.start(timeout_s=20)


def test_one_that_never_gets_ready_is_stopped(stand_in: Path, tmp_path: Path):
    stand_in.write_text("import time; print('warming up', flush=True); time.sleep(600)")

    with (
        EmbeddedExecutor(tmp_path / "log") as executor,
        pytest.raises(ExecutorStartError, match=r"(?s)not ready within 0\.5 s"),
    ):
        executor.start(timeout_s=0.5)


def test_one_that_died_is_started_again_on_the_same_port(stand_in: Path, tmp_path: Path):
    with EmbeddedExecutor(tmp_path / "log") as executor:
        executor.start(timeout_s=20)
        first, url = pid_of(executor), executor.url
        os.kill(first, signal.SIGKILL)
        assert executor._process is not None
        executor._process.wait(10)

        executor.revive()
        deadline = time.monotonic() + 20
        while not executor._is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)

        assert pid_of(executor) != first
        assert executor.url == url


def test_one_that_lives_is_left_alone(stand_in: Path, tmp_path: Path):
    with EmbeddedExecutor(tmp_path / "log") as executor:
        executor.start(timeout_s=20)
        pid = pid_of(executor)

        executor.revive()

        assert pid_of(executor) == pid


def test_it_dies_with_its_parent_even_if_that_is_killed(stand_in: Path, tmp_path: Path):
    parent = f"""
import time
from pathlib import Path
from rltf_trainer import embedded
embedded._LAUNCHER = {embedded._LAUNCHER!r}
executor = embedded.EmbeddedExecutor(Path({str(tmp_path / "log")!r}))
executor.start(timeout_s=20)
print(executor._process.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_running(child)
        process.kill()

    deadline = time.monotonic() + 10
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_ctrl_c_in_the_terminal_does_not_reach_it(stand_in: Path, tmp_path: Path):
    with EmbeddedExecutor(tmp_path / "log") as executor:
        executor.start(timeout_s=20)

        assert os.getpgid(pid_of(executor)) != os.getpgid(0)
