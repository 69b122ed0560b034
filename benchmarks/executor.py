"""What the executor costs, against what people do instead, measured in the same run.

    python benchmarks/executor.py [--rounds 5] [--mixed | --mbpp FILE] [--url URL] [--json FILE]

Machines drift within a run, so what is compared takes turns: each round measures every way once,
and a ratio is taken within its round. It starts its own service on Docker unless ``--url`` names
one; the numbers that need the service's process are left out then. Nothing is reported unless
every program got its verdict from every grader.
"""

import argparse
import asyncio
import http.client
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import baselines
import docker
import report
from report import Row
from service import RunningService, SandboxCpuMeter, engine_cpu_s, running

from programs import Case, copies, mbpp_programs, mixed_cases, short_cases
from rltf_executor.client import AsyncExecutorClient
from rltf_executor.schema import CallTest, ExecutionResult, Submission

IMAGE: Final = "rltf-sandbox:latest"
ONE_TEST: Final = Submission(
    source="def add(a, b):\n    return a + b\n",
    tests=[CallTest(kind="call", function="add", args=[1, 2], expected=3)],
)
SLOW_PROGRAM_S: Final = 0.15


async def grade(client: AsyncExecutorClient, cases: Sequence[Case]) -> list[ExecutionResult]:
    """Has programs graded in a batch.

    Raises:
        RuntimeError: One of them got another verdict than it should.
    """
    results: list[ExecutionResult] = []
    entries = await client.execute_batch([case.program for case in cases])
    for case, entry in zip(cases, entries, strict=True):
        if not isinstance(entry, ExecutionResult) or entry.verdict != case.verdict:
            raise RuntimeError(f"not {case.verdict}: {entry!r}\n{case.program.source}")
        results.append(entry)
    return results


async def graded_per_s(client: AsyncExecutorClient, cases: Sequence[Case]) -> float:
    """Has programs graded in a batch and gives programs per second."""
    started = time.perf_counter()
    await grade(client, cases)
    return len(cases) / (time.perf_counter() - started)


async def latencies_ms(client: AsyncExecutorClient, count: int) -> list[float]:
    """Times requests one after the other, milliseconds."""
    taken_ms: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        result = await client.execute(ONE_TEST)
        taken_ms.append((time.perf_counter() - started) * 1000)
        if result.verdict != "passed":
            raise RuntimeError(f"not passed: {result!r}")
    return taken_ms


