"""Numbers for Prometheus: how submissions wait, run and end, and how the sandboxes fare."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from rltf_executor.sandbox.base import Sandbox, SandboxPool
from rltf_executor.schema import ExecutionResult, Verdict

_WAIT_BUCKETS: Final = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    60,
    300,
)
_RUN_BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    60,
    300,
)
_FLAG: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_FLAG_KINDS: Final = 64

Gauges = Callable[[], Iterable[tuple[str, str, float]]]


class Metrics:
    """All numbers of one service, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._submissions = Counter(
            "rltf_submissions", "Submissions judged.", ["verdict"], registry=self._registry
        )
        self._tests = Counter("rltf_tests", "Tests judged.", ["verdict"], registry=self._registry)
        self._inside = Counter(
            "rltf_tests_graded_inside",
            "Tests compared inside the sandbox.",
            registry=self._registry,
        )
        self._flags = Counter(
            "rltf_flags", "Tests that looked like tampering.", ["flag"], registry=self._registry
        )
        self._refused = Counter(
            "rltf_refused",
            "Submissions and requests refused.",
            ["problem"],
            registry=self._registry,
        )
        self._abandoned = Counter(
            "rltf_abandoned", "Requests whose client went away.", registry=self._registry
        )
        self._requests = Counter(
            "rltf_http_requests", "Requests answered.", ["status"], registry=self._registry
        )
        self._queue_wait = Histogram(
            "rltf_queue_wait_seconds",
            "From the arrival of a submission to its turn.",
            buckets=_WAIT_BUCKETS,
            registry=self._registry,
        )
        self._sandbox_wait = Histogram(
            "rltf_sandbox_wait_seconds",
            "From the turn of a submission to its sandbox.",
            buckets=_WAIT_BUCKETS,
            registry=self._registry,
        )
        self._run = Histogram(
            "rltf_run_seconds",
            "Time a sandbox worked on a submission.",
            buckets=_RUN_BUCKETS,
            registry=self._registry,
        )
        self._flag_kinds: set[str] = set()
        self._of_verdict = {verdict: self._submissions.labels(verdict.value) for verdict in Verdict}
        self._tests_of_verdict = {verdict: self._tests.labels(verdict.value) for verdict in Verdict}

    def watch(self, collector: Collector) -> None:
        """Adds numbers that are read when they are asked for."""
        self._registry.register(collector)

    def note_turn(self, waited_s: float) -> None:
        """A submission's turn came."""
        self._queue_wait.observe(waited_s)

    def note_lease(self, waited_s: float) -> None:
        """A submission got a sandbox."""
        self._sandbox_wait.observe(waited_s)

    def note_result(self, result: ExecutionResult) -> None:
        """A submission was judged."""
        self._of_verdict[result.verdict].inc()
        self._run.observe(result.timing.run_ms / 1000)
        counts: dict[Verdict, int] = {}
        num_inside = 0
        for test in result.tests:
            counts[test.verdict] = counts.get(test.verdict, 0) + 1
            num_inside += test.graded == "inside"
            for flag in set(test.flags):
                self._flags.labels(self._flag_label(flag)).inc()
        for verdict, count in counts.items():
            self._tests_of_verdict[verdict].inc(count)
        if num_inside:
            self._inside.inc(num_inside)

    def note_refused(self, problem: str) -> None:
        """A submission or a whole request was refused."""
        self._refused.labels(problem).inc()

    def note_abandoned(self) -> None:
        """A client went away before its answer."""
        self._abandoned.inc()

    def note_answer(self, status: int) -> None:
        """A request was answered."""
        self._requests.labels(str(status)).inc()

    def render(self) -> bytes:
        """Gives everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _flag_label(self, flag: str) -> str:
        """Flags may come from beside a hostile program: their number must stay bounded."""
        if flag not in self._flag_kinds:
            if len(self._flag_kinds) >= _MAX_FLAG_KINDS or not _FLAG.fullmatch(flag):
                return "other"
            self._flag_kinds.add(flag)
        return flag


class Readings(Collector):
    """Numbers that live elsewhere: the queue's, the pool's, the cache's."""

    def __init__(self, gauges: Gauges, counters: Gauges) -> None:
        self._gauges = gauges
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        """Reads them all."""
        for family, readings in (
            (GaugeMetricFamily, self._gauges()),
            (CounterMetricFamily, self._counters()),
        ):
            yield from _families(family, readings)


def _families(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    readings: Iterable[tuple[str, str, float]],
) -> Iterator[Metric]:
    """Readings are (name, ``label=value`` or nothing, number)."""
    families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
    for name, label, number in readings:
        label_name, _, label_value = label.partition("=")
        if name not in families:
            families[name] = family(name, _HELP[name], labels=[label_name] if label else [])
        families[name].add_metric([label_value] if label else [], number)
    yield from families.values()


_HELP: Final = {
    "rltf_queue_submissions": "Submissions waiting or running.",
    "rltf_queue_max_submissions": "Bound of the queue.",
    "rltf_pool_sandboxes": "Sandboxes by state.",
    "rltf_pool_size": "Sandboxes the pool keeps.",
    "rltf_ready": "1 if submissions can run.",
    "rltf_sandbox_recycles": "Sandboxes replaced, by reason.",
    "rltf_cache_hits": "Submissions answered from the result cache.",
    "rltf_cache_misses": "Submissions that were not in the result cache.",
}


class MeasuredPool:
    """A pool whose leases are timed."""

    def __init__(self, pool: SandboxPool, metrics: Metrics) -> None:
        self._pool = pool
        self._metrics = metrics

    def lease(self, *, memory_mb: int, fresh: bool = False) -> AbstractAsyncContextManager[Sandbox]:
        """As ``SandboxPool.lease``."""
        return self._lease(memory_mb=memory_mb, fresh=fresh)

    @asynccontextmanager
    async def _lease(self, *, memory_mb: int, fresh: bool) -> AsyncIterator[Sandbox]:
        asked_at = monotonic()
        async with self._pool.lease(memory_mb=memory_mb, fresh=fresh) as sandbox:
            self._metrics.note_lease(monotonic() - asked_at)
            yield sandbox
