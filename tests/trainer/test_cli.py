import json
import socket
from pathlib import Path

import pytest
from rich.console import Console

from rltf_trainer import cli
from rltf_trainer.errors import TrainingInterruptedError


def run(*arguments: object) -> int:
    """Runs the command line in this process; gives the exit code."""
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--modle", "x"], "--modle: unknown option; did you mean --model?"),
        (["train", "--rollout.temprature", "1"], "did you mean --rollout.temperature?"),
        (["train", "--temperature=1"], "did you mean --rollout.temperature?"),
        (["eval", "--sampels", "3"], "did you mean --samples?"),
        (["tran"], "invalid choice: 'tran'"),
        ([], "the following arguments are required: COMMAND"),
        (["report"], "the following arguments are required: RUN_DIR"),
        (["eval", "--limit", "0"], "0 is not at least 1"),
        (["train", "--steps", "none-at-all"], "steps: 'none-at-all'"),
        (["train", "--rollout.top_p", "2"], "rollout.top_p: '2'"),
        (["train"], "model.path: no model given"),
        (["eval", "--k", "5"], "k: 5 is not in 1..1"),
        (["train", "--config", "a.toml", "--resume", "b"], "--config, --resume"),
        (["train", "--config", "/nowhere.toml"], "/nowhere.toml: cannot be read"),
        (["train", "--resume", "/nowhere"], "/nowhere: holds no run to resume"),
        (["report", "/nowhere"], "/nowhere"),
        (["train", "--model", "/nowhere"], "/nowhere: no such model directory"),
        (["eval", "--model", "/nowhere"], "/nowhere: no such model directory"),
    ],
)
def test_mistake_is_told_with_exit_code_2(
    arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
):
    assert run(*arguments) == 2
    assert message in capfd.readouterr().err


def test_broken_line_of_a_problem_file_is_named(
    tmp_path: Path, tiny_model: Path, tiny_problems: Path, capfd: pytest.CaptureFixture[str]
):
    lines = tiny_problems.read_text().splitlines()
    lines[2] = lines[2].replace('"tests"', '"tset"')
    path = tmp_path / "broken.jsonl"
    path.write_text("\n".join(lines))

    code = run("train", "--model", tiny_model, "--problems", f"jsonl:{path}", "--run-dir", tmp_path)

    assert code == 2
    error = capfd.readouterr().err
    assert "broken.jsonl:3: tests" in error


def test_executor_that_nobody_answers_is_waited_for_only_so_long(
    tmp_path: Path, tiny_model: Path, tiny_problems: Path, capfd: pytest.CaptureFixture[str]
):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    common = ["--model", tiny_model, "--problems", f"jsonl:{tiny_problems}", "--executor-url", url]

    code = run(
        "train", *common, "--run-dir", tmp_path / "run", "--executor.connect_timeout_s", "0.3"
    )

    assert code == 2
    assert url in capfd.readouterr().err


def test_signal_decides_the_exit_code(monkeypatch: pytest.MonkeyPatch):
    def interrupted(arguments: object, console: Console) -> int:
        raise TrainingInterruptedError(15, Path("somewhere"))

    monkeypatch.setattr(cli, "_report", interrupted)

    assert run("report", "x") == 143


def test_every_option_has_help(capsys: pytest.CaptureFixture[str]):
    assert run("train", "--help") == 0

    text = capsys.readouterr().out
    for option in ("--model", "--rollout.max_new_tokens", "--resume", "--eval-before"):
        assert option in text


def test_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EXECUTOR_TOKEN", "from-the-environment")
    parser, _ = cli._build_parser()

    chosen = cli._overrides(parser.parse_args(["train"]))
    given = cli._overrides(parser.parse_args(["train", "--executor-token", "given"]))

    assert chosen["executor.token"] == "from-the-environment"
    assert given["executor.token"] == "given"


def test_lists_are_separated_by_commas():
    parser, _ = cli._build_parser()

    chosen = cli._overrides(parser.parse_args(["eval", "--k", "1, 5", "--executor-url", "a,b"]))

    assert json.dumps(chosen["evaluation.k"]) == '["1", "5"]'
    assert chosen["executor.urls"] == ["a", "b"]
