"""How log records are written: one JSON object a line, or plain text. Never program text.

Messages are constants; what varies goes into fields (``extra={...}``). The message of an exception
may quote what a client sent, so of exceptions only the type and the places in our code are written,
and the message of those that cannot hold program text.
"""

import json
import logging
import sys
import time
import traceback
from types import TracebackType
from typing import Any, Final, TextIO

from rltf_executor.errors import ExecutorError
from rltf_executor.settings import LogSettings

_STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "color_message",
}
_OWN_KEYS: Final = frozenset(("time", "level", "logger"))
_MAX_FIELD_CHARS: Final = 500
_MAX_FRAMES: Final = 20


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time, level, logger, message, then the record's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Gives the line of ``record``."""
        entry: dict[str, Any] = {
            "time": f"{_utc(record.created)}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        return json.dumps(entry, default=str)


class TextFormatter(logging.Formatter):
    """A line for people: time, level, message, ``name=value`` fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Gives the line of ``record``."""
        fields = "".join(
            f" {name}={json.dumps(value, default=str)}" for name, value in _fields(record).items()
        )
        moment = time.strftime("%H:%M:%S", time.localtime(record.created))
        return f"{moment} {record.levelname.lower():7} {record.getMessage()}{fields}"


def configure_logging(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Sends the log of this process to ``stream`` (standard error), and nowhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.as_json else TextFormatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    for noisy in ("docker", "urllib3", "httpx", "asyncio", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {
        f"{name}_" if name in _OWN_KEYS else name: value[:_MAX_FIELD_CHARS]
        if isinstance(value, str)
        else value
        for name, value in vars(record).items()
        if name not in _STANDARD_FIELDS
    }
    if record.exc_info and record.exc_info[0] is not None:
        fields |= _exception_fields(record.exc_info[1], record.exc_info[2])
    return fields


def _exception_fields(error: BaseException | None, where: TracebackType | None) -> dict[str, Any]:
    frames = traceback.extract_tb(where)[-_MAX_FRAMES:]
    fields: dict[str, Any] = {
        "exception": type(error).__qualname__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, ExecutorError | OSError):
        fields["reason"] = str(error)[:_MAX_FIELD_CHARS]
    return fields


def _utc(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
