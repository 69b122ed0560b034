"""Every option of a training run: one frozen tree, read once and passed down.

It comes from TOML and the command line. Nothing here reads files of a model or talks to an
executor. ``docs/training.md`` lists every field; a test compares the two. The resolved tree is
saved in the run directory, without the executor's token.
"""

import difflib
import hashlib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from rltf_trainer.errors import ConfigError
from rltf_trainer.options import (
    AlgorithmConfig,
    BaselineConfig,
    BufferConfig,
    CheckpointConfig,
    DataConfig,
    EvaluationConfig,
    ExecutorConfig,
    Group,
    LoraConfig,
    ModelConfig,
    OptimizerConfig,
    ReportConfig,
    RewardConfig,
    RolloutConfig,
)


class TrainConfig(Group):
    """A training run."""

    run_dir: str = Field(
        default="", description="Directory of the run; empty: `runs/<date>-<time>`."
    )
    steps: int = Field(default=20, ge=1, description="Training steps.")
    seed: int = Field(default=0, ge=0, lt=2**63, description="Seed of everything random.")
    overlap: bool = Field(
        default=True,
        description="Sample the next batch while this one is graded; see `docs/training.md`.",
    )
    model: ModelConfig = ModelConfig()
    data: DataConfig = DataConfig()
    rollout: RolloutConfig = RolloutConfig()
    executor: ExecutorConfig = ExecutorConfig()
    reward: RewardConfig = RewardConfig()
    baseline: BaselineConfig = BaselineConfig()
    algorithm: AlgorithmConfig = AlgorithmConfig()
    buffer: BufferConfig = BufferConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    lora: LoraConfig = LoraConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    report: ReportConfig = ReportConfig()

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if (
            self.baseline.kind in ("group_mean", "leave_one_out")
            and self.rollout.samples_per_problem < 2
        ):
            raise ValueError(
                f"baseline.kind: {self.baseline.kind} needs rollout.samples_per_problem of at "
                f"least 2, not {self.rollout.samples_per_problem}"
            )
        return self

    def fingerprint(self) -> str:
        """Gives a hash of all that decides the weights a run ends with.

        Where the run writes, which executor grades, and how often it saves, evaluates or reports
        change no weight; nor does the number of steps while the learning rate does not depend on
        it.
        """
        chosen = self.model_dump(
            mode="json", exclude={"run_dir", "executor", "checkpoint", "evaluation", "report"}
        )
        if self.optimizer.schedule == "constant":
            chosen.pop("steps")
        if self.executor.limits is not None:
            chosen["limits"] = self.executor.limits.model_dump(mode="json")
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def load_config(path: Path | None, overrides: Mapping[str, object]) -> TrainConfig:
    """Read a TOML file and lay options of the command line over it.

    Args:
        path: The file; None: the defaults.
        overrides: Dotted field names (``rollout.temperature``) with their values.

    Raises:
        ConfigError: The file cannot be read, a key is unknown, or a value is out of its bounds.
    """
    tree = {} if path is None else _read_toml(path)
    for dotted, value in overrides.items():
        *groups, leaf = dotted.split(".")
        node = tree
        for group in groups:
            node = node.setdefault(group, {})
            if not isinstance(node, dict):
                raise ConfigError(f"{path}: {group}: must be a table")
        node[leaf] = value
    try:
        return TrainConfig.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_explain(error, "the options" if path is None else str(path))) from error


def save_config(config: TrainConfig, path: Path) -> None:
    """Write ``config`` as TOML, whole or not at all; the executor's token stays out of it."""
    plain = config.model_dump(mode="json", exclude={"executor": {"token"}}, exclude_none=True)
    scratch = path.with_name(path.name + ".tmp")
    scratch.write_text("\n".join(_toml_lines(plain, ())) + "\n", encoding="utf-8")
    os.replace(scratch, path)


def field_paths(
    model: type[BaseModel] = TrainConfig, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Gives the dotted name and the field of every option, groups unfolded."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from field_paths(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error


def _explain(error: ValidationError, source: str) -> str:
    lines = []
    for fault in error.errors():
        name = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            lines.append(
                f"{source}: {name}: unknown option{suggestion(name, (n for n, _ in field_paths()))}"
            )
        elif name:
            shown = "" if isinstance(fault["input"], (dict, BaseModel)) else f"{fault['input']!r}: "
            lines.append(f"{source}: {name}: {shown}{fault['msg'].removeprefix('Value error, ')}")
        else:
            lines.append(f"{source}: {fault['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def suggestion(name: str, known: Iterator[str]) -> str:
    """Gives ``; did you mean …?`` if a known name is close to ``name``, else nothing."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1) or [
        other for other in names if other.rsplit(".", 1)[-1] == name.rsplit(".", 1)[-1]
    ]
    return f"; did you mean {close[0]}?" if close else ""


def _toml_lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    if path:
        yield f"\n[{'.'.join(path)}]"
    for key, value in table.items():
        if not isinstance(value, dict):
            yield f"{key} = {_toml_value(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _toml_lines(value, (*path, key))


def _toml_value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, float):
        return repr(value)
    # JSON spells booleans, integers and strings as TOML does; DEL alone must be escaped in one and
    # not in the other.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
