"""Many clients against a queue too small for them: refused, told when to come back, served.

    python benchmarks/load.py [--clients 64] [--for-s 300] [--queue 48] [--url URL] [--json FILE]

Starts a service of its own on Docker unless ``--url`` names one. Each client sends single
submissions and small batches, right and wrong programs mixed, one after the other. Beside them a
few raw requests are sent without the client library. It fails (exit status 1) on any 5xx, on a
429 without ``Retry-After`` or problem JSON, on a submission that does not finish or gets a wrong
verdict, if a queue of its own was never full, and if single submissions wait longer than a queue
can make them: whoever is let in finds less than a queue's worth of others before it, so no more
than that may finish before its own program starts.
"""

import argparse
import asyncio
import bisect
import json
import os
import random
import ssl
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import docker
import httpx
import report
from pydantic import ValidationError
from service import running

from programs import Case, copies, mixed_cases
from rltf_executor.client import AsyncExecutorClient, ExecutorClientError
from rltf_executor.schema import ExecutionResult, ProblemDetails, RefusedItem

BATCHES: Final = 0.3  # of what a client sends, how much is a batch
LARGEST_BATCH: Final = 8
NUM_PROBES: Final = 2
PROBE_PAUSE_S: Final = 0.1
PROBE_TIMEOUT_S: Final = 60.0
GRACE_S: Final = 120.0  # for what is under way when time is up
NUM_PROGRAMS: Final = 2000
NUM_FAULTS_SHOWN: Final = 20
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_PROBLEM_JSON: Final = "application/problem+json"


@dataclass(slots=True)
class Outcome:
    """What came of the load."""

    statuses: Counter[int] = field(default_factory=Counter)
    probe_statuses: Counter[int] = field(default_factory=Counter)
    lost_connections: int = 0
    answer_ms: list[float] = field(default_factory=list)  # of one request that was not refused
    finish_ms: list[float] = field(default_factory=list)  # of one call of the client, with retries
    finished_at: list[float] = field(default_factory=list)  # of each submission, seconds, rising
    finished_before: list[int] = field(default_factory=list)  # others, while a single one waited
    asked: int = 0
    finished: int = 0
    wrong: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def note_wait(self, sent_at: float, run_ms: float) -> None:
        """Takes the time of an answer, and counts who finished before its program began."""
        now = time.perf_counter()
        self.answer_ms.append((now - sent_at) * 1000)
        first = bisect.bisect(self.finished_at, sent_at)
        self.finished_before.append(bisect.bisect(self.finished_at, now - run_ms / 1000) - first)

    def note_answer(self, response: httpx.Response) -> None:
        """Judges the status of an answer, and what a refusal must carry."""
        status = response.status_code
        if status >= _SERVER_ERROR:
            self.faults.append(f"{status}: {response.text[:200]}")
        elif status == _TOO_MANY_REQUESTS:
            self.faults += refusal_faults(response)


def refusal_faults(response: httpx.Response) -> list[str]:
    """Says what a 429 lacks."""
    faults = []
    retry_after = response.headers.get("Retry-After", "")
    if not (retry_after.isascii() and retry_after.isdigit() and int(retry_after) > 0):
        faults.append(f"429 with Retry-After {retry_after!r}")
    if response.headers.get("Content-Type", "").partition(";")[0] != _PROBLEM_JSON:
        faults.append(f"429 as {response.headers.get('Content-Type')!r}")
    try:
        problem = ProblemDetails.model_validate_json(response.content)
    except ValidationError as error:
        faults.append(f"429 without a problem: {error}")
    else:
        if problem.status != _TOO_MANY_REQUESTS:
            faults.append(f"429 whose problem has status {problem.status}")
    return faults


