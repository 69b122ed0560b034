"""The service is killed, restarted, stopped: nothing of it stays, nothing else is touched."""

import asyncio
import glob
import signal
import tempfile
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.faults, pytest.mark.docker]


def processes_with(word):
    """Pids of the processes on this host that have a word in their command line."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            if word.encode() in Path(path).read_bytes():
                found.append(int(path.split("/")[2]))
        except OSError:
            continue
    return found


def is_running(pid):
    return Path(f"/proc/{pid}").exists()


async def test_killed_service_leaves_nothing_and_its_neighbour_alone(
    start_service, engine_client, containers_of, load_on, until
):
    service, neighbour = start_service(), start_service()
    ids = {container.id for container in containers_of(engine_client, service)}
    pids = [c.attrs["State"]["Pid"] for c in containers_of(engine_client, service)]
    async with load_on(neighbour, concurrency=2).running() as load:
        async with load_on(service).running() as cut_off:
            await cut_off.more(10)
            service.kill()
            await asyncio.to_thread(service.start)
            await asyncio.to_thread(service.wait_ready)
            await cut_off.more(20)
        await load.more(10)

    there = {container.id for container in containers_of(engine_client)}
    assert not ids & there
    assert not any(map(is_running, pids))
    assert len(containers_of(engine_client, service)) == 2
    assert len(containers_of(engine_client, neighbour)) == 2
    assert load.others() == {}
    assert set(cut_off.others()) <= {"ConnectError", "ReadError", "RemoteProtocolError"}


async def test_killed_again_and_again_a_service_leaves_nothing(
    start_service, engine_client, containers_of, until
):
    service = start_service()
    before = {container.id for container in containers_of(engine_client)}
    before -= {container.id for container in containers_of(engine_client, service)}
    pids = [service.pid]
    for delay in (0.1, 0.4, 0.7, 1.0, 1.5):  # whatever it is doing by then
        service.kill()
        service.start()
        pids.append(service.pid)
        await asyncio.sleep(delay)
    service.wait_ready()

    def ours():
        """Containers made since, and not by a service of somebody else."""
        found = [c for c in containers_of(engine_client) if c.id not in before]
        return {c.id for c in found if is_of_this_test(c)}

    def is_of_this_test(container):
        pid = container.labels["io.rltf.owner"].split(":")[1]
        return int(pid) in pids or not is_running(pid)

    last = {container.id for container in containers_of(engine_client, service)}
    assert len(last) == 2
    until(lambda: ours() == last, what="only the last one's containers")
    assert service.verdict() == "passed"


async def test_stopped_service_answers_what_it_took_and_leaves_nothing(
    start_service, engine_client, containers_of, load_on
):
    service = start_service()
    slow = {"source": "import time; time.sleep(1.5)"}
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        taken = [asyncio.create_task(client.post("/execute", json=slow)) for _ in range(4)]
        await asyncio.sleep(0.7)
        service.process.send_signal(signal.SIGTERM)
        answers = await asyncio.gather(*taken)

    assert [answer.json()["verdict"] for answer in answers] == ["passed"] * 4
    assert await asyncio.to_thread(service.process.wait, 30) == 0
    assert containers_of(engine_client, service) == []


async def test_stop_cuts_off_what_outlasts_the_drain(start_service, engine_client, containers_of):
    service = start_service(server__drain_s=1)
    endless = {"source": "while True: pass", "limits": {"wall_s": 100}}
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        taken = asyncio.create_task(client.post("/execute", json=endless))
        await asyncio.sleep(0.7)
        service.process.send_signal(signal.SIGTERM)
        (answer,) = await asyncio.gather(taken, return_exceptions=True)

    assert isinstance(answer, httpx.TransportError) or answer.status_code == 503
    assert await asyncio.to_thread(service.process.wait, 30) == 0
    assert containers_of(engine_client, service) == []


async def test_frozen_service_goes_on_where_it_was(start_service, load_on):
    service = start_service()
    async with load_on(service).running() as load:
        await load.more(10)
        service.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(3)
        service.process.send_signal(signal.SIGCONT)
        await load.more(20)

    assert load.others() == {}


def test_killed_service_with_local_sandboxes_leaves_no_process(start_service, until):
    service = start_service(sandbox__backend="local")
    (folder,) = Path(tempfile.gettempdir()).glob(f"rltf-local-{service.pid}-*")
    assert service.verdict() == "passed"
    assert processes_with(folder.name)

    service.kill()

    until(lambda: not processes_with(folder.name), what="no runner left")
    service.start()
    service.wait_ready()
    assert not folder.exists()
    assert service.verdict() == "passed"
