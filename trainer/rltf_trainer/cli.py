"""``rltf-trainer train | eval | report``. Exit codes: 0 done, 1 our fault, 2 the user can mend it.

A run that a signal stopped exits with 128 + the signal's number: 130 after Ctrl-C, 143 after
SIGTERM. What is heavy to import is imported once the command line is known to be sound.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from rich.console import Console

from rltf_executor.version import VERSION
from rltf_trainer.config import TrainConfig, field_paths, load_config, suggestion
from rltf_trainer.errors import TrainerError, TrainingInterruptedError, UserError

EXIT_OURS: Final = 1
EXIT_USER: Final = 2
_SIGNAL_BASE: Final = 128

# Short spellings of options that are typed often.
_TRAIN_NAMES: Final = {
    "--model": "model.path",
    "--problems": "data.problems",
    "--executor-url": "executor.urls",
    "--executor-token": "executor.token",
    "--sandbox": "executor.sandbox",
    "--run-dir": "run_dir",
    "--steps": "steps",
    "--seed": "seed",
    "--lr": "optimizer.lr",
}
_EVAL_NAMES: Final = {
    "--model": "model.path",
    "--dtype": "model.dtype",
    "--device": "model.device",
    "--threads": "model.threads",
    "--problems": "data.problems",
    "--prompt-style": "data.prompt_style",
    "--num-examples": "data.num_examples",
    "--executor-url": "executor.urls",
    "--executor-token": "executor.token",
    "--sandbox": "executor.sandbox",
    "--samples": "evaluation.samples",
    "--temperature": "evaluation.temperature",
    "--top-p": "evaluation.top_p",
    "--k": "evaluation.k",
    "--max-new-tokens": "rollout.max_new_tokens",
    "--batch-size": "rollout.batch_size",
    "--seed": "seed",
}
_LISTS: Final = frozenset({"executor.urls", "evaluation.k", "lora.target_modules"})


class _Parser(argparse.ArgumentParser):
    """Says what a misspelt option may have meant."""

    def error(self, message: str) -> NoReturn:
        prefix = "unrecognized arguments: "
        if message.startswith(prefix):
            first = message.removeprefix(prefix).split()[0].partition("=")[0]
            known = (name for name in self._option_string_actions)
            message = f"{first}: unknown option{suggestion(first, known)}"
        self.exit(EXIT_USER, f"{self.prog}: error: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit code."""
    parser, commands = _build_parser()
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        commands[arguments.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Threads that wait give way. A decoding step is hundreds of small operations, and where another
    # process wants a core too, each would spin through its turn: 4 tokens/s in place of 55.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported
    console = Console()
    complaints = Console(stderr=True)
    try:
        return int(arguments.run(arguments, console))
    except UserError as error:
        complaints.print(f"rltf-trainer: error: {error}", markup=False, soft_wrap=True)
        return EXIT_USER
    except TrainingInterruptedError as stop:
        complaints.print(f"rltf-trainer: {stop}", markup=False, soft_wrap=True)
        return _SIGNAL_BASE + stop.signal_number
    except TrainerError as error:
        complaints.print(f"rltf-trainer: error: {error}", markup=False, soft_wrap=True)
        return EXIT_OURS
    except KeyboardInterrupt:
        return _SIGNAL_BASE + 2


def _build_parser() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog="rltf-trainer",
        description="Online reinforcement learning of code models from unit-test feedback.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rltf-trainer {VERSION}")
    subparsers = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=_Parser
    )
    train = subparsers.add_parser("train", help="train a policy", allow_abbrev=False)
    _add_train_options(train)
    evaluation = subparsers.add_parser("eval", help="measure pass@k", allow_abbrev=False)
    _add_eval_options(evaluation)
    report = subparsers.add_parser("report", help="write the HTML report", allow_abbrev=False)
    report.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    report.set_defaults(run=_report)
    return parser, {"train": train, "eval": evaluation, "report": report}


