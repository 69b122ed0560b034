"""Containers are killed, paused, starved and filled while programs are judged in them."""

import asyncio
import contextlib
import os
import random

import docker
import pytest

pytestmark = [pytest.mark.faults, pytest.mark.docker]


@pytest.fixture
def service(start_service):
    return start_service()


def assert_whole(service, client, containers_of, until):
    service.wait_ready()
    until(lambda: service.metric("rltf_pool_sandboxes") == 2, what="two sandboxes")
    until(lambda: len(containers_of(client, service)) == 2, what="two containers")
    for _ in range(4):
        assert service.verdict() == "passed"


async def test_containers_killed_under_load_cost_no_verdict(
    service, engine_client, load_on, containers_of, until
):
    """One hit twice by bad luck is an ``internal_error``: the engine says that it was commanded."""
    chance = random.Random(1)
    async with load_on(service).running() as load:
        for _ in range(8):
            await load.more(6)
            victims = await asyncio.to_thread(containers_of, engine_client, service)
            with contextlib.suppress(docker.errors.APIError):  # it is on its way out already
                await asyncio.to_thread(chance.choice(victims).remove, force=True)
        await load.more(20)

    assert set(load.others()) <= {"internal_error"}, load.others()
    await asyncio.to_thread(assert_whole, service, engine_client, containers_of, until)


async def test_runners_killed_by_the_kernel_under_load_cost_no_verdict(
    service, engine_client, load_on, containers_of, until
):
    """As the kernel does when the host itself is out of memory."""
    async with load_on(service, concurrency=2).running() as load:
        for _ in range(4):
            await load.more(10)
            (victim, *_) = await asyncio.to_thread(containers_of, engine_client, service)
            os.kill(victim.attrs["State"]["Pid"], 9)
            await load.more(4)
        await load.more(10)

    assert load.others() == {}
    await asyncio.to_thread(assert_whole, service, engine_client, containers_of, until)


def test_paused_container_is_given_up_and_replaced(service, engine_client, containers_of, until):
    for container in containers_of(engine_client, service):
        container.pause()

    verdicts = [service.verdict(limits={"total_s": 1}) for _ in range(3)]

    assert verdicts == ["passed"] * 3
    until(lambda: service.metric("rltf_sandbox_recycles_total") >= 2, what="replacements")
    assert_whole(service, engine_client, containers_of, until)


def test_programs_without_measure_in_memory_do_not_disturb_others(
    service, engine_client, containers_of, until
):
    bombs = (
        "x = []\nwhile True: x.append(bytearray(1_000_000))",
        "import os\nwhile True:\n    if os.fork() == 0:\n        x = bytearray(10_000_000)",
        "x = open('/dev/shm/x', 'wb')\nwhile True: x.write(bytes(1_000_000))",
    )
    for bomb in bombs:
        body = {"source": bomb, "limits": {"memory_mb": 32, "wall_s": 2}}
        result = service.execute(body)
        assert result["verdict"] in {"memory_limit", "timeout", "runtime_error"}, bomb
        assert service.verdict(limits={"memory_mb": 32}) == "passed"

    assert_whole(service, engine_client, containers_of, until)


def test_full_disk_is_the_programs_own_and_empty_again_for_the_next(service):
    fill = (
        "import os\n"
        "for path in ('/tmp/full', '/dev/shm/full', 'full'):\n"
        "    try:\n"
        "        with open(path, 'wb') as file:\n"
        "            while True: file.write(bytes(1 << 20))\n"
        "    except OSError as error: print(error.errno)\n"
    )
    look = (
        "import os\n"
        "for path in ('/tmp', '/dev/shm', '.'):\n"
        "    with open(f'{path}/x', 'wb') as file: file.write(bytes(8 << 20))\n"
        "    os.unlink(f'{path}/x')\n"
        "print('room')\n"
    )
    for _ in range(3):
        full = service.execute({"source": fill, "return_output": True})
        test = {"kind": "stdio", "expected_stdout": "room\n"}
        roomy = service.execute({"source": look, "tests": [test]})

        assert full["tests"][0]["stdout"].splitlines()[:1] == ["28"]  # ENOSPC
        assert roomy["verdict"] == "passed", roomy


def test_full_table_of_files_is_the_programs_own(service):
    fill = (
        "import os\n"
        "count = 0\n"
        "try:\n"
        "    while True: os.mkdir(f'/tmp/{count}'); count += 1\n"
        "except OSError as error: print(error.errno, count > 1000)\n"
    )
    test = {"kind": "stdio", "expected_stdout": "28 True\n"}
    for _ in range(2):
        assert service.execute({"source": fill, "tests": [test]})["verdict"] == "passed"
    assert service.verdict() == "passed"
