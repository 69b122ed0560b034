"""Containers as the engine sees them: hardened, owned, and gone when nobody needs them."""

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import textwrap
import time

import docker
import pytest

from rltf_executor.errors import IsolationError, SandboxUnavailableError
from rltf_executor.sandbox import docker_backend, open_pool
from rltf_executor.sandbox.base import Plan, StdioRun
from rltf_executor.sandbox.docker_backend import DockerBackend
from rltf_executor.sandbox.options import SandboxOptions, deploy_file
from rltf_executor.sandbox.ownership import LABEL, OWNER_LABEL
from rltf_executor.sandbox.pool import Pool
from rltf_executor.settings import Settings

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("sandbox_image")]
PLAN = Plan(source="print(1)", tests=(StdioRun(stdin=b""),))
MIB = 1024 * 1024


@pytest.fixture
def engine(docker_host):
    client = docker.DockerClient(base_url=docker_host)
    yield client
    client.close()


@pytest.fixture
def foreign(engine, sandbox_image):
    """Makes containers that are not ours; removes them in the end."""
    made = []

    def make(*, start=True, **labels):
        container = engine.containers.create(
            sandbox_image,
            entrypoint=["sleep"],
            command=["60"],
            labels={name.replace("_", "."): value for name, value in labels.items()},
            network_mode="none",
        )
        made.append(container)
        if start:
            container.start()
        return container

    yield make
    for container in made:
        with contextlib.suppress(docker.errors.NotFound):
            container.remove(force=True)


def options(**changes):
    return SandboxOptions(
        **{
            "image": "rltf-sandbox:latest",
            "runtime": "runc",
            "tmpfs_mb": 16,
            "cpus": 1.5,
            "max_memory_mb": 256,
            "docker_host": None,
            "seccomp_profile": None,
            **changes,
        }
    )


def make_pool(backend, *, size=1, level="namespaces"):
    return Pool(backend, size=size, level=level, lease_timeout_s=20, max_runs=500, max_idle_s=600)


@contextlib.asynccontextmanager
async def pool_of(*, size=1, level="namespaces", **changes):
    backend = DockerBackend(options(**changes))
    await backend.start()
    pool = make_pool(backend, size=size, level=level)
    await pool.start()
    try:
        yield pool, backend
    finally:
        await pool.close()


def containers_of(engine, backend):
    label = f"{OWNER_LABEL}={backend._owner}"
    return engine.containers.list(all=True, filters={"label": label}, ignore_removed=True)


async def until(condition, timeout_s=15):
    async with asyncio.timeout(timeout_s):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # nothing tells us
            await asyncio.sleep(0.05)


async def test_every_container_has_a_user_of_its_own(engine):
    """What the kernel counts by user (pipes, inotify, signals) is not shared."""
    async with pool_of(size=2) as (_, backend):
        users = {each.attrs["Config"]["User"] for each in containers_of(engine, backend)}

    assert len(users) == 2


@pytest.mark.parametrize("level", ["namespaces", "uid"])
async def test_container_is_hardened(engine, level):
    async with pool_of(level=level) as (_, backend):
        (container,) = containers_of(engine, backend)
        config, host = container.attrs["Config"], container.attrs["HostConfig"]

    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    wanted = ["KILL", "SETGID", "SETUID"] if level == "uid" else []
    assert sorted(host["CapAdd"] or []) == wanted
    uid, _, gid = config["User"].partition(":")
    assert uid == gid
    assert uid == "0" if level == "uid" else 40_000 <= int(uid) < 60_000
    assert "no-new-privileges" in host["SecurityOpt"]
    (seccomp,) = [option for option in host["SecurityOpt"] if option.startswith("seccomp=")]
    assert json.loads(seccomp.removeprefix("seccomp="))["defaultAction"] == "SCMP_ACT_ERRNO"
    assert host["Privileged"] is False
    assert host["PidsLimit"] == 320
    assert host["Memory"] == host["MemorySwap"] == (256 + docker_backend._RUNNER_MB) * MIB
    assert host["NanoCpus"] == 1_500_000_000
    assert host["LogConfig"]["Type"] == "none"
    assert host["AutoRemove"] is True
    assert set(host["Tmpfs"]) == {"/tmp"}
    assert "size=16m" in host["Tmpfs"]["/tmp"]
    assert host["ShmSize"] == 16 * MIB
    assert not host["Binds"]
    assert not host["Devices"]
    assert not container.attrs["Mounts"]
    assert not host["PortBindings"]
    assert (host["PidMode"], host["UsernsMode"]) == ("", "")
    assert host["IpcMode"] in ("private", "none")
    assert config["Labels"][LABEL] == "1"
    assert (config["OpenStdin"], config["StdinOnce"], config["Tty"]) == (True, True, False)
    assert not any("EXECUTOR" in variable for variable in config["Env"])


