"""Saved states of a run: the policy in Hugging Face format, and what an exact resume needs.

A checkpoint is a directory ``checkpoints/step-000010``. It is written under another name, flushed
to disk and renamed, so that one which has its final name is whole. ``state.pt`` holds tensors and
plain values only and is read with ``weights_only=True``: a checkpoint of somebody else cannot run
code.
"""

import os
import pickle
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import torch

from rltf_trainer.errors import CheckpointError
from rltf_trainer.policy.loading import Policy

CHECKPOINTS_DIR: Final = "checkpoints"
FINAL_DIR: Final = "final"
STATE_FILE: Final = "state.pt"
_NAME: Final = re.compile(r"step-(\d{6,})")
_SCRATCH_PREFIX: Final = ".unfinished-"


def save_checkpoint(
    run_dir: Path, step: int, policy: Policy, state: Mapping[str, Any], *, keep_last: int
) -> Path:
    """Write a checkpoint and remove the oldest beyond ``keep_last``.

    Args:
        run_dir: The run's directory.
        step: Steps done.
        policy: Its weights; with adapters, these alone.
        state: Tensors and plain values.
        keep_last: Checkpoints kept, this one included.

    Returns:
        Its directory.
    """
    parent = run_dir / CHECKPOINTS_DIR
    target = parent / f"step-{step:06d}"
    _write_directory(target, lambda scratch: _write_checkpoint(scratch, policy, state))
    for old in list_checkpoints(run_dir)[:-keep_last]:
        shutil.rmtree(old)
    return target


def save_final(run_dir: Path, policy: Policy) -> Path:
    """Write the trained model on its own, adapters merged in; ``policy`` is of no use after."""
    target = run_dir / FINAL_DIR
    model = policy.model
    if policy.adapters is not None:
        model = policy.adapters.merge_and_unload()

    def write(scratch: Path) -> None:
        model.save_pretrained(scratch)
        policy.tokenizer.save_pretrained(scratch)

    _write_directory(target, write)
    return target


def list_checkpoints(run_dir: Path) -> list[Path]:
    """Give the run's checkpoints, oldest first."""
    parent = run_dir / CHECKPOINTS_DIR
    if not parent.is_dir():
        return []
    found = [path for path in parent.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def load_state(checkpoint: Path) -> dict[str, Any]:
    """Read what ``save_checkpoint`` was given beside the policy.

    Raises:
        CheckpointError: The file is missing or broken.
    """
    path = checkpoint / STATE_FILE
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).split(". ")[0]
        raise CheckpointError(f"{path}: is broken, or holds code: {reason}") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{path}: holds no state of a run")
    return state


def _write_checkpoint(scratch: Path, policy: Policy, state: Mapping[str, Any]) -> None:
    if policy.adapters is not None:
        # "auto" would ask the hub whether the vocabulary has grown.
        policy.adapters.save_pretrained(str(scratch), save_embedding_layers=False)
    else:
        policy.model.save_pretrained(scratch)
    policy.tokenizer.save_pretrained(scratch)
    torch.save(dict(state), scratch / STATE_FILE)


def _write_directory(target: Path, write: Callable[[Path], None]) -> None:
    """Have a directory written whole: under another name first, then flushed, then renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left_over in target.parent.glob(f"{_SCRATCH_PREFIX}*"):
        shutil.rmtree(left_over)
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX, dir=target.parent))
    try:
        scratch.chmod(0o755)
        write(scratch)
        for path in [*scratch.rglob("*"), scratch]:
            _flush(path)
        if target.exists():  # the same step again, after a resume: the content is the same
            shutil.rmtree(target)
        scratch.rename(target)
        _flush(target.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
