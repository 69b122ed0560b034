"""The image sandboxes are made from: found, built where it is missing, built anew when stale."""

import io
import logging
import tarfile
from typing import Final

import docker
import docker.errors
import requests

from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.sandbox.options import (
    DEFAULT_IMAGE,
    RUNNER_DIGEST,
    RUNNER_FOLDER,
    deploy_file,
)

logger = logging.getLogger(__name__)

RUNNER_LABEL: Final = "io.rltf.runner"  # of an image built by a service: the digest of its runner
_FAILURES = (docker.errors.DockerException, requests.exceptions.RequestException, OSError)


def ensure_image(engine: docker.DockerClient, image: str) -> str:
    """Find the image, or build it; gives its id.

    Raises:
        SandboxUnavailableError: It can be neither found nor built.
    """
    try:
        found = engine.images.get(image)
        built_for = found.labels.get(RUNNER_LABEL, RUNNER_DIGEST)
        if image != DEFAULT_IMAGE or built_for == RUNNER_DIGEST:
            return str(found.id)
    except docker.errors.ImageNotFound:
        logger.info("the sandbox image is missing", extra={"image": image})
    except _FAILURES as error:
        raise SandboxUnavailableError(f"sandbox image {image}: {error}") from error
    return build_image(engine, image)


def rebuild_image(engine: docker.DockerClient, image: str, mismatch: str) -> str:
    """Build the default image anew after an upgrade; gives its id.

    Raises:
        SandboxUnavailableError: It cannot be built, or is the user's own, theirs to build.
    """
    if image != DEFAULT_IMAGE:
        raise SandboxUnavailableError(f"{mismatch}; rebuild {image} from docker/sandbox.Dockerfile")
    return build_image(engine, image)


def build_image(engine: docker.DockerClient, image: str) -> str:
    """Build the image with the service's own runner in it; gives its id.

    Raises:
        SandboxUnavailableError: It cannot be built.
    """
    logger.info("building the sandbox image", extra={"image": image})
    try:
        built, _ = engine.images.build(
            fileobj=_build_context(),
            custom_context=True,
            dockerfile="sandbox.Dockerfile",
            tag=image,
            labels={RUNNER_LABEL: RUNNER_DIGEST},
            rm=True,
        )
    except _FAILURES as error:
        raise SandboxUnavailableError(
            f"sandbox image {image} is missing and could not be built: {error}"
        ) from error
    return str(built.id)


def _build_context() -> io.BytesIO:
    """The image's build context: its Dockerfile and the runner."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        archive.add(deploy_file("sandbox.Dockerfile"), arcname="sandbox.Dockerfile")
        for path in sorted(RUNNER_FOLDER.glob("*.py")):
            archive.add(path, arcname=f"runner/{path.name}")
    context.seek(0)
    return context