class CountingTransport(httpx.AsyncHTTPTransport):
    """The network as a client of the library sees it, counted."""

    def __init__(self, outcome: Outcome, context: ssl.SSLContext) -> None:
        super().__init__(verify=context)
        self._outcome = outcome

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request and notes how it was answered."""
        started = time.perf_counter()
        try:
            response = await super().handle_async_request(request)
        except httpx.TransportError:
            self._outcome.lost_connections += 1
            raise
        self._outcome.statuses[response.status_code] += 1
        if response.is_success and request.url.path != "/execute":
            return response  # a batch answers before it is judged
        content = await response.aread()
        await response.aclose()
        whole = httpx.Response(response.status_code, headers=response.headers, content=content)
        if response.is_success:
            self._outcome.note_wait(started, whole.json()["timing"]["run_ms"])
        else:
            self._outcome.note_answer(whole)
        return whole


class Load:
    """The clients and what they have in common."""

    def __init__(self, url: str, options: argparse.Namespace, outcome: Outcome) -> None:
        self._url = url
        self._options = options
        self._outcome = outcome
        self._cases = list(copies(mixed_cases(), NUM_PROGRAMS))
        self._context = ssl.create_default_context()
        self._ends_at = 0.0

    async def run(self) -> None:
        """Keeps the load up for as long as was asked, then waits for what is under way."""
        started = time.monotonic()
        self._ends_at = started + self._options.for_s
        tasks = [
            asyncio.create_task(self._ask_on(random.Random(number)))  # noqa: S311
            for number in range(self._options.clients)
        ]
        tasks += [asyncio.create_task(self._probe_on(number)) for number in range(NUM_PROBES)]
        tasks.append(asyncio.create_task(self._tell()))
        done, late = await asyncio.wait(tasks, timeout=self._options.for_s + GRACE_S)
        self._outcome.seconds = time.monotonic() - started
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()

    async def _ask_on(self, chance: random.Random) -> None:
        """Is one client: a call after the other."""
        transport = CountingTransport(self._outcome, self._context)
        async with AsyncExecutorClient(self._url, transport=transport) as client:
            while time.monotonic() < self._ends_at:
                is_batch = chance.random() < BATCHES
                cases = chance.sample(
                    self._cases, chance.randint(2, LARGEST_BATCH) if is_batch else 1
                )
                self._outcome.asked += len(cases)
                started = time.perf_counter()
                try:
                    await self._ask(client, cases)
                except ExecutorClientError as error:
                    self._outcome.faults.append(f"{type(error).__name__}: {error}")
                    continue
                self._outcome.finish_ms.append((time.perf_counter() - started) * 1000)

    async def _ask(self, client: AsyncExecutorClient, cases: Sequence[Case]) -> None:
        if len(cases) == 1:
            self._note(cases[0], await client.execute(cases[0].program))
            return
        async with aclosing(client.stream_batch([case.program for case in cases])) as entries:
            async for index, entry in entries:
                self._note(cases[index], entry)

    def _note(self, case: Case, entry: ExecutionResult | RefusedItem) -> None:
        self._outcome.finished += 1
        self._outcome.finished_at.append(time.perf_counter())
        found = entry.verdict if isinstance(entry, ExecutionResult) else entry.problem.title
        if found != case.verdict:
            self._outcome.wrong += 1
            self._outcome.faults.append(f"{found}, not {case.verdict}:\n{case.program.source}")

    async def _probe_on(self, number: int) -> None:
        """Sends raw requests, which nothing retries."""
        case = self._cases[number]
        body = case.program.model_dump_json()
        headers = {"Content-Type": "application/json"}
        async with httpx.AsyncClient(
            base_url=self._url, trust_env=False, timeout=PROBE_TIMEOUT_S, verify=self._context
        ) as client:
            while time.monotonic() < self._ends_at:
                try:
                    response = await client.post("/execute", content=body, headers=headers)
                except httpx.TransportError as error:
                    self._outcome.faults.append(f"a raw request: {error!r}")
                    continue
                self._outcome.probe_statuses[response.status_code] += 1
                self._outcome.note_answer(response)
                if response.is_success:
                    self._outcome.finished_at.append(time.perf_counter())
                    if response.json()["verdict"] != case.verdict:
                        self._outcome.faults.append(f"a raw request got {response.text[:200]}")
                await asyncio.sleep(PROBE_PAUSE_S)

    async def _tell(self) -> None:
        """Tells how far it is, ten times."""
        for _ in range(10):
            await asyncio.sleep(self._options.for_s / 10)
            refused = self._outcome.statuses[_TOO_MANY_REQUESTS]
            print(
                f"{self._outcome.finished} of {self._outcome.asked} finished, {refused} refusals",
                file=sys.stderr,
                flush=True,
            )


def conclude(outcome: Outcome, queue: int | None, *, must_be_full: bool) -> None:
    """Adds the faults that only the whole shows."""
    if outcome.finished != outcome.asked:
        unfinished = outcome.asked - outcome.finished
        outcome.faults.append(f"{unfinished} of {outcome.asked} submissions did not finish")
    if not outcome.answer_ms:
        outcome.faults.append("no submission was answered")
    if must_be_full and not outcome.statuses[_TOO_MANY_REQUESTS]:
        outcome.faults.append("the queue was never full: more clients or a smaller queue")
    if queue is not None and len(outcome.finished_before) > 1:
        waited_for = _p99(outcome.finished_before)
        if waited_for > queue:
            outcome.faults.append(f"p99 waited for {waited_for:.0f} others, the queue is {queue}")


def _p99(values: Sequence[int] | Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def figures(outcome: Outcome, queue: int | None) -> dict[str, str | float]:
    """Gives what the table shows."""
    per_s = outcome.finished / outcome.seconds
    probes = sum(outcome.probe_statuses.values())
    shown: dict[str, str | float] = {
        "requests": sum(outcome.statuses.values()),
        "2xx": _of_class(outcome.statuses, 2),
        "429": outcome.statuses[_TOO_MANY_REQUESTS],
        "5xx": _of_class(outcome.statuses, 5),
        "lost connections": outcome.lost_connections,
        "raw requests": probes,
        "raw 2xx": _of_class(outcome.probe_statuses, 2),
        "raw 429": outcome.probe_statuses[_TOO_MANY_REQUESTS],
        "raw 5xx": _of_class(outcome.probe_statuses, 5),
        "submissions asked": outcome.asked,
        "submissions finished": outcome.finished,
        "submissions wrong": outcome.wrong,
        "finished per second": round(per_s, 1),
    }
    for name, taken_ms in (("/execute", outcome.answer_ms), ("with retries", outcome.finish_ms)):
        if len(taken_ms) > 1:
            shown[f"p50 {name}, ms"] = round(statistics.median(taken_ms), 1)
            shown[f"p99 {name}, ms"] = round(_p99(taken_ms), 1)
    if len(outcome.finished_before) > 1:
        shown["p99 finished before it"] = round(_p99(outcome.finished_before), 1)
    if queue is not None:
        shown["queue"] = queue
    return shown


def _of_class(statuses: Counter[int], hundreds: int) -> int:
    return sum(count for status, count in statuses.items() if status // 100 == hundreds)


def parse_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description="Load the executor beyond its queue.")
    parser.add_argument("--clients", type=int, default=64, help="at a time (64)")
    parser.add_argument("--for-s", type=float, default=300.0, help="how long (300)")
    parser.add_argument("--queue", type=int, help="submissions the service takes in (48)")
    parser.add_argument("--url", help="load this executor; --queue then says what it has")
    parser.add_argument("--json", type=Path, help="where the outcome is written")
    return parser.parse_args()


def main() -> int:
    """Runs from the command line."""
    options = parse_options()
    outcome = Outcome()
    with ExitStack() as stack:
        url = options.url
        if url is None:
            options.queue = options.queue or 48
            engine = docker.DockerClient(base_url=os.environ.get("DOCKER_HOST"))
            stack.callback(engine.close)
            settings = {"EXECUTOR_QUEUE__MAX_SUBMISSIONS": str(options.queue)}
            url = stack.enter_context(running(engine, settings)).url
        asyncio.run(Load(url, options, outcome).run())
    conclude(outcome, options.queue, must_be_full=options.url is None)
    shown = figures(outcome, options.queue)
    machine = report.machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, commit {report.commit()}\n")
    width = max(map(len, shown))
    for name, value in shown.items():
        print(f"{name:{width}}  {value}")
    for fault in outcome.faults[:NUM_FAULTS_SHOWN]:
        print(f"FAULT {fault}")
    if options.json:
        written = {
            "machine": machine,
            "commit": report.commit(),
            "options": {name: str(value) for name, value in vars(options).items()},
            "figures": shown,
            "faults": outcome.faults,
        }
        options.json.write_text(json.dumps(written, indent=2) + "\n", "utf-8")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
