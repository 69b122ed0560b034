"""The pool lends each sandbox to one at a time, replaces the doubtful, leaves nothing behind."""

import asyncio

import pytest

from rltf_executor.errors import (
    IsolationError,
    PoolTimeoutError,
    SandboxLostError,
    SandboxUnavailableError,
    ShuttingDownError,
)
from rltf_executor.sandbox import frames
from rltf_executor.sandbox import pool as pool_module
from rltf_executor.sandbox.base import Plan, StdioRun
from rltf_executor.sandbox.session import SetupFailedError
from rltf_executor.schema import Limits


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr(pool_module, "_RETRY_S", (0.0,))
    monkeypatch.setattr(pool_module, "_CHECK_EVERY_S", 0.01)


class Held:
    """A lease that is held until told otherwise."""

    def __init__(self, pool, *, memory_mb=512, fresh=False):
        self.sandbox = None
        self.has_it = asyncio.Event()
        self._leave = asyncio.Event()
        self.task = asyncio.create_task(self._hold(pool, memory_mb, fresh))

    async def _hold(self, pool, memory_mb, fresh):
        async with pool.lease(memory_mb=memory_mb, fresh=fresh) as sandbox:
            self.sandbox = sandbox
            self.has_it.set()
            await self._leave.wait()

    async def taken(self):
        async with asyncio.timeout(5):
            await self.has_it.wait()
        return self.sandbox

    async def leave(self):
        self._leave.set()
        await self.task


