"""What can go wrong between client and executor. A bad program is no error: it has a verdict.

ExecutorClientError
├── ExecutorUnavailableError    nobody answered, or only 429 and 5xx, for too long
├── ExecutorRefusedError        a 4xx answer; ``problem`` says what is wrong with which field
│   └── AuthenticationError     401: no token, or a wrong one
├── UnexpectedAnswerError       an answer that is not in the contract: something else listens there
│   └── ProtocolVersionError    another major version of the contract
└── SubmissionEncodingError     a value that JSON cannot spell (NaN, a set, …); also a ValueError
"""

from rltf_executor.schema import ProblemDetails


class ExecutorClientError(Exception):
    """Base of all errors of the client."""


class ExecutorUnavailableError(ExecutorClientError):
    """No executor took the work, after every retry; names each URL and its last fault."""


class ExecutorRefusedError(ExecutorClientError):
    """The executor refused the request as it stands; sending it again would not help."""

    def __init__(self, url: str, problem: ProblemDetails) -> None:
        faults = "".join(
            f"; {fault.get('field', '?')}: {fault.get('message', '')}"
            for fault in problem.errors[:5]
        )
        super().__init__(
            f"{url} answered {problem.status} {problem.title}: {problem.detail}{faults}"
        )
        self.url = url
        self.problem = problem


class AuthenticationError(ExecutorRefusedError):
    """The executor wants a token and got none, or a wrong one."""


class UnexpectedAnswerError(ExecutorClientError):
    """What listens at the URL answers, but not as an executor does."""


class ProtocolVersionError(UnexpectedAnswerError):
    """The executor speaks another major version of the contract."""


class SubmissionEncodingError(ExecutorClientError, ValueError):
    """A field of a submission has no spelling in JSON; the message names it."""
