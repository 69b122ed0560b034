"""Coverage and flags of a program.

An audit hook stays for good, so each program runs in its own process.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[3] / "services" / "executor" / "rltf_executor"
HARNESS = """
import json, sys
sys.path.insert(0, {folder!r})
from runner.watchers import Watchers
source, coverage = {source!r}, {coverage!r}
watchers = Watchers("main.py", coverage=coverage)
code = compile(source, "main.py", "exec")
other = compile({other!r}, "other.py", "exec")
watchers.start()
namespace = {{}}
found = []
exec(code, namespace)
exec(other, namespace)
found.append(watchers.observed())
if "again" in namespace:
    namespace["again"]()
    found.append(watchers.observed())
print(json.dumps(found))
"""


def observed(source, *, coverage=False, other=""):
    """What is noted once ``source`` has loaded, and after its ``again()`` if it has one."""
    harness = HARNESS.format(
        folder=str(SERVICES), source=textwrap.dedent(source), coverage=coverage, other=other
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", harness],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("source", "flags"),
    [
        ("x = 1", []),
        ("import sys\nsys._getframe()", ["frame_walk"]),
        ("import sys\nsys._current_frames()", ["frame_walk"]),
        ("try:\n    1 // 0\nexcept Exception as e:\n    e.__traceback__.tb_frame", ["frame_walk"]),
        ("import gc\ngc.get_objects()", ["heap_walk"]),
        ("import gc\ngc.get_referrers([])", ["heap_walk"]),
        ("import builtins\nbuiltins.len = lambda _: 3", ["patched_builtins"]),
        ("import builtins\ndel builtins.vars", ["patched_builtins"]),
        ("import collections\ncollections.namedtuple('P', 'x y')", []),  # walks frames by itself
        ("import logging\nlogging.getLogger('x').warning", []),
        ("import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int", []),
    ],
)
def test_flag_is_raised_for_what_the_program_itself_does(source, flags):
    assert observed(source)[0]["flags"] == flags


def test_what_others_do_raises_no_flag():
    assert observed("x = 1", other="import sys; sys._getframe()")[0]["flags"] == []


def test_flag_stays_raised():
    first, second = observed("import sys\nsys._getframe()\ndef again(): pass")

    assert first["flags"] == second["flags"] == ["frame_walk"]


def test_lines_executed_since_the_last_call_are_told_where_python_can_tell():
    source = "x = 1\nif x == 2:\n    x = 3\ndef again():\n    return 4\n"

    first, second = observed(source, coverage=True, other="y = 1\n\n\n\n\n\n\nz = 2")

    lines = (first["lines"], second["lines"])
    assert lines == (([1, 2, 4], [5]) if sys.version_info >= (3, 12) else (None, None))


def test_lines_are_none_unless_asked_for():
    assert observed("x = 1")[0]["lines"] is None
