"""Around every request: the token, the version header, a count, a net for faults of ours."""

import hmac
import logging
from typing import Final

from pydantic import SecretStr
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rltf_executor.problems import INTERNAL, UNAUTHORIZED, ProblemError
from rltf_executor.routes.body import Incoming
from rltf_executor.version import WIRE_VERSION

logger = logging.getLogger(__name__)

VERSION_HEADER: Final = "X-RLTF-Version"
OPEN_PATHS: Final = frozenset(("/", "/healthz", "/readyz", "/docs", "/openapi.json"))
"""Answered without a token: probes carry none, and browsers send none when they open a page."""
OPEN_PREFIXES: Final = ("/web/",)
_DISCARDED_BYTES: Final = 64 * 1024 * 1024


class Envelope:
    """ASGI middleware; the outermost layer of ours."""

    def __init__(self, app: ASGIApp, *, token: SecretStr | None) -> None:
        self._app = app
        self._token = None if token is None else token.get_secret_value().encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the request through, or answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_version(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[VERSION_HEADER] = WIRE_VERSION
                _count(scope, message["status"])
            await send(message)

        try:
            if self._admits(scope):
                await self._app(scope, receive, send_with_version)
            else:
                await Incoming(scope, receive).discard(_DISCARDED_BYTES)
                await _unauthorized().response(scope, receive, send_with_version)
        except ClientDisconnect:
            return
        except (
            Exception
        ):  # the boundary of a request: logged here, and nothing of it reaches the client
            logger.exception("request failed", extra={"path": scope["path"]})
            if not started:
                problem = ProblemError(INTERNAL, "the fault is ours and was logged")
                await problem.response(scope, receive, send_with_version)

    def _admits(self, scope: Scope) -> bool:
        if self._token is None or scope["path"] in OPEN_PATHS:
            return True
        if scope["path"].startswith(OPEN_PREFIXES) and scope["method"] in ("GET", "HEAD"):
            return True
        given = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, given = value.partition(b" ")
                given = given.strip() if scheme.lower() == b"bearer" else b""
        return hmac.compare_digest(given, self._token)


def _unauthorized() -> ProblemError:
    return ProblemError(
        UNAUTHORIZED,
        "send the executor's token as `Authorization: Bearer …`",
        headers={"WWW-Authenticate": 'Bearer realm="rltf"', "Connection": "close"},
    )


def _count(scope: Scope, status: int) -> None:
    app = scope.get("app")
    service = getattr(app.state, "service", None) if app is not None else None
    if service is not None:
        service.metrics.note_answer(status)
