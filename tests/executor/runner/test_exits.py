"""The end of a child is noticed with pidfds and without."""

import errno
import os
import select
import signal
import time

import pytest

from rltf_executor.runner import exits


@pytest.fixture(params=["pidfd", "sigchld"])
def _way(request, monkeypatch):
    """Where the kernel has pidfds, and where it has none."""
    before = signal.getsignal(signal.SIGCHLD)
    monkeypatch.setattr(exits, "_wakeup_fd", -1)
    if request.param == "sigchld":

        def missing(_pid):
            raise OSError(errno.ENOSYS, "Function not implemented")

        monkeypatch.setattr(os, "pidfd_open", missing)
    exits.prepare()
    yield
    write_fd = signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, before)
    for fd in (exits._wakeup_fd, write_fd):
        if fd >= 0:
            os.close(fd)


pytestmark = [
    pytest.mark.usefixtures("_way"),
    # The children only sleep; that other tests left threads behind does not matter to them.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def fork():
    """Makes children that wait to be killed; reaps them in the end."""
    pids = []

    def make(sleep_s=60.0):
        pid = os.fork()
        if pid == 0:
            exits.forget()
            time.sleep(sleep_s)
            os._exit(0)
        pids.append(pid)
        return pid

    yield make
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_child_that_lives_is_waited_for_in_vain(fork):
    end = exits.Exit(fork())

    assert not end.wait(0.05)
    end.close()


def test_end_of_a_child_comes_in_time(fork):
    end = exits.Exit(fork(0.1))

    assert end.wait(5)
    end.close()


def test_end_that_came_before_anybody_waited_is_noticed(fork):
    pid = fork()
    end = exits.Exit(pid)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)

    assert end.wait(5)
    assert end.wait(0.5)  # and stays noticed
    end.close()


def test_end_of_another_child_is_not_taken_for_it(fork):
    pid, other = fork(), fork()
    end = exits.Exit(pid)
    os.kill(other, signal.SIGKILL)

    assert not end.wait(0.2)
    end.close()


def test_descriptor_of_an_end_can_be_polled(fork):
    pid = fork()
    end = exits.Exit(pid)
    poller = select.poll()
    poller.register(end.fd, select.POLLIN)
    os.kill(pid, signal.SIGKILL)

    assert poller.poll(5000)
    assert end.has_come()
    end.close()
