"""Whose container it is: a label that says which process made it, and whether that one lives.

It is written on every container, so that a service finds what a dead one left behind and touches
nothing that belongs to a living one, or to one on another host that it cannot know about.
"""

import os
import secrets
from typing import Final

LABEL: Final = "io.rltf.sandbox"
OWNER_LABEL: Final = "io.rltf.owner"


def own_name() -> str:
    """A name for this process that no other process gets; its last part tells its pools apart."""
    pid = os.getpid()
    return f"{_host_identity()}:{pid}:{_start_ticks(pid)}:{secrets.token_hex(4)}"


def _host_identity() -> str:
    """Says which processes' numbers can be compared with ours.

    This boot, and this pid namespace.
    """
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            boot = file.read().strip()[:8]
        return f"{boot}-{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return f"unknown-{secrets.token_hex(4)}"


def _start_ticks(pid: int) -> int:
    """Start time of a process since boot, in ticks.

    A number used again belongs to another process.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return 0


def is_dead(owner: str) -> bool:
    """Whether the service that made a container is known to have ended."""
    parts = owner.split(":")
    if len(parts) != 4 or parts[0] != _host_identity() or not parts[1].isdigit():
        return False
    return str(_start_ticks(int(parts[1]))) != parts[2]
