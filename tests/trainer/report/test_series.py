import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.report.series import bucketed, ticks, trend, whole_ticks

finite = st.floats(-1e6, 1e6, allow_nan=False)


def test_short_run_keeps_every_step():
    buckets = bucketed([1, 2, 3], [0.5, math.nan, 0.25])

    assert [bucket.position for bucket in buckets] == [1, 2, 3]
    assert buckets[0].mean == buckets[0].low == buckets[0].high == 0.5
    assert math.isnan(buckets[1].mean)


def test_long_run_is_averaged_with_its_extremes_kept():
    first, second = bucketed([1, 2, 3, 4], [1.0, 3.0, -2.0, 4.0], max_points=2)

    assert (first.first_step, first.last_step, first.position) == (1, 2, 1.5)
    assert (first.mean, first.low, first.high) == (2.0, 1.0, 3.0)
    assert (second.mean, second.low, second.high) == (1.0, -2.0, 4.0)


def test_trend_of_a_straight_line_is_that_line():
    line = [float(i) for i in range(20)]

    assert trend(line)[1:-1] == pytest.approx(line[1:-1])


def test_few_points_have_no_trend():
    assert trend([1.0] * 11) is None


def test_ticks_are_round_and_cover_the_range():
    assert ticks(0.0, 0.53) == [0.0, 0.2, 0.4, 0.6]
    assert ticks(-0.6, 0.9) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(3.0, 3.0) == [1.0, 2.0, 3.0, 4.0, 5.0]


@given(finite, finite)
def test_ticks_cover_any_range_with_few_values(one: float, other: float):
    low, high = min(one, other), max(one, other)

    values = ticks(low, high)

    slack = 1e-6 * (values[-1] - values[0])
    assert values[0] <= low + slack
    assert values[-1] >= high - slack
    assert 2 <= len(values) <= 8


def test_step_axis_has_whole_steps_only():
    assert whole_ticks(1, 3) == [1.0, 2.0, 3.0]
    assert whole_ticks(1, 1) == [1.0]
    assert whole_ticks(1, 3000) == [500.0, 1000.0, 1500.0, 2000.0, 2500.0, 3000.0]
