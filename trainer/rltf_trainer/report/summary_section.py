"""The tiles at the top of the report: what a reader wants to know first."""

import math
import statistics

from rltf_trainer.report.evaluation_section import points, spread
from rltf_trainer.report.markup import DASH, clipped, duration, number, percent, safe
from rltf_trainer.report.run_data import RunData


def summary(run: RunData) -> str:
    """Gives the tiles at the top: what a reader wants to know first."""
    tiles = []
    ends = run.before_and_after()
    k = 1 if ends is None else min([*ends[0].pass_at, *ends[1].pass_at], default=1)
    if ends is not None:
        before, after = ends
        change = after.pass_at.get(k, math.nan) - before.pass_at.get(k, math.nan)
        mood = "good" if change > 0 else "bad" if change < 0 else ""
        tiles.append(
            f'<div class="tile hero"><h3>pass@{k}, {safe(clipped(after.split, 40) or "evaluation")}'
            f"</h3><p><b>{percent(before.pass_at.get(k, math.nan))}</b>"
            f'<span class="arrow">→</span>'
            f'<b class="{mood}">{percent(after.pass_at.get(k, math.nan))}</b></p>'
            f'<small class="{mood}">{points(change)}{spread(before, after)}</small></div>'
        )
    if run.metrics:
        tiles.extend(_run_tiles(run))
    if not tiles:
        return '<p class="nothing">Nothing has been recorded in this run yet.</p>'
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _run_tiles(run: RunData) -> list[str]:
    times = [moment for moment in run.column("time") if math.isfinite(moment)]
    step_s = _total(run, "time/step_s")
    wait_s = _total(run, "time/executor_wait_s")
    span = times[-1] - times[0] + run.column("time/step_s")[0] if len(times) > 1 else step_s
    internal = [rate for rate in run.column("rollout/internal_error_rate") if math.isfinite(rate)]
    speeds = [speed for speed in run.column("tokens_per_s") if math.isfinite(speed)]
    return [
        _tile("Steps", f"{run.steps[-1]:,.0f}", duration(span if math.isfinite(span) else step_s)),
        _tile(
            "Last pass rate, in training",
            percent(run.column("pass_rate")[-1]),
            f"first step {percent(run.column('pass_rate')[0])}",
        ),
        _tile(
            "Waiting for grades",
            percent(wait_s / step_s) if step_s else DASH,
            "of the time of a step",
        ),
        _tile(
            "Sampling speed",
            f"{number(statistics.median(speeds))}" if speeds else DASH,
            "tokens per second, median",
        ),
        _tile(
            "Samples dropped",
            percent(statistics.fmean(internal)) if internal else DASH,
            "executor faults, never rewarded",
        ),
    ]


def _tile(title: str, value: str, detail: str) -> str:
    return (
        f'<div class="tile"><h3>{safe(title)}</h3><p><b>{safe(value)}</b></p>'
        f"<small>{safe(detail)}</small></div>"
    )


def _total(run: RunData, key: str) -> float:
    return math.fsum(value for value in run.column(key) if math.isfinite(value))
