import subprocess
from pathlib import Path

import pytest


@pytest.mark.docker
def test_status_names_an_engine_that_answers(docker_host: str, repository: Path) -> None:
    status = subprocess.run(
        [repository / "docker" / "engine.sh", "status"], capture_output=True, text=True, timeout=60
    )

    assert status.returncode == 0, status.stderr
    assert docker_host in status.stdout
