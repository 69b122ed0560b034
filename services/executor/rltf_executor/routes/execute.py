"""``POST /execute`` and ``POST /execute/batch``."""

import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Final

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rltf_executor.admission import Ticket
from rltf_executor.dispatch import Finished, encode
from rltf_executor.errors import ShuttingDownError
from rltf_executor.routes.answers import Responses, json_body, problems
from rltf_executor.routes.parsing import Entry, parse_batch, parse_submission
from rltf_executor.schema import BatchItem, BatchRequest, BatchResponse, ExecutionResult, Submission
from rltf_executor.service import Service, service_of

logger = logging.getLogger(__name__)
router = APIRouter(tags=["execute"])

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
_REFUSALS: Final[Responses] = problems(401, 408, 413, 422, 429, 503)
_STREAMED: Final[Responses] = {
    200: {
        "description": f"Results in order; as `{NDJSON}` a line each, as they finish.",
        "content": {NDJSON: {"schema": {"$ref": f"#/components/schemas/{BatchItem.__name__}"}}},
    }
}


@router.post(
    "/execute",
    summary="Judge one submission",
    response_model=ExecutionResult,
    responses=_REFUSALS,
    openapi_extra=json_body(Submission),
)
async def execute(request: Request) -> Response:
    """Runs the program against its tests and answers with a verdict for each."""
    service = service_of(request)
    service.refuse_if_closed()
    async with service.bodies.read(request.scope, request.receive) as body:
        arrived_at = monotonic()
        submission = parse_submission(body, max_memory_mb=service.max_memory_mb)
        with service.admission.admit():
            work = service.dispatcher.run(submission, arrived_at)
            result = await service.dispatcher.while_connected(request.receive, work)
    return Response(encode(result), media_type=JSON)


@router.post(
    "/execute/batch",
    summary="Judge many submissions",
    response_model=BatchResponse,
    responses=_REFUSALS | _STREAMED,
    openapi_extra=json_body(BatchRequest),
)
async def execute_batch(request: Request) -> Response:
    """Judges up to 1,024 submissions; one out of bounds has a problem in its result's place."""
    service = service_of(request)
    service.refuse_if_closed()
    async with AsyncExitStack() as held:
        body = await held.enter_async_context(service.bodies.read(request.scope, request.receive))
        arrived_at = monotonic()
        entries = parse_batch(body, max_memory_mb=service.max_memory_mb)
        ticket = held.enter_context(service.admission.admit(len(entries)))
        batch = _Batch(service=service, entries=entries, ticket=ticket, arrived_at=arrived_at)
        if NDJSON in request.headers.get("accept", ""):
            return _Stream(batch, held.pop_all())
        return Response(await batch.collected(request.receive), media_type=JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """A batch that was admitted."""

    service: Service
    entries: Sequence[Entry]
    ticket: Ticket
    arrived_at: float

    async def collected(self, receive: Receive) -> bytes:
        """Gives the answer that holds all results in order."""
        return await self.service.dispatcher.while_connected(receive, self._collect())

    async def stream(self, receive: Receive, send: Send) -> None:
        """Sends each result on its own line as it finishes."""
        await self.service.dispatcher.while_connected(receive, self._send_lines(send))

    async def _collect(self) -> bytes:
        results = [b""] * len(self.entries)
        verdicts: Counter[str] = Counter()
        async with aclosing(self._finished()) as finished:
            async for entries in finished:
                for entry in entries:
                    results[entry.index] = entry.json
                    verdicts[entry.verdict] += 1
        self._log(verdicts)
        return b'{"results":[' + b",".join(results) + b"]}"

    async def _send_lines(self, send: Send) -> None:
        verdicts: Counter[str] = Counter()
        async with aclosing(self._finished()) as finished:
            async for entries in finished:
                lines = b"".join(
                    b'{"index":%d,"result":%b}\n' % (entry.index, entry.json) for entry in entries
                )
                await send({"type": "http.response.body", "body": lines, "more_body": True})
                verdicts.update(entry.verdict for entry in entries)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        self._log(verdicts)

    def _finished(self) -> Finished:
        return self.service.dispatcher.run_batch(self.entries, self.ticket, self.arrived_at)

    def _log(self, verdicts: Counter[str]) -> None:
        logger.info(
            "batch judged",
            extra={
                "num_submissions": len(self.entries),
                "verdicts": dict(verdicts),
                "total_ms": round((monotonic() - self.arrived_at) * 1000, 3),
            },
        )


class _Stream(Response):
    """A batch answered by lines; holds the batch's admission until the last one is sent."""

    media_type = NDJSON

    def __init__(self, batch: _Batch, held: AsyncExitStack) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._batch = batch
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            try:
                await self._batch.stream(receive, send)
            except (ClientDisconnect, ShuttingDownError):
                logger.info("batch abandoned", extra={"num_submissions": len(self._batch.entries)})
