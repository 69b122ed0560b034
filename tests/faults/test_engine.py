"""The Docker engine goes away, comes back, or hangs, while programs are judged.

A verdict given meanwhile is right or an ``internal_error``; afterwards all is as before.
"""

import asyncio
import signal

import pytest

pytestmark = [pytest.mark.faults, pytest.mark.docker]
ALLOWED = {"internal_error", "429", "503"}


@pytest.fixture
def service(private_engine, start_service):
    return start_service(
        sandbox__docker_host=private_engine.host, pool__lease_timeout_s=5, pool__max_runs=50
    )


@pytest.fixture(autouse=True)
def _engine_is_up(private_engine):
    yield
    if private_engine.process.poll() is not None:
        private_engine.start()


def assert_whole(service, private_engine, containers_of, until):
    """The pool is full again, judges right, and the engine holds no container beside it."""
    service.wait_ready()
    for _ in range(4):
        assert service.verdict() == "passed"
    with private_engine.client() as client:
        until(lambda: len(containers_of(client)) == 2, what="two containers")
    until(lambda: service.metric("rltf_pool_sandboxes") == 2, what="two sandboxes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_engine_restarted_under_load(
    service, private_engine, load_on, containers_of, until, number
):
    async with load_on(service).running() as load:
        await load.more(20)
        await asyncio.to_thread(private_engine.stop, number)
        await asyncio.sleep(1)
        await asyncio.to_thread(private_engine.start)
        await load.more(40)

    assert set(load.others()) <= ALLOWED, load.others()
    await asyncio.to_thread(assert_whole, service, private_engine, containers_of, until)


async def test_engine_restarted_again_and_again_under_load(
    service, private_engine, load_on, containers_of, until
):
    async with load_on(service).running() as load:
        for _ in range(2):
            await load.more(4)
            await asyncio.to_thread(private_engine.stop, signal.SIGKILL)
            await asyncio.to_thread(private_engine.start)

    assert set(load.others()) <= ALLOWED, load.others()
    await asyncio.to_thread(assert_whole, service, private_engine, containers_of, until)


async def test_service_says_that_the_engine_is_gone_and_recovers(
    service, private_engine, containers_of, until
):
    private_engine.stop(signal.SIGKILL)
    until(lambda: service.readiness().status_code == 503, what="not ready")
    problem = service.readiness().json()
    assert problem["status"] == 503
    assert problem["detail"]

    private_engine.start()

    assert_whole(service, private_engine, containers_of, until)


async def test_engine_that_hangs_under_load(service, private_engine, load_on, containers_of, until):
    async with load_on(service).running() as load:
        await load.more(20)
        private_engine.send(signal.SIGSTOP)
        await asyncio.sleep(6)
        private_engine.send(signal.SIGCONT)
        await load.more(40)

    assert set(load.others()) <= ALLOWED, load.others()
    await asyncio.to_thread(assert_whole, service, private_engine, containers_of, until)


def test_service_stops_in_time_though_the_engine_hangs(service, private_engine):
    assert service.verdict() == "passed"
    private_engine.send(signal.SIGSTOP)
    try:
        assert service.stop(timeout_s=50) == 0
    finally:
        private_engine.send(signal.SIGCONT)


def test_start_without_an_engine_is_refused_at_once(start_service, private_engine):
    service = start_service(wait=False, sandbox__docker_host="unix:///nowhere/docker.sock")

    assert service.process.wait(30) == 2
    assert "no Docker engine answers" in service.tail()