def plain_latencies_ms(url: str, count: int) -> list[float]:
    """Times the same requests through a client that does little, milliseconds."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    body = ONE_TEST.model_dump_json(exclude_unset=True)
    taken_ms: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        connection.request("POST", "/execute", body, {"Content-Type": "application/json"})
        answer = connection.getresponse().read()
        taken_ms.append((time.perf_counter() - started) * 1000)
        if b'"verdict":"passed"' not in answer:
            raise RuntimeError(f"not passed: {answer!r}")
    connection.close()
    return taken_ms


async def compare(url: str, cases: list[Case], options: argparse.Namespace) -> list[Row]:
    """Measures throughput every way and latency, in turns."""
    rates: dict[str, list[float]] = {"rltf over HTTP": []}
    p50: list[float] = []
    p99: list[float] = []
    plain_p50: list[float] = []
    async with AsyncExecutorClient(url) as client:
        await graded_per_s(client, cases)  # warm, and all right
        await latencies_ms(client, 20)
        for number in range(1, options.rounds + 1):
            batch = list(copies(cases, options.programs))
            rates["rltf over HTTP"].append(await graded_per_s(client, batch))
            for name, rate in run_baselines(cases, options).items():
                rates.setdefault(name, []).append(rate)
            taken_ms = await latencies_ms(client, options.requests)
            p50.append(statistics.median(taken_ms))
            plain_ms = await asyncio.to_thread(plain_latencies_ms, url, options.requests)
            plain_p50.append(statistics.median(plain_ms))
            p99.append(statistics.quantiles(taken_ms, n=100)[98])
            say(f"round {number}: " + ", ".join(f"{k} {v[-1]:.1f}/s" for k, v in rates.items()))
    latency = Row(
        name="p50 latency of /execute, one test, idle",
        unit="ms",
        rounds=p50,
        better="lower",
        must=10,
        aim=4,
        detail={"p99": statistics.median(p99)},
        note=f"p99 {statistics.median(p99):.1f} ms",
    )
    plain = Row(name="p50 of the same through http.client", unit="ms", rounds=plain_p50)
    return [*throughput_rows(rates, has_budget=not options.mixed), latency, plain]


def run_baselines(cases: list[Case], options: argparse.Namespace) -> dict[str, float]:
    """Measures every other way once; a count of 0 leaves one out."""
    ways: list[tuple[str, int, Callable[[list[Case]], float]]] = [
        (
            "subprocess.run([python, f])",
            options.programs // 4,
            lambda some: baselines.by_subprocess(some, options.python),
        ),
        (
            "fork + exec, no isolation",
            options.programs,
            lambda some: baselines.by_fork(some, options.python),
        ),
        (
            "worker processes, no isolation",
            options.worker_processes,
            lambda some: baselines.by_worker_processes(some, options.python),
        ),
        (
            "docker run --rm",
            options.docker_runs,
            lambda some: baselines.by_docker_run(some, IMAGE),
        ),
        (
            "docker exec, containers kept",
            options.docker_execs,
            lambda some: baselines.by_docker_exec(some, IMAGE),
        ),
        (
            "llm-sandbox, its pool",
            options.llm_sandbox_runs,
            lambda some: baselines.by_llm_sandbox(some, options.llm_sandbox_python, IMAGE),
        ),
    ]
    return {name: measure(list(copies(cases, count))) for name, count, measure in ways if count}


def throughput_rows(rates: dict[str, list[float]], *, has_budget: bool) -> list[Row]:
    """Gives the ratios first, then the rates; a budget is for the short programs."""
    (_, ours), *others = rates.items()
    budgets = {"subprocess.run([python, f])": (2.5, 4.0), "docker run --rm": (40.0, 100.0)}
    rows: list[Row] = []
    for name, theirs in others:
        must, aim = budgets.get(name, (None, None)) if has_budget else (None, None)
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        rows.append(
            Row(name=f"graded programs/s, vs {name}", unit="x", rounds=ratios, must=must, aim=aim)
        )
    rows.sort(key=lambda row: row.must or math.inf)
    return rows + [Row(name=name, unit="/s", rounds=rate) for name, rate in rates.items()]


async def cpu_row(service: RunningService, cases: list[Case], rounds: int) -> Row:
    """Measures the service's own CPU for a batch of 1,000 against that of the sandboxes."""
    shares: list[float] = []
    details: list[dict[str, float]] = []
    async with AsyncExecutorClient(service.url, batch_size=1000) as client:
        for _ in range(rounds):
            meter = SandboxCpuMeter(service)
            own_s, engine_s = service.own_cpu_s(), engine_cpu_s()
            results = await grade(client, list(copies(cases, 1000)))
            own_s, engine_s = service.own_cpu_s() - own_s, engine_cpu_s() - engine_s
            sandboxes_s = meter.stop()
            tests_s = sum(test.cpu_ms for result in results for test in result.tests) / 1000
            shares.append(100 * own_s / sandboxes_s)
            details.append(
                {
                    "service_s": own_s,
                    "engine_s": engine_s,
                    "sandboxes_s": sandboxes_s,
                    "tests_s": tests_s,
                }
            )
    middle = {name: statistics.median(each[name] for each in details) for name in details[0]}
    return Row(
        name="service's CPU over programs', batch of 1,000",
        unit="%",
        rounds=shares,
        better="lower",
        must=50,
        aim=20,
        detail=middle,
        note=", ".join(f"{name[:-2]} {seconds:.2f} s" for name, seconds in middle.items()),
    )


