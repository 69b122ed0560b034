"""The same stdio protocol inside gVisor, on an engine of the tests' own that knows ``runsc``.

It offers the isolation level ``uid``: an application kernel of its own stands in for namespaces.
"""

import shutil
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.faults,
    pytest.mark.docker,
    pytest.mark.skipif(shutil.which("runsc") is None, reason="gVisor (runsc) is not installed"),
]


@pytest.fixture
def service(private_engine, start_service):
    return start_service(
        sandbox__docker_host=private_engine.host,
        sandbox__runtime="runsc",
        pool__size=1,
        pool__lease_timeout_s=60,
    )


def runsc_processes(engine):
    """Pids of gVisor's processes that serve this engine's containers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue
        if b"runsc" in command and str(engine.folder).encode() in command:
            found.append(path.parent.name)
    return found


def test_programs_are_judged_in_gvisor_and_nothing_is_left(service, private_engine, until):
    result = service.execute({"source": "import os; print(os.uname().release)"})
    assert result["isolation"] == {"backend": "docker", "runtime": "runsc", "level": "uid"}

    verdicts = {
        "passed": "def f(x): return x + 1",
        "wrong_answer": "def f(x): return x",
        "runtime_error": "def f(x): return x // 0",
        "syntax_error": "def f(x return x",
    }
    for verdict, source in verdicts.items():
        assert service.verdict({"source": source}) == verdict
    endless = {"source": "def f():\n    while True: pass\nf()", "limits": {"wall_s": 1}}
    result = service.execute(endless)
    assert (result["verdict"], result["error"]["line"]) == ("timeout", 2)
    daemon = "import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(60)\n"
    look = "import os\ntry: os.kill(-1, 0)\nexcept ProcessLookupError: print('nobody')\n"
    assert service.execute({"source": daemon})["verdict"] == "passed"
    nobody = {"kind": "stdio", "expected_stdout": "nobody\n"}
    assert service.execute({"source": look, "tests": [nobody]})["verdict"] == "passed"

    assert service.stop() == 0
    until(lambda: not runsc_processes(private_engine), what="no runsc left")
