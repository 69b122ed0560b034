"""Writes the report of a run: one HTML file that needs neither network nor other files."""

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from rltf_trainer.errors import UserError
from rltf_trainer.report.curves_section import curves, time_split, verdict_shares
from rltf_trainer.report.evaluation_section import evaluation
from rltf_trainer.report.examples import choose_errors, choose_pairs, errors_section, pairs_section
from rltf_trainer.report.markup import clipped, safe
from rltf_trainer.report.run_data import RunData, read_run
from rltf_trainer.report.summary_section import summary

REPORT_FILE: Final = "report.html"
_MAX_CONFIG_VALUE: Final = 300
_SECRET: Final = ("token",)  # a report is passed around


def write_report(run_dir: Path | str) -> Path:
    """Write ``report.html`` into a run directory, from whatever the run has recorded so far.

    Returns:
        The path of the report.

    Raises:
        UserError: There is no such directory, or it holds nothing of a run.
    """
    try:
        run = read_run(Path(run_dir))
    except FileNotFoundError as error:
        raise UserError(str(error)) from error
    if not (run.config or run.metrics or run.samples or run.evaluations):
        raise UserError(f"{run_dir}: holds no run ({'; '.join(run.notes)})")
    report = run.run_dir / REPORT_FILE
    partial = report.with_name(report.name + ".partial")
    partial.write_text(render_report(run), encoding="utf-8", newline="\n")
    partial.replace(report)
    return report


def render_report(run: RunData) -> str:
    """Gives the page.

    Its policy lets it load nothing and run no script but its own, whatever a completion says.
    """
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "".join(
        [
            _header(run),
            summary(run),
            _notes(run),
            _section("evaluation", "Before and after", evaluation(run)),
            _section("curves", "Training", curves(run)),
            _section("verdicts", "Verdicts over time", verdict_shares(run)),
            _section("time", "Where the time went", time_split(run)),
            _section(
                "pairs", "The same problem, before and after", pairs_section(choose_pairs(run))
            ),
            _section(
                "errors",
                "Errors and the tokens at fault",
                errors_section(choose_errors(run.samples)),
            ),
            _config(run),
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{safe(clipped(_title(run), 80))} · rltf report</title>"
        f"<style>{style}</style></head><body><main>{body}</main>"
        f'<div id="tooltip" role="status" hidden></div><script>{script}</script></body></html>\n'
    )


def _asset(name: str) -> str:
    return resources.files("rltf_trainer.report").joinpath("assets", name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _title(run: RunData) -> str:
    return run.run_dir.resolve().name or "run"


def _header(run: RunData) -> str:
    flat = dict(_flattened(run.config))
    facts = [
        f"{label} {value}"
        for label, keys in (
            ("model", ("model.path",)),
            ("problems", ("data.problems",)),
            ("algorithm", ("algorithm.name",)),
            ("seed", ("seed",)),
        )
        if (value := next((flat[key] for key in keys if key in flat), ""))
    ]
    line = " · ".join(clipped(fact, 120) for fact in facts)
    return (
        '<header><p class="eyebrow">rltf training report</p>'
        f"<h1>{safe(clipped(_title(run), 120))}</h1>"
        f'<p class="facts">{safe(line)}</p>'
        '<button id="theme" hidden aria-label="Switch between light and dark">◐</button></header>'
    )


def _notes(run: RunData) -> str:
    if not run.notes:
        return ""
    items = "".join(f"<li>{safe(note)}</li>" for note in run.notes)
    return f'<aside class="notes"><h3>Not everything could be read</h3><ul>{items}</ul></aside>'


def _section(anchor: str, title: str, body: str) -> str:
    return f'<section id="{anchor}"><h2>{title}</h2>{body}</section>'


def _config(run: RunData) -> str:
    rows = "".join(
        f"<tr><th>{safe(clipped(key, 120))}</th><td><code>{safe(clipped(value, _MAX_CONFIG_VALUE))}"
        "</code></td></tr>"
        for key, value in _flattened(run.config)
    )
    if not rows:
        return ""
    return (
        '<section id="config"><h2>Configuration</h2><details class="example"><summary>'
        f'<b>All settings</b></summary><table class="config"><tbody>{rows}</tbody></table>'
        "</details></section>"
    )


def _flattened(settings: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows = []
    for key, value in settings.items():
        if isinstance(value, dict):
            rows.extend(_flattened(value, f"{prefix}{key}."))
        else:
            rows.append((prefix + key, "(not shown)" if key in _SECRET else str(value)))
    return rows