async def memory_row(engine: docker.DockerClient, cases: list[Case]) -> Row:
    """Measures the containers of a pool of four, fresh and after work."""
    with running(engine, {"EXECUTOR_POOL__SIZE": "4"}) as service:
        fresh_mb = sum(service.sandbox_memory_mb())
        async with AsyncExecutorClient(service.url) as client:
            await graded_per_s(client, list(copies(cases, 200)))
        await asyncio.sleep(1)
        per_sandbox = service.sandbox_memory_mb()
        own_mb = service.resident_mb()
    if len(per_sandbox) != 4:
        raise RuntimeError(f"{len(per_sandbox)} containers found, not 4")
    return Row(
        name="memory of an idle pool of 4",
        unit="MiB",
        rounds=[sum(per_sandbox)],
        better="lower",
        must=200,
        aim=80,
        detail={"fresh_mb": fresh_mb, "service_resident_mb": own_mb},
        note=f"after 200 submissions; fresh {fresh_mb:.0f} MiB; the service {own_mb:.0f} MiB",
    )


def say(text: str) -> None:
    """Tells how far it is."""
    print(text, file=sys.stderr, flush=True)


def parse_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Measure the executor.")
    parser.add_argument("--rounds", type=int, default=5, help="times everything is measured")
    parser.add_argument("--programs", type=int, default=600, help="graded in each round")
    parser.add_argument("--requests", type=int, default=100, help="timed alone in each round")
    parser.add_argument("--docker-runs", type=int, default=4, help="in each round; 0: leave out")
    parser.add_argument("--docker-execs", type=int, default=40, help="likewise")
    parser.add_argument("--worker-processes", type=int, default=300, help="likewise")
    parser.add_argument("--llm-sandbox-runs", type=int, default=20, help="likewise")
    parser.add_argument(
        "--llm-sandbox-python", default=sys.executable, help="an interpreter that has llm-sandbox"
    )
    parser.add_argument("--python", default=baselines.bare_interpreter(), help="of the baselines")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--mixed", action="store_true", help="wrong and slow programs among them")
    chosen.add_argument("--mbpp", type=Path, help="measure the references of this mbpp.jsonl")
    parser.add_argument("--url", help="measure this executor instead of starting one")
    parser.add_argument("--json", type=Path, help="write every round there")
    parser.add_argument("--svg", type=Path, help="draw programs per second there")
    return parser.parse_args()


def chosen_cases(options: argparse.Namespace) -> list[Case]:
    """Gives the programs; of MBPP only the quick ones: a grader adds nothing to the others."""
    if options.mbpp is None:
        return mixed_cases() if options.mixed else short_cases()
    programs = mbpp_programs(options.mbpp)
    slow = baselines.slow_programs(programs, options.python, SLOW_PROGRAM_S)
    say(f"{len(slow)} of {len(programs)} programs take more than {SLOW_PROGRAM_S} s: left out")
    return [Case(program) for place, program in enumerate(programs) if place not in slow]


def main() -> None:
    """Measures, prints, writes."""
    options = parse_options()
    cases = chosen_cases(options)
    if options.llm_sandbox_runs and not baselines.has_llm_sandbox(options.llm_sandbox_python):
        say(f"{options.llm_sandbox_python} has no llm-sandbox[docker]: left out")
        options.llm_sandbox_runs = 0
    with ExitStack() as stack:
        if options.url is not None:
            rows = asyncio.run(compare(options.url, cases, options))
        else:
            engine = docker.DockerClient(base_url=os.environ.get("DOCKER_HOST"))
            stack.callback(engine.close)
            with running(engine) as service:
                rows = asyncio.run(compare(service.url, cases, options))
                rows.append(asyncio.run(cpu_row(service, cases, min(3, options.rounds))))
            rows.append(asyncio.run(memory_row(engine, cases)))
    rows.sort(key=lambda row: row.must is None)  # what has a budget first; the rest as it was
    machine = report.machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, commit {report.commit()}\n")
    print(report.table(rows))
    if options.json is not None:
        report.write_json(options.json, rows, {k: str(v) for k, v in vars(options).items()})
    if options.svg is not None:
        report.write_svg(options.svg, {row.name: row.median for row in rows if row.unit == "/s"})


if __name__ == "__main__":
    main()
