"""Clients of the executor: submissions out, verdicts back, whatever the network does in between.

::

    with ExecutorClient("http://127.0.0.1:8000") as executor:
        result = executor.execute(Submission(source="print(6 * 7)"))

``AsyncExecutorClient`` is the same for asyncio. Nothing here knows how programs are run or graded.
"""

from rltf_executor.client.asynchronous import AsyncExecutorClient
from rltf_executor.client.endpoints import ProbeResult
from rltf_executor.client.errors import (
    AuthenticationError,
    ExecutorClientError,
    ExecutorRefusedError,
    ExecutorUnavailableError,
    ProtocolVersionError,
    SubmissionEncodingError,
    UnexpectedAnswerError,
)
from rltf_executor.client.retry import RetryPolicy, Timeouts
from rltf_executor.client.synchronous import ExecutorClient

__all__ = [
    "AsyncExecutorClient",
    "AuthenticationError",
    "ExecutorClient",
    "ExecutorClientError",
    "ExecutorRefusedError",
    "ExecutorUnavailableError",
    "ProbeResult",
    "ProtocolVersionError",
    "RetryPolicy",
    "SubmissionEncodingError",
    "Timeouts",
    "UnexpectedAnswerError",
]
