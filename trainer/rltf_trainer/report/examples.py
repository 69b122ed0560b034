"""Chooses the completions worth a look and shows them: problems seen twice, and kinds of error."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rltf_trainer.report.markup import clipped, number, safe
from rltf_trainer.report.program_view import program_view
from rltf_trainer.report.run_data import RunData, Sample

_MAX_PAIRS: Final = 8
_MAX_PAIRS_A_CHANGE: Final = 4
_MAX_PER_VERDICT: Final = 2
_MAX_STATEMENT: Final = 700
PASSED: Final = "passed"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two completions of one problem, the second from later in the run."""

    before: Sample
    after: Sample

    @property
    def change(self) -> str:
        """``fixed``, ``broken``, ``moved`` (another verdict) or ``same``."""
        was_passed, is_passed = self.before.verdict == PASSED, self.after.verdict == PASSED
        if was_passed != is_passed:
            return "fixed" if is_passed else "broken"
        return "same" if self.before.verdict == self.after.verdict else "moved"


_CHANGES: Final = {
    "fixed": "fails before, passes after",
    "broken": "passes before, fails after",
    "moved": "fails in another way",
    "same": "same verdict",
}


def choose_pairs(run: RunData) -> list[Pair]:
    """Pair the first and the last completion of problems seen twice, all changes represented."""
    ends = run.before_and_after()
    pairs = _paired(ends[0].examples, ends[1].examples) if ends else []
    if not pairs:
        # Drawn at random, unlike an evaluation's; still the same problem early and late.
        middle = (run.samples[0].step + run.samples[-1].step) / 2 if run.samples else 0.0
        early = [sample for sample in run.samples if sample.step <= middle]
        late = [sample for sample in reversed(run.samples) if sample.step > middle]
        pairs = _paired(early, late)
    chosen: list[Pair] = []
    for change in _CHANGES:
        chosen.extend([pair for pair in pairs if pair.change == change][:_MAX_PAIRS_A_CHANGE])
    return chosen[:_MAX_PAIRS]


def choose_errors(samples: Sequence[Sample]) -> list[Sample]:
    """Gives the latest completions of each failing verdict, those with tokens at fault first."""
    chosen: list[Sample] = []
    for verdict in sorted({sample.verdict for sample in samples} - {PASSED}):
        of_verdict = [sample for sample in reversed(samples) if sample.verdict == verdict]
        of_verdict.sort(key=lambda sample: not any(sample.blamed))
        chosen.extend(of_verdict[:_MAX_PER_VERDICT])
    return chosen


def pairs_section(pairs: Sequence[Pair]) -> str:
    """Gives the HTML of before/after pairs."""
    if not pairs:
        return (
            '<p class="nothing">No problem was sampled twice, so there is nothing to compare.</p>'
        )
    return "".join(_pair(pair, is_open=i < 3) for i, pair in enumerate(pairs))


def errors_section(samples: Sequence[Sample]) -> str:
    """Gives the HTML of failing completions from training."""
    if not samples:
        return '<p class="nothing">No failing completion was recorded.</p>'
    return "".join(_single(sample, is_open=i < 2) for i, sample in enumerate(samples))


def verdict_badge(verdict: str) -> str:
    """Gives a verdict in its colour."""
    colour = verdict if verdict.replace("_", "").isalnum() and verdict.isascii() else "unknown"
    words = verdict.replace("_", " ") or "no verdict"
    return f'<span class="badge v-{safe(colour)}">{safe(words)}</span>'


def _paired(before: Iterable[Sample], after: Iterable[Sample]) -> list[Pair]:
    first: dict[str, Sample] = {}
    second: dict[str, Sample] = {}
    for samples, chosen in ((before, first), (after, second)):
        for sample in samples:
            chosen.setdefault(sample.problem_id, sample)
    return [Pair(first[name], second[name]) for name in first if name in second]


def _pair(pair: Pair, *, is_open: bool) -> str:
    return (
        f'<details class="example"{" open" if is_open else ""}><summary>'
        f"<b>{safe(clipped(pair.before.problem_id, 120) or 'problem')}</b>"
        f'{verdict_badge(pair.before.verdict)}<span class="arrow">→</span>'
        f"{verdict_badge(pair.after.verdict)}"
        f'<span class="hint">{_CHANGES[pair.change]}</span></summary>'
        f"{_statement(pair.before)}"
        f'<div class="pair">{_column("Before", pair.before)}{_column("After", pair.after)}</div>'
        "</details>"
    )


def _single(sample: Sample, *, is_open: bool) -> str:
    return (
        f'<details class="example"{" open" if is_open else ""}><summary>'
        f"<b>{safe(clipped(sample.problem_id, 120) or 'problem')}</b>"
        f"{verdict_badge(sample.verdict)}"
        f'<span class="hint">{_facts(sample)}</span></summary>'
        f"{_statement(sample)}{program_view(sample)}</details>"
    )


def _column(title: str, sample: Sample) -> str:
    return (
        f'<div class="side"><h4>{title} <span class="hint">{_facts(sample)}</span></h4>'
        f"{program_view(sample)}</div>"
    )


def _facts(sample: Sample) -> str:
    facts = [f"step {sample.step:,}", f"reward {number(sample.reward)}"]
    if sample.is_greedy:
        facts.append("greedy")
    return " · ".join(facts)


def _statement(sample: Sample) -> str:
    if not sample.statement.strip():
        return ""
    return f'<p class="statement">{safe(clipped(sample.statement.strip(), _MAX_STATEMENT))}</p>'
