"""Faults of the trainer and of its input. What a policy writes is never a fault: it gets a verdict.

TrainerError
├── UserError                  the command line, a file or the set-up is wrong: exit code 2, nothing
left running │   ├── ProblemFormatError     a problem file: names file, line, field and bound │
├── ConfigError            a config file or an option: names the field and the bound │   ├──
ModelError             a model directory that is none, or lacks a part │   ├── CheckpointError
a checkpoint that cannot be read or belongs to another configuration │   └── ExecutorStartError
no executor answers, or the embedded one does not start └── TrainingInterruptedError   asked to stop
by a signal; a checkpoint has been written
"""

from pathlib import Path


class TrainerError(Exception):
    """Base of all faults the trainer raises itself."""


class UserError(TrainerError):
    """The user can mend this; the message says what and where. Ends a command with exit code 2."""


class ProblemFormatError(UserError):
    """A problem file is broken; the message names file, line, field and bound."""


class ConfigError(UserError):
    """A config file or an option is wrong; the message names the field, the value and the bound."""


class ModelError(UserError):
    """A model cannot be loaded; the message names the path and what is missing there."""


class CheckpointError(UserError):
    """A checkpoint is missing, broken, or was written by a run with another configuration."""


class ExecutorStartError(UserError):
    """No executor answers within the bound, or the embedded one does not start."""


class TrainingInterruptedError(TrainerError):
    """A signal asked the run to stop.

    Args:
        signal_number: The signal that asked for it.
        checkpoint: Where the state was saved; None when there was nothing to save.
    """

    def __init__(self, signal_number: int, checkpoint: Path | None) -> None:
        where = f"; state saved in {checkpoint}" if checkpoint else ""
        super().__init__(f"interrupted by signal {signal_number}{where}")
        self.signal_number = signal_number
        self.checkpoint = checkpoint
