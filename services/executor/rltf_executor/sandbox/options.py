"""What a backend needs to know to make sandboxes: one value, taken from the settings once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.runner import identity

RUNNER_FOLDER = Path(__file__).parent.parent / "runner"
RUNNER_DIGEST = identity.digest(str(RUNNER_FOLDER))
DEFAULT_IMAGE = "rltf-sandbox:latest"
_PACKAGE_DEPLOY = Path(__file__).parent.parent / "deploy"  # in an installed wheel
_REPOSITORY_DEPLOY = Path(__file__).parents[4] / "docker"  # in a checkout

START = "import sys; sys.path.insert(0, {folder!r}); from runner.main import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """Options of one pool's sandboxes."""

    image: str
    runtime: str
    tmpfs_mb: int
    cpus: float
    max_memory_mb: int
    docker_host: str | None
    seccomp_profile: Path | None
    level: str = "namespaces"


def runner_command(
    folder: str, level: str, backend: str, options: Mapping[str, object]
) -> list[str]:
    """Arguments to Python that start the runner found in ``folder``.

    The options come first, as they always have: a runner of another version, in an image that was
    built before, can then say which one it is.
    """
    code = START.format(folder=folder)
    return ["-s", "-B", "-P", "-c", code, json.dumps(options), level, backend]


def runner_environment() -> dict[str, str]:
    """Environment of the runner: a fixed hash seed, and nothing of the host's."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def deploy_file(name: str) -> Path:
    """A file of ``docker/``, from the package or from the checkout.

    Raises:
        SandboxUnavailableError: It is in neither place.
    """
    for folder in (_PACKAGE_DEPLOY, _REPOSITORY_DEPLOY):
        if (folder / name).is_file():
            return folder / name
    raise SandboxUnavailableError(
        f"{name} is missing from {_PACKAGE_DEPLOY} and {_REPOSITORY_DEPLOY}"
    )
