"""The ``rltf-executor`` command.

Exit codes: 0 well; 1 not passed, or not well; 2 wrong usage, or a host that cannot do it.
"""

import argparse
import difflib
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from rltf_executor import doctor, oneoff, server
from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.logs import configure_logging
from rltf_executor.oneoff import InputError
from rltf_executor.redteam import command as redteam
from rltf_executor.settings import Settings, SettingsError, load_settings
from rltf_executor.version import VERSION

USAGE_ERROR: Final = 2

_SETTING_OF: Final[Mapping[str, str]] = {
    "--host": "server.host",
    "--port": "server.port",
    "--token": "token",
    "--sandbox": "sandbox.backend",
    "--require-isolation": "sandbox.require_isolation",
    "--runtime": "sandbox.runtime",
    "--image": "sandbox.image",
    "--docker-host": "sandbox.docker_host",
    "--memory-mb": "sandbox.memory_mb",
    "--pool-size": "pool.size",
    "--max-runs": "pool.max_runs",
    "--max-submissions": "queue.max_submissions",
    "--drain-s": "server.drain_s",
    "--log-level": "log.level",
}
_SANDBOX_OPTIONS: Final = (
    "--sandbox",
    "--require-isolation",
    "--runtime",
    "--image",
    "--docker-host",
)
_HELP: Final[Mapping[str, tuple[str, str]]] = {
    "--host": ("ADDRESS", "address to listen on (127.0.0.1)"),
    "--port": ("PORT", "port to listen on (8000); 0 picks a free one"),
    "--token": (
        "TOKEN",
        "bearer token to ask for; EXECUTOR_TOKEN keeps it out of the process list",
    ),
    "--sandbox": (
        "auto|docker|local|sockets",
        "where programs run (auto: Docker if an engine answers)",
    ),
    "--require-isolation": ("none|uid|namespaces", "refuse to start with less than this (uid)"),
    "--runtime": ("NAME", "OCI runtime of the containers: runc, runsc"),
    "--image": ("NAME", "image of the containers"),
    "--docker-host": ("URL", "address of the Docker engine"),
    "--memory-mb": ("MIB", "upper bound of a submission's limits.memory_mb (2048)"),
    "--pool-size": ("N", "warm sandboxes; 0: one for every core"),
    "--max-runs": ("N", "submissions before a sandbox is replaced; 1: a fresh one for each"),
    "--max-submissions": ("N", "submissions waiting and running before clients get 429 (4096)"),
    "--drain-s": ("SECONDS", "time running submissions get at a stop (30)"),
    "--log-level": ("debug|info|warning|error", "least severe level that is logged (info)"),
}


class UsageError(Exception):
    """A command line that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of exiting, and knows no abbreviations."""

    def __init__(self, **kwargs: object) -> None:
        kwargs["allow_abbrev"] = False
        super().__init__(**kwargs)  # type: ignore[arg-type]  # argparse's own signature, passed through

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser, commands = _build_parsers()
    if arguments[:1] == ["redteam"]:  # a client: it starts no service and reads no settings
        return redteam.main(arguments[1:])
    try:
        known, unknown = parser.parse_known_args(arguments)
        if unknown:
            options = [
                option
                for action in commands[known.command]._actions
                for option in action.option_strings
            ]
            raise UsageError(_unknown(unknown[0], options))
        return _run(known)
    except UsageError as error:
        return _fail(f"{_with_hint(str(error), arguments, commands)} (rltf-executor --help)")
    except SettingsError as error:
        return _fail(*error.faults)
    except (InputError, SandboxUnavailableError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    configure_logging(settings.log)
    if arguments.command == "serve":
        server.serve(settings)
        return 0
    if arguments.command == "run":
        return oneoff.run(arguments.file, arguments.tests, settings, as_json=arguments.json)
    return doctor.run(settings, as_json=arguments.json)


def _settings(arguments: argparse.Namespace) -> Settings:
    given = {
        setting: value
        for option, setting in _SETTING_OF.items()
        if (value := getattr(arguments, _destination(option), None)) is not None
    }
    if arguments.command != "serve":
        given.setdefault("log.json", False)
        given.setdefault("log.level", "warning")
    return load_settings(
        given, option_names={setting: option for option, setting in _SETTING_OF.items()}
    )


def _build_parsers() -> tuple[_Parser, dict[str, argparse.ArgumentParser]]:
    parser = _Parser(
        prog="rltf-executor",
        description="Runs untrusted programs against unit tests in isolated sandboxes.",
        epilog="Every option can also be set by an EXECUTOR_* variable; see docs/configuration.md.",
    )
    parser.add_argument("--version", action="version", version=f"rltf-executor {VERSION}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=_Parser
    )
    serve = commands.add_parser("serve", help="answer submissions over HTTP")
    _add_settings(serve, tuple(_SETTING_OF))
    one = commands.add_parser("run", help="judge one program and print a table")
    one.add_argument("file", metavar="FILE", help="the program")
    one.add_argument(
        "--tests",
        metavar="FILE",
        help="JSON (tests, or a submission without source) or .py asserts",
    )
    one.add_argument("--json", action="store_true", help="print the result as JSON")
    _add_settings(one, _SANDBOX_OPTIONS)
    check = commands.add_parser("doctor", help="say what this host offers and what to change")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    _add_settings(check, _SANDBOX_OPTIONS)
    attack = commands.add_parser("redteam", help="attack a grader and say what it withstood")
    return parser, {"serve": serve, "run": one, "doctor": check, "redteam": attack}


def _add_settings(parser: argparse.ArgumentParser, options: Sequence[str]) -> None:
    for option in options:
        metavar, text = _HELP[option]
        parser.add_argument(option, metavar=metavar, help=text, dest=_destination(option))


def _destination(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _with_hint(
    message: str, arguments: Sequence[str], commands: Mapping[str, argparse.ArgumentParser]
) -> str:
    if "invalid choice" not in message:
        return message
    word = next((argument for argument in arguments if not argument.startswith("-")), "")
    return _unknown(word, list(commands), what="command")


def _unknown(word: str, known: Sequence[str], *, what: str = "option") -> str:
    close = difflib.get_close_matches(word.partition("=")[0], known, n=1)
    kind = what if word.startswith("-") or what == "command" else "argument"
    hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(sorted(known))}"
    return f"unknown {kind} {word}{hint}"


def _fail(*lines: str) -> int:
    for line in lines:
        sys.stderr.write(f"rltf-executor: {line}\n")
    return USAGE_ERROR
