"""Puts the files of ``docker/`` that the service needs at run time into the wheel.

A checkout installed in place has them where they are, so an editable install gets no copies.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DEPLOY_FILES = ("sandbox.Dockerfile", "seccomp.json")


class DeployFiles(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves its type open
    """Build hook named by ``pyproject.toml``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the files to a wheel that is to be installed elsewhere."""
        if version != "editable":
            for name in DEPLOY_FILES:
                build_data["force_include"][f"docker/{name}"] = f"rltf_executor/deploy/{name}"
