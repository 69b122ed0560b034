import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rltf_trainer.errors import UserError
from rltf_trainer.report.html import write_report
from rltf_trainer.report.run_data import read_run


class Page(HTMLParser):
    """The elements and the text of a page; also checks that tags are closed in order."""

    VOID = frozenset({"meta", "br", "img", "link", "input"})

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(markup)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.text += data


MakeRun = Callable[[int], Path]


def page_of(run_dir: Path) -> Page:
    report = write_report(run_dir)
    assert report == run_dir / "report.html"
    return Page(report.read_text("utf-8"))


@pytest.mark.parametrize("num_steps", [1, 3, 20, 3000])
def test_report_of_a_run_of_any_length_is_well_formed_and_small(make_run: MakeRun, num_steps: int):
    page = page_of(make_run(num_steps))

    charts = [attrs for tag, attrs in page.elements if tag == "svg" and "data-chart" in attrs]
    assert len(charts) >= 12
    assert all(len(json.loads(attrs["data-chart"])["x"]) <= 200 for attrs in charts)
    assert len((make_run(num_steps) / "report.html").read_bytes()) < 1_500_000


def test_page_needs_no_network_and_allows_no_script_but_its_own(make_run: MakeRun):
    markup = write_report(make_run(3)).read_text("utf-8")
    page = Page(markup)

    for _, attrs in page.elements:
        assert not {"src", "href", "srcset", "action", "style"} & attrs.keys()
        assert not [name for name in attrs if name.startswith("on")]
    (script,) = re.findall(r"<script>(.*?)</script>", markup, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_hostile_text_of_a_run_adds_no_element(tmp_path: Path, make_run: MakeRun):
    run_dir = make_run(3)
    names = {tag for tag, _ in page_of(run_dir).elements}
    hostile = "</script></style><iframe srcdoc=x></iframe><script>alert(1)</script>\"'`\x00\ud800"
    for name in ("samples", "evaluations"):
        path = run_dir / f"{name}.jsonl"
        records = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("\n".join(json.dumps(poisoned(record, hostile)) for record in records))
    (run_dir / "config.toml").write_text("'<script>x</script>' = '<script>y</script>'\n")

    page = page_of(run_dir)

    assert {tag for tag, _ in page.elements} <= names
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert "<iframe srcdoc=x>" in page.text


def poisoned(value: object, hostile: str) -> object:
    """Puts hostile text into every string of a record but the ones that pair records."""
    if isinstance(value, dict):
        keep = {"split", "when", "problem_id"}
        return {k: v if k in keep else poisoned(v, hostile) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(item, hostile) for item in value]
    return value + hostile if isinstance(value, str) else value


def test_numbers_of_the_evaluation_are_on_the_page(make_run: MakeRun):
    run_dir = make_run(20)
    before, *_, after = read_run(run_dir).evaluations

    text = page_of(run_dir).text

    assert f"{100 * before.pass_at[1]:.1f}%" in text
    assert f"{100 * after.pass_at[1]:.1f}%" in text
    assert "40 problems" in text
    assert "starter/039" in text
    assert "fails before, passes after" in text


def test_change_within_the_noise_is_called_that(make_run: MakeRun):
    run_dir = make_run(3)
    problems = [{"id": str(i), "num_samples": 1, "num_passed": i % 2} for i in range(10)]
    flipped = [{**p, "num_passed": 1 - p["num_passed"]} for p in problems]
    lines = [
        {"when": "before", "step": 0, "split": "s", "pass@1": 0.5, "problems": problems},
        {"when": "after", "step": 3, "split": "s", "pass@1": 0.5, "problems": flipped},
    ]
    (run_dir / "evaluations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    assert "10 problems: within the noise" in page_of(run_dir).text


def test_missing_and_broken_files_are_named_and_the_rest_is_shown(make_run: MakeRun):
    run_dir = make_run(3)
    (run_dir / "samples.jsonl").unlink()
    (run_dir / "evaluations.jsonl").write_text("")
    with (run_dir / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "reward/me')

    text = page_of(run_dir).text

    assert "samples.jsonl: not found" in text
    assert "evaluations.jsonl: empty" in text
    assert "metrics.jsonl: line 4 could not be read and was left out" in text
    assert "This run has no evaluation." in text
    assert "Pass rate" in text


def test_records_of_wrong_types_do_not_stop_the_report(tmp_path: Path):
    odd = [
        "[]",
        "null",
        '{"step": null}',
        '{"step": "x", "completion": 5, "token_spans": 3, "blamed": [1], "error_line": -1}',
        '{"step": 1e400, "problems": [1, {"id": null}], "verdicts": [], "pass@1": "a"}',
        '{"step": 1, "examples": [{}], "problems": {"a": 1}, "verdicts": {"passed": NaN}}',
        '{"step": 1, "token_spans": [[1], ["a", "b"], [5, 2]], "completion": "abc"}',
    ]
    for name in ("metrics", "samples", "evaluations"):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(odd))
    (tmp_path / "config.toml").write_text("not toml")

    text = page_of(tmp_path).text

    assert "config.toml: not valid TOML" in text
    assert "could not be read" in text


def test_directory_that_holds_no_run_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"holds no run \(metrics\.jsonl: not found"):
        write_report(tmp_path)
    with pytest.raises(UserError, match="no such run directory"):
        write_report(tmp_path / "absent")
    assert not (tmp_path / "report.html").exists()


def test_resumed_step_counts_once(make_run: MakeRun):
    run_dir = make_run(3)
    with (run_dir / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "pass_rate": 0.75}\n')

    run = read_run(run_dir)

    assert run.steps == [1, 2, 3]
    assert run.column("pass_rate")[1] == 0.75


def test_problem_paired_in_training_samples_when_no_evaluation_has_examples(make_run: MakeRun):
    run_dir = make_run(20)
    (run_dir / "evaluations.jsonl").unlink()

    assert "fails before, passes after" in page_of(run_dir).text


def test_settings_are_shown_without_secrets(make_run: MakeRun):
    text = page_of(make_run(3)).text

    assert "model models/smollm-135m · problems starter · algorithm rltf · seed 7" in text
    assert "lora.rank" in text
    assert "hunter2" not in text
