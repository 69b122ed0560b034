import json
import math
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from rltf_trainer.errors import UserError
from rltf_trainer.report.recorder import Recorder, keep_steps_until


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_step_is_on_disk_before_the_recorder_is_closed(tmp_path: Path):
    recorder = Recorder(tmp_path, tensorboard=False)

    recorder.step({"step": 1, "reward/mean": -0.25})

    assert lines_of(tmp_path / "metrics.jsonl") == [{"step": 1, "reward/mean": -0.25}]
    recorder.close()


def test_number_that_is_not_finite_is_null(tmp_path: Path):
    with Recorder(tmp_path, tensorboard=False) as recorder:
        recorder.step({"step": 1, "loss/total": math.nan, "policy/grad_norm": math.inf})

    assert lines_of(tmp_path / "metrics.jsonl") == [
        {"step": 1, "loss/total": None, "policy/grad_norm": None}
    ]


def test_completion_with_lone_surrogate_and_line_separator_stays_one_line(tmp_path: Path):
    completion = "x = '\ud800'\u2028\n"
    with Recorder(tmp_path, tensorboard=False) as recorder:
        recorder.samples([{"step": 1, "completion": completion}])

    (line,) = (tmp_path / "samples.jsonl").read_bytes().splitlines()
    assert json.loads(line)["completion"] == completion


def test_resume_drops_later_steps_and_a_torn_last_line(tmp_path: Path):
    with Recorder(tmp_path, tensorboard=False) as recorder:
        recorder.evaluation({"when": "before", "step": 0, "pass@1": 0.1})
        for step in (1, 2, 3):
            recorder.step({"step": step})
            recorder.samples([{"step": step, "completion": "a"}, {"step": step, "completion": "b"}])
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "torn')

    with Recorder(tmp_path, tensorboard=False, resume_step=2) as recorder:
        recorder.step({"step": 3, "again": True})

    assert lines_of(tmp_path / "metrics.jsonl") == [
        {"step": 1},
        {"step": 2},
        {"step": 3, "again": True},
    ]
    assert [line["step"] for line in lines_of(tmp_path / "samples.jsonl")] == [1, 1, 2, 2]
    assert [line["when"] for line in lines_of(tmp_path / "evaluations.jsonl")] == ["before"]


def test_resume_of_a_directory_without_files_starts_them(tmp_path: Path):
    with Recorder(tmp_path / "new", tensorboard=False, resume_step=4) as recorder:
        recorder.step({"step": 5})

    assert lines_of(tmp_path / "new" / "metrics.jsonl") == [{"step": 5}]


def test_new_run_refuses_the_directory_of_another(tmp_path: Path):
    with Recorder(tmp_path, tensorboard=False) as recorder:
        recorder.step({"step": 1})

    with pytest.raises(UserError, match=r"metrics\.jsonl: already holds 1 steps"):
        Recorder(tmp_path, tensorboard=False)


def test_new_run_takes_over_a_directory_in_which_no_step_was_made(tmp_path: Path):
    with Recorder(tmp_path, tensorboard=False) as recorder:
        recorder.evaluation({"when": "before", "step": 0})

    Recorder(tmp_path, tensorboard=False).close()

    assert (tmp_path / "evaluations.jsonl").read_text() == ""


def test_shortening_keeps_whole_lines_byte_for_byte(tmp_path: Path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step":  1}\nnot json\n[1]\n{"step": 5}\n{"step": 2, "x": "\\u00e9"}\n{"st')

    keep_steps_until(path, 2)

    assert path.read_bytes() == b'{"step":  1}\n{"step": 2, "x": "\\u00e9"}\n'
    assert [entry.name for entry in tmp_path.iterdir()] == ["metrics.jsonl"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboard")
def test_tensorboard_holds_every_step_once_after_a_resume(tmp_path: Path):
    with Recorder(tmp_path) as recorder:
        for step in (1, 2, 3):
            recorder.step({"step": step, "time": 1e9, "reward/mean": step / 10, "note": "text"})
        recorder.evaluation({"when": "after", "step": 3, "split": "validation", "pass@1": 0.5})
    with Recorder(tmp_path, resume_step=2) as recorder:
        recorder.step({"step": 3, "reward/mean": 0.9})

    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()

    assert "time" not in events.Tags()["scalars"]
    by_step = [(event.step, round(event.value, 4)) for event in events.Scalars("reward/mean")]
    assert by_step == [(1, 0.1), (2, 0.2), (3, 0.9)]
