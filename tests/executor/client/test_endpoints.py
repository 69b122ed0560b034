import pytest

from rltf_executor.client.endpoints import Balancer


def test_work_goes_where_the_fewest_submissions_are_outstanding():
    balancer = Balancer(["http://a", "http://b"])
    first = balancer.pick(0.0)
    with balancer.sending(first, 10):
        other = balancer.pick(0.0)
        assert other is not first
        with balancer.sending(other, 11):
            assert balancer.pick(0.0) is first
    assert first.outstanding == other.outstanding == 0


def test_a_failed_url_rests_longer_each_time_and_an_answer_wakes_it():
    balancer = Balancer(["http://a", "http://b"])
    bad, good = balancer.endpoints

    balancer.failed(bad, "lost", 0.0)
    assert 0.25 <= bad.rests_until <= 0.5
    assert balancer.pick(0.1) is good
    balancer.failed(bad, "lost", 1.0)
    assert 1.5 <= bad.rests_until <= 2.0
    balancer.worked(bad)
    assert bad.is_awake(1.0)


def test_requests_that_fail_together_count_as_one_failure():
    balancer = Balancer("http://a")

    for _ in range(5):
        balancer.failed(balancer.endpoints[0], "lost", 0.0)

    assert balancer.endpoints[0].num_failures == 1


def test_after_its_rest_a_failed_url_gets_one_request_first():
    balancer = Balancer(["http://a", "http://b"])
    bad, good = balancer.endpoints
    balancer.failed(bad, "lost", 0.0)

    with balancer.sending(good, 100):
        assert balancer.pick(10.0) is bad
        with balancer.sending(bad, 1):
            assert balancer.pick(10.0) is good


def test_when_all_rest_the_first_to_wake_is_tried():
    balancer = Balancer(["http://a", "http://b"])
    a, b = balancer.endpoints
    balancer.overloaded(a, "full", 0.0, rest_s=5.0)
    balancer.overloaded(b, "full", 0.0, rest_s=3.0)

    assert balancer.pick(1.0) is b
    assert not balancer.any_awake(1.0)
    assert balancer.any_awake(3.0)


def test_the_description_names_every_url_with_its_last_fault():
    balancer = Balancer(["http://a/", "http://b/prefix"])
    balancer.failed(balancer.endpoints[0], "ConnectError: refused", 0.0)

    assert balancer.describe() == "http://a: ConnectError: refused; http://b/prefix: not tried yet"


@pytest.mark.parametrize(
    ("urls", "message"),
    [
        ([], "at least one"),
        ("localhost:8000", "no http:// or https:// URL"),
        ("/var/run/x.sock", "no http:// or https:// URL"),
        ("http://", "no http:// or https:// URL"),
        ("http://a:b:c", "no URL"),
        ("http://user:secret@a", "pass it as token"),
        ("http://a?x=1", "has a query"),
    ],
)
def test_what_is_no_base_url_is_refused(urls: str | list[str], message: str):
    with pytest.raises(ValueError, match=message) as caught:
        Balancer(urls)

    assert "secret" not in str(caught.value)
