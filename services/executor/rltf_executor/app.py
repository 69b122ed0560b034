"""The one place where the parts of the service are joined."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from rltf_executor import sandbox
from rltf_executor.admission import Admission
from rltf_executor.dispatch import Dispatcher, Judging
from rltf_executor.envelope import Envelope
from rltf_executor.errors import ExecutorError
from rltf_executor.judge import Judge, ResultCache
from rltf_executor.metrics import MeasuredPool, Metrics, Readings
from rltf_executor.problems import METHOD_NOT_ALLOWED, NOT_FOUND, ProblemError, problem_of
from rltf_executor.routes import execute, health
from rltf_executor.routes.body import BodyReader
from rltf_executor.sandbox.base import SandboxPool
from rltf_executor.schema import BatchItem, BatchRequest, ProblemDetails, Submission
from rltf_executor.service import Pool, Service
from rltf_executor.settings import Settings
from rltf_executor.version import VERSION

OpenPool = Callable[[Settings], Awaitable[Pool]]
MakeJudge = Callable[[SandboxPool, ResultCache | None], Judging]

_SPARE_SLOTS: Final = 2
"""Submissions prepared while every sandbox works, so that none of these waits for us."""
_CLIENT_GONE_STATUS: Final = 499  # nobody is there to read it
_ANYTHING_ELSE: Final = {"description": "Refused in its place, while the others run."}
_BODY_MODELS: Final = (Submission, BatchRequest, BatchItem, ProblemDetails)


def _make_judge(pool: SandboxPool, cache: ResultCache | None) -> Judging:
    return Judge(pool, cache=cache)


def create_app(
    settings: Settings,
    *,
    open_pool: OpenPool = sandbox.open_pool,
    make_judge: MakeJudge = _make_judge,
) -> FastAPI:
    """Gives the service; its pool is opened when it starts and closed when it stops.

    Args:
        settings: Every option.
        open_pool: Opens the sandboxes.
        make_judge: Gives what grades with them.
    """
    app = FastAPI(
        title="rltf executor",
        summary="Runs untrusted programs against unit tests in isolated sandboxes.",
        version=VERSION,
        lifespan=_lifespan(settings, open_pool, make_judge),
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.include_router(execute.router)  # first, because routes are tried in order
    app.include_router(health.router)
    app.add_middleware(Envelope, token=settings.token)
    app.add_exception_handler(ProblemError, _answer_fault)
    app.add_exception_handler(ExecutorError, _answer_fault)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    _describe(app, settings)
    return app


def _lifespan(
    settings: Settings, open_pool: OpenPool, make_judge: MakeJudge
) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = await open_pool(settings)
        try:
            app.state.service = _join(settings, pool, make_judge)
            yield
        finally:
            service: Service | None = getattr(app.state, "service", None)
            if service is not None:
                service.admission.drain()
            await pool.close(0.0)

    return lifespan


def _join(settings: Settings, pool: Pool, make_judge: MakeJudge) -> Service:
    metrics = Metrics()
    cache = (
        ResultCache(settings.cache.max_entries, environment=pool.image_id)
        if settings.cache.enabled
        else None
    )
    admission = Admission(settings.queue.max_submissions)
    dispatcher = Dispatcher(
        make_judge(MeasuredPool(pool, metrics), cache),
        admission,
        metrics,
        num_slots=pool.status().size + _SPARE_SLOTS,
        isolation=pool.isolation,
        is_busy=lambda: pool.status().leased > 0,
    )
    service = Service(
        pool=pool,
        metrics=metrics,
        admission=admission,
        bodies=BodyReader(settings.server),
        dispatcher=dispatcher,
        max_memory_mb=settings.sandbox.memory_mb,
    )
    metrics.watch(Readings(lambda: _gauges(service), lambda: _counters(service, cache)))
    return service


def _gauges(service: Service) -> Iterable[tuple[str, str, float]]:
    status = service.pool.status()
    yield "rltf_queue_submissions", "", service.admission.num_admitted
    yield "rltf_queue_max_submissions", "", service.admission.max_submissions
    yield "rltf_pool_sandboxes", "state=ready", status.ready
    yield "rltf_pool_sandboxes", "state=leased", status.leased
    yield "rltf_pool_size", "", status.size
    is_ready = service.unready_because is None and not service.admission.is_draining
    yield "rltf_ready", "", is_ready


def _counters(service: Service, cache: ResultCache | None) -> Iterable[tuple[str, str, float]]:
    for reason, count in service.pool.status().recycles.items():
        yield "rltf_sandbox_recycles", f"reason={reason}", count
    if cache is not None:
        yield "rltf_cache_hits", "", cache.num_hits
        yield "rltf_cache_misses", "", cache.num_misses


async def _answer_fault(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    service: Service | None = getattr(request.app.state, "service", None)
    if service is not None:
        service.metrics.note_refused(problem.kind.name)
    return problem.response


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    """Paths and methods there are none of; the framework raises for nothing else here."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    kind = METHOD_NOT_ALLOWED if error.status_code == 405 else NOT_FOUND
    detail = f"{request.method} {request.url.path[:200]}"
    return ProblemError(kind, detail, headers=error.headers).response


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=_CLIENT_GONE_STATUS)


def _describe(app: FastAPI, settings: Settings) -> None:
    """Completes the OpenAPI document: bodies that routes read themselves, and the token."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            _, definitions = models_json_schema(
                [(model, "validation") for model in _BODY_MODELS],
                ref_template="#/components/schemas/{model}",
            )
            components = document.setdefault("components", {})
            schemas = definitions["$defs"] | components.get("schemas", {})
            components["schemas"] = schemas
            schemas["Limits"]["properties"]["memory_mb"]["maximum"] = settings.sandbox.memory_mb
            entries = schemas["BatchRequest"]["properties"]["submissions"]
            entries["items"] = {"anyOf": [entries["items"], _ANYTHING_ELSE]}
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            if settings.token is not None:
                document["security"] = [{"token": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document
