"""The README's comparison: cheating programs against two common kinds of grader, and ours."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

TOKEN = "for-this-test"
TEST = "assert answer() == 42"
HONEST_AND_WRONG = "def answer():\n    return 41\n"
CHEATS = {
    "leaves before its tests": "import os\nos._exit(0)\n",
    "lies about equality": (
        "class Lie(int):\n"
        "    def __eq__(self, other):\n"
        "        return True\n"
        "    __hash__ = int.__hash__\n"
        "def answer():\n"
        "    return Lie(41)\n"
    ),
    "reads the caller's frame": (
        "import sys\n"
        "def answer():\n"
        "    constants = sys._getframe(1).f_code.co_consts\n"
        "    return max([value for value in constants if type(value) is int], default=0)\n"
    ),
}


def passes_by_exit_code(source: str) -> bool:
    """The program and its test in one file; exit code 0 means passed."""
    done = subprocess.run(
        [sys.executable, "-c", f"{source}\n{TEST}"], capture_output=True, timeout=30
    )
    return done.returncode == 0


def passes_in_process(source: str) -> bool:
    """The program and its test executed by the grader itself; no exception means passed."""
    with contextlib.redirect_stdout(io.StringIO()):
        namespace: dict[str, object] = {}
        try:
            exec(f"{source}\n{TEST}", namespace)
        except Exception:
            return False
    return True


@pytest.fixture(scope="module")
def executor(
    docker_host: str, sandbox_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    from rltf_trainer.embedded import EmbeddedExecutor

    log = tmp_path_factory.mktemp("executor") / "executor.log"
    with EmbeddedExecutor(log, sandbox="docker", token=TOKEN) as embedded:
        embedded.start(120)
        yield embedded.url


def verdict_of(url: str, source: str) -> str:
    answer = httpx.post(
        f"{url}/execute",
        json={"source": source, "tests": [{"kind": "assert", "code": TEST}]},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
    )
    return str(answer.raise_for_status().json()["verdict"])


def test_every_grader_fails_an_honest_wrong_program() -> None:
    assert not passes_by_exit_code(HONEST_AND_WRONG)
    assert not passes_in_process(HONEST_AND_WRONG)


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_passes_where_the_exit_code_decides(cheat: str) -> None:
    assert passes_by_exit_code(CHEATS[cheat])


@pytest.mark.parametrize("cheat", ["lies about equality", "reads the caller's frame"])
def test_a_cheat_passes_in_the_graders_own_process(cheat: str) -> None:
    assert passes_in_process(CHEATS[cheat])


@pytest.mark.docker
@pytest.mark.e2e
@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_does_not_pass_here(cheat: str, executor: str) -> None:
    assert verdict_of(executor, CHEATS[cheat]) != "passed"


@pytest.mark.docker
@pytest.mark.e2e
def test_the_readmes_submission_gets_the_readmes_answer(executor: str, repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    body = readme.split("-d '", 1)[1].split("}'", 1)[0] + "}"
    answer = httpx.post(
        f"{executor}/execute",
        content=body,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        timeout=60,
    )
    result = answer.raise_for_status().json()
    shown = json.loads(readme.split("```json\n", 1)[1].split("```", 1)[0])

    assert {name: result[name] for name in ("verdict", "passed", "total")} == {
        name: shown[name] for name in ("verdict", "passed", "total")
    }
    assert shown["error"].items() <= result["error"].items()