async def test_memory_limit_is_that_of_the_lease(engine):
    async with pool_of() as (pool, backend):
        (container,) = containers_of(engine, backend)
        for memory_mb in (64, 200):
            async with pool.lease(memory_mb=memory_mb):
                container.reload()
                expected = (memory_mb + docker_backend._RUNNER_MB) * MIB
                assert container.attrs["HostConfig"]["Memory"] == expected


async def test_close_removes_our_containers_and_no_other(engine, foreign):
    other = foreign(some_label="1")
    async with pool_of(size=2) as (pool, backend), pool_of() as (neighbour, _):
        assert len(containers_of(engine, backend)) == 2
        await pool.close()
        assert containers_of(engine, backend) == []
        async with neighbour.lease(memory_mb=64) as sandbox:
            await sandbox.run(PLAN, lambda _: True)

    other.reload()
    assert other.status == "running"


async def test_replaced_container_is_removed(engine):
    async with pool_of() as (pool, backend):
        (before,) = containers_of(engine, backend)
        async with pool.lease(memory_mb=64) as sandbox:
            sandbox.condemn("for a test")
        await until(lambda: pool.status().ready)

        (after,) = containers_of(engine, backend)
        assert after.id != before.id


def descriptors():
    return len(os.listdir("/proc/self/fd"))


async def test_replacing_sandboxes_leaks_no_descriptor(engine):
    async with pool_of() as (pool, _):
        counts = []
        for _ in range(8):
            async with pool.lease(memory_mb=64) as sandbox:
                sandbox.condemn("for a test")
            await until(lambda: pool.status().ready)
            counts.append(descriptors())

    assert max(counts[4:]) <= max(counts[:4])


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.2, 0.4])
async def test_start_that_is_cancelled_leaves_no_container(engine, delay):
    backend = DockerBackend(options())
    await backend.start()
    starting = asyncio.create_task(make_pool(backend, size=2).start())
    await asyncio.sleep(delay)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)

    await backend.close()

    assert containers_of(engine, backend) == []


async def test_close_during_a_replacement_leaves_no_container(engine):
    async with pool_of() as (pool, backend):
        async with pool.lease(memory_mb=64) as sandbox:
            sandbox.condemn("for a test")
        await asyncio.sleep(0.3)

    assert containers_of(engine, backend) == []


def empty_image(engine, name):
    """An image with nothing in it, under a name."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    repository, tag = name.split(":")
    engine.api.import_image_from_data(content.getvalue(), repository=repository, tag=tag)


async def test_name_of_the_image_may_move_while_the_service_runs(engine, sandbox_image):
    name = "rltf-sandbox-test:moving"
    engine.images.get(sandbox_image).tag(name)
    try:
        async with pool_of(image=name) as (pool, _):
            empty_image(engine, name)
            async with pool.lease(memory_mb=64) as sandbox:
                sandbox.condemn("for a test")
            await until(lambda: pool.status().ready)
    finally:
        engine.images.remove(name, force=True)


async def test_image_that_is_gone_is_looked_for_by_its_name(engine, sandbox_image):
    async with pool_of() as (pool, backend):
        backend.image_id = f"sha256:{'0' * 64}"
        async with pool.lease(memory_mb=64) as sandbox:
            sandbox.condemn("for a test")
        await until(lambda: pool.status().ready)

        assert backend.image_id == engine.images.get(sandbox_image).id


async def test_container_that_cannot_be_started_is_not_left_behind(engine):
    backend = DockerBackend(options(runtime="no-such-runtime"))
    await backend.start()

    with pytest.raises(SandboxUnavailableError, match="no-such-runtime"):
        await make_pool(backend).start()

    assert containers_of(engine, backend) == []
    await backend.close()


async def test_dead_container_is_noticed_and_replaced(engine):
    async with pool_of() as (pool, backend):
        (container,) = containers_of(engine, backend)
        await asyncio.to_thread(container.kill)
        await until(lambda: container.id not in {c.id for c in containers_of(engine, backend)})

        async with pool.lease(memory_mb=64) as sandbox:
            outcomes = []
            await sandbox.run(PLAN, lambda outcome: outcomes.append(outcome) or True)

        assert outcomes[0].stdout == b"1\n"


SERVICE = """
import asyncio
from rltf_executor.sandbox import open_pool
from rltf_executor.settings import Settings

