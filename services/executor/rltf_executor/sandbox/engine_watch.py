"""Says why a container was lost: by what ran in it, or by the engine and those who command it.

One thread reads the engine's events about our containers. It decides nothing; the pool asks when a
submission has lost its second sandbox, because only a loss that the program brought about may
become a verdict.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import docker.errors
import requests

logger = logging.getLogger(__name__)

_COMMANDS: Final = frozenset(("kill", "pause", "stop", "restart", "destroy"))
_RECONNECT_S: Final = 0.5
_SETTLE_S: Final = 1.0
_MAX_REMEMBERED: Final = 4096
_FAILURES: Final = (docker.errors.DockerException, requests.exceptions.RequestException, OSError)


class EventStream(Protocol):
    """Events of the engine as they come, until closed."""

    def __iter__(self) -> Iterator[dict[str, Any]]: ...

    def close(self) -> None:
        """End it, from any thread."""
        ...


class EngineWatch:
    """Knows which containers somebody commanded, which ended, and when the engine was gone."""

    def __init__(self, subscribe: Callable[[], EventStream]) -> None:
        """Prepare a watch.

        Args:
            subscribe: Opens the stream of the engine's events.
        """
        self._subscribe = subscribe
        self._stream: EventStream | None = None
        self._commanded: dict[str, None] = {}
        self._ended: dict[str, None] = {}
        self._gone_at = -1.0
        self._connected = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="engine-watch", daemon=True)

    def start(self) -> None:
        """Watch from here on."""
        self._thread.start()
        self._connected.wait(_SETTLE_S)

    def stop(self) -> None:
        """Stop watching."""
        self._stopping.set()
        stream = self._stream
        if stream is not None:
            try:
                stream.close()
            except (*_FAILURES, AttributeError):
                logger.debug("event stream not closed", exc_info=True)
        if self._thread.is_alive():
            self._thread.join(_SETTLE_S)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self._stream = self._subscribe()
                self._connected.set()
                for event in self._stream:
                    self._note(event)
            except _FAILURES as error:
                logger.debug("event stream lost", extra={"reason": str(error)})
            self._connected.clear()
            self._gone_at = time.monotonic()
            self._stopping.wait(_RECONNECT_S)

    def _note(self, event: dict[str, Any]) -> None:
        container, action = event.get("id", ""), event.get("status", "")
        if action == "die":
            _remember(self._ended, container)
        elif action in _COMMANDS and container not in self._ended:
            _remember(self._commanded, container)

    def _verdict(self, container: str, since: float) -> bool | None:
        """True: from outside; False: it ended by itself; None: not known yet."""
        if not self._connected.is_set() or self._gone_at >= since:
            return True
        if container in self._commanded:
            return True
        return False if container in self._ended else None

    async def was_interfered(self, container: str, since: float) -> bool:
        """Whether the loss of a container is the doing of the engine or of whoever commands it.

        Args:
            container: Its id.
            since: ``time.monotonic()`` when it was started.
        """
        deadline = time.monotonic() + _SETTLE_S
        while (verdict := self._verdict(container, since)) is None:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return verdict


def _remember(containers: dict[str, None], container: str) -> None:
    """Add to a set that forgets its oldest."""
    containers[container] = None
    while len(containers) > _MAX_REMEMBERED:
        del containers[next(iter(containers))]
