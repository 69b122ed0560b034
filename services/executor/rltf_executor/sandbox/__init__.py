"""Sandboxes.

Isolated places that programs run in, kept warm in a pool. Knows no verdict and no expected answer.
"""

import logging
import os

from rltf_executor.errors import IsolationError, SandboxUnavailableError
from rltf_executor.sandbox.docker_backend import DockerBackend
from rltf_executor.sandbox.local_backend import LocalBackend
from rltf_executor.sandbox.options import SandboxOptions
from rltf_executor.sandbox.pool import Backend, Pool, PoolStatus
from rltf_executor.sandbox.socket_backend import SocketBackend
from rltf_executor.settings import Settings

__all__ = ["Pool", "PoolStatus", "open_pool"]

logger = logging.getLogger(__name__)

_LEVELS = ("none", "uid", "namespaces")


async def open_pool(settings: Settings) -> Pool:
    """Open the pool that ``settings`` ask for, at the highest isolation level this host allows.

    Raises:
        SandboxUnavailableError: There is no engine, or no sandbox starts on this host.
        IsolationError: Sandboxes start, but below ``sandbox.require_isolation``.
    """
    choice = settings.sandbox.backend
    if choice == "sockets":
        return await _open(settings, SocketBackend(settings.sandbox.socket_dir))
    if choice != "local":
        try:
            return await _open(settings, DockerBackend(_options(settings)))
        except IsolationError:
            raise
        except SandboxUnavailableError as error:
            if choice == "docker" or "no Docker engine answers" not in str(error):
                raise
            logger.warning(
                "no Docker engine answers; using the local sandbox", extra={"reason": str(error)}
            )
    return await _open(settings, LocalBackend(_options(settings)))


def _options(settings: Settings) -> SandboxOptions:
    sandbox = settings.sandbox
    return SandboxOptions(
        image=sandbox.image,
        runtime=sandbox.runtime,
        tmpfs_mb=sandbox.tmpfs_mb,
        cpus=sandbox.cpus,
        max_memory_mb=sandbox.memory_mb,
        docker_host=sandbox.docker_host,
        seccomp_profile=sandbox.seccomp_profile,
    )


async def _open(settings: Settings, backend: Backend) -> Pool:
    """Fill a pool, trying the levels from the highest down to the one required.

    A level is given up only where the host refuses it; any other failure is no reason to go lower.
    """
    try:
        await backend.start()
        return await _fill(settings, backend)
    except BaseException:
        await backend.close()
        raise


async def _fill(settings: Settings, backend: Backend) -> Pool:
    required = settings.sandbox.require_isolation
    offered = ("namespaces",) if backend.name == "local" else ("namespaces", "uid")
    refusals: list[str] = []
    for level in offered:
        if _LEVELS.index(level) < _LEVELS.index(required):
            break
        pool = Pool(
            backend,
            size=settings.pool.size or len(os.sched_getaffinity(0)),
            level=level,
            lease_timeout_s=settings.pool.lease_timeout_s,
            max_runs=settings.pool.max_runs,
            max_idle_s=settings.pool.max_idle_s,
        )
        try:
            await pool.start()
        except IsolationError as error:
            refusals.append(str(error))
            logger.warning(
                "isolation level not available", extra={"level": level, "reason": str(error)}
            )
            continue
        logger.info(
            "sandbox pool open",
            extra={
                "backend": backend.name,
                "level": level,
                "size": pool.size,
                "python": pool.runtime.version,
            },
        )
        return pool
    raise IsolationError(
        f"isolation level {required} is required and this host does not offer it: "
        f"{'; '.join(refusals) or 'no level fits'}"
    )
