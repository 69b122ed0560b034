"""The parts of a running service, joined once at its start and found by the routes."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from rltf_executor.admission import Admission
from rltf_executor.dispatch import Dispatcher
from rltf_executor.errors import ShuttingDownError
from rltf_executor.metrics import Metrics
from rltf_executor.problems import NOT_READY, ProblemError
from rltf_executor.routes.body import BodyReader
from rltf_executor.sandbox.base import SandboxPool
from rltf_executor.schema import Isolation, Runtime


class PoolStatus(Protocol):
    """How a pool fares."""

    @property
    def ready(self) -> int:
        """Sandboxes that wait."""
        ...

    @property
    def leased(self) -> int:
        """Sandboxes that work."""
        ...

    @property
    def size(self) -> int:
        """Sandboxes the pool keeps."""
        ...

    @property
    def reason(self) -> str | None:
        """What is wrong, if anything is."""
        ...

    @property
    def recycles(self) -> dict[str, int]:
        """Sandboxes replaced so far, by reason."""
        ...


class Pool(SandboxPool, Protocol):
    """A pool as the service owns it."""

    @property
    def isolation(self) -> Isolation:
        """What stands between its programs and the host."""
        ...

    @property
    def runtime(self) -> Runtime:
        """The language its sandboxes run."""
        ...

    @property
    def image_id(self) -> str:
        """What its sandboxes are made from; results depend on it."""
        ...

    def status(self) -> PoolStatus:
        """How it fares."""
        ...

    async def close(self, grace_s: float) -> None:
        """Ends every sandbox."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the routes work with."""

    pool: Pool
    metrics: Metrics
    admission: Admission
    bodies: BodyReader
    dispatcher: Dispatcher
    max_memory_mb: int

    @property
    def unready_because(self) -> str | None:
        """Why no submission could run right now; None if one could."""
        status = self.pool.status()
        return None if status.ready + status.leased else status.reason

    def refuse_if_closed(self) -> None:
        """Spares a client the sending of a body that would be refused.

        Raises:
            ShuttingDownError: Nothing is admitted any more.
            ProblemError: 503; there is no working sandbox.
        """
        if self.admission.is_draining:
            raise ShuttingDownError("the executor is shutting down")
        reason = self.unready_because
        if reason is not None:
            raise ProblemError(NOT_READY, reason, retry_after_s=5.0)


def service_of(request: Request) -> Service:
    """Gives the service that ``request`` came to.

    Raises:
        ProblemError: 503; it has not started.
    """
    service = getattr(request.app.state, "service", None)
    if not isinstance(service, Service):
        raise ProblemError(NOT_READY, "the executor has not started", retry_after_s=1.0)
    return service
