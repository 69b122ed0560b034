"""Two thousand submissions, a fifth of them hostile: the command that does it finds no fault."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.faults, pytest.mark.docker]
COUNT = 2000


@pytest.mark.timeout(540)
def test_soak_finds_no_wrong_verdict_and_no_leak(repository, tmp_path):
    written = tmp_path / "outcome.json"

    done = subprocess.run(
        [sys.executable, "benchmarks/soak.py", f"--count={COUNT}", f"--json={written}"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout[-6000:]}{done.stderr[-4000:]}"
    outcome = json.loads(written.read_text())
    verdicts = outcome["verdicts"]
    assert sum(verdicts.values()) == COUNT
    hostile = sum(count for name, count in verdicts.items() if name.startswith("hostile"))
    assert 0.15 * COUNT < hostile < 0.25 * COUNT
    innocent = {name for name in verdicts if name.startswith("innocent")}
    assert len(innocent) >= 7  # every verdict that a program can deserve by itself
