"""Reads a run directory in whatever state it is: what is missing or broken becomes a note."""

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rltf_trainer.report.recorder import EVALUATIONS_FILE, METRICS_FILE, SAMPLES_FILE

CONFIG_FILE: Final = "config.toml"
_FIRST_SAMPLES, _LAST_SAMPLES = 200, 400  # of a long run: enough to choose from, bounded in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A completion with its verdict and the tokens at fault; positions lie in ``completion``."""

    step: int
    problem_id: str
    statement: str
    completion: str
    program_start: int
    program_end: int
    verdict: str
    reward: float  # nan: none given
    error_type: str | None
    error_message: str | None
    error_line: int | None  # 1-based line of the program
    token_spans: tuple[tuple[int, int], ...]
    blamed: tuple[bool, ...]
    is_greedy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemScore:
    """How many samples of one problem passed."""

    problem_id: str
    num_samples: int
    num_passed: int

    @property
    def pass_rate(self) -> float:
        """Share of the samples that passed."""
        return self.num_passed / self.num_samples if self.num_samples else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One evaluation of the policy on a split."""

    when: str
    step: int
    split: str
    num_problems: int
    num_samples: int
    pass_at: Mapping[int, float]  # k -> pass@k
    verdicts: Mapping[str, float]
    problems: tuple[ProblemScore, ...]
    examples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunData:
    """All that a report shows."""

    run_dir: Path
    config: Mapping[str, object] = field(default_factory=dict)
    metrics: tuple[Mapping[str, float], ...] = ()  # ascending steps, one entry a step
    samples: tuple[Sample, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    notes: tuple[str, ...] = ()  # what could not be read

    def column(self, key: str) -> list[float]:
        """Gives one metric of every step; nan where it is missing."""
        return [row.get(key, math.nan) for row in self.metrics]

    @property
    def steps(self) -> list[float]:
        """Step numbers."""
        return self.column("step")

    def before_and_after(self) -> tuple[Evaluation, Evaluation] | None:
        """Gives the first evaluation and the last one of the same split, if there are two."""
        for last in reversed(self.evaluations):
            first = next(item for item in self.evaluations if item.split == last.split)
            if first is not last:
                return first, last
        return None


def read_run(run_dir: Path) -> RunData:
    """Read what ``run_dir`` holds.

    Raises:
        FileNotFoundError: There is no such directory.
    """
    if not run_dir.is_dir():
        raise FileNotFoundError(f"{run_dir}: no such run directory")
    notes: list[str] = []
    rows: dict[float, Mapping[str, float]] = {}
    for record in _records(run_dir / METRICS_FILE, notes):
        row = {
            key: number for key, value in record.items() if (number := _number(value)) is not None
        }
        if math.isfinite(row.get("step", math.nan)):
            rows[row["step"]] = row
    first: list[Sample] = []
    last: list[Sample] = []
    for record in _records(run_dir / SAMPLES_FILE, notes):
        (first if len(first) < _FIRST_SAMPLES else last).append(_sample(record))
        if len(last) > 2 * _LAST_SAMPLES:
            del last[:_LAST_SAMPLES]
    return RunData(
        run_dir=run_dir,
        config=_read_config(run_dir / CONFIG_FILE, notes),
        metrics=tuple(rows[step] for step in sorted(rows)),
        samples=(*first, *last),
        evaluations=tuple(_evaluation(r) for r in _records(run_dir / EVALUATIONS_FILE, notes)),
        notes=tuple(notes),
    )


def _read_config(path: Path, notes: list[str]) -> Mapping[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError:
        notes.append(f"{path.name}: not found")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        notes.append(f"{path.name}: not valid TOML ({error})")
    return {}


def _records(path: Path, notes: list[str]) -> Iterator[dict[str, object]]:
    """Yields the objects of a JSONL file, and notes what is missing or broken."""
    try:
        file = path.open("rb")
    except OSError:
        notes.append(f"{path.name}: not found")
        return
    num_records, broken = 0, []
    with file:
        for line_number, line in enumerate(file, start=1):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if isinstance(record, dict):
                num_records += 1
                yield record
            elif line.strip():
                broken.append(line_number)
    if broken:
        lines = "line" if len(broken) == 1 else f"{len(broken)} lines, the first is"
        notes.append(f"{path.name}: {lines} {broken[0]} could not be read and was left out")
    if not num_records:
        notes.append(f"{path.name}: empty")


def _evaluation(record: Mapping[str, object]) -> Evaluation:
    pass_at = {
        int(key.removeprefix("pass@")): score
        for key, value in record.items()
        if key.startswith("pass@")
        and key.removeprefix("pass@").isdecimal()
        and (score := _number(value)) is not None
    }
    problems = tuple(
        ProblemScore(
            problem_id=_text(item.get("id")),
            num_samples=max(0, _integer(item.get("num_samples"))),
            num_passed=max(0, _integer(item.get("num_passed"))),
        )
        for item in _objects(record.get("problems"))
    )
    verdicts = record.get("verdicts")
    counts = verdicts if isinstance(verdicts, dict) else {}
    return Evaluation(
        when=_text(record.get("when")),
        step=_integer(record.get("step")),
        split=_text(record.get("split")),
        num_problems=_integer(record.get("num_problems")) or len(problems),
        num_samples=_integer(record.get("num_samples")),
        pass_at=pass_at,
        verdicts={
            name: amount
            for name, value in counts.items()
            if (amount := _number(value)) is not None and amount > 0 and math.isfinite(amount)
        },
        problems=problems,
        examples=tuple(_sample(item) for item in _objects(record.get("examples"))),
    )


def _sample(record: Mapping[str, object]) -> Sample:
    completion = _text(record.get("completion"))
    start = min(max(0, _integer(record.get("program_start"))), len(completion))
    end = min(max(start, _integer(record.get("program_end"), len(completion))), len(completion))
    error_line = _integer(record.get("error_line"))
    reward = _number(record.get("reward"))
    return Sample(
        step=_integer(record.get("step")),
        problem_id=_text(record.get("problem_id")),
        statement=_text(record.get("statement")),
        completion=completion,
        program_start=start,
        program_end=end,
        verdict=_text(record.get("verdict")),
        reward=math.nan if reward is None else reward,
        error_type=_text(record.get("error_type")) or None,
        error_message=_text(record.get("error_message")) or None,
        error_line=error_line if error_line > 0 else None,
        token_spans=tuple(_spans(record.get("token_spans"))),
        blamed=tuple(bool(flag) for flag in _items(record.get("blamed"))),
        is_greedy=record.get("is_greedy") is True,
    )


def _spans(value: object) -> Iterator[tuple[int, int]]:
    for span in _items(value):
        pair = _items(span)
        start, end = (_integer(pair[0]), _integer(pair[1])) if len(pair) == 2 else (0, 0)
        yield start, max(start, end)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[dict[str, object]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _integer(value: object, default: int = 0) -> int:
    number = _number(value)
    if number is None or not math.isfinite(number):
        return default
    return int(number)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)
