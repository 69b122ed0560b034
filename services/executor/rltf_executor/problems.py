"""Error answers: RFC 9457 problem JSON with a stable ``type``. Never a traceback."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from starlette.responses import Response

from rltf_executor.errors import PoolTimeoutError, QueueFullError, ShuttingDownError
from rltf_executor.faults import Fault
from rltf_executor.schema import ProblemDetails

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its stable name, its title and the status it travels with."""

    name: str
    title: str
    status: int

    @property
    def uri(self) -> str:
        """The ``type`` of the problem."""
        return f"urn:rltf:problem:{self.name}"


UNAUTHORIZED: Final = Kind("unauthorized", "No token, or a wrong one", 401)
NOT_FOUND: Final = Kind("not-found", "No such path", 404)
METHOD_NOT_ALLOWED: Final = Kind("method-not-allowed", "The path does not take this method", 405)
BODY_TIMEOUT: Final = Kind("body-timeout", "The body did not arrive in time", 408)
BODY_TOO_LARGE: Final = Kind("body-too-large", "The body is too large", 413)
MALFORMED_BODY: Final = Kind("malformed-body", "The body is not JSON", 422)
INVALID_REQUEST: Final = Kind(
    "invalid-request", "A field is missing, unknown or out of bounds", 422
)
QUEUE_FULL: Final = Kind("queue-full", "Too many submissions wait", 429)
NO_SANDBOX: Final = Kind("no-sandbox", "No sandbox came free in time", 429)
INTERNAL: Final = Kind("internal", "The executor failed", 500)
NOT_READY: Final = Kind("not-ready", "The executor has no working sandbox", 503)
SHUTTING_DOWN: Final = Kind("shutting-down", "The executor is shutting down", 503)

KINDS: Final[Sequence[Kind]] = (
    UNAUTHORIZED,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    BODY_TIMEOUT,
    BODY_TOO_LARGE,
    MALFORMED_BODY,
    INVALID_REQUEST,
    QUEUE_FULL,
    NO_SANDBOX,
    INTERNAL,
    NOT_READY,
    SHUTTING_DOWN,
)


class ProblemError(Exception):
    """A request that is answered with a problem instead of a verdict."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(max(1, math.ceil(retry_after_s)))

    @property
    def details(self) -> ProblemDetails:
        """The body of the answer."""
        return ProblemDetails(
            type=self.kind.uri,
            title=self.kind.title,
            status=self.kind.status,
            detail=str(self),
            errors=[{"field": fault.field, "message": fault.message} for fault in self.faults],
        )

    @property
    def response(self) -> Response:
        """The whole answer."""
        return Response(
            self.details.model_dump_json(),
            status_code=self.kind.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


def invalid(faults: Sequence[Fault], *, kind: Kind = INVALID_REQUEST) -> ProblemError:
    """Gives the problem of a request whose fields are at fault."""
    return ProblemError(kind, "; ".join(fault.message for fault in faults[:3]), faults=faults)


def problem_of(error: Exception) -> ProblemError:
    """Gives the problem a fault of the executor is answered with."""
    match error:
        case ProblemError():
            return error
        case QueueFullError():
            return ProblemError(QUEUE_FULL, str(error), retry_after_s=error.retry_after_s)
        case PoolTimeoutError():
            return ProblemError(NO_SANDBOX, str(error), retry_after_s=error.retry_after_s)
        case ShuttingDownError():
            return ProblemError(SHUTTING_DOWN, "takes no more submissions", retry_after_s=1.0)
        case _:
            return ProblemError(INTERNAL, "the fault is ours and was logged")
