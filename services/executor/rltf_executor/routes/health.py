"""What operators and load balancers ask: alive, ready, numbers, languages."""

from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import Response

from rltf_executor.errors import ShuttingDownError
from rltf_executor.problems import NOT_READY, ProblemError
from rltf_executor.routes.answers import Responses, problems
from rltf_executor.schema import Isolation, Runtime
from rltf_executor.service import service_of
from rltf_executor.version import VERSION, WIRE_VERSION

router = APIRouter(tags=["operations"])

_OPEN: Final[dict[str, Any]] = {"security": []}
_NUMBERS: Final[Responses] = {
    200: {"content": {CONTENT_TYPE_LATEST.partition(";")[0]: {"schema": {"type": "string"}}}}
}


class Health(BaseModel):
    """The service answers."""

    status: Literal["alive"] = "alive"
    version: str = VERSION
    wire_version: str = WIRE_VERSION


class Sandboxes(BaseModel):
    """How many sandboxes there are."""

    ready: int
    leased: int
    size: int


class Readiness(BaseModel):
    """The service takes submissions."""

    status: Literal["ready"] = "ready"
    sandboxes: Sandboxes
    isolation: Isolation
    submissions: int
    degraded: str | None = None  # what is wrong with a pool that still works


@router.get("/healthz", summary="Alive?", openapi_extra=_OPEN)
async def healthz() -> Health:
    """Answers as long as the process does. Needs no token."""
    return Health()


@router.get(
    "/readyz", summary="Ready for submissions?", responses=problems(503), openapi_extra=_OPEN
)
async def readyz(request: Request) -> Readiness:
    """Answers 200 if submissions can run, else 503 and why not. Needs no token."""
    service = service_of(request)
    if service.admission.is_draining:
        raise ShuttingDownError("the executor is shutting down")
    reason = service.unready_because
    if reason is not None:
        raise ProblemError(NOT_READY, reason, retry_after_s=5.0)
    status = service.pool.status()
    return Readiness(
        sandboxes=Sandboxes(ready=status.ready, leased=status.leased, size=status.size),
        isolation=service.pool.isolation,
        submissions=service.admission.num_admitted,
        degraded=status.reason,
    )


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses=_NUMBERS | problems(401, 503),
)
async def metrics(request: Request) -> Response:
    """Gives waits, run times, verdicts, recycles, flags and cache hits."""
    return Response(service_of(request).metrics.render(), media_type=CONTENT_TYPE_LATEST)


@router.get("/runtimes", summary="Languages", responses=problems(401, 503))
async def runtimes(request: Request) -> list[Runtime]:
    """Names the languages that programs may be written in, with their versions and packages."""
    return [service_of(request).pool.runtime]
