"""Every script in examples/ runs, and says what it should of real programs."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("[0-9]*.py"))
EXPECTED = {
    "01_execute": [
        "runtime_error: 2 of 3 tests passed",
        "ZeroDivisionError: division by zero, line 3",
        r"return total / len\(numbers\)",
    ],
    "02_batch": [
        r"0: passed",
        r"1: wrong_answer",
        r"2: syntax_error +SyntaxError at line 1",
        r"3: runtime_error +NameError at line 1",
        r"4: timeout +TimeoutError at line 1",
        r"5: wrong_answer +import os; os\._exit\(0\)",
    ],
    "03_stream": [r"2 \*\* 0: passed", r"2 \*\* 99: passed"],
    "04_reward": [r"\[1\.0, 0\.35\d*, -0\.6, -1\.0\]"],
}


def run(example: Path, url: str) -> str:
    done = subprocess.run(
        [sys.executable, str(example), url], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_has_its_expectation():
    assert [example.stem for example in EXAMPLES] == list(EXPECTED)


@pytest.fixture(scope="module")
def docker_url(sandbox_image: str) -> Iterator[str]:
    """A service on Docker, started as a user does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "rltf_executor", "serve", "--sandbox", "docker"]
    service = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, "EXECUTOR_SANDBOX__IMAGE": sandbox_image},
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}"
    service.terminate()
    assert service.wait(timeout=60) == 0


@pytest.mark.docker
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_says_what_it_should_of_real_programs(example: Path, docker_url: str):
    if example.stem != "01_execute":  # which waits by itself
        run(EXAMPLES[0], docker_url)

    shown = run(example, docker_url)

    for line in EXPECTED[example.stem]:
        assert re.search(line, shown), shown
