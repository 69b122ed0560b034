import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from rltf_executor.metrics import MeasuredPool, Metrics
from rltf_executor.schema import Submission, Verdict


def test_the_number_of_flag_kinds_is_bounded(judge: Any):
    metrics = Metrics()
    for number in range(200):
        metrics.note_result(
            judge.result(Submission(source=""), Verdict.PASSED, flags=[f"flag_{number}", 'a"\n{}'])
        )

    lines = [
        line
        for line in metrics.render().decode().splitlines()
        if line.startswith("rltf_flags_total{")
    ]
    assert len(lines) == 65
    assert 'rltf_flags_total{flag="other"} 336.0' in lines  # 200 odd ones, 136 beyond the bound


async def test_a_lease_is_timed_and_otherwise_the_pools_own():
    asked: list[dict[str, Any]] = []

    class Pool:
        @asynccontextmanager
        async def lease(self, **options: Any) -> Any:
            asked.append(options)
            yield "sandbox"

    metrics = Metrics()
    async with MeasuredPool(Pool(), metrics).lease(memory_mb=64, fresh=True) as sandbox:
        assert sandbox == "sandbox"
    with pytest.raises(KeyError):
        async with MeasuredPool(Pool(), metrics).lease(memory_mb=32):
            raise KeyError

    assert asked == [{"memory_mb": 64, "fresh": True}, {"memory_mb": 32, "fresh": False}]
    assert b"rltf_sandbox_wait_seconds_count 2.0" in metrics.render()


async def test_the_documentation_lists_every_metric(
    repository: Path, pool: Any, make_app: Callable[..., Any]
):
    pool.set(recycles={"worn": 1})
    app = make_app(cache={"enabled": True})
    async with app.router.lifespan_context(app):
        scraped = app.state.service.metrics.render().decode()

    text = (repository / "docs" / "http-api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(rltf_\w+)` \|", text, flags=re.MULTILINE))
    names = set(re.findall(r"^# TYPE (\S+)", scraped, flags=re.MULTILINE))
    assert {name for name in names if not name.endswith("_created")} == documented
