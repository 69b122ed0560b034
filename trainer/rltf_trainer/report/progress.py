"""Shows a person how training goes: a live panel in a terminal, elsewhere a plain line a step.

Reads the metrics that ``recorder`` writes and nothing else.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Metrics = Mapping[str, object]

# Colour of each verdict, best first: the order in which shares are shown.
VERDICT_STYLES: Final[Mapping[str, str]] = {
    "passed": "green",
    "wrong_answer": "yellow",
    "runtime_error": "dark_orange",
    "timeout": "medium_purple",
    "memory_limit": "blue",
    "output_limit": "cyan",
    "security_violation": "magenta",
    "syntax_error": "red",
    "skipped": "grey62",
    "internal_error": "grey42",
}
_TIME_PARTS: Final = (
    ("generate", "time/generate_s"),
    ("wait for grades", "time/executor_wait_s"),
    ("train", "time/train_s"),
)
_STEPS_AVERAGED: Final = 20  # for the time left: recent steps tell more than the first ones
_BAR_WIDTH: Final = 40


class Progress:
    """The progress of one training run, as a context manager."""

    def __init__(
        self,
        total_steps: int,
        *,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to show ``total_steps`` steps.

        Args:
            total_steps: Number of the last step.
            console: Where to print; default: stdout.
            clock: Seconds; for tests.
        """
        self._total_steps = total_steps
        self._console = Console() if console is None else console
        self._clock = clock
        self._step = 0
        self._metrics: Metrics = {}
        self._phase = ""
        self._last_update = clock()
        self._durations: deque[float] = deque(maxlen=_STEPS_AVERAGED)
        self._live: Live | None = None
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(
                console=self._console, get_renderable=self._panel, refresh_per_second=4
            )

    def __enter__(self) -> Self:
        self._last_update = self._clock()
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._phase = ""
        if self._live is not None:
            self._live.stop()

    def update(self, step: int, metrics: Metrics) -> None:
        """Show the metrics of a step that has ended."""
        now = self._clock()
        duration = _number(metrics, "time/step_s")
        self._durations.append(now - self._last_update if math.isnan(duration) else duration)
        self._last_update = now
        self._step, self._metrics = step, metrics
        if self._live is None:
            self._print(Text(self._line()))

    def message(self, text: str) -> None:
        """Print something that stays on the screen."""
        self._print(Text(printable(text)))

    def phase(self, text: str) -> None:
        """Say what is going on within a step; in a terminal only, for it is soon out of date."""
        self._phase = printable(text)

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)

    @property
    def _remaining_s(self) -> float:
        if not self._durations:
            return math.nan
        average = sum(self._durations) / len(self._durations)
        return average * max(0, self._total_steps - self._step)

    def _line(self) -> str:
        metrics = self._metrics
        width = len(str(self._total_steps))
        return " | ".join(
            [
                f"step {self._step:>{width}}/{self._total_steps}",
                f"pass rate {_percent(_number(metrics, 'pass_rate'))}",
                f"reward {_signed(_number(metrics, 'reward/mean'))}",
                ", ".join(f"{name} {_percent(share)}" for name, share in verdict_shares(metrics))
                or "nothing graded",
                f"{_count(_number(metrics, 'tokens_per_s'))} tokens/s",
                f"{_seconds(_number(metrics, 'time/step_s'))} ({_time_split(metrics)})",
                f"ETA {clock_time(self._remaining_s)}",
            ]
        )

    def _panel(self) -> RenderableType:
        bar = Table.grid(padding=(0, 2, 0, 0))
        bar.add_row(
            Text(f"step {self._step}/{self._total_steps}", style="bold"),
            ProgressBar(total=max(1, self._total_steps), completed=self._step, width=_BAR_WIDTH),
            Text(f"ETA {clock_time(self._remaining_s)}"),
            Text(self._phase, style="dim italic"),
        )
        if not self._metrics:
            return bar
        return Group(bar, self._details())

    def _details(self) -> Table:
        metrics = self._metrics
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column()
        results = Text(f"pass rate {_percent(_number(metrics, 'pass_rate'))}", style="bold green")
        results.append(f"   reward {_signed(_number(metrics, 'reward/mean'))}", style="default")
        results.append(f"   {_count(_number(metrics, 'tokens_per_s'))} tokens/s", style="default")
        table.add_row("results", results)
        shares = verdict_shares(metrics)
        table.add_row("verdicts", _share_bar(shares))
        legend = Text("  ").join(
            Text(f"{name} {_percent(share)}", style=VERDICT_STYLES.get(name, "default"))
            for name, share in shares
        )
        table.add_row("", legend)
        step_s = _seconds(_number(metrics, "time/step_s"))
        table.add_row("time", Text(f"{step_s} a step: {_time_split(metrics)}"))
        return table


def verdict_shares(metrics: Metrics) -> list[tuple[str, float]]:
    """Gives each verdict that occurred with its share, best verdict first."""
    named = {
        name: _number(metrics, f"verdict/{name}_rate")
        for name in VERDICT_STYLES
        if name != "internal_error"
    }
    named["internal_error"] = _number(
        metrics, "verdict/internal_error_rate", "rollout/internal_error_rate"
    )
    return [(name, share) for name, share in named.items() if share > 0]


def printable(text: str) -> str:
    """Gives ``text`` without what would move a terminal's cursor or change its state."""
    return "".join(
        c if c in "\n\t" or (c.isprintable()) else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def clock_time(seconds: float) -> str:
    """Gives a duration as ``m:ss`` or ``h:mm:ss``."""
    if not math.isfinite(seconds):
        return "--:--"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _share_bar(shares: Iterable[tuple[str, float]]) -> Text:
    bar = Text()
    drawn, total = 0, 0.0
    for name, share in shares:
        total += share
        end = round(
            min(total, 1.0) * _BAR_WIDTH
        )  # rounding the sum keeps the whole bar at its width
        bar.append("█" * (end - drawn), style=VERDICT_STYLES.get(name, "default"))
        drawn = end
    return bar


def _time_split(metrics: Metrics) -> str:
    return ", ".join(f"{name} {_seconds(_number(metrics, key))}" for name, key in _TIME_PARTS)


def _number(metrics: Metrics, *keys: str) -> float:
    """Gives the first of ``keys`` that is a number, or nan."""
    for key in keys:
        value = metrics.get(key)
        if isinstance(value, int | float):
            return float(value)
    return math.nan


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}%"


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.3f}"


def _count(value: float) -> str:
    return "-" if not math.isfinite(value) else f"{value:,.0f}"


def _seconds(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}s"
