"""Thousands of submissions, a fifth of them hostile: right verdicts to the last, and nothing leaks.

    python benchmarks/soak.py [--count 20000] [--hostile 0.2] [--seed 1] [--json FILE]

Starts a service of its own on Docker. Innocent programs of every verdict, the shipped attacks under
short limits, and clients that go away without their answer are mixed by chance. It fails (exit
status 1) if an innocent program gets a wrong verdict, if a hostile one is nobody's fault
(``internal_error``), or if anything grew: containers, processes in them, descriptors, files,
memory.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import docker
from service import LABEL, OWNER_LABEL, RunningService, running

from programs import short_programs
from rltf_executor.client import AsyncExecutorClient
from rltf_executor.redteam.suites import Attack, shipped
from rltf_executor.schema import CallTest, Limits, StdioTest, Submission, Test, Verdict

POOL_SIZE: Final = 2
CONCURRENCY: Final = 6
HOSTILE_LIMITS: Final = {"wall_s": 0.4, "memory_mb": 64, "output_kb": 64, "total_s": 1.5}
LEAVING: Final = 0.03  # of the innocent ones, how many are abandoned by their client
WARM_UP: Final = 0.2  # of the run, before what must stay flat is first measured
MAX_GROWTH_MB: Final = 40.0
MAX_MORE_DESCRIPTORS: Final = 12

_ONE: Final[list[Test]] = [CallTest(kind="call", function="f", args=[1], expected=2)]
_LOOK: Final = (
    "import os\n"
    "found = [p for p in ('/tmp', '/dev/shm') for n in os.listdir(p) if n != 'work']\n"
    "found += [n for n in os.listdir('.') if n != 'main.py']\n"
    "try:\n    os.kill(-1, 0)\n    found.append('a process')\nexcept ProcessLookupError: pass\n"
    "print(found)\n"
)
_FAILING: Final[list[tuple[str, Verdict, dict[str, Any]]]] = [
    ("def f(x): return x", Verdict.WRONG_ANSWER, {}),
    ("def f(x): return x // 0", Verdict.RUNTIME_ERROR, {}),
    ("def f(x) return x", Verdict.SYNTAX_ERROR, {}),
    ("import os\ndef f(x): os._exit(0)", Verdict.RUNTIME_ERROR, {}),
    ("def f(x):\n    while True: pass", Verdict.TIMEOUT, {"wall_s": 0.2}),
    ("def f(x): return len(bytearray(300_000_000))", Verdict.MEMORY_LIMIT, {"memory_mb": 64}),
    ("def f(x):\n    while True: print('x' * 999)", Verdict.OUTPUT_LIMIT, {"output_kb": 16}),
]


@dataclass(frozen=True, slots=True)
class Item:
    """One submission of the soak."""

    submission: Submission
    expected: Verdict | None  # None: hostile
    is_abandoned: bool = False


@dataclass(slots=True)
class Sample:
    """What must stay flat."""

    memory_mb: float
    sandbox_mb: float  # of the largest container at rest
    descriptors: int
    containers: int
    processes: int  # most in any container at rest
    files: int  # in the service's temporary folder


@dataclass(slots=True)
class Outcome:
    """What came of the soak."""

    verdicts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    seconds: float = 0.0


def innocents() -> list[Item]:
    """Gives programs whose verdict is known, all verdicts among them."""
    items = [Item(program, Verdict.PASSED) for program in short_programs()]
    look = Submission(source=_LOOK, tests=[StdioTest(kind="stdio", expected_stdout="[]\n")])
    items += [Item(look, Verdict.PASSED)] * 10
    for source, verdict, limits in _FAILING:
        program = Submission(source=source, tests=_ONE, limits=Limits(**limits))
        items += [Item(program, verdict)] * 2
    return items


def hostiles(attacks: list[Attack]) -> list[Item]:
    """Gives the attacks, each followed by what looks for its traces, under short limits."""
    items = []
    for attack in attacks:
        for step in (attack, attack.then):
            if step is None:
                continue
            limits = {**step.limits, **HOSTILE_LIMITS}
            for whole in ("memory_mb", "output_kb", "processes"):
                limits[whole] = int(limits.get(whole, 16))
            body = {
                "source": step.program,
                "tests": step.tests(step.kinds[0]),
                "limits": limits,
            }
            items.append(Item(Submission.model_validate(body), None))
    return items


def mixture(count: int, share: float, chance: random.Random) -> Iterator[Item]:
    """Mixes ``count`` submissions, ``share`` of them hostile; each has its own comment."""
    good, bad = innocents(), hostiles(shipped())
    for number in range(count):
        is_hostile = chance.random() < share
        item = chance.choice(bad if is_hostile else good)
        source = f"{item.submission.source}\n# {number}\n"
        program = item.submission.model_copy(update={"id": str(number), "source": source})
        is_abandoned = not is_hostile and chance.random() < LEAVING
        yield Item(program, item.expected, is_abandoned)


async def soak(url: str, items: Iterator[Item], outcome: Outcome) -> None:
    """Sends the items, a few at a time, and notes what is wrong with the answers."""
    async with AsyncExecutorClient(url, max_concurrency=CONCURRENCY) as client:

        async def work() -> None:
            for item in items:
                await _send(client, item, outcome)

        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))


async def _send(client: AsyncExecutorClient, item: Item, outcome: Outcome) -> None:
    if item.is_abandoned:
        sending = asyncio.create_task(client.execute(item.submission))
        await asyncio.sleep(random.uniform(0.0, 0.02))  # noqa: S311
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        outcome.verdicts["abandoned"] += 1
        return
    result = await client.execute(item.submission)
    kind = "hostile" if item.expected is None else "innocent"
    outcome.verdicts[f"{kind} {result.verdict}"] += 1
    wrong = (
        result.verdict is not item.expected
        if item.expected
        else result.verdict is Verdict.INTERNAL_ERROR
    )
    if wrong:
        error = f"{result.error.type}: {result.error.message}" if result.error else ""
        expected = item.expected or "a verdict"
        outcome.faults.append(
            f"submission {item.submission.id}: {result.verdict}, not {expected} ({error})\n"
            f"{item.submission.source[:400]}"
        )


def sample(service: RunningService, engine: docker.DockerClient, folder: Path) -> Sample:
    """Measures the service at rest."""
    deadline = time.monotonic() + 30
    while True:  # containers that were condemned last are being replaced
        found = engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        ours = [c for c in found if f":{service.pid}:" in c.labels.get(OWNER_LABEL, "")]
        if len(ours) == POOL_SIZE or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return Sample(
        memory_mb=round(service.resident_mb(), 1),
        sandbox_mb=round(max(service.sandbox_memory_mb(), default=0.0), 1),
        descriptors=len(os.listdir(f"/proc/{service.pid}/fd")),
        containers=len(ours),
        processes=max((len(c.top()["Processes"]) for c in ours), default=0),
        files=sum(1 for _ in folder.rglob("*")),
    )


def growth(outcome: Outcome) -> list[str]:
    """Says what grew between the end of the warm-up and the end."""
    first, *_, last = outcome.samples
    found = []
    if last.memory_mb > first.memory_mb + MAX_GROWTH_MB:
        found.append(f"memory grew from {first.memory_mb} to {last.memory_mb} MB")
    if last.sandbox_mb > first.sandbox_mb + MAX_GROWTH_MB:
        found.append(f"a container grew from {first.sandbox_mb} to {last.sandbox_mb} MB")
    if last.descriptors > first.descriptors + MAX_MORE_DESCRIPTORS:
        found.append(f"descriptors grew from {first.descriptors} to {last.descriptors}")
    if last.containers != POOL_SIZE:
        found.append(f"{last.containers} containers instead of {POOL_SIZE}")
    if last.processes > first.processes:
        found.append(f"processes in a container grew from {first.processes} to {last.processes}")
    if last.files:
        found.append(f"{last.files} files left in the temporary folder")
    return found


def run(options: argparse.Namespace) -> Outcome:
    """Runs the whole soak."""
    outcome = Outcome()
    chance = random.Random(options.seed)  # noqa: S311
    items = mixture(options.count, options.hostile, chance)
    engine = docker.from_env(timeout=120)
    settings = {"EXECUTOR_POOL__SIZE": str(POOL_SIZE), "EXECUTOR_SANDBOX__MEMORY_MB": "512"}
    parts = [WARM_UP, *[(1 - WARM_UP) / 4] * 4]
    with tempfile.TemporaryDirectory(prefix="rltf-soak-") as folder:
        with running(engine, {**settings, "TMPDIR": folder}) as service:
            started = time.monotonic()
            for part in parts:
                share = itertools.islice(items, round(options.count * part))
                asyncio.run(soak(service.url, share, outcome))
                outcome.samples.append(sample(service, engine, Path(folder)))
                print(f"{sum(outcome.verdicts.values()):6d} {outcome.samples[-1]}", flush=True)
            outcome.seconds = time.monotonic() - started
            pid = service.pid
        left = engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        if any(f":{pid}:" in container.labels.get(OWNER_LABEL, "") for container in left):
            outcome.faults.append("containers are left after the service stopped")
    engine.close()
    outcome.faults += growth(outcome)
    return outcome


def main() -> int:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=20_000, help="submissions (20000)")
    parser.add_argument("--hostile", type=float, default=0.2, help="share of hostile ones (0.2)")
    parser.add_argument("--seed", type=int, default=1, help="of the mixture (1)")
    parser.add_argument("--json", type=Path, help="where the outcome is written")
    options = parser.parse_args()
    outcome = run(options)
    for name, count in sorted(outcome.verdicts.items()):
        print(f"{count:6d} {name}")
    print(f"{outcome.seconds:.0f} s, {options.count / outcome.seconds:.1f} submissions/s")
    for fault in outcome.faults[:50]:
        print(f"FAULT {fault}")
    if options.json:
        written = {
            "seconds": outcome.seconds,
            "verdicts": dict(outcome.verdicts),
            "faults": outcome.faults,
            "samples": [asdict(taken) for taken in outcome.samples],
        }
        options.json.write_text(json.dumps(written, indent=1))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
