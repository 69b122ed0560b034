"""Writes what a run did: JSONL always, TensorBoard where it is installed. Does not choose what.

Every line is handed to the system before the call returns, so a run that is killed loses at most
the line being written.
A number that is not finite is written as ``null``: strict JSON has no word for it.
"""

import json
import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, TextIO, cast

from rltf_trainer.errors import UserError

logger = logging.getLogger(__name__)

METRICS_FILE: Final = "metrics.jsonl"
SAMPLES_FILE: Final = "samples.jsonl"
EVALUATIONS_FILE: Final = "evaluations.jsonl"
TENSORBOARD_DIR: Final = "tensorboard"
_NOT_CHARTED: Final = ("step", "time")


class _ScalarWriter(Protocol):
    """The part of TensorBoard's ``SummaryWriter`` used here."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Recorder:
    """The one writer of a run directory's metrics, samples and evaluations."""

    def __init__(
        self, run_dir: Path | str, *, tensorboard: bool = True, resume_step: int | None = None
    ) -> None:
        """Open the files of a run, or take up those of an interrupted one.

        Args:
            run_dir: Made if it does not exist.
            tensorboard: Write TensorBoard events too, if the package is there.
            resume_step: Last step that counts; what was written after it is dropped, and so is a
                torn last line. None: a run of its own.

        Raises:
            UserError: ``resume_step`` is None and the directory already holds the steps of a run.
        """
        self._run_dir = Path(run_dir)
        self._run_dir.mkdir(parents=True, exist_ok=True)
        if resume_step is None:
            _refuse_other_run(self._run_dir / METRICS_FILE)
        self._files: dict[str, TextIO] = {}
        for name in (METRICS_FILE, SAMPLES_FILE, EVALUATIONS_FILE):
            path = self._run_dir / name
            if resume_step is not None:
                keep_steps_until(path, resume_step)
            elif path.exists():
                path.unlink()
            self._files[name] = path.open("a", encoding="utf-8", newline="\n")
        self._tensorboard: _ScalarWriter | None = None
        if tensorboard:
            self._tensorboard = _open_tensorboard(self._run_dir / TENSORBOARD_DIR, resume_step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def step(self, metrics: Mapping[str, object]) -> None:
        """Write the metrics of one step; ``metrics["step"]`` says which."""
        self._write(METRICS_FILE, metrics)
        self._add_scalars(metrics, prefix="", step=_step_of(metrics))

    def samples(self, samples: Sequence[Mapping[str, object]]) -> None:
        """Write rollouts worth showing, each with its ``step``."""
        for sample in samples:
            self._write(SAMPLES_FILE, sample)

    def evaluation(self, evaluation: Mapping[str, object]) -> None:
        """Write the outcome of one evaluation."""
        self._write(EVALUATIONS_FILE, evaluation)
        scores = {key: value for key, value in evaluation.items() if key.startswith("pass@")}
        prefix = f"evaluation/{evaluation.get('split', 'all')}/"
        self._add_scalars(scores, prefix=prefix, step=_step_of(evaluation))

    def close(self) -> None:
        """Close everything. Safe to call twice."""
        for file in self._files.values():
            file.close()
        if self._tensorboard is not None:
            self._tensorboard.close()
            self._tensorboard = None

    def _write(self, name: str, record: Mapping[str, object]) -> None:
        line = json.dumps(_finite(record), separators=(",", ":"), allow_nan=False)
        self._files[name].write(line + "\n")
        self._files[name].flush()

    def _add_scalars(self, values: Mapping[str, object], *, prefix: str, step: int) -> None:
        if self._tensorboard is None:
            return
        for key, value in values.items():
            if key not in _NOT_CHARTED and isinstance(value, int | float):
                self._tensorboard.add_scalar(prefix + key, float(value), step)
        self._tensorboard.flush()


def keep_steps_until(path: Path, last_step: int) -> None:
    """Drop the lines of a JSONL file whose ``step`` is above ``last_step`` or that are not whole.

    The file is replaced in one go: a crash leaves the old one or the shortened one.
    """
    if not path.exists():
        return
    shortened = path.with_name(path.name + ".partial")
    with path.open("rb") as old, shortened.open("wb") as kept:
        kept.writelines(line for line in old if _is_kept(line, last_step))
        kept.flush()
        os.fsync(kept.fileno())
    shortened.replace(path)


def _is_kept(line: bytes, last_step: int) -> bool:
    if not line.endswith(b"\n"):
        return False
    try:
        record = json.loads(line)
    except ValueError:
        return False
    if not isinstance(record, dict):
        return False
    step = record.get("step")
    return not isinstance(step, int) or step <= last_step


def _refuse_other_run(metrics: Path) -> None:
    if metrics.exists() and (num_steps := metrics.read_bytes().count(b"\n")):
        raise UserError(
            f"{metrics}: already holds {num_steps} steps of a run; "
            "resume it or choose another directory"
        )


def _step_of(record: Mapping[str, object]) -> int:
    step = record.get("step", 0)
    return step if isinstance(step, int) else 0


def _finite(value: object) -> object:
    """Gives ``value`` as strict JSON can hold it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _open_tensorboard(log_dir: Path, resume_step: int | None) -> _ScalarWriter | None:
    # Imported here: it takes seconds, and it is optional.
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        logger.warning(
            "TensorBoard is not installed; metrics go to JSONL only", extra={"error": str(error)}
        )
        return None
    purge_step = None if resume_step is None else resume_step + 1
    return cast(_ScalarWriter, SummaryWriter(log_dir=str(log_dir), purge_step=purge_step))
