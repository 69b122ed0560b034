"""Scripts end in the sandbox as they end under the plain Python of the same image.

tests/programs/agreement.toml holds them; one container runs them all with no executor in it.
"""

import io
import json
import re
import signal
import tarfile
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from rltf_executor.judge import Judge
from rltf_executor.sandbox import Pool, open_pool
from rltf_executor.schema import Submission
from rltf_executor.settings import Settings

PROGRAMS = tomllib.loads(
    (Path(__file__).parents[1] / "programs" / "agreement.toml").read_text(encoding="utf-8")
)["program"]

PLAIN_PYTHON = """
import json, os, pathlib, subprocess, sys, tempfile
ended = {}
for program in json.load(open("/tmp/programs.json")):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "main.py")
        file.write_bytes(program["source"].encode())
        done = subprocess.run(
            [sys.executable, str(file)], input=program.get("stdin", "").encode(),
            capture_output=True, cwd=folder, timeout=60,
        )
    ended[program["name"]] = [
        done.returncode, done.stdout.decode("utf-8", "surrogateescape"),
        done.stderr.decode("utf-8", "replace").replace(folder, "/tmp/work"),
    ]
sys.stdout.write(json.dumps(ended))
"""

_LINE = re.compile(r'File "/tmp/work/main\.py", line (\d+)')
_TYPE = re.compile(r"^(?:  \| )?([A-Za-z_][\w.]*)(?::|$)", re.MULTILINE)


class End(NamedTuple):
    """How a script ended."""

    verdict: str
    error_type: str | None = None
    line: int | None = None


def end_of(returncode: int, stderr: str) -> End:
    """Reads off how plain Python ended a script."""
    if returncode == 0:
        return End("passed")
    if returncode < 0:
        return End("runtime_error", signal_name(-returncode))
    last = stderr.rpartition("Traceback (most recent call last)")[2]
    lines = _LINE.findall(last)
    if "Traceback" not in stderr and not lines:
        return End("runtime_error", "SystemExit")
    found = _TYPE.search(last)
    error_type = found.group(1).rpartition(".")[2] if found else None
    if "Traceback" not in stderr:
        return End("syntax_error", error_type, int(lines[-1]))
    verdict = "memory_limit" if error_type == "MemoryError" else "runtime_error"
    return End(verdict, error_type, int(lines[-1]) if lines else None)


def signal_name(number: int) -> str:

    return signal.Signals(number).name


@pytest.fixture(scope="module")
def plain_python(sandbox_image: str, docker_host: str) -> dict[str, tuple[int, str, str]]:
    """Exit code, stdout and stderr of every program, by name."""
    import docker

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        data = json.dumps(PROGRAMS).encode()
        entry = tarfile.TarInfo("programs.json")
        entry.size, entry.mode = len(data), 0o644
        tar.addfile(entry, io.BytesIO(data))
    client = docker.DockerClient(base_url=docker_host, timeout=600)
    container = client.containers.create(
        sandbox_image,
        ["-c", PLAIN_PYTHON],
        entrypoint=["python3"],
        network_mode="none",
        environment={"PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
    )
    try:
        container.put_archive("/tmp", archive.getvalue())
        container.start()
        assert container.wait()["StatusCode"] == 0, container.logs(stdout=False)
        ended: dict[str, Any] = json.loads(container.logs(stderr=False))
    finally:
        container.remove(force=True)
        client.close()
    return {name: tuple(end) for name, end in ended.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(sandbox_image: str) -> AsyncIterator[Pool]:
    opened = await open_pool(
        Settings(pool={"size": 1}, sandbox={"backend": "docker", "image": sandbox_image})
    )
    try:
        yield opened
    finally:
        await opened.close(5)


@pytest.mark.docker
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program["name"])
async def test_script_ends_as_in_plain_python(
    pool: Pool, plain_python: dict[str, tuple[int, str, str]], program: dict[str, str]
):
    returncode, stdout, stderr = plain_python[program["name"]]
    expected = end_of(returncode, stderr)
    test = {
        "kind": "stdio",
        "stdin": program.get("stdin", ""),
        "expected_stdout": stdout,
    }

    result = await Judge(pool).judge(
        Submission.model_validate(
            {"source": program["source"], "tests": [test], "checker": {"kind": "exact"}}
        )
    )

    error = result.error
    actual = End(str(result.verdict), error.type if error else None, error.line if error else None)
    if expected.line is None:  # signals and exits, of which plain Python does not say where
        actual = actual._replace(line=None)
    assert actual == expected
