"""What a host offers a sandbox: kernel features and a Docker engine. Looks, changes nothing."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException

from rltf_executor.settings import Settings

_ENGINE_TIMEOUT_S: Final = 10
_PROBE_TIMEOUT_S: Final = 20

_NAMESPACES_PROBE: Final = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    libc.prctl(4, 1, 0, 0, 0)
NEWNS, NEWIPC, NEWUSER, NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
if libc.unshare(NEWUSER | NEWNS | NEWIPC | NEWPID):
    sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
if libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None):
    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
if libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None):
    sys.exit("mount tmpfs: " + os.strerror(ctypes.get_errno()))
"""
"""Run by a child of its own: what the runner of a local sandbox asks of the kernel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    name: str
    is_well: bool | None  # None: neither good nor bad
    found: str
    advice: str | None = None


def host_findings() -> Iterator[Finding]:
    """Gives what the kernel offers."""
    yield Finding(
        name="host",
        is_well=sys.platform == "linux",
        found=f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
        advice=None
        if sys.platform == "linux"
        else "run the executor on Linux, or in a Linux container",
    )
    is_v2 = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    yield Finding(
        name="cgroups",
        is_well=True if is_v2 else None,
        found="version 2" if is_v2 else "version 1",
        advice=None
        if is_v2
        else "version 1 works; version 2 tells memory kills apart more exactly",
    )
    yield _namespaces_finding()
    actions = _read("/proc/sys/kernel/seccomp/actions_avail")
    yield Finding(
        name="seccomp",
        is_well=actions is not None,
        found=f"filters: {actions}" if actions else "no filters",
        advice=None if actions else "use a kernel with CONFIG_SECCOMP_FILTER",
    )
    enabled = _read("/sys/module/apparmor/parameters/enabled") == "Y"
    profile = _read("/proc/self/attr/current") or "none"
    yield Finding(
        name="apparmor",
        is_well=None,
        found=f"enabled, this process: {profile}" if enabled else "not enabled",
    )
    yield _gvisor_finding()


def _namespaces_finding() -> Finding:
    try:
        probe = subprocess.run(  # noqa: S603 - our own interpreter and our own text
            [sys.executable, "-I", "-S", "-c", _NAMESPACES_PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
        refusal = (
            "" if probe.returncode == 0 else probe.stderr.strip()[-200:] or str(probe.returncode)
        )
    except (OSError, subprocess.SubprocessError) as error:
        refusal = type(error).__name__
    if not refusal:
        return Finding(name="user namespaces", is_well=True, found="open to unprivileged users")
    return Finding(
        name="user namespaces",
        is_well=False,
        found=f"refused ({refusal})",
        advice=namespaces_advice(),
    )


def namespaces_advice() -> str:
    """Says what lets unprivileged users make namespaces here."""
    if _read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0, "
            "or an AppArmor profile that allows userns"
        )
    if _read("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "sysctl kernel.unprivileged_userns_clone=1"
    if _read("/proc/sys/user/max_user_namespaces") == "0":
        return "sysctl user.max_user_namespaces=15000"
    return (
        "in a container: a seccomp profile that lets unshare, clone and mount through "
        "(docker/seccomp.json)"
    )


def _gvisor_finding() -> Finding:
    path = shutil.which("runsc")
    return Finding(
        name="gvisor",
        is_well=None,
        found="not installed" if path is None else f"runsc at {path}",
        advice=None
        if path
        else "optional: install runsc, register it with the engine, then --runtime runsc",
    )


def engine_findings(settings: Settings) -> Iterator[Finding]:
    """Gives what the Docker engine offers, if one answers."""
    host = settings.sandbox.docker_host
    try:
        client = (
            docker.DockerClient(base_url=host, timeout=_ENGINE_TIMEOUT_S)
            if host
            else docker.from_env(timeout=_ENGINE_TIMEOUT_S)
        )
    except (DockerException, RequestException, ValueError) as error:
        yield _no_engine(error)
        return
    try:
        info = client.info()
        yield _engine_finding(info)
        yield _runtime_finding(info, settings.sandbox.runtime)
        yield _image_finding(client, settings.sandbox.image)
    except (DockerException, RequestException) as error:
        yield _no_engine(error)
    finally:
        client.close()


def _engine_finding(info: Mapping[str, Any]) -> Finding:
    security = ", ".join(
        option.partition("name=")[2].partition(",")[0]
        for option in info.get("SecurityOptions") or ()
    )
    return Finding(
        name="docker engine",
        is_well=True,
        found=f"{info.get('ServerVersion')}, cgroup v{info.get('CgroupVersion', '1')}, "
        f"security: {security or 'none'}",
        advice=None if "seccomp" in security else "use an engine with seccomp",
    )


def _runtime_finding(info: Mapping[str, Any], wanted: str) -> Finding:
    runtimes = sorted(info.get("Runtimes") or ())
    return Finding(
        name="container runtimes",
        is_well=wanted in runtimes,
        found=", ".join(runtimes),
        advice=None
        if wanted in runtimes
        else f"register {wanted} with the engine, or choose another sandbox.runtime",
    )


def _image_finding(client: docker.DockerClient, name: str) -> Finding:
    try:
        found = str(client.images.get(name).short_id)
        return Finding(name="sandbox image", is_well=True, found=f"{name} {found}")
    except ImageNotFound:
        return Finding(
            name="sandbox image",
            is_well=False,
            found=f"{name} is not there",
            advice="build it: see the head of docker/sandbox.Dockerfile",
        )


def _no_engine(error: Exception) -> Finding:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return Finding(
        name="docker engine",
        is_well=False,
        found=f"none answers ({reason})",
        advice="start one (docker/engine.sh up), set DOCKER_HOST, or use --sandbox local",
    )


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8").strip().strip("\0")
    except OSError:
        return None
