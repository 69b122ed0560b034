"""A loss is laid to the engine or its operators only where its events say so."""

import queue
import time

import pytest

from rltf_executor.sandbox import engine_watch
from rltf_executor.sandbox.engine_watch import EngineWatch


class Stream:
    """Events that a test sends; None ends it."""

    def __init__(self):
        self.events = queue.Queue()

    def __iter__(self):
        while (event := self.events.get(timeout=30)) is not None:
            yield event

    def close(self):
        self.events.put(None)

    def say(self, container, action):
        self.events.put({"id": container, "status": action})


class Engine:
    def __init__(self):
        self.streams = []
        self.is_there = True

    def subscribe(self):
        if not self.is_there:
            raise ConnectionRefusedError
        self.streams.append(Stream())
        return self.streams[-1]


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def watch(engine, monkeypatch):
    monkeypatch.setattr(engine_watch, "_RECONNECT_S", 0.01)
    monkeypatch.setattr(engine_watch, "_SETTLE_S", 0.5)
    watch = EngineWatch(engine.subscribe)
    watch.start()
    yield watch
    watch.stop()
    assert not watch._thread.is_alive()


async def test_container_that_ends_by_itself_was_not_interfered_with(watch, engine):
    since = time.monotonic()
    engine.streams[0].say("a", "die")

    assert not await watch.was_interfered("a", since)


@pytest.mark.parametrize("action", ["kill", "pause", "stop", "restart"])
async def test_commanded_container_was_interfered_with(watch, engine, action):
    since = time.monotonic()
    engine.streams[0].say("a", action)
    engine.streams[0].say("a", "die")

    assert await watch.was_interfered("a", since)
    assert not await watch.was_interfered("b", since)


async def test_removal_after_its_end_is_no_interference(watch, engine):
    since = time.monotonic()
    engine.streams[0].say("a", "die")
    engine.streams[0].say("a", "destroy")

    assert not await watch.was_interfered("a", since)


async def test_silent_container_of_a_working_engine_is_the_programs_affair(watch):
    assert not await watch.was_interfered("a", time.monotonic())


async def test_engine_that_went_away_since_is_an_interference(watch, engine):
    since = time.monotonic()
    engine.streams[0].close()

    assert await watch.was_interfered("a", since)


async def test_engine_that_is_away_is_an_interference(watch, engine):
    engine.is_there = False
    engine.streams[0].close()

    assert await watch.was_interfered("a", time.monotonic())


async def test_engine_that_went_away_before_is_none(watch, engine):
    engine.streams[0].close()
    while len(engine.streams) < 2 or not watch._connected.is_set():
        time.sleep(0.005)  # noqa: ASYNC251  # the watch lives on a thread
    since = time.monotonic()
    engine.streams[1].say("a", "die")

    assert not await watch.was_interfered("a", since)


async def test_what_is_remembered_is_bounded(watch, engine, monkeypatch):
    monkeypatch.setattr(engine_watch, "_MAX_REMEMBERED", 3)
    since = time.monotonic()
    for number in range(10):
        engine.streams[0].say(f"c{number}", "kill")

    assert await watch.was_interfered("c9", since)
    assert len(watch._commanded) <= 3
