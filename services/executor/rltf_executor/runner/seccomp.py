"""The system calls a program may not make: a deny list, compiled to classic BPF.

The container's own profile (docker/seccomp.json) is the outer wall and an allow list; this filter
is put on the program alone and takes back what the runner itself needs. Denied calls fail with
EPERM, so that a program which handles the error lives on and one which does not ends with
PermissionError. ``clone3`` hides its flags behind a pointer and fails with ENOSYS: libc then uses
``clone``, whose flags can be read.
"""

import errno

from .linux import (
    CLONE_NEWCGROUP,
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    CLONE_PARENT,
    MACHINE,
    SeccompProgram,
)

# name: (x86_64, aarch64); None where the machine has no such call
_DENIED: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "syslog": (103, 116),
    "personality": (135, 92),
    "pivot_root": (155, 41),
    "adjtimex": (159, 171),
    "chroot": (161, 51),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "quotactl": (179, 60),
    "modify_ldt": (154, None),
    "vhangup": (153, 58),
    "_sysctl": (156, None),
    "lookup_dcookie": (212, 18),
    "clock_settime": (227, 112),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "migrate_pages": (256, 238),
    "unshare": (272, 97),
    "move_pages": (279, 239),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "clock_adjtime": (305, 266),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount_setattr": (442, 442),
    "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
    "set_mempolicy_home_node": (450, 450),
}
# Objects of these outlive their process where submissions share an IPC namespace (isolation level
# "uid").
_SHARED_IPC: dict[str, tuple[int, int]] = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
}
_CLONE = (56, 220)
_CLONE3 = 435
_SOCKET = (41, 198)
_AF_ALLOWED = (1, 2, 10)  # unix, inet, inet6
_AF_NETLINK = 16  # libc probes it and copes with "not supported"
_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_SETSOCKOPT = (54, 208)
_IPPROTO_IPV6, _IPV6_FLOWLABEL_MGR = 41, 32  # labels outlive their socket, in the network namespace
_SOL_SOCKET, _SO_SNDBUF, _SO_RCVBUF = (
    1,
    7,
    8,
)  # accepted and left as it is: see ``meters.SocketMeter``
_CLONE_FLAGS = (  # namespaces, and a child that would be the runner's own
    CLONE_PARENT
    | CLONE_NEWNS
    | CLONE_NEWCGROUP
    | CLONE_NEWUTS
    | CLONE_NEWIPC
    | CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNET
)

_LOAD, _JEQ, _JGE, _JSET, _RET = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_OFFSET_NR, _OFFSET_ARCH, _OFFSET_ARG0 = 0, 4, 16

Instruction = tuple[int, int, int, int]


def build(*, shared_ipc: bool) -> SeccompProgram | None:
    """Compile the filter for this machine; None where its call numbers are unknown.

    Args:
        shared_ipc: Also refuse System V and POSIX message objects, for lack of an IPC namespace.
    """
    machine = MACHINE
    if machine not in _ARCH:
        return None
    column = 0 if machine == "x86_64" else 1
    eperm, enosys = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    denied = [numbers[column] for numbers in _DENIED.values()]
    if shared_ipc:
        denied += [numbers[column] for numbers in _SHARED_IPC.values()]

    code: list[Instruction] = [
        (_LOAD, 0, 0, _OFFSET_ARCH),
        (_JEQ, 1, 0, _ARCH[machine]),
        (_RET, 0, 0, _KILL),  # 32-bit calls go by other numbers
        (_LOAD, 0, 0, _OFFSET_NR),
    ]
    if machine == "x86_64":
        code += [(_JGE, 0, 1, _X32_BIT), (_RET, 0, 0, enosys)]
    for number in sorted(number for number in denied if number is not None):
        code += [(_JEQ, 0, 1, number), (_RET, 0, 0, eperm)]
    code += [(_JEQ, 0, 1, _CLONE3), (_RET, 0, 0, enosys)]
    code += [
        (_JEQ, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _OFFSET_ARG0),
        (_JSET, 0, 1, _CLONE_FLAGS),
        (_RET, 0, 0, eperm),
        (_RET, 0, 0, _ALLOW),
    ]
    code += [
        (_JEQ, 0, 11, _SETSOCKOPT[column]),
        (_LOAD, 0, 0, _OFFSET_ARG0 + 8),
        (_JEQ, 0, 3, _IPPROTO_IPV6),
        (_LOAD, 0, 0, _OFFSET_ARG0 + 16),
        (_JEQ, 0, 5, _IPV6_FLOWLABEL_MGR),
        (_RET, 0, 0, eperm),
        (_JEQ, 0, 3, _SOL_SOCKET),
        (_LOAD, 0, 0, _OFFSET_ARG0 + 16),
        (_JEQ, 2, 0, _SO_SNDBUF),
        (_JEQ, 1, 0, _SO_RCVBUF),
        (_RET, 0, 0, _ALLOW),
        (_RET, 0, 0, _ERRNO),
    ]
    code += [(_JEQ, 0, 3 + len(_AF_ALLOWED) + 1, _SOCKET[column]), (_LOAD, 0, 0, _OFFSET_ARG0)]
    for position, family in enumerate(_AF_ALLOWED):
        code.append((_JEQ, len(_AF_ALLOWED) - position + 2, 0, family))
    code += [
        (_JEQ, 0, 1, _AF_NETLINK),
        (_RET, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        (_RET, 0, 0, eperm),
        (_RET, 0, 0, _ALLOW),
    ]
    return SeccompProgram(code)
