"""Draws numbers as inline SVG. Knows nothing of runs, metrics or pages.

A chart carries the points it shows as JSON in ``data-chart``; the page's script moves the cursor
and fills the tooltip from there. Colours are classes (``c-...``), so that the style sheet alone
knows light from dark.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rltf_trainer.report.markup import number, safe
from rltf_trainer.report.series import Bucket, bucketed, ticks, trend, whole_ticks

Format = Callable[[float], str]

_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 16.0, 12.0, 26.0
_DOTS_UP_TO: Final = 24  # points that are marked one by one; more would be a string of beads
_HAIR: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One named row of numbers, one per step; nan is a gap."""

    name: str
    colour: str  # class of the style sheet
    values: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Width and height in the chart's own units, about pixels."""

    width: float
    height: float


HALF: Final = Size(width=540, height=210)
WIDE: Final = Size(width=1120, height=270)


@dataclass(frozen=True, slots=True)
class _Plot:
    """Maps numbers to places within one chart."""

    size: Size
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, step: float) -> float:
        width = self.size.width - _LEFT - _RIGHT
        if self.x_high - self.x_low < _HAIR:
            return _LEFT + width / 2
        return _LEFT + width * (step - self.x_low) / (self.x_high - self.x_low)

    def y(self, value: float) -> float:
        height = self.size.height - _TOP - _BOTTOM
        return _TOP + height * (1 - (value - self.y_low) / (self.y_high - self.y_low))

    @property
    def right(self) -> float:
        return self.size.width - _RIGHT

    @property
    def bottom(self) -> float:
        return self.size.height - _BOTTOM


def line_chart(
    steps: Sequence[float],
    curves: Sequence[Curve],
    *,
    label: str,
    format_value: Format = number,
    size: Size = HALF,
    from_zero: bool = False,
    smooth: bool = True,
) -> str:
    """Draw curves over steps; long runs as means within a band of their extremes.

    Args:
        steps: Ascending.
        curves: Each as long as ``steps``.
        label: What the chart shows, for those who cannot see it.
        format_value: Spells a value, with its unit.
        size: Of the chart.
        from_zero: Include zero on the value axis.
        smooth: Draw a moving average over noisy curves.
    """
    rows = [(curve, bucketed(steps, curve.values)) for curve in curves]
    bounds = [v for _, row in rows for b in row for v in (b.low, b.high) if math.isfinite(v)]
    if not bounds:
        return empty_chart(size)
    y_ticks = ticks(min(*bounds, 0.0) if from_zero else min(bounds), max(bounds))
    plot = _Plot(size, steps[0], steps[-1], y_ticks[0], y_ticks[-1])
    body = [_axes(plot, y_ticks, format_value)]
    tooltip = []
    for curve, buckets in rows:
        smoothed = trend([bucket.mean for bucket in buckets]) if smooth else None
        body.append(_curve(plot, curve, buckets, smoothed))
        tooltip.append(_tooltip_row(plot, curve, buckets, format_value))
    return _svg(plot, label, body, rows[0][1], tooltip)


def area_chart(
    steps: Sequence[float],
    layers: Sequence[Curve],
    *,
    label: str,
    format_value: Format = number,
    size: Size = WIDE,
    top: float | None = None,
) -> str:
    """Stack layers over steps, the first at the bottom.

    Args:
        steps: Ascending.
        layers: Each as long as ``steps``; nan counts as nothing.
        label: What the chart shows, for those who cannot see it.
        format_value: Spells a value, with its unit.
        size: Of the chart.
        top: End of the value axis; None: where the stack ends.
    """
    rows = [(layer, bucketed(steps, layer.values)) for layer in layers]
    if not rows or not steps:
        return empty_chart(size)
    highest = max(
        math.fsum(_or_zero(buckets[i].mean) for _, buckets in rows) for i in range(len(rows[0][1]))
    )
    y_ticks = ticks(0.0, highest if top is None else top)
    plot = _Plot(size, steps[0], steps[-1], y_ticks[0], y_ticks[-1])
    floor = [0.0] * len(rows[0][1])
    body, tooltip = [], []
    for layer, buckets in rows:
        ceiling = [low + _or_zero(bucket.mean) for low, bucket in zip(floor, buckets, strict=True)]
        body.append(_layer(plot, layer, buckets, floor, ceiling))
        tooltip.append(_tooltip_row(plot, layer, buckets, format_value, at=ceiling))
        floor = ceiling
    body.append(_axes(plot, y_ticks, format_value, over=True))
    return _svg(plot, label, body, rows[0][1], list(reversed(tooltip)))


