"""Reading what an executor, or something in front of it, answered."""

from collections.abc import AsyncIterator
from typing import Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from rltf_executor.client import codec
from rltf_executor.client.errors import (
    AuthenticationError,
    ExecutorRefusedError,
    ProtocolVersionError,
    UnexpectedAnswerError,
)
from rltf_executor.client.retry import Fault, parse_retry_after
from rltf_executor.schema import ProblemDetails
from rltf_executor.version import WIRE_VERSION

VERSION_HEADER: Final = "X-RLTF-Version"
_UNAUTHORIZED: Final = 401
_REQUEST_TIMEOUT: Final = 408
_TOO_MANY_REQUESTS: Final = 429
_SHOWN_CHARACTERS: Final = 300

_T = TypeVar("_T")


async def check(response: httpx.Response, url: str) -> None:
    """Returns if the answer is a good one of our version; reads the body only if it is not.

    Raises:
        Fault: 408, 429 or 5xx: later, or elsewhere, the same request may do.
        AuthenticationError: 401.
        ExecutorRefusedError: Any other 4xx.
        ProtocolVersionError: Another major version, or none.
        UnexpectedAnswerError: A redirection, or the like.
    """
    _check_version(response, url)
    if response.is_success:
        return
    problem = _problem(response, await response.aread())
    may_mend = response.status_code in (_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS)
    if may_mend or response.is_server_error:
        raise Fault(
            f"{problem.status} {problem.title}: {problem.detail}",
            is_overload=response.status_code == _TOO_MANY_REQUESTS,
            retry_after_s=parse_retry_after(response.headers.get("Retry-After")),
        )
    if response.status_code == _UNAUTHORIZED:
        raise AuthenticationError(url, problem)
    if response.is_client_error:
        raise ExecutorRefusedError(url, problem)
    raise UnexpectedAnswerError(
        f"{url} answered {problem.status} {problem.title}: {problem.detail}"
    )


def parse(adapter: TypeAdapter[_T], body: bytes, url: str) -> _T:
    """Reads a body.

    Raises:
        UnexpectedAnswerError: It is not what the contract promises.
    """
    try:
        return codec.decode(adapter, body)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the body"
        raise UnexpectedAnswerError(
            f"{url} answered something outside the contract: {where}: {fault['msg']}"
        ) from error


async def lines(response: httpx.Response) -> AsyncIterator[bytes]:
    r"""Yields the lines of an NDJSON body as they arrive.

    Only ``\n`` ends a line; httpx's own reader also ends them at U+2028 and its like, which JSON
    strings may hold.
    """
    parts: list[bytes] = []
    async for piece in response.aiter_bytes():
        *ended, rest = piece.split(b"\n")
        for line in ended:
            parts.append(line)
            whole = b"".join(parts)
            parts.clear()
            if whole.strip():
                yield whole
        if rest:
            parts.append(rest)
    if parts:
        raise Fault("the answer ended in the middle of a line")


def _check_version(response: httpx.Response, url: str) -> None:
    version = response.headers.get(VERSION_HEADER)
    if version is None:
        if response.is_success:
            raise ProtocolVersionError(
                f"{url} answered without {VERSION_HEADER}: no rltf executor"
                f" (this client speaks {WIRE_VERSION})"
            )
        return  # a proxy's own error page
    if version.split(".")[0] != WIRE_VERSION.split(".")[0]:
        raise ProtocolVersionError(
            f"{url} speaks version {version} of the contract, this client {WIRE_VERSION};"
            " install the same release of rltf on both sides"
        )


def _problem(response: httpx.Response, body: bytes) -> ProblemDetails:
    try:
        return codec.decode(codec.PROBLEM, body)
    except ValidationError:  # a proxy's error page
        return ProblemDetails(
            type="about:blank",
            title=response.reason_phrase or "error",
            status=response.status_code,
            detail=body.decode("utf-8", "replace").strip()[:_SHOWN_CHARACTERS],
        )
