import io
import math

from rich.console import Console

from rltf_trainer.report.progress import Progress, clock_time, printable, verdict_shares

METRICS = {
    "step": 3,
    "pass_rate": 0.125,
    "reward/mean": -0.4123,
    "verdict/passed_rate": 0.125,
    "verdict/wrong_answer_rate": 0.5,
    "verdict/syntax_error_rate": 0.375,
    "verdict/timeout_rate": 0.0,
    "tokens_per_s": 1312.4,
    "time/step_s": 41.25,
    "time/generate_s": 28.0,
    "time/executor_wait_s": 0.44,
    "time/train_s": 12.5,
}


def plain_console() -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=60), file


def test_without_a_terminal_every_step_is_one_plain_line():
    console, file = plain_console()

    with Progress(20, console=console) as progress:
        progress.phase("generating")
        progress.update(3, METRICS)
        progress.phase("training")

    assert file.getvalue() == (
        "step  3/20 | pass rate 12.5% | reward -0.412 | passed 12.5%, wrong_answer 50.0%, "
        "syntax_error 37.5% | 1,312 tokens/s | 41.2s (generate 28.0s, wait for grades 0.4s, "
        "train 12.5s) | ETA 11:41\n"
    )


def test_step_without_metrics_is_still_a_line():
    console, file = plain_console()

    with Progress(2, console=console, clock=iter([0.0, 0.0, 5.0]).__next__) as progress:
        progress.update(1, {"reward/mean": math.nan, "pass_rate": None})

    assert file.getvalue() == (
        "step 1/2 | pass rate - | reward - | nothing graded | - tokens/s | - (generate -, "
        "wait for grades -, train -) | ETA 0:05\n"
    )


def test_message_cannot_control_the_terminal_or_use_markup():
    console, file = plain_console()

    with Progress(2, console=console) as progress:
        progress.message("[red]executor\x1b[2J is gone[/red]\r")

    assert file.getvalue() == "[red]executor\ufffd[2J is gone[/red]\ufffd\n"


def test_terminal_shows_a_panel_with_phase_shares_and_time_split():
    file = io.StringIO()
    console = Console(file=file, width=120, force_terminal=True, color_system=None)

    with Progress(20, console=console) as progress:
        progress.phase("waiting for grades")
        progress.update(3, METRICS)
        progress._live.refresh()

    shown = file.getvalue()
    assert "step 3/20" in shown
    assert "waiting for grades" in shown
    assert "wrong_answer 50.0%" in shown
    assert "41.2s a step: generate 28.0s, wait for grades 0.4s, train 12.5s" in shown
    assert "█" * 40 in shown


def test_verdict_shares_are_ordered_from_best_to_worst_and_name_faults_of_ours():
    shares = verdict_shares({**METRICS, "rollout/internal_error_rate": 0.01})

    assert [name for name, _ in shares] == [
        "passed",
        "wrong_answer",
        "syntax_error",
        "internal_error",
    ]


def test_clock_time_has_hours_only_when_there_are_some():
    assert clock_time(3599.6) == "1:00:00"
    assert clock_time(75) == "1:15"
    assert clock_time(math.inf) == "--:--"


def test_printable_keeps_ordinary_text():
    assert printable("é\tΩ\n") == "é\tΩ\n"
    assert printable("a\u202eb") == "a\ufffdb"
