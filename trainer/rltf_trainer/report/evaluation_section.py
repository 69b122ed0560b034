"""The first evaluation of a run against the last: scores, verdicts, problem by problem."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Final

from rltf_trainer.report.charts import WIDE, Curve, line_chart, share_bar
from rltf_trainer.report.curves_section import VERDICTS, card, legend
from rltf_trainer.report.markup import DASH, MINUS, clipped, percent, safe
from rltf_trainer.report.run_data import Evaluation, ProblemScore, RunData

_MAX_PROBLEM_ROWS: Final = 1_000


def evaluation(run: RunData) -> str:
    """Gives the comparison of the first and the last evaluation, problem by problem."""
    ends = run.before_and_after()
    if ends is None:
        if not run.evaluations:
            return '<p class="nothing">This run has no evaluation.</p>'
        only = run.evaluations[-1]
        return (
            '<p class="nothing">One evaluation only: nothing to compare it with yet.</p>'
            f"{_verdict_bars([(only.when or 'evaluation', only)])}{_problem_table(only, only)}"
        )
    before, after = ends
    return (
        f'<div class="grid"><section class="card">{_score_table(before, after)}</section>'
        f'<section class="card"><h3>Verdicts</h3><p class="unit">share of all samples</p>'
        f"{_verdict_bars([('Before', before), ('After', after)])}</section></div>"
        f"{_evaluation_curve(run, after.split)}{_problem_table(before, after)}"
    )


def points(change: float) -> str:
    """Gives a difference of two shares in percentage points."""
    sign = "+" if change > 0 else MINUS if change < 0 else "\N{PLUS-MINUS SIGN}"
    return (
        f"{sign}{abs(100 * change):.1f} points" if math.isfinite(change) else "no change measured"
    )


def spread(before: Evaluation, after: Evaluation) -> str:
    """Gives the standard error of the change, and says if the change is within two of them."""
    first = {score.problem_id: score.pass_rate for score in before.problems}
    changes = [
        score.pass_rate - first[score.problem_id]
        for score in after.problems
        if math.isfinite(score.pass_rate) and math.isfinite(first.get(score.problem_id, math.nan))
    ]
    if len(changes) < 2:
        return ""
    error = statistics.stdev(changes) / math.sqrt(len(changes))
    verdict = "" if abs(statistics.fmean(changes)) > 2 * error else ": within the noise"
    return f" (standard error {100 * error:.1f}, {len(changes):,} problems{verdict})"


def _score_table(before: Evaluation, after: Evaluation) -> str:
    rows = []
    for k in sorted({*before.pass_at, *after.pass_at}):
        first, second = before.pass_at.get(k, math.nan), after.pass_at.get(k, math.nan)
        rows.append(
            f"<tr><th>pass@{k}</th><td>{percent(first)}</td><td>{percent(second)}</td>"
            f"<td>{points(second - first)}</td></tr>"
        )
    scale = f"{after.num_problems:,} problems, {after.num_samples:,} samples"
    return (
        f'<h3>Scores</h3><p class="unit">{safe(clipped(after.split, 40))}: {scale}; '
        f"steps {before.step:,} and {after.step:,}</p>"
        "<table><thead><tr><th></th><th>before</th><th>after</th><th>change</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _verdict_bars(evaluations: Sequence[tuple[str, Evaluation]]) -> str:
    bars: list[str] = []
    seen: set[str] = set()
    for title, item in evaluations:
        named = _in_order(item.verdicts)
        seen.update(name for name, _ in named)
        total = math.fsum(amount for _, amount in named)
        bar = share_bar(
            [(name.replace("_", " "), f"v-{name}", amount) for name, amount in named],
            label=f"{title}: " + ", ".join(f"{name} {percent(n / total)}" for name, n in named),
        )
        passed = percent(item.verdicts.get("passed", 0.0) / total) if total else DASH
        bars.append(f'<div class="bar"><span>{safe(title)}</span>{bar}<b>{passed} passed</b></div>')
    names = "".join(
        f'<li class="v-{name}"><i></i>{name.replace("_", " ")}</li>'
        for name in VERDICTS
        if name in seen
    )
    return f'{"".join(bars)}<ul class="legend">{names}</ul>'


def _in_order(verdicts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Gives the known verdicts, best first; a name that is none is left out."""
    return [(name, verdicts[name]) for name in VERDICTS if name in verdicts]


def _evaluation_curve(run: RunData, split: str) -> str:
    history = [item for item in run.evaluations if item.split == split]
    ks = sorted({k for item in history for k in item.pass_at})
    if len(history) < 3 or not ks:
        return ""
    colours = ("c-green", "c-blue", "c-violet", "c-orange")
    drawn = [
        Curve(name=f"pass@{k}", colour=colour, values=[p.pass_at.get(k, math.nan) for p in history])
        for k, colour in zip(ks, colours, strict=False)
    ]
    chart = line_chart(
        [float(item.step) for item in history],
        drawn,
        label=f"Evaluation scores over steps on {split}",
        format_value=percent,
        from_zero=True,
        smooth=False,
        size=WIDE,
    )
    return card("Evaluation over training", "share of problems", legend(drawn, percent), chart)


def _problem_table(before: Evaluation, after: Evaluation) -> str:
    first = {score.problem_id: score for score in before.problems}
    rows = [(first.get(score.problem_id), score) for score in after.problems]
    if not rows:
        return ""
    rows.sort(key=lambda row: (-_change(*row), row[1].problem_id))
    changes = [_change(*row) for row in rows]
    better, worse = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    body = "".join(_problem_row(*row) for row in rows[:_MAX_PROBLEM_ROWS])
    left_out = len(rows) - _MAX_PROBLEM_ROWS
    note = f'<p class="unit">{left_out:,} more problems are not shown</p>' if left_out > 0 else ""
    return (
        '<section class="card"><h3>Problem by problem</h3><p class="unit">samples that passed; '
        f"{better:,} better, {worse:,} worse, {len(rows) - better - worse:,} unchanged</p>"
        '<div class="filters" hidden><button data-filter="all" aria-pressed="true">All</button>'
        '<button data-filter="better">Better</button><button data-filter="worse">Worse</button>'
        '<button data-filter="same">Unchanged</button></div>'
        '<div class="scroll"><table class="problems"><thead><tr><th>problem</th><th>before</th>'
        f"<th>after</th><th>change</th></tr></thead><tbody>{body}</tbody></table></div>{note}</section>"
    )


def _change(before: ProblemScore | None, after: ProblemScore) -> float:
    change = after.pass_rate - before.pass_rate if before is not None else math.nan
    return change if math.isfinite(change) else 0.0


def _problem_row(before: ProblemScore | None, after: ProblemScore) -> str:
    change = _change(before, after)
    kind = "better" if change > 0 else "worse" if change < 0 else "same"
    return (
        f'<tr data-change="{kind}"><td>{safe(clipped(after.problem_id, 120))}</td>'
        f"<td>{_meter(before)}</td><td>{_meter(after)}</td>"
        f'<td class="{kind}">{points(change) if change else "·"}</td></tr>'
    )


def _meter(score: ProblemScore | None) -> str:
    if score is None:
        return DASH
    width = 60 * (score.pass_rate if math.isfinite(score.pass_rate) else 0.0)
    return (
        '<svg class="meter" viewBox="0 0 60 8" aria-hidden="true">'
        '<rect class="track" width="60" height="8" rx="4"/>'
        f'<rect class="v-passed" width="{min(60.0, width):.1f}" height="8" rx="4"/></svg> '
        f"{score.num_passed:,}/{score.num_samples:,}"
    )
