"""How the executor scales: latency with load, throughput with its pool, cost with tests.

    python benchmarks/scaling.py [--rounds 3] [--load-s 6] [--json FILE]

Starts services of its own on Docker. Load is open: requests leave at Poisson times of a fixed seed
whether or not earlier ones are answered, and a latency counts from when its request was due, so a
service that falls behind cannot hide it. What is compared takes turns within each round. The
clients share the cores with the service.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

import docker
import report
from report import Row
from service import RunningService, running

from programs import Case, copies, short_cases
from rltf_executor.client import AsyncExecutorClient
from rltf_executor.schema import CallTest, ExecutionResult, Submission

LOADS: Final = (0.10, 0.50, 0.80, 0.95)  # of the capacity
POOL_SIZES: Final = (1, 2, 4)
NUM_TESTS: Final = (1, 3, 10, 30, 100)
IN_FLIGHT: Final = 16  # requests, while the capacity is measured
MAX_IN_FLIGHT: Final = 1000
MIN_REQUESTS: Final = 150  # of a load in a round, or its p99 says nothing
TESTS_IN_A_ROUND: Final = 1500  # of each number of tests, but never more than …
PROGRAMS_IN_A_ROUND: Final = 300
SETTLE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Latencies of one round, milliseconds."""

    p50: float
    p90: float
    p99: float


def percentiles(taken_ms: Sequence[float]) -> Percentiles:
    """Gives the percentiles of at least two latencies."""
    cuts = statistics.quantiles(taken_ms, n=100, method="inclusive")
    return Percentiles(cuts[49], cuts[89], cuts[98])


async def judge(client: AsyncExecutorClient, case: Case) -> None:
    """Has one program graded.

    Raises:
        RuntimeError: It got another verdict than it should.
    """
    result = await client.execute(case.program)
    if result.verdict != case.verdict:
        raise RuntimeError(f"not {case.verdict}: {result!r}\n{case.program.source}")


async def judge_batch(client: AsyncExecutorClient, cases: Sequence[Case]) -> float:
    """Has programs graded in a batch and gives the seconds it took.

    Raises:
        RuntimeError: One of them got another verdict than it should.
    """
    started = time.perf_counter()
    entries = await client.execute_batch([case.program for case in cases])
    elapsed_s = time.perf_counter() - started
    for case, entry in zip(cases, entries, strict=True):
        if not isinstance(entry, ExecutionResult) or entry.verdict != case.verdict:
            raise RuntimeError(f"not {case.verdict}: {entry!r}\n{case.program.source}")
    return elapsed_s


async def capacity_per_s(client: AsyncExecutorClient, cases: Iterator[Case], for_s: float) -> float:
    """Gives single requests per second when some are always waiting."""
    started = time.perf_counter()
    num_done = 0

    async def ask() -> None:
        nonlocal num_done
        while time.perf_counter() - started < for_s:
            await judge(client, next(cases))
            num_done += 1

    await asyncio.gather(*(ask() for _ in range(IN_FLIGHT)))
    return num_done / (time.perf_counter() - started)


async def latencies_ms(
    client: AsyncExecutorClient,
    cases: Iterator[Case],
    per_s: float,
    for_s: float,
    chance: random.Random,
) -> list[float]:
    """Offers ``per_s`` requests per second at Poisson times and gives their latencies, ms."""
    taken_ms: list[float] = []

    async def ask(due: float) -> None:
        await judge(client, next(cases))
        taken_ms.append((time.perf_counter() - due) * 1000)

    started = due = time.perf_counter()
    async with asyncio.TaskGroup() as requests:
        while (due := due + chance.expovariate(per_s)) < started + for_s:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            requests.create_task(ask(due))
    return taken_ms


async def load_rows(url: str, options: argparse.Namespace) -> list[Row]:
    """Measures the capacity for single requests, then latency at shares of it."""
    chance = random.Random(options.seed)  # noqa: S311
    cases = cycle(short_cases())
    capacity: list[float] = []
    found: dict[float, list[Percentiles]] = {load: [] for load in LOADS}
    async with AsyncExecutorClient(url, max_concurrency=MAX_IN_FLIGHT) as client:
        await capacity_per_s(client, cases, 1.0)  # warm
        for number in range(1, options.rounds + 1):
            capacity.append(await capacity_per_s(client, cases, options.load_s))
            for load in LOADS:
                offered = load * capacity[-1]
                for_s = max(options.load_s, MIN_REQUESTS / offered)
                taken_ms = await latencies_ms(client, cases, offered, for_s, chance)
                found[load].append(percentiles(taken_ms))
            say(f"round {number}: {capacity[-1]:.0f} requests/s are the capacity")
    rows = [Row(name=f"/execute, {IN_FLIGHT} in flight", unit="/s", rounds=capacity)]
    for load, rounds in found.items():
        for name in ("p50", "p90", "p99"):
            values = [float(getattr(each, name)) for each in rounds]
            row_name = f"{name} latency at {load:.0%} load"
            rows.append(Row(name=row_name, unit="ms", rounds=values, better="lower"))
    return rows