async def settle():
    """Let everything that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_sandboxes_are_lent_to_one_at_a_time(make_pool):
    pool = await make_pool(2)

    first, second, third = Held(pool), Held(pool), Held(pool)
    await first.taken()
    await second.taken()
    await settle()

    assert first.sandbox is not second.sandbox
    assert not third.has_it.is_set()
    assert (pool.status().ready, pool.status().leased) == (0, 2)
    await first.leave()
    assert await third.taken() is first.sandbox
    await second.leave()
    await third.leave()
    assert (pool.status().ready, pool.status().leased) == (2, 0)


async def test_those_who_wait_are_served_in_order(make_pool):
    pool = await make_pool(1)
    holder = Held(pool)
    await holder.taken()
    waiting = []
    for _ in range(5):
        waiting.append(Held(pool))
        await settle()

    await holder.leave()
    for position, held in enumerate(waiting):
        await held.taken()
        assert not any(later.has_it.is_set() for later in waiting[position + 1 :])
        await held.leave()


async def test_cancelled_waiter_takes_no_sandbox_with_it(make_pool):
    pool = await make_pool(1)
    holder, waiter = Held(pool), Held(pool)
    await holder.taken()
    await settle()

    waiter.task.cancel()
    await settle()
    await holder.leave()

    assert pool.status().ready == 1
    assert not pool._waiters


async def test_waiter_cancelled_as_it_is_served_gives_the_sandbox_back(make_pool, until):
    pool = await make_pool(1)
    holder, waiter = Held(pool), Held(pool)
    await holder.taken()
    await settle()

    idle_before = holder.sandbox.idle_since
    holder._leave.set()
    await until(lambda: holder.sandbox.idle_since > idle_before)  # handed on in the same step
    waiter.task.cancel()
    await settle()

    assert (pool.status().ready, pool.status().leased) == (1, 0)
    assert waiter.task.cancelled()


@pytest.mark.parametrize("turns", range(12))
async def test_cancelling_a_lease_at_any_moment_leaves_the_pool_whole(make_pool, turns):
    pool = await make_pool(1)
    holder = Held(pool)
    await holder.taken()
    waiter = Held(pool, memory_mb=64)
    await asyncio.sleep(0)
    holder._leave.set()
    for _ in range(turns):
        await asyncio.sleep(0)

    waiter.task.cancel()
    waiter._leave.set()
    await settle()

    last = Held(pool)
    await last.taken()
    await last.leave()
    assert (pool.status().ready, pool.status().leased) == (1, 0)


async def test_holder_that_is_cancelled_gives_the_sandbox_back(make_pool):
    pool = await make_pool(1)
    holder = Held(pool)
    sandbox = await holder.taken()

    holder.task.cancel()
    await settle()

    again = Held(pool)
    assert await again.taken() is sandbox
    await again.leave()


async def test_nobody_waits_longer_than_the_timeout_while_nothing_moves(make_pool):
    pool = await make_pool(1, lease_timeout_s=0.05)
    holder = Held(pool)
    await holder.taken()

    with pytest.raises(PoolTimeoutError, match=r"0\.05 s"):
        async with pool.lease(memory_mb=512):
            pass

    await holder.leave()
    assert pool.status().ready == 1


async def test_queue_that_moves_does_not_time_out(make_pool):
    pool = await make_pool(1, lease_timeout_s=0.2)

    async def hold():
        async with pool.lease(memory_mb=512):
            await asyncio.sleep(0.05)

    await asyncio.gather(*(hold() for _ in range(10)))  # half a second in all

    assert pool.status().ready == 1


async def test_condemned_sandbox_is_destroyed_and_replaced(make_pool, backend, until):
    pool = await make_pool(1)
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.condemn("tampered")
    await until(lambda: pool.status().ready)

    async with pool.lease(memory_mb=512) as other:
        assert other is not sandbox
    assert backend.of(sandbox).num_destroyed == 1
    assert pool.status().recycles == {"tampered": 1}


async def test_worn_sandbox_is_replaced(make_pool, backend, until):
    pool = await make_pool(1, max_runs=1)
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.num_runs += 1
    await until(lambda: pool.status().ready)

    async with pool.lease(memory_mb=512) as other:
        assert other is not sandbox
    assert pool.status().recycles == {"worn": 1}


async def test_sandbox_lost_while_idle_is_not_lent(make_pool, backend, monkeypatch):
    monkeypatch.setattr(pool_module, "_CHECK_EVERY_S", 60.0)
    pool = await make_pool(1)
    backend.made[0].stream.lose()
    await settle()

    async with pool.lease(memory_mb=512) as sandbox:
        assert sandbox is not backend.made[0].sandbox


async def test_sandbox_lost_while_idle_is_replaced_unasked(make_pool, backend, until):
    pool = await make_pool(1)
    backend.made[0].stream.lose()

    await until(lambda: len(backend.made) == 2 and pool.status().ready)

    assert pool.status().recycles == {"lost": 1}
    assert backend.num_alive == 1


async def test_sandbox_that_hangs_while_idle_is_replaced(make_pool, backend, until, monkeypatch):
    monkeypatch.setattr(pool_module, "_ANSWER_S", 0.02)
    pool = await make_pool(2)
    backend.made[0].stream.is_mute = True

    await until(lambda: pool.status().recycles == {"silent": 1} and pool.status().ready == 2)

    assert backend.made[0].num_destroyed == 1
    assert backend.num_alive == 2


async def test_sandbox_may_be_lent_while_it_is_asked_for_a_sign_of_life(
    make_pool, backend, until, monkeypatch
):
    monkeypatch.setattr(pool_module, "_ANSWER_S", 0.02)
    pool = await make_pool(1)
    backend.made[0].stream.is_mute = True
    await until(lambda: backend.made[0].sandbox._pong is not None)

    async with pool.lease(memory_mb=512) as sandbox:
        await asyncio.sleep(0.05)
        backend.made[0].stream.say(frames.PONG)
        backend.made[0].stream.is_mute = False
        assert sandbox.usable

    assert pool.status().ready == 1
    assert pool.status().recycles == {}


async def test_used_sandbox_ages_while_idle_and_an_unused_one_does_not(make_pool, backend, until):
    pool = await make_pool(2, max_idle_s=0.02)
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.num_runs += 1

    await until(lambda: pool.status().recycles == {"idle": 1} and pool.status().ready == 2)

    assert backend.of(sandbox).num_destroyed == 1
    assert len(backend.made) == 3


async def test_sandbox_with_the_memory_limit_asked_for_is_preferred(make_pool, backend):
    pool = await make_pool(2)
    for _ in range(2):
        async with pool.lease(memory_mb=64), pool.lease(memory_mb=512):
            pass

    for memory_mb in (64, 512, 512, 64):
        async with pool.lease(memory_mb=memory_mb) as sandbox:
            assert sandbox.memory_mb == memory_mb

    assert sorted(len(scripted.limits) for scripted in backend.made) == [1, 1]


async def test_sandbox_whose_limit_cannot_be_set_is_replaced_and_another_lent(
    make_pool, backend, until
):
    pool = await make_pool(2)
    backend.made[0].limit_error = SandboxUnavailableError("the engine said no")

    async with pool.lease(memory_mb=64) as sandbox:
        assert sandbox.usable
        assert sandbox.memory_mb == 64
    await until(lambda: pool.status().ready == 2)


async def test_engine_that_sets_no_limits_is_no_lost_sandbox(make_pool, backend, until):
    pool = await make_pool(3)
    for scripted in backend.made:
        scripted.limit_error = SandboxUnavailableError("the engine said no")

    with pytest.raises(PoolTimeoutError, match="memory limit"):
        async with pool.lease(memory_mb=64):
            pass
    await until(lambda: pool.status().ready == 3)


async def test_cancelled_while_its_limit_is_set_a_sandbox_is_not_lent_again(
    make_pool, backend, until
):
    pool = await make_pool(1)
    backend.made[0].limiting = asyncio.Event()
    holder = Held(pool, memory_mb=64)
    await settle()

    holder.task.cancel()  # the engine may set 64 MiB at any later time
    await until(lambda: pool.status().ready)

    assert backend.made[0].num_destroyed == 1
    assert backend.num_alive == 1


async def test_fresh_lease_gets_one_that_has_run_nothing(make_pool, backend, until):
    pool = await make_pool(2)
    for scripted in backend.made:
        scripted.sandbox.num_runs = 3

    async with pool.lease(memory_mb=512, fresh=True) as sandbox:
        assert sandbox.num_runs == 0
    await until(lambda: pool.status().ready == 2)
    assert pool.status().recycles == {"fresh wanted": 1}


async def test_several_fresh_leases_at_once_are_all_served(make_pool, backend):
    pool = await make_pool(2)
    for scripted in backend.made:
        scripted.sandbox.num_runs = 3

    async def use_fresh():
        async with pool.lease(memory_mb=512, fresh=True) as sandbox:
            assert sandbox.num_runs == 0
            sandbox.num_runs += 1
            await asyncio.sleep(0.01)

    async with asyncio.timeout(5):
        await asyncio.gather(*(use_fresh() for _ in range(6)))


async def test_fresh_lease_behind_a_full_pool_waits_for_its_turn(make_pool):
    pool = await make_pool(1)
    holder = Held(pool)
    sandbox = await holder.taken()
    sandbox.num_runs += 1
    fresh = Held(pool, fresh=True)
    await settle()

    await holder.leave()

    assert await fresh.taken() is not sandbox
    await fresh.leave()


async def test_loss_in_a_fresh_sandbox_is_the_holders_affair(make_pool):
    pool = await make_pool(1)

    with pytest.raises(SandboxLostError):
        async with pool.lease(memory_mb=512, fresh=True):
            raise SandboxLostError("gone")


@pytest.mark.parametrize("fresh", [False, True])
async def test_loss_by_the_engine_is_never_the_second_one_of_a_program(make_pool, backend, fresh):
    pool = await make_pool(1)
    backend.made[0].is_interfered = True

    with pytest.raises(PoolTimeoutError if fresh else SandboxLostError):
        async with pool.lease(memory_mb=512, fresh=fresh):
            raise SandboxLostError("gone")


async def test_failed_setup_of_a_fresh_sandbox_is_not_the_programs_doing(make_pool, until):
    pool = await make_pool(1)

    with pytest.raises(PoolTimeoutError, match="no room"):
        async with pool.lease(memory_mb=512, fresh=True):
            raise SetupFailedError("no room")

    await until(lambda: pool.status().ready)
    assert pool.status().recycles == {"lost": 1}


async def test_pool_says_why_it_is_short_until_the_engine_is_back(make_pool, backend, until):
    pool = await make_pool(1)
    reasons = []
    backend.fail_next(3)
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.condemn("tampered")
    while not pool.status().ready:
        reasons.append(pool.status().reason)
        await asyncio.sleep(0)

    assert "the engine is away" in reasons
    assert pool.status().reason is None


async def test_unforeseen_error_does_not_cost_the_pool_a_place(make_pool, backend, until):
    pool = await make_pool(1)
    backend.errors = [OSError(24, "Too many open files"), ValueError("odd")]
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.condemn("tampered")

    await until(lambda: pool.status().ready)


async def test_sandbox_that_cannot_be_destroyed_does_not_cost_the_pool_a_place(
    make_pool, backend, until
):
    pool = await make_pool(1)

    async def fail():
        raise OSError("no such device")

    async with pool.lease(memory_mb=512) as sandbox:
        sandbox._destroy = fail
        sandbox.condemn("tampered")

    await until(lambda: pool.status().ready)


async def test_waiting_lease_survives_an_outage_shorter_than_its_timeout(make_pool, backend):
    pool = await make_pool(1)
    backend.creating = asyncio.Event()
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.condemn("lost")
    waiter = Held(pool)
    await settle()
    assert not waiter.has_it.is_set()

    backend.creating.set()

    await waiter.taken()
    await waiter.leave()


async def test_start_that_fails_leaves_nothing(make_pool, backend):
    backend.fail_next(1)

    with pytest.raises(SandboxUnavailableError):
        await make_pool(3)

    assert backend.num_alive == 0


async def test_start_names_a_refused_level_before_any_other_failure(make_pool, backend):
    backend.errors = [SandboxUnavailableError("slow"), IsolationError("unshare refused")]

    with pytest.raises(IsolationError):
        await make_pool(3)

    assert backend.num_alive == 0


async def test_start_that_is_cancelled_leaves_nothing(make_pool, backend, until):
    starting = asyncio.create_task(make_pool(3))
    await backend.created.wait()

    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)

    assert backend.num_alive == 0


async def test_close_removes_every_sandbox(make_pool, backend):
    pool = await make_pool(3)
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.condemn("tampered")

    await pool.close()

    assert backend.num_alive == 0
    assert backend.num_closed == 1
    assert pool.status().reason == "shutting down"


async def test_close_waits_for_the_running_up_to_its_grace(make_pool, backend):
    pool = await make_pool(1)
    holder = Held(pool)
    await holder.taken()
    closing = asyncio.create_task(pool.close(5.0))
    await settle()
    assert not closing.done()
    assert backend.num_alive == 1

    await holder.leave()

    async with asyncio.timeout(1):
        await closing
    assert backend.num_alive == 0


async def test_close_takes_the_sandbox_away_from_whoever_outstays_the_grace(make_pool, backend):
    pool = await make_pool(1)
    holder = Held(pool)
    await holder.taken()

    async with asyncio.timeout(2):
        await pool.close(0.05)

    assert backend.num_alive == 0
    await holder.leave()
    await settle()
    assert backend.made[0].num_destroyed == 1  # once, though its lease ended after that


async def test_close_turns_the_waiting_away(make_pool):
    pool = await make_pool(1)
    holder, waiter = Held(pool), Held(pool)
    await holder.taken()
    await settle()
    await pool.close()

    with pytest.raises(ShuttingDownError):
        await waiter.task
    with pytest.raises(ShuttingDownError):
        async with pool.lease(memory_mb=512):
            pass
    await holder.leave()


async def test_close_while_a_sandbox_is_being_replaced_leaves_nothing(make_pool, backend):
    pool = await make_pool(1)
    backend.creating = asyncio.Event()
    async with pool.lease(memory_mb=512) as sandbox:
        sandbox.condemn("tampered")
    await settle()

    async with asyncio.timeout(1):
        await pool.close()
    backend.creating.set()
    await settle()

    assert backend.num_alive == 0


async def test_sandbox_is_lent_again_only_when_its_last_run_has_ended(make_pool, backend):
    pool = await make_pool()
    plan = Plan(source="", tests=(StdioRun(stdin=b""),), limits=Limits(total_s=5))
    async with pool.lease(memory_mb=64) as sandbox:
        scripted = backend.of(sandbox)
        running = asyncio.create_task(sandbox.run(plan, lambda outcome: True))
        await scripted.stream.next_request()
        scripted.stream.say(frames.OUTCOME, 0, {"phase": "test", "exit": 0})
        await running

    waiting = asyncio.create_task(pool._take(64, False))
    await settle()
    assert not waiting.done()
    assert pool.status().leased == 1

    scripted.stream.say(frames.DONE, 0, {"condemned": None})
    assert await waiting is sandbox
    pool._give_back(sandbox)
