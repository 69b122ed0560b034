"""The curves of the report: training over steps, shares of verdicts, where the time went."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rltf_trainer.report.charts import Curve, Format, area_chart, line_chart
from rltf_trainer.report.markup import DASH, number, percent, safe
from rltf_trainer.report.run_data import RunData

# Best verdict first: the stack of shares grows from a flat floor of passes.
VERDICTS: Final = (
    "passed",
    "wrong_answer",
    "runtime_error",
    "timeout",
    "memory_limit",
    "output_limit",
    "security_violation",
    "syntax_error",
    "skipped",
    "internal_error",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """One small chart of the curves section."""

    title: str
    unit: str
    curves: tuple[tuple[str, str, str], ...]  # metric, name, colour
    format_value: Format = number
    from_zero: bool = False


_FIGURES: Final = (
    _Figure(
        title="Pass rate",
        unit="share of sampled programs that passed all tests",
        curves=(("pass_rate", "pass rate", "c-green"),),
        format_value=percent,
        from_zero=True,
    ),
    _Figure(
        title="Reward",
        unit="mean per completion, between minus one and one",
        curves=(
            ("reward/mean", "reward", "c-blue"),
            ("reward/coarse_mean", "coarse part", "c-orange"),
        ),
    ),
    _Figure(
        title="Loss",
        unit="per update",
        curves=(
            ("loss/total", "total", "c-blue"),
            ("loss/policy", "policy", "c-violet"),
            ("loss/supervised", "supervised", "c-teal"),
        ),
    ),
    _Figure(
        title="Policy entropy",
        unit="nats per token",
        curves=(("policy/entropy", "entropy", "c-violet"),),
        from_zero=True,
    ),
    _Figure(
        title="Gradient norm",
        unit="before clipping",
        curves=(("policy/grad_norm", "gradient norm", "c-orange"),),
        from_zero=True,
    ),
    _Figure(
        title="Completion length",
        unit="mean tokens per completion",
        curves=(("rollout/tokens_mean", "tokens", "c-teal"),),
        from_zero=True,
    ),
    _Figure(
        title="Truncated completions",
        unit="share that met the token limit",
        curves=(("rollout/truncated_rate", "truncated", "c-red"),),
        format_value=percent,
        from_zero=True,
    ),
    _Figure(
        title="Age of samples in the buffer",
        unit="policy versions",
        curves=(
            ("buffer/age_mean", "mean", "c-blue"),
            ("buffer/age_max", "oldest", "c-orange"),
        ),
        from_zero=True,
    ),
    _Figure(
        title="Throughput",
        unit="sampled tokens per second",
        curves=(("tokens_per_s", "tokens/s", "c-teal"),),
        from_zero=True,
    ),
    _Figure(
        title="Samples dropped",
        unit="share that the executor could not grade",
        curves=(("rollout/internal_error_rate", "dropped", "c-red"),),
        format_value=percent,
        from_zero=True,
    ),
)


def curves(run: RunData) -> str:
    """Gives the small charts, those whose metrics were recorded."""
    if not run.metrics:
        return '<p class="nothing">No step has been recorded, so there are no curves.</p>'
    cards = []
    for figure in _FIGURES:
        drawn = [
            Curve(name=name, colour=colour, values=run.column(key))
            for key, name, colour in figure.curves
            if any(map(math.isfinite, run.column(key)))
        ]
        if drawn:
            chart = line_chart(
                run.steps,
                drawn,
                label=f"{figure.title}, {figure.unit}, over {len(run.metrics)} steps",
                format_value=figure.format_value,
                from_zero=figure.from_zero,
            )
            cards.append(card(figure.title, figure.unit, legend(drawn, figure.format_value), chart))
    return f'<div class="grid">{"".join(cards)}</div>'


def verdict_shares(run: RunData) -> str:
    """Gives the stacked shares of verdicts over time."""
    layers = []
    for verdict in VERDICTS:
        values = run.column(f"verdict/{verdict}_rate")
        if verdict == "internal_error" and not any(map(math.isfinite, values)):
            values = run.column("rollout/internal_error_rate")
        if any(value > 0 for value in values):
            name = verdict.replace("_", " ")
            layers.append(Curve(name=name, colour=f"v-{verdict}", values=values))
    if not layers:
        return '<p class="nothing">No verdicts were recorded.</p>'
    chart = area_chart(
        run.steps, layers, label="Share of each verdict over steps", format_value=percent, top=1.0
    )
    return card("", "share of the programs sampled in a step", legend(layers, percent), chart)


def time_split(run: RunData) -> str:
    """Gives where the time of each step went."""
    parts = {
        "generate": ("c-blue", run.column("time/generate_s")),
        "wait for grades": ("c-red", run.column("time/executor_wait_s")),
        "train": ("c-teal", run.column("time/train_s")),
    }
    if not any(math.isfinite(value) for _, values in parts.values() for value in values):
        return '<p class="nothing">No times were recorded.</p>'
    known = [
        sum(v for v in row if math.isfinite(v))
        for row in zip(*(v for _, v in parts.values()), strict=True)
    ]
    rest = [
        max(0.0, s - k) if math.isfinite(s) else 0.0
        for s, k in zip(run.column("time/step_s"), known, strict=True)
    ]
    layers = [Curve(name=name, colour=colour, values=v) for name, (colour, v) in parts.items()]
    layers.append(Curve(name="other", colour="c-grey", values=rest))

    def seconds(value: float) -> str:
        return f"{number(value)} s"

    chart = area_chart(
        run.steps, layers, label="Seconds a step, by what they were spent on", format_value=seconds
    )
    return card("", "seconds a step", legend(layers, seconds), chart)


def card(title: str, unit: str, legend: str, chart: str) -> str:
    """Gives a chart with its title, its unit and the names of its colours."""
    heading = f"<h3>{safe(title)}</h3>" if title else ""
    return f'<figure class="card">{heading}<p class="unit">{safe(unit)}</p>{legend}{chart}</figure>'


def legend(drawn: Sequence[Curve], format_value: Format) -> str:
    """Names the colours, each with its mean over the last tenth of the run."""
    items = []
    for curve in drawn:
        tail = [v for v in curve.values[-max(1, len(curve.values) // 10) :] if math.isfinite(v)]
        value = safe(format_value(math.fsum(tail) / len(tail))) if tail else DASH
        items.append(f'<li class="{curve.colour}"><i></i>{safe(curve.name)} <b>{value}</b></li>')
    return f'<ul class="legend" title="mean over the last tenth of the run">{"".join(items)}</ul>'