async def pool_rows(services: dict[int, RunningService], options: argparse.Namespace) -> list[Row]:
    """Measures throughput of batches with each pool, in turns, and memory per sandbox."""
    fresh_mb = {size: service.sandbox_memory_mb() for size, service in services.items()}
    rates: dict[int, list[float]] = {size: [] for size in services}
    cases = short_cases()
    for number in range(options.rounds + 1):
        batch = list(copies(cases, options.programs))
        for size, service in services.items():
            async with AsyncExecutorClient(service.url) as client:
                elapsed_s = await judge_batch(client, batch)
            if number:  # the first one warms
                rates[size].append(len(batch) / elapsed_s)
    await asyncio.sleep(SETTLE_S)
    used_mb = {size: service.sandbox_memory_mb() for size, service in services.items()}
    rows = [
        Row(name=f"batch, pool of {size}", unit="/s", rounds=rounds)
        for size, rounds in rates.items()
    ]
    for name, found in (("fresh", fresh_mb), ("after work", used_mb)):
        rows.append(
            Row(
                name=f"memory per warm sandbox, {name}",
                unit="MiB",
                rounds=[memory_mb for each in found.values() for memory_mb in each],
                better="lower",
                note=f"lowest and highest of {sum(map(len, found.values()))} containers",
            )
        )
    return rows


def with_tests(num_tests: int) -> Case:
    """Gives a program with that many call tests."""
    tests = [
        CallTest(kind="call", function="add", args=[number, 1], expected=number + 1)
        for number in range(num_tests)
    ]
    return Case(Submission(source="def add(a, b):\n    return a + b\n", tests=list(tests)))


async def cost_rows(url: str, options: argparse.Namespace) -> list[Row]:
    """Measures what a program costs one sandbox, by the number of its tests."""
    each_ms: dict[int, list[float]] = {num_tests: [] for num_tests in NUM_TESTS}
    async with AsyncExecutorClient(url) as client:
        for number in range(options.rounds + 1):
            for num_tests in NUM_TESTS:
                count = min(PROGRAMS_IN_A_ROUND, TESTS_IN_A_ROUND // num_tests)
                batch = list(copies([with_tests(num_tests)], count))
                elapsed_s = await judge_batch(client, batch)
                if number:  # the first one warms
                    each_ms[num_tests].append(1000 * elapsed_s / count)
    rows: list[Row] = []
    for num_tests, rounds in each_ms.items():
        per_test_ms = statistics.median(rounds) / num_tests
        rows.append(
            Row(
                name=f"a program with {num_tests} tests, pool of 1",
                unit="ms",
                rounds=rounds,
                better="lower",
                detail={"per_test_ms": per_test_ms},
                note=f"{per_test_ms:.2f} ms a test",
            )
        )
    return rows


def start_row(engine: docker.DockerClient, options: argparse.Namespace) -> Row:
    """Measures the start of a service whose image is there, until it is ready."""
    taken_s: list[float] = []
    for _ in range(options.starts):
        with running(engine) as service:
            taken_s.append(service.ready_s)
    return Row(name="cold start to ready, default pool", unit="s", rounds=taken_s, better="lower")


@contextmanager
def pools(engine: docker.DockerClient) -> Iterator[dict[int, RunningService]]:
    """Keeps a service up for each size of a pool."""
    with ExitStack() as stack:
        yield {
            size: stack.enter_context(running(engine, {"EXECUTOR_POOL__SIZE": str(size)}))
            for size in POOL_SIZES
        }


def measure(engine: docker.DockerClient, options: argparse.Namespace) -> list[Row]:
    """Measures everything."""
    rows: list[Row] = []
    with running(engine) as service:  # the image is built by now, if it was not
        say(f"latency at {', '.join(f'{load:.0%}' for load in LOADS)} of the capacity")
        rows += asyncio.run(load_rows(service.url, options))
    with pools(engine) as services:
        say(f"throughput with pools of {', '.join(map(str, services))}")
        rows += asyncio.run(pool_rows(services, options))
        say(f"cost with {', '.join(map(str, NUM_TESTS))} tests")
        rows += asyncio.run(cost_rows(services[1].url, options))
    if options.starts:
        say(f"{options.starts} cold starts")
        rows.append(start_row(engine, options))
    return rows


def say(text: str) -> None:
    """Tells how far it is."""
    print(text, file=sys.stderr, flush=True)


def parse_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Measure how the executor scales.")
    parser.add_argument("--rounds", type=int, default=3, help="times everything is measured (3)")
    parser.add_argument("--load-s", type=float, default=6.0, help="of each load, at least (6)")
    parser.add_argument("--programs", type=int, default=400, help="in a batch, for each pool (400)")
    parser.add_argument("--starts", type=int, default=3, help="cold starts; 0: leave out (3)")
    parser.add_argument("--seed", type=int, default=1, help="of the arrival times (1)")
    parser.add_argument("--json", type=Path, help="write every round there")
    return parser.parse_args()


def main() -> None:
    """Measures, prints, writes."""
    options = parse_options()
    engine = docker.DockerClient(base_url=os.environ.get("DOCKER_HOST"))
    try:
        rows = measure(engine, options)
    finally:
        engine.close()
    machine = report.machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, commit {report.commit()}\n")
    print(report.table(rows))
    if options.json is not None:
        report.write_json(options.json, rows, {k: str(v) for k, v in vars(options).items()})


if __name__ == "__main__":
    main()
