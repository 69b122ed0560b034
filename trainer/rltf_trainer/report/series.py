"""Numbers on their way to a chart: thinning long runs, smoothing noisy ones, choosing ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MAX_POINTS: Final = 200  # about one every three pixels of a chart
_MIN_POINTS_FOR_TREND: Final = 12
_NOTHING: Final = 1e-15  # spans below it are rounding errors
_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Neighbouring steps drawn as one point."""

    first_step: float
    last_step: float
    mean: float  # nan: no finite value among them
    low: float
    high: float

    @property
    def position(self) -> float:
        """Where on the step axis the point lies."""
        return (self.first_step + self.last_step) / 2


def bucketed(
    steps: Sequence[float], values: Sequence[float], max_points: int = MAX_POINTS
) -> list[Bucket]:
    """Average neighbouring steps until at most ``max_points`` are left; extremes are kept."""
    per_bucket = max(1, math.ceil(len(steps) / max_points))
    buckets = []
    for start in range(0, len(steps), per_bucket):
        chunk = slice(start, start + per_bucket)
        finite = [value for value in values[chunk] if math.isfinite(value)]
        mean = math.fsum(finite) / len(finite) if finite else math.nan
        low, high = (min(finite), max(finite)) if finite else (math.nan, math.nan)
        buckets.append(Bucket(steps[chunk][0], steps[chunk][-1], mean, low, high))
    return buckets


def trend(values: Sequence[float]) -> list[float] | None:
    """Gives the centred moving average over about a tenth of the run; None if it is short."""
    if len(values) < _MIN_POINTS_FOR_TREND:
        return None
    radius = max(2, len(values) // 16)
    smooth = []
    for i in range(len(values)):
        # A window that shrinks at the ends stays centred, so that the ends show no false slope.
        reach = min(radius, max(1, i), max(1, len(values) - 1 - i))
        window = [v for v in values[max(0, i - reach) : i + reach + 1] if math.isfinite(v)]
        smooth.append(math.fsum(window) / len(window) if window else math.nan)
    return smooth


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Gives about ``count`` + 1 round numbers that span ``low`` to ``high``."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return [0.0, 1.0]
    largest = max(abs(low), abs(high))
    if high - low < max(_NOTHING, 1e-9 * largest):
        pad = largest / 2 if largest > _NOTHING else 0.5
        low, high = low - pad, high + pad
    raw = (high - low) / count
    magnitude = 10.0 ** math.floor(math.log10(raw))
    spacing = next(nice * magnitude for nice in _NICE if nice * magnitude >= raw * (1 - 1e-9))
    first, last = math.floor(low / spacing + 1e-9), math.ceil(high / spacing - 1e-9)
    decimals = 3 - math.floor(math.log10(spacing))
    return [round(i * spacing, decimals) for i in range(first, last + 1)]


def whole_ticks(first: float, last: float, count: int = 6) -> list[float]:
    """Gives round whole numbers within ``first`` to ``last``, for a step axis."""
    if last - first < 1:
        return [first]
    spacing = max(1.0, ticks(0, last - first, count)[1])
    spacing = math.ceil(spacing)
    start = math.ceil(first / spacing) * spacing
    return [float(tick) for tick in range(start, math.floor(last) + 1, spacing)]
