"""docker/engine.sh, and the system call filter as the engine applies it."""

import json
import os
import platform
import subprocess
from pathlib import Path

import pytest

ENGINE = Path("docker", "engine.sh")

# Tries every system call with arguments that no call accepts, each in a process of its own, and
# prints what came of it: an errno, or none for a process that the call ended.
PROBE = """
import ctypes, json, os, signal
syscall = ctypes.CDLL(None, use_errno=True).syscall
outcome = {}
for number in range(470):
    pid = os.fork()
    if pid == 0:
        signal.alarm(2)
        minus_one = ctypes.c_long(-1)
        answer = syscall(ctypes.c_long(number), *[minus_one] * 6)
        os._exit(ctypes.get_errno() if answer == -1 else 0)
    status = os.waitpid(pid, 0)[1]
    outcome[number] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
print(json.dumps(outcome))
"""
REFUSALS = (1, 38)  # EPERM; ENOSYS, for calls younger than a filter

_NUMBERS = {
    "x86_64": {
        "beyond": {
            "mount": 165,
            "umount2": 166,
            "pivot_root": 155,
            "unshare": 272,
            "setns": 308,
            "pkey_mprotect": 329,
            "pkey_alloc": 330,
            "pkey_free": 331,
        },
        "not": {
            "ptrace": 101,
            "socket": 41,
            "modify_ldt": 154,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
        },
    },
    "aarch64": {
        "beyond": {
            "mount": 40,
            "umount2": 39,
            "pivot_root": 41,
            "unshare": 97,
            "setns": 268,
            "pkey_mprotect": 288,
            "pkey_alloc": 289,
            "pkey_free": 290,
        },
        "not": {"ptrace": 117, "socket": 198, "process_vm_readv": 270, "process_vm_writev": 271},
    },
}
# The same number on every architecture; an engine older than these calls refuses them.
_RECENT = {
    "cachestat": 451,
    "fchmodat2": 452,
    "map_shadow_stack": 453,
    "futex_wake": 454,
    "futex_wait": 455,
    "futex_requeue": 456,
}
_IO_URING = {"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427}

NAMESPACES = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
def fails(answer):
    return answer == -1
print("net refused", fails(libc.unshare(NEWUSER | NEWNET)))
print("others made", not fails(libc.unshare(NEWUSER | NEWNS | NEWPID | NEWIPC)))
print("mounted", not fails(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)))
print("netlink refused", fails(libc.socket(16, 3, 0)))
print("vsock refused", fails(libc.socket(40, 1, 0)))
print("clone3 missing", fails(libc.syscall(435, 0, 0)) and ctypes.get_errno() == 38)
"""


def run_in_sandbox(docker_host: str, image: str, program: str, *options: str) -> str:
    """What ``program`` prints in a container hardened as the service's are."""
    hardening = ["--network", "none", "--cap-drop", "ALL", "--user", "1000:1000", "--read-only"]
    hardening += ["--tmpfs", "/tmp", "--security-opt", "no-new-privileges", *options]
    completed = subprocess.run(
        ["docker", "run", "--rm", "-i", *hardening, "--entrypoint", "python3", image, "-"],
        input=program,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"DOCKER_HOST": docker_host},
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


@pytest.mark.docker
def test_filter_differs_from_dockers_own_only_as_documented(
    docker_host: str, sandbox_image: str, repository: Path
) -> None:
    profile = f"seccomp={repository / 'docker' / 'seccomp.json'}"
    theirs = json.loads(run_in_sandbox(docker_host, sandbox_image, PROBE))
    ours = json.loads(run_in_sandbox(docker_host, sandbox_image, PROBE, "--security-opt", profile))

    admitted = {
        int(number)
        for number in ours
        if theirs[number] in REFUSALS and ours[number] not in REFUSALS
    }
    refused = {
        int(number)
        for number in ours
        if ours[number] in REFUSALS and theirs[number] not in REFUSALS
    }
    numbers = _NUMBERS[platform.machine()]
    assert admitted <= {*numbers["beyond"].values(), *_RECENT.values()}
    assert refused <= {*numbers["not"].values(), *_IO_URING.values()}
    assert numbers["beyond"]["setns"] in admitted
    assert ours[str(numbers["not"]["ptrace"])] in REFUSALS
    assert ours[str(_IO_URING["io_uring_setup"])] in REFUSALS


@pytest.mark.docker
def test_filter_lets_the_runner_make_its_namespaces_and_no_others(
    docker_host: str, sandbox_image: str, repository: Path
) -> None:
    profile = f"seccomp={repository / 'docker' / 'seccomp.json'}"

    printed = run_in_sandbox(docker_host, sandbox_image, NAMESPACES, "--security-opt", profile)

    assert [line.rsplit(" ", 1)[1] for line in printed.splitlines()] == ["True"] * 6, printed


@pytest.mark.docker
def test_status_and_env_name_the_engine_that_answers(docker_host: str, repository: Path) -> None:
    said = {
        command: subprocess.run(
            [repository / ENGINE, command], capture_output=True, text=True, timeout=60, check=True
        ).stdout
        for command in ("status", "env")
    }

    assert docker_host in said["status"]
    assert f"DOCKER_HOST={docker_host}" in said["env"]


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Environment of an ordinary user on a machine whose ``docker`` reaches no engine."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, script in (("docker", "exit 1"), ("id", "echo 1000")):
        (commands / name).write_text(f"#!/bin/sh\n{script}\n")
        (commands / name).chmod(0o755)
    return {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "ENGINE_STATE": str(tmp_path / "state"),
        "ENGINE_SOCKET": str(tmp_path / "engine.sock"),
    }


def engine(
    repository: Path, machine: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [repository / ENGINE, *arguments], env=machine, capture_output=True, text=True, timeout=60
    )


def test_a_command_that_needs_an_engine_is_not_run_without_one(
    repository: Path, machine: dict[str, str]
) -> None:
    done = engine(repository, machine, "run", "echo", "ran")

    assert (done.returncode, done.stdout) == (1, "")
    assert "no Docker engine answers" in done.stderr


def test_a_command_that_can_do_without_an_engine_runs_and_gives_its_exit_code(
    repository: Path, machine: dict[str, str]
) -> None:
    done = engine(repository, machine, "run", "--optional", "sh", "-c", "echo ran; exit 5")

    assert (done.returncode, done.stdout) == (5, "ran\n")
    assert "no Docker engine answers" in done.stderr


def test_down_leaves_an_engine_alone_that_the_script_did_not_start(
    repository: Path, machine: dict[str, str]
) -> None:
    done = engine(repository, machine, "down")

    assert done.returncode == 0
    assert "no engine of ours" in done.stderr


def test_an_unknown_command_is_refused_with_the_usage(
    repository: Path, machine: dict[str, str]
) -> None:
    done = engine(repository, machine, "upp")

    assert done.returncode == 2
    assert "docker/engine.sh up" in done.stderr
