import asyncio

import pytest

from rltf_executor.admission import Admission
from rltf_executor.errors import QueueFullError, ShuttingDownError


def test_places_are_taken_whole_or_not_at_all():
    admission = Admission(3)
    with admission.admit(2):
        with pytest.raises(QueueFullError, match="2 more submissions do not fit, 1 of 3"):
            admission.admit(2)
        assert admission.num_admitted == 2
        with admission.admit(1):
            assert admission.num_admitted == 3

    assert admission.num_admitted == 0


def test_places_are_given_back_once_however_often_they_are_left():
    admission = Admission(3)
    with admission.admit(3) as ticket:
        ticket.leave()
        ticket.leave()
        assert admission.num_admitted == 1
        ticket.leave(5)
        ticket.leave()
        assert admission.num_admitted == 0

    assert admission.num_admitted == 0


def test_a_fault_gives_places_back():
    admission = Admission(3)
    with pytest.raises(KeyError), admission.admit(2):
        raise KeyError

    assert admission.num_admitted == 0


def test_the_wait_that_is_asked_for_follows_the_pace():
    admission = Admission(100)
    admission.admit(100)
    for moment in range(200):  # one every two seconds
        admission.note_finished(2.0 * moment)

    with pytest.raises(QueueFullError) as one:
        admission.admit(1)
    with pytest.raises(QueueFullError) as ten:
        admission.admit(10)
    with pytest.raises(QueueFullError) as many:
        admission.admit(100)

    assert (one.value.retry_after_s, ten.value.retry_after_s) == (2, 20)
    assert many.value.retry_after_s == 30  # at most


def test_without_a_pace_the_wait_is_a_second():
    with pytest.raises(QueueFullError) as caught:
        Admission(1).admit(2)

    assert caught.value.retry_after_s == 1


async def test_a_drain_admits_nothing_and_ends_with_the_last():
    admission = Admission(3)
    ticket = admission.admit(2)
    admission.drain()
    with pytest.raises(ShuttingDownError):
        admission.admit(1)
    drained = asyncio.create_task(admission.drained())

    ticket.leave()
    await asyncio.sleep(0)
    assert not drained.done()
    ticket.leave()
    async with asyncio.timeout(1):
        await drained
