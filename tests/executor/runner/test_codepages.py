"""The interpreter goes on in a copy of its own code, and its children have no faults to take."""

import json
import platform
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import rltf_executor

FOLDER = Path(rltf_executor.__file__).parent
IS_MOVABLE = platform.machine() == "x86_64"


def run(script: str) -> Any:
    """What a script prints as JSON in an interpreter of its own."""
    head = f"""
import sys; sys.path.insert(0, {str(FOLDER)!r})
import json, os
from runner import codepages, linux
def code_in_files():
    lines = [line.split() for line in open("/proc/self/maps")]
    names = [os.path.basename(line[5]) for line in lines if "x" in line[1] and len(line) > 5]
    return [name for name in names if name.startswith(("python3", "libpython3"))]
"""
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_code_leaves_its_files_and_runs_on():
    before, after, answer = run(
        """
        before = code_in_files()
        codepages.keep_in_memory()
        import decimal, re
        answer = str(decimal.Decimal(2) ** 70) + re.sub("a+", "b", "caaat")
        print(json.dumps([before, code_in_files(), answer]))
        """
    )

    assert before
    assert after == ([] if IS_MOVABLE else before)
    assert answer == "1180591620717411303424cbt"


def test_child_takes_fewer_faults():
    before, after = run(
        """
        import resource
        def faults_of_a_child():
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
            pid = os.fork()
            if pid == 0:
                compile("def f(x): return [x * 2, {x: 1}]", "f", "exec")
                os._exit(0)
            os.waitpid(pid, 0)
            return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt - before
        before = min(faults_of_a_child() for _ in range(5))
        codepages.keep_in_memory()
        print(json.dumps([before, min(faults_of_a_child() for _ in range(5))]))
        """
    )

    assert after < before - 20 or not IS_MOVABLE


def test_host_that_refuses_keeps_the_files():
    assert run(
        """
        def refuse(*arguments, **options): raise OSError(13, "refused")
        linux.move_memory = refuse
        before = code_in_files()
        codepages.keep_in_memory()
        print(json.dumps(code_in_files() == before))
        """
    )