def empty_chart(size: Size = HALF) -> str:
    """Says that there is nothing to draw, in the place of the drawing."""
    return (
        f'<svg class="chart empty" viewBox="0 0 {size.width:g} {size.height:g}" role="img" '
        f'aria-label="no data"><text x="{size.width / 2:g}" y="{size.height / 2:g}" '
        f'text-anchor="middle">no numbers recorded</text></svg>'
    )


def share_bar(parts: Sequence[tuple[str, str, float]], *, label: str) -> str:
    """Draw one horizontal bar of shares.

    Args:
        parts: Name, colour class and amount of each part; amounts need not add up to 1.
        label: What the bar shows.
    """
    total = math.fsum(amount for _, _, amount in parts)
    drawn, x, width = [], 0.0, 1000.0
    for name, colour, amount in parts:
        part = width * amount / total if total else 0.0
        gap = 2.0 if part > 4 else 0.0
        drawn.append(
            f'<rect class="{colour}" x="{x:.1f}" y="0" width="{max(0.0, part - gap):.1f}" '
            f'height="22" rx="3"><title>{safe(name)}: {100 * amount / total:.1f}%</title></rect>'
        )
        x += part
    return (
        f'<svg class="share-bar" viewBox="0 0 1000 22" preserveAspectRatio="none" role="img" '
        f'aria-label="{safe(label)}">{"".join(drawn)}</svg>'
    )


def _axes(
    plot: _Plot, y_ticks: Sequence[float], format_value: Format, *, over: bool = False
) -> str:
    parts = [f'<g class="axes{" over" if over else ""}">']
    for tick in y_ticks:
        y = plot.y(tick)
        kind = "zero" if tick == 0 else "gridline"
        parts.append(f'<path class="{kind}" d="M{_LEFT:g} {y:.1f}H{plot.right:g}"/>')
        parts.append(
            f'<text x="{_LEFT - 8:g}" y="{y + 3.5:.1f}" text-anchor="end">'
            f"{safe(_tick_text(tick, format_value))}</text>"
        )
    for position, tick in enumerate(whole_ticks(plot.x_low, plot.x_high)):
        x = plot.x(tick)
        text = f"step {tick:,.0f}" if position == 0 else f"{tick:,.0f}"
        parts.append(
            f'<text x="{x:.1f}" y="{plot.bottom + 18:g}" text-anchor="middle">{safe(text)}</text>'
        )
    parts.append("</g>")
    return "".join(parts)


def _tick_text(tick: float, format_value: Format) -> str:
    return format_value(tick).replace(".0%", "%")


def _curve(
    plot: _Plot, curve: Curve, buckets: Sequence[Bucket], smoothed: Sequence[float] | None
) -> str:
    raw = [(b.position, b.mean) for b in buckets]
    parts = [f'<g class="{curve.colour}">']
    if any(b.high > b.low for b in buckets):
        edge = [(b.position, b.high) for b in buckets if math.isfinite(b.mean)]
        edge += [(b.position, b.low) for b in reversed(buckets) if math.isfinite(b.mean)]
        parts.append(f'<path class="band" d="{_path(plot, edge)}Z"/>')
    parts.append(f'<path class="{"raw" if smoothed else "line"}" d="{_path(plot, raw)}"/>')
    if smoothed:
        trend_points = [(b.position, value) for b, value in zip(buckets, smoothed, strict=True)]
        parts.append(f'<path class="line" d="{_path(plot, trend_points)}"/>')
    if len(buckets) <= _DOTS_UP_TO and not smoothed:
        parts.extend(
            f'<circle class="dot" cx="{plot.x(x):.1f}" cy="{plot.y(y):.1f}" r="3.2"/>'
            for x, y in raw
            if math.isfinite(y)
        )
    parts.append("</g>")
    return "".join(parts)


