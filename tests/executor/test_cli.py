from pathlib import Path
from typing import Any

import pytest

from rltf_executor import cli
from rltf_executor.errors import IsolationError
from rltf_executor.settings import Settings

pytestmark = pytest.mark.usefixtures("clean_environment")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What ``serve`` was asked to serve."""
    given: list[Settings] = []
    monkeypatch.setattr(cli.server, "serve", given.append)
    monkeypatch.setattr(cli, "configure_logging", lambda _settings: None)
    return given


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--prot", "1"], "unknown option --prot; did you mean --port?"),
        (["serve", "--prot=1"], "unknown option --prot=1; did you mean --port?"),
        (["sevre"], "unknown command sevre; did you mean serve?"),
        (["run", "p.py", "--test", "t"], "unknown option --test; did you mean --tests?"),
        (["serve", "extra"], "unknown argument extra"),
        (["serve", "--port"], "argument --port: expected one argument"),
        (["serve", "--port", "http"], 'server.port (--port): "http" is not an integer'),
        (["serve", "--port", "70000"], "server.port (--port): 70000 is not in 0..65535"),
        (["serve", "--sandbox", "podman"], 'sandbox.backend (--sandbox): "podman" is not one of'),
        (["serve", "--require-isolation", "vm"], "is not one of none, uid, namespaces"),
        (["run", "/no/such.py"], "/no/such.py: No such file or directory"),
        (["run"], "the following arguments are required: FILE"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_a_wrong_command_line_is_explained_and_ends_with_2(
    arguments: list[str], message: str, served: list[Settings], capsys: pytest.CaptureFixture[str]
):
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err
    assert served == []


def test_a_misspelt_variable_ends_with_2(
    clean_environment: pytest.MonkeyPatch,
    served: list[Settings],
    capsys: pytest.CaptureFixture[str],
):
    clean_environment.setenv("EXECUTOR_POOL__SISE", "4")

    assert cli.main(["serve"]) == 2
    assert "did you mean EXECUTOR_POOL__SIZE?" in capsys.readouterr().err
    assert served == []


def test_options_become_settings(served: list[Settings], clean_environment: pytest.MonkeyPatch):
    clean_environment.setenv("EXECUTOR_SERVER__HOST", "192.0.2.1")
    options = {
        "--port": "9",
        "--token": "t",
        "--sandbox": "local",
        "--require-isolation": "namespaces",
        "--pool-size": "3",
        "--memory-mb": "1024",
        "--max-submissions": "7",
        "--drain-s": "1.5",
        "--log-level": "debug",
        "--runtime": "runsc",
    }
    code = cli.main(["serve", *(word for option in options.items() for word in option)])

    (settings,) = served
    assert code == 0
    assert (settings.server.host, settings.server.port) == ("192.0.2.1", 9)
    assert settings.token is not None
    assert settings.token.get_secret_value() == "t"
    assert settings.sandbox.backend == "local"
    assert settings.sandbox.require_isolation == "namespaces"
    assert settings.sandbox.memory_mb == 1024
    assert settings.sandbox.runtime == "runsc"
    assert settings.pool.size == 3
    assert settings.queue.max_submissions == 7
    assert settings.server.drain_s == 1.5
    assert settings.log.level == "debug"


def test_a_host_that_cannot_do_it_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def refuse(_settings: Settings) -> None:
        raise IsolationError("this host offers uid, namespaces is required")

    monkeypatch.setattr(cli.server, "serve", refuse)
    monkeypatch.setattr(cli, "configure_logging", lambda _settings: None)

    assert cli.main(["serve"]) == 2
    assert "this host offers uid" in capsys.readouterr().err


@pytest.mark.parametrize("verdict", ["passed", "wrong_answer"])
def test_run_ends_with_0_only_if_the_program_passed(
    verdict: str,
    tmp_path: Path,
    judge: Any,
    in_thread: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    program, tests = tmp_path / "p.py", tmp_path / "t.py"
    program.write_text("x = 1\n")
    tests.write_text("assert x == 1\n")

    async def judged(submission: Any, _settings: Settings) -> Any:
        return judge.result(submission, cli.oneoff.Verdict(verdict))

    monkeypatch.setattr(cli.oneoff, "_judge", judged)
    monkeypatch.setattr(cli, "configure_logging", lambda _settings: None)

    code = in_thread(cli.main, ["run", str(program), "--tests", str(tests)])
    assert code == (verdict != "passed")
    table = capsys.readouterr().out
    assert "assert" in table
    assert verdict in table
    assert in_thread(cli.main, ["run", str(program), "--json"]) == (verdict != "passed")
    assert f'"verdict": "{verdict}"' in capsys.readouterr().out


def test_redteam_is_handed_its_own_arguments(monkeypatch: pytest.MonkeyPatch):
    given: list[list[str]] = []
    monkeypatch.setattr(cli.redteam, "main", lambda arguments: given.append(arguments) or 1)

    assert cli.main(["redteam", "--url", "http://x", "--list"]) == 1
    assert given == [["--url", "http://x", "--list"]]


def test_help_lists_every_option(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", "--help"])

    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert all(option in text for option in cli._SETTING_OF)
