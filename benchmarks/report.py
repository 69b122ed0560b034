"""Measurements as a table, as JSON with the machine they were taken on, and as an SVG plot."""

import json
import math
import os
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

REPOSITORY: Final = Path(__file__).resolve().parents[1]
_BAR_WIDTH: Final = 420
_ROW_HEIGHT: Final = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing measured, several times over; with a budget where there is one."""

    name: str
    unit: str
    rounds: list[float]
    better: Literal["higher", "lower"] = "higher"
    must: float | None = None
    aim: float | None = None
    note: str = ""
    detail: dict[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return median(self.rounds)

    @property
    def standing(self) -> str:
        """How the median compares with the budget."""
        for name, bound in (("aim", self.aim), ("must", self.must)):
            if bound is not None and self._meets(bound):
                return name
        return "" if self.must is None else "missed"

    def _meets(self, bound: float) -> bool:
        return self.median >= bound if self.better == "higher" else self.median <= bound


def table(rows: Sequence[Row]) -> str:
    """Gives the rows as aligned text: median, lowest and highest round, budget, standing."""
    cells = [["what", "median", "lowest..highest", "must", "aim", "meets"]]
    for row in rows:
        sign = "≥" if row.better == "higher" else "≤"
        cells.append(
            [
                row.name,
                f"{_short(row.median)} {row.unit}",
                f"{_short(min(row.rounds))}..{_short(max(row.rounds))}",
                "" if row.must is None else f"{sign} {_short(row.must)}",
                "" if row.aim is None else f"{sign} {_short(row.aim)}",
                row.standing,
            ]
        )
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{row.name}: {row.note}" for row in rows if row.note]
    return "\n".join([*lines, "", *notes])


def write_json(path: Path, rows: Sequence[Row], options: Mapping[str, Any]) -> None:
    """Writes every round, the options, the machine and the commit."""
    record = {
        "machine": machine(),
        "commit": commit(),
        "options": dict(options),
        "rows": [asdict(row) | {"median": row.median, "standing": row.standing} for row in rows],
    }
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")


def machine() -> dict[str, Any]:
    """Names what the numbers depend on."""
    cpuinfo = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    named = [line for line in cpuinfo.split("\n") if line.startswith("model name")]
    models = {line.partition(":")[2].strip() for line in named}
    return {
        "cpu": ", ".join(sorted(models)) or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def commit() -> str:
    """Gives the commit of this checkout; ``+`` if files differ from it."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def write_svg(path: Path, rates: Mapping[str, float]) -> None:
    """Draws programs per second of each way to run them as bars, on a logarithmic scale."""
    lowest = 10.0 ** math.floor(math.log10(min(rates.values())))
    span = math.log10(max(rates.values()) / lowest) or 1.0
    height = _ROW_HEIGHT * len(rates) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}"'
        ' font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="12" y="22" font-weight="bold">Programs per second (logarithmic)</text>',
    ]
    for place, (name, rate) in enumerate(rates.items()):
        top = 36 + place * _ROW_HEIGHT
        width = max(2.0, _BAR_WIDTH * math.log10(rate / lowest) / span)
        color = "#2f6f4f" if place == 0 else "#9aa5b1"
        parts += [
            f'<text x="12" y="{top + 17}">{escape(name)}</text>',
            f'<rect x="230" y="{top}" width="{width:.1f}" height="24" rx="3" fill="{color}"/>',
            f'<text x="{238 + width:.1f}" y="{top + 17}">{_short(rate)}</text>',
        ]
    path.write_text("\n".join([*parts, "</svg>\n"]), "utf-8")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(REPOSITORY), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