def _layer(
    plot: _Plot,
    layer: Curve,
    buckets: Sequence[Bucket],
    floor: Sequence[float],
    ceiling: Sequence[float],
) -> str:
    xs = [plot.x(bucket.position) for bucket in buckets]
    # The ends are drawn to the edges: the outer buckets stand for their outer steps too.
    xs[0], xs[-1] = _LEFT, plot.right
    if len(xs) == 1:
        xs, floor, ceiling = [_LEFT, plot.right], [*floor, *floor], [*ceiling, *ceiling]
    upper = [f"{x:.1f} {plot.y(y):.1f}" for x, y in zip(xs, ceiling, strict=True)]
    lower = [f"{x:.1f} {plot.y(y):.1f}" for x, y in zip(xs, floor, strict=True)]
    outline = "L".join(upper + lower[::-1])
    return (
        f'<g class="{layer.colour}"><path class="area" d="M{outline}Z"/>'
        f'<path class="area-edge" d="M{"L".join(upper)}"/></g>'
    )


def _path(plot: _Plot, points: Sequence[tuple[float, float]]) -> str:
    """Gives path data through the finite points, broken where one is missing."""
    data, pen_is_down = [], False
    for x, y in points:
        if not math.isfinite(y):
            pen_is_down = False
            continue
        data.append(f"{'L' if pen_is_down else 'M'}{plot.x(x):.1f} {plot.y(y):.1f}")
        pen_is_down = True
    return "".join(data)


def _tooltip_row(
    plot: _Plot,
    curve: Curve,
    buckets: Sequence[Bucket],
    format_value: Format,
    at: Sequence[float] | None = None,
) -> dict[str, object]:
    heights = at if at is not None else [bucket.mean for bucket in buckets]
    return {
        "name": curve.name,
        "colour": curve.colour,
        "y": [round(plot.y(y), 1) if math.isfinite(y) else None for y in heights],
        "text": [
            format_value(bucket.mean) + ("" if at is not None else _range(bucket, format_value))
            for bucket in buckets
        ],
    }


def _range(bucket: Bucket, format_value: Format) -> str:
    if not bucket.low < bucket.high:
        return ""
    return f" ({format_value(bucket.low)} to {format_value(bucket.high)})"


def _svg(
    plot: _Plot,
    label: str,
    body: Sequence[str],
    buckets: Sequence[Bucket],
    tooltip: Sequence[dict[str, object]],
) -> str:
    points = {
        "top": _TOP,
        "bottom": plot.bottom,
        "x": [round(plot.x(bucket.position), 1) for bucket in buckets],
        "heads": [
            f"step {b.first_step:,.0f}"
            if b.first_step == b.last_step
            else f"steps {b.first_step:,.0f} to {b.last_step:,.0f}, mean"
            for b in buckets
        ],
        "rows": list(tooltip),
    }
    data = safe(json.dumps(points, separators=(",", ":"), ensure_ascii=False))
    return (
        f'<svg class="chart{" wide" if plot.size == WIDE else ""}" '
        f'viewBox="0 0 {plot.size.width:g} {plot.size.height:g}" role="img" '
        f'tabindex="0" aria-label="{safe(label)}" data-chart="{data}">{"".join(body)}'
        f'<g class="cursor"></g></svg>'
    )


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0
