from datetime import UTC, datetime

import pytest

from rltf_executor.client import RetryPolicy, Timeouts
from rltf_executor.client.retry import Attempts, Fault, parse_retry_after

LOST = Fault("connection lost")


def busy(retry_after_s: float | None = None) -> Fault:
    return Fault("429", is_overload=True, retry_after_s=retry_after_s)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 0 ", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7.0),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0.0),  # past
        ("soon", None),
        ("-1", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None):
    now = datetime(1994, 11, 6, 8, 49, 30, tzinfo=UTC)

    assert parse_retry_after(header, now=now) == seconds


def test_jitter_is_full_and_its_bound_doubles_up_to_the_longest():
    policy = RetryPolicy(backoff_s=1.0, max_backoff_s=5.0)

    for num_failures, bound in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (1000, 5.0)]:
        pauses = [policy.pause_s(num_failures) for _ in range(500)]
        assert 0.0 <= min(pauses) < 0.1 * bound
        assert 0.9 * bound < max(pauses) <= bound


def test_failures_in_a_row_are_bounded_and_progress_forgets_them():
    attempts = Attempts(RetryPolicy(max_failures=2))

    assert attempts.pause_s(LOST, now=0.0, other_awake=False) is not None
    attempts.progressed()
    assert attempts.pause_s(LOST, now=0.0, other_awake=False) is not None
    assert attempts.pause_s(LOST, now=0.0, other_awake=False) is None


def test_overload_is_bounded_by_time_not_by_number():
    attempts = Attempts(RetryPolicy(max_failures=1, overload_patience_s=100.0, max_backoff_s=1.0))

    assert all(attempts.pause_s(busy(), now=t, other_awake=False) is not None for t in range(98))
    assert attempts.pause_s(busy(2.5), now=98.0, other_awake=False) is None


def test_a_pause_is_never_shorter_than_retry_after():
    attempts = Attempts(RetryPolicy())

    pauses = [attempts.pause_s(busy(7.0), now=0.0, other_awake=False) for _ in range(20)]

    assert all(pause_s is not None and pause_s >= 7.0 for pause_s in pauses)


def test_another_url_that_is_awake_is_tried_at_once():
    assert Attempts(RetryPolicy()).pause_s(busy(7.0), now=0.0, other_awake=True) == 0.0


def test_the_wait_for_an_answer_covers_a_second_run_and_the_queue():
    assert Timeouts(queue_s=30.0).answer_s(60.0) == 150.0
