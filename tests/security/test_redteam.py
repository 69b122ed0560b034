"""The red team itself: files, judgement, command. No attack runs here; graders are faked."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from rltf_executor.redteam import command
from rltf_executor.redteam.bundle import BUNDLE, read_sources
from rltf_executor.redteam.campaign import how_it_succeeded, innocent_programs, run_campaign
from rltf_executor.redteam.suites import FILL, Attack, Kind, pack, parse, read_folder, shipped
from rltf_executor.redteam.targets import (
    ExecutorTarget,
    Observation,
    PistonTarget,
    SandboxFusionTarget,
)
from rltf_executor.schema import Submission, Verdict

PASSED, WRONG = Verdict.PASSED, Verdict.WRONG_ANSWER
HACK = parse('"""Lies."""\n', "reward_hacks", "lies")
PROGRAM = parse(
    '# /// redteam\n# category = "fork"\n# allowed = ["timeout"]\n# ///\n"""Forks."""\n',
    "programs",
    "forks",
)


class FakeTarget:
    """A grader that answers innocents rightly unless told otherwise."""

    kinds: Sequence[Kind] = ("stdio", "call", "assert")

    def __init__(self, answers: dict[str, Observation]) -> None:
        self._answers = answers
        self._innocents = {
            (program.name, kind): Observation(verdict=min(verdicts), tests=verdicts)
            for program, kind, verdicts in innocent_programs()
        }
        self.asked: list[tuple[str, Kind]] = []

    async def grade(self, attack: Attack, kind: Kind) -> Observation:
        self.asked.append((attack.name, kind))
        if attack.name in self._answers:
            return self._answers[attack.name]
        return self._innocents[attack.name, kind]


def findings_of(attack: Attack, target: FakeTarget, **options: int) -> list[str | None]:
    async def collect() -> list[str | None]:
        return [f.success async for f in run_campaign([attack], target, **options)]

    return asyncio.run(collect())


def test_bundle_is_packed_from_the_files_of_this_tree():
    assert BUNDLE.read_text("utf-8") == pack(read_sources()), (
        "run python -m rltf_executor.redteam.bundle"
    )
    assert shipped() == read_sources()


def test_suites_are_as_large_as_promised_and_every_attack_says_what_it_tries():
    suites = {
        suite: [a for a in shipped() if a.suite == suite] for suite in ("programs", "reward_hacks")
    }

    assert len(suites["programs"]) >= 80
    assert len(suites["reward_hacks"]) >= 60
    assert all(attack.intent.endswith((".", "?")) for attack in shipped())
    assert len({attack.intent for attack in shipped()}) == len(shipped())


def test_no_attack_may_end_in_a_fault_of_the_grader():
    assert all(Verdict.INTERNAL_ERROR not in attack.allowed for attack in shipped())


def test_no_reward_hack_may_pass():
    assert all(PASSED not in a.allowed for a in shipped() if a.suite == "reward_hacks")


@pytest.mark.parametrize("attack", shipped(), ids=lambda attack: f"{attack.suite}/{attack.name}")
def test_attack_is_a_submission_within_the_bounds(attack: Attack):
    for kind in attack.kinds:
        submission = Submission.model_validate(
            {"source": attack.program, "tests": attack.tests(kind), "checker": attack.checker}
        )
        assert len(submission.tests) >= 1


def test_header_and_answers_do_not_travel_with_the_program():
    attack = parse(
        '# /// redteam\n# expected = [12345]\n# kinds = ["call"]\n# ///\n"""Guesses."""\nx = 1\n',
        "reward_hacks",
        "guesses",
    )

    assert attack.program == '"""Guesses."""\nx = 1\n'
    assert attack.tests("call") == [
        {"kind": "call", "function": "solve", "args": [3], "expected": [12345]}
    ]


def test_long_text_is_built_where_it_belongs():
    header = '# category = "compiler"\n# fill = { unit = "(", times = 3, close = ")" }\n'
    attack = parse(f"# /// redteam\n{header}# ///\nx = {FILL}\n", "programs", "nested")

    assert attack.program == "x = ((()))\n"


def test_folder_joins_a_program_with_what_looks_for_its_traces(tmp_path: Path):
    (tmp_path / "leaves.py").write_text('# /// redteam\n# ///\n"""Leaves."""\n')
    (tmp_path / "leaves.then.py").write_text('# /// redteam\n# ///\n"""Looks."""\n')

    (attack,) = read_folder(tmp_path, "programs")

    assert attack.then is not None
    assert (attack.name, attack.then.name) == ("leaves", "leaves.then")


def test_file_without_a_header_or_with_an_unknown_field_is_named(tmp_path: Path):
    (tmp_path / "bare.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match="bare: a hostile program needs a header"):
        read_folder(tmp_path, "programs")

    (tmp_path / "bare.py").write_text("# /// redteam\n# limit = 1\n# ///\n")
    with pytest.raises(ValueError, match="limit"):
        read_folder(tmp_path, "programs")


def test_follow_up_without_a_program_before_it_is_refused(tmp_path: Path):
    (tmp_path / "alone.then.py").write_text("# /// redteam\n# ///\n")

    with pytest.raises(ValueError, match=r"there is no alone\.py"):
        read_folder(tmp_path, "programs")


@pytest.mark.parametrize(
    ("attack", "observation", "success"),
    [
        (PROGRAM, Observation(verdict=Verdict.TIMEOUT), None),
        (PROGRAM, Observation(verdict=PASSED), "stdio: passed is none of timeout ()"),
        (PROGRAM, Observation(verdict=None, detail="HTTP 500"), "no verdict: HTTP 500"),
        (
            PROGRAM,
            Observation(verdict=Verdict.TIMEOUT, output="x\nBREACH a file\ny"),
            "the program got through: BREACH a file",
        ),
        (HACK, Observation(verdict=WRONG, tests=[WRONG, WRONG]), None),
        (HACK, Observation(verdict=WRONG, tests=[WRONG, PASSED]), "stdio: test 1 passed"),
    ],
)
def test_attack_succeeds_by_a_wrong_verdict_or_by_what_it_says(
    attack: Attack, observation: Observation, success: str | None
):
    assert how_it_succeeded(attack, "stdio", observation) == success


def test_fault_of_the_grader_is_a_success_of_any_attack():
    observation = Observation(verdict=Verdict.INTERNAL_ERROR, tests=[Verdict.INTERNAL_ERROR])

    assert how_it_succeeded(HACK, "call", observation) is not None


def test_innocent_programs_of_every_kind_follow_each_attack():
    target = FakeTarget({"forks": Observation(verdict=Verdict.TIMEOUT)})

    assert findings_of(PROGRAM, target, innocents=2) == [None]
    assert target.asked == [
        ("forks", "stdio"),
        *[("innocent", kind) for kind in ("stdio", "call", "assert") for _ in range(2)],
    ]


def test_wrong_verdict_for_the_innocent_is_a_success_of_the_attack():
    target = FakeTarget(
        {
            "forks": Observation(verdict=Verdict.TIMEOUT),
            "innocent": Observation(verdict=Verdict.RUNTIME_ERROR, tests=[Verdict.RUNTIME_ERROR]),
        }
    )

    (success,) = findings_of(PROGRAM, target)

    assert success is not None
    assert success.startswith("the innocent stdio program after it got runtime_error")


def test_grader_that_passes_everything_is_caught_by_the_wrong_answer_of_an_innocent():
    target = FakeTarget({"forks": Observation(verdict=Verdict.TIMEOUT)})
    target._innocents["innocent", "assert"] = Observation(verdict=PASSED, tests=[PASSED] * 3)

    (success,) = findings_of(PROGRAM, target)

    assert success is not None
    assert "innocent assert program" in success


Handler = Callable[[httpx.Request], httpx.Response]


def client_of(handler: Handler) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url="http://grader", transport=httpx.MockTransport(handler))


def test_busy_executor_is_asked_again():
    answers = iter([httpx.Response(429, headers={"retry-after": "0"}), httpx.Response(500)])

    target = ExecutorTarget(client_of(lambda request: next(answers)))
    observation = asyncio.run(target.grade(HACK, "call"))

    assert observation.verdict is None
    assert observation.detail.startswith("HTTP 500")


def test_lost_connection_is_no_verdict():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    observation = asyncio.run(ExecutorTarget(client_of(refuse)).grade(HACK, "call"))

    assert observation == Observation(verdict=None, detail="ConnectError: refused")


def test_sandbox_fusion_is_judged_by_exit_code_as_its_users_do():
    sent: list[dict[str, object]] = []

    def succeed(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        run = {"status": "Finished", "return_code": 0, "stdout": "", "stderr": ""}
        return httpx.Response(200, json={"status": "Success", "run_result": run})

    observation = asyncio.run(SandboxFusionTarget(client_of(succeed)).grade(HACK, "assert"))

    assert sent[0]["code"] == '"""Lies."""\n\nassert solve(3) == 7919\n'
    assert observation.tests == [PASSED, PASSED]
    assert how_it_succeeded(HACK, "assert", observation) is not None


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        ({"code": 0, "stdout": "contained\n"}, PASSED),
        ({"code": 0, "stdout": "nothing\n"}, WRONG),
        ({"code": 1, "stdout": "contained\n"}, Verdict.RUNTIME_ERROR),
        ({"code": None, "signal": "SIGKILL", "status": "TO"}, Verdict.TIMEOUT),
    ],
)
def test_piston_is_judged_by_exit_code_and_output(run: dict[str, object], verdict: Verdict):
    target = PistonTarget(client_of(lambda request: httpx.Response(200, json={"run": run})))

    assert asyncio.run(target.grade(PROGRAM, "stdio")).verdict == verdict


def serve_rightly(request: httpx.Request) -> httpx.Response:
    """Answers every program with the verdicts that it must get."""
    if request.url.path == "/healthz":
        return httpx.Response(200)
    body = json.loads(request.content)
    right = {kind: verdicts for _, kind, verdicts in innocent_programs()}
    is_innocent = body["id"] == "innocent"
    verdicts = right[body["tests"][0]["kind"]] if is_innocent else [WRONG] * len(body["tests"])
    entries = [{"index": i, "verdict": verdict} for i, verdict in enumerate(verdicts)]
    return httpx.Response(
        200,
        json={
            "id": body["id"],
            "verdict": min(verdicts, key=list(Verdict).index),
            "passed": verdicts.count(PASSED),
            "total": len(verdicts),
            "tests": entries,
            "timing": {"queue_ms": 0, "run_ms": 0, "total_ms": 0},
            "isolation": {"backend": "fake", "runtime": "fake", "level": "none"},
        },
    )


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], None]:
    """Puts a fake grader behind the command."""

    def install(handler: Handler) -> None:
        monkeypatch.setattr(command, "_client", lambda url, token: client_of(handler))

    return install


def test_command_exits_with_zero_when_all_is_held(
    grader: Callable[[Handler], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    grader(serve_rightly)
    report = tmp_path / "findings.json"

    arguments = ["--url", "http://grader", "--only", "int_subclass", "--json", str(report)]
    assert command.main(arguments) == 0

    assert "all 1 attacks were held" in capsys.readouterr().out
    assert json.loads(report.read_text())[0]["name"] == "int_subclass"


def test_command_exits_with_one_and_shows_the_attack_that_succeeded(
    grader: Callable[[Handler], None], capsys: pytest.CaptureFixture[str]
):
    def crash(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500 if request.url.path == "/execute" else 200, text="\x1b[2Jboom")

    grader(crash)

    assert command.main(["--url", "http://grader", "--only", "int_subclass"]) == 1

    shown = capsys.readouterr().out
    assert "1 of 1 attacks succeeded" in shown
    assert "reward_hacks/int_subclass: Returns an int that equals everything." in shown
    assert "\x1b[2J" not in shown


def test_command_exits_with_two_when_nobody_answers(
    grader: Callable[[Handler], None], capsys: pytest.CaptureFixture[str]
):
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    grader(refuse)

    assert command.main(["--url", "http://grader", "--only", "int_subclass"]) == 2
    assert "nobody answers" in capsys.readouterr().err


def test_command_exits_with_two_when_no_attack_has_that_name(
    capsys: pytest.CaptureFixture[str],
):
    assert command.main(["--url", "http://grader", "--only", "no such attack"]) == 2
    assert "no attack has such a name" in capsys.readouterr().err


def test_list_sends_nothing(capsys: pytest.CaptureFixture[str]):
    assert command.main(["--url", "http://grader", "--list", "--only", "fork_bomb"]) == 0
    assert "fork_bomb" in capsys.readouterr().out