def _add_train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file of options")
    parser.add_argument(
        "--resume", type=Path, metavar="RUN_DIR", help="go on with the run in this directory"
    )
    _add_named(parser, _TRAIN_NAMES)
    parser.add_argument("--eval-before", action="store_true", help="evaluate before the first step")
    parser.add_argument("--eval-after", action="store_true", help="evaluate after the last step")
    every = parser.add_argument_group(
        "every option of a config file",
        "Lists are separated by commas; `none` unsets. docs/training.md explains them.",
    )
    for name, field in field_paths(TrainConfig):
        if f"--{name}" not in _TRAIN_NAMES and name != "executor.limits":
            text = (field.description or "").replace("%", "%%")
            every.add_argument(f"--{name}", dest=name, metavar="VALUE", help=text)
    parser.set_defaults(run=_train)


def _add_eval_options(parser: argparse.ArgumentParser) -> None:
    _add_named(parser, _EVAL_NAMES)
    parser.add_argument("--split", default="test", help="split to measure on; default: test")
    parser.add_argument("--limit", type=_positive, metavar="N", help="first N problems only")
    parser.add_argument(
        "--greedy", action="store_true", help="one greedy completion instead of samples"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write results.jsonl and evaluation.json here"
    )
    parser.set_defaults(run=_evaluate)


def _add_named(parser: argparse.ArgumentParser, names: dict[str, str]) -> None:
    fields = dict(field_paths(TrainConfig))
    for option, name in names.items():
        text = (fields[name].description or "").replace("%", "%%")
        parser.add_argument(option, dest=name, metavar="VALUE", help=text)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not at least 1")
    return number


def _overrides(arguments: argparse.Namespace) -> dict[str, object]:
    """Give the options of the command line by their dotted names, as a config file would."""
    names = {name for name, _ in field_paths(TrainConfig)}
    chosen: dict[str, object] = {}
    for name, value in vars(arguments).items():
        if name in names and isinstance(value, str):
            chosen[name] = _plain(name, value)
    if "executor.token" not in chosen and (token := os.environ.get("EXECUTOR_TOKEN")):
        chosen["executor.token"] = token
    return chosen


def _plain(name: str, text: str) -> object:
    if name in _LISTS:
        return [] if text == "none" else [part.strip() for part in text.split(",")]
    return None if text == "none" else text


def _train(arguments: argparse.Namespace, console: Console) -> int:
    overrides = _overrides(arguments)
    for flag in ("before", "after"):
        if getattr(arguments, f"eval_{flag}"):
            overrides[f"evaluation.{flag}"] = True
    if arguments.resume is not None and arguments.config is not None:
        raise UserError("--config, --resume: a resumed run has its options; give one of the two")
    from rltf_trainer.report.progress import Progress
    from rltf_trainer.session import prepare_run, resumed_config, run_training

    if arguments.resume is not None:
        config = resumed_config(arguments.resume, overrides)
    else:
        config = load_config(arguments.config, overrides)
    config, run_dir = prepare_run(config)
    with Progress(config.steps, console=console) as progress:
        summary = run_training(config, progress, resume=arguments.resume is not None)
    for name, evaluation in (("before", summary.before), ("after", summary.after)):
        if evaluation is not None:
            shown = ", ".join(f"pass@{k} {rate:.1%}" for k, rate in evaluation.pass_at.items())
            console.print(
                f"{name:>6} training: {shown} on {evaluation.num_problems} problems of the "
                f"{evaluation.split} split",
                highlight=False,
                soft_wrap=True,
            )
    for name, path in (
        ("run", run_dir),
        ("checkpoint", summary.checkpoint),
        ("model", summary.final),
        ("report", summary.report),
    ):
        console.print(f"{name:>10}: {path}", highlight=False, markup=False, soft_wrap=True)
    return 0


def _evaluate(arguments: argparse.Namespace, console: Console) -> int:
    overrides = _overrides(arguments)
    if arguments.greedy:
        overrides |= {"evaluation.greedy": True, "evaluation.samples": 1}
    config = load_config(None, overrides)
    from rltf_trainer.session import run_evaluation

    return run_evaluation(
        config, console, split=arguments.split, limit=arguments.limit, out=arguments.out
    )


def _report(arguments: argparse.Namespace, console: Console) -> int:
    from rltf_trainer.report.html import write_report

    console.print(str(write_report(arguments.run_dir)), highlight=False, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
