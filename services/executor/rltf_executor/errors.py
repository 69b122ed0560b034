"""Faults of the executor itself. A program that crashes, loops or lies gets a Verdict instead.

ExecutorError
├── QueueFullError          429, retry later
├── PoolTimeoutError        429, no sandbox came free in time
├── ShuttingDownError       503, another replica may answer
├── SandboxLostError        the sandbox died under us; run once more, then a verdict
└── SandboxUnavailableError no sandbox can be had on this host: said at start, exit code 2
    ├── RunnerMismatchError the sandbox image was built for another version of the service
    └── IsolationError      the host offers less isolation than --require-isolation asks for
"""


class ExecutorError(Exception):
    """Base of all faults of the executor."""


class QueueFullError(ExecutorError):
    """More submissions wait than the queue admits."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PoolTimeoutError(ExecutorError):
    """No sandbox came free in time."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ShuttingDownError(ExecutorError):
    """The service is draining and takes no more submissions."""


class SandboxLostError(ExecutorError):
    """The sandbox died or fell silent while a submission ran in it."""


class SandboxUnavailableError(ExecutorError):
    """This host cannot provide the sandbox that was asked for; the message says what to change."""


class IsolationError(SandboxUnavailableError):
    """This host offers a lower isolation level than the operator requires."""


class RunnerMismatchError(SandboxUnavailableError):
    """The sandbox image holds another version of the runner than the service."""