async def main():
    settings = Settings(pool={"size": 2}, sandbox={"backend": "docker", "memory_mb": 64})
    pool = await open_pool(settings)
    print(pool._backend._owner, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def service():
    """A process that holds a pool, and the owner it writes on its containers."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVICE)], stdout=subprocess.PIPE, text=True
    )
    owner = process.stdout.readline().strip()
    yield process, owner
    process.kill()
    process.wait()
    process.stdout.close()


def owned(engine, owner):
    return engine.containers.list(
        all=True, filters={"label": f"{OWNER_LABEL}={owner}"}, ignore_removed=True
    )


def test_containers_of_a_killed_service_vanish_by_themselves(engine, service):
    process, owner = service
    assert len(owned(engine, owner)) == 2

    process.kill()
    process.wait()

    deadline = time.monotonic() + 20
    while owned(engine, owner) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert owned(engine, owner) == []


async def test_start_removes_what_a_dead_service_left_and_nothing_else(engine, service, foreign):
    _, living = service
    process_identity, pid, ticks, _ = living.split(":")
    dead = foreign(io_rltf_sandbox="1", io_rltf_owner=f"{process_identity}:{pid}:1:aaaa")
    never_started = foreign(
        start=False, io_rltf_sandbox="1", io_rltf_owner=f"{process_identity}:4000000:1:bbbb"
    )
    elsewhere = foreign(io_rltf_sandbox="1", io_rltf_owner=f"otherhost-1:{pid}:{ticks}:cccc")
    nobodys = foreign(io_rltf_sandbox="1")
    unlabelled = foreign(other="1")

    async with pool_of():
        there = {
            container.id for container in engine.containers.list(all=True, ignore_removed=True)
        }

    assert dead.id not in there
    assert never_started.id not in there
    assert {elsewhere.id, nobodys.id, unlabelled.id} <= there
    assert len(owned(engine, living)) == 2


def profile_without(tmp_path, *calls):
    """Our seccomp profile less some calls: a host that refuses them."""
    profile = json.loads(deploy_file("seccomp.json").read_text())
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in calls]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
    path = tmp_path / "seccomp.json"
    path.write_text(json.dumps(profile))
    return path


def settings(**sandbox):
    return Settings(
        pool={"size": 1}, sandbox={"backend": "docker", "memory_mb": 128, "tmpfs_mb": 16, **sandbox}
    )


@pytest.mark.parametrize("refused", [["unshare"], ["mount"]], ids=["unshare", "mount"])
async def test_host_without_namespaces_gets_the_uid_level(tmp_path, refused):
    """Where ``mount`` is refused the runner itself starts: only a process of a program fails."""
    pool = await open_pool(settings(seccomp_profile=profile_without(tmp_path, *refused)))
    outcomes = []
    try:
        async with pool.lease(memory_mb=64) as sandbox:
            await sandbox.run(PLAN, lambda outcome: outcomes.append(outcome) or True)
    finally:
        await pool.close()

    assert pool.isolation.level == "uid"
    assert outcomes[0].stdout == b"1\n"


async def test_level_below_the_required_one_is_refused_and_leaves_nothing(engine, tmp_path):
    before = {container.id for container in engine.containers.list(all=True, ignore_removed=True)}
    profile = profile_without(tmp_path, "unshare")

    with pytest.raises(IsolationError, match=r"namespaces is required.*unshare"):
        await open_pool(settings(seccomp_profile=profile, require_isolation="namespaces"))

    after = engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    ours = [c for c in after if c.id not in before and f":{os.getpid()}:" in c.labels[OWNER_LABEL]]
    assert ours == []


async def test_failure_that_is_no_refusal_does_not_lower_the_level(monkeypatch):
    levels = []

    async def create(self, level):
        levels.append(level)
        raise SandboxUnavailableError("sandbox did not start in time")

    monkeypatch.setattr(DockerBackend, "create", create)

    with pytest.raises(SandboxUnavailableError, match="in time"):
        await open_pool(settings())
    assert set(levels) == {"namespaces"}


async def test_engine_that_is_not_there_is_named():
    with pytest.raises(
        SandboxUnavailableError, match="no Docker engine answers at unix:///nowhere"
    ):
        await open_pool(settings(docker_host="unix:///nowhere/docker.sock"))


async def test_loss_by_command_is_told_from_one_by_the_program(engine):
    async with pool_of(size=2) as (pool, _):
        async with pool.lease(memory_mb=64) as first:
            container = engine.containers.get(first.name)
            await asyncio.to_thread(container.kill)
            assert await first.was_interfered()
            first.condemn("for a test")
        await until(lambda: pool.status().ready == 2)
        async with pool.lease(memory_mb=64) as second:
            assert not await second.was_interfered()  # alive, and nobody touched it
            pid = engine.containers.get(second.name).attrs["State"]["Pid"]
            os.kill(pid, 9)  # as a program would that found a way to kill the runner
            assert not await second.was_interfered()
            second.condemn("for a test")
