"""The seccomp filter, run by a small interpreter of classic BPF: what it answers to which call."""

import errno
import platform
import struct

import pytest

from rltf_executor.runner import linux, seccomp

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="call numbers below are those of x86-64"
)
ALLOW = 0x7FFF0000
KILL = 0x80000000
ARCH = 0xC000003E


def instructions(*, shared_ipc=False):
    program = seccomp.build(shared_ipc=shared_ipc)
    assert program is not None
    code = program._code.raw
    return [struct.unpack_from("HBBI", code, position) for position in range(0, len(code), 8)]


def answer(number, *arguments, arch=ARCH, shared_ipc=False):
    """What the filter returns for a call."""
    data = struct.pack("<IIQ6Q", number, arch, 0, *arguments, *[0] * (6 - len(arguments)))
    code = instructions(shared_ipc=shared_ipc)
    accumulator, position = 0, 0
    while True:
        operation, if_true, if_false, operand = code[position]
        position += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, operand)[0]
        elif operation == 0x06:
            return operand
        else:
            holds = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }[operation]
            position += if_true if holds else if_false


def refused_with(error):
    return 0x00050000 | error


@pytest.mark.parametrize("number", [0, 1, 2, 9, 59, 61, 202, 231, 257, 318])
def test_ordinary_call_is_allowed(number):  # read, write, open, mmap, execve, futex …
    assert answer(number) == ALLOW


@pytest.mark.parametrize(
    "number",
    [101, 155, 161, 165, 166, 169, 175, 227, 250, 272, 298, 308, 310, 311, 321, 323, 425, 430, 438],
)
def test_dangerous_call_is_refused(number):  # ptrace, mount, unshare, setns, bpf, io_uring …
    assert answer(number) == refused_with(errno.EPERM)


def test_clone3_hides_its_flags_and_does_not_exist():
    assert answer(435) == refused_with(errno.ENOSYS)


def test_clone_makes_processes_and_threads_but_no_namespaces():
    fork, thread = 17, 0x3D0F00
    assert answer(56, fork) == ALLOW
    assert answer(56, thread) == ALLOW
    for flag in (linux.CLONE_NEWUSER, linux.CLONE_NEWNS, linux.CLONE_NEWPID, linux.CLONE_NEWNET):
        assert answer(56, fork | flag) == refused_with(errno.EPERM)


def test_clone_makes_no_children_of_the_runner():
    assert answer(56, 17 | linux.CLONE_PARENT) == refused_with(errno.EPERM)


@pytest.mark.parametrize(
    ("level", "option", "expected"),
    [
        (1, 2, ALLOW),  # reuse an address
        (6, 1, ALLOW),  # no delay
        (41, 26, ALLOW),  # IPv6 alone
        (41, 32, 0x00050000 | errno.EPERM),  # flow labels
        (6, 32, ALLOW),
        (1, 7, 0x00050000),  # sizes of buffers: accepted, and nothing done
        (1, 8, 0x00050000),
        (0, 8, ALLOW),
    ],
)
def test_socket_options(level, option, expected):
    assert answer(54, 3, level, option) == expected


@pytest.mark.parametrize(("family", "expected"), [(1, ALLOW), (2, ALLOW), (10, ALLOW)])
def test_plain_sockets_are_allowed(family, expected):
    assert answer(41, family, 1, 0) == expected


@pytest.mark.parametrize("family", [3, 4, 15, 17, 38, 40, 44])
def test_other_socket_families_are_refused(family):  # AX.25, IPX, key, packet, crypto, vsock, XDP
    assert answer(41, family, 1, 0) == refused_with(errno.EPERM)


def test_netlink_is_said_to_be_unsupported_as_libc_can_cope_with():
    assert answer(41, 16, 3, 0) == refused_with(errno.EAFNOSUPPORT)


def test_calls_of_another_machine_kill():
    assert answer(1, arch=0x40000003) == KILL


def test_x32_calls_do_not_exist():
    assert answer(0x40000000 | 1) == refused_with(errno.ENOSYS)


def test_shared_ipc_objects_are_refused_only_without_an_ipc_namespace():
    for number in (29, 64, 68, 240):
        assert answer(number) == ALLOW
        assert answer(number, shared_ipc=True) == refused_with(errno.EPERM)
