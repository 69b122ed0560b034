"""Entry: the first process. It makes room for the server and stays behind as its parent.

    python3 -s -B -P -c "import sys; sys.path.insert(0, '/opt/rltf'); from runner.main import main;
    main()" '{…}' LEVEL BACKEND

In a container this is PID 1. The server lives in a pid namespace of its own: only there may it
create namespaces for its children and come back. In its mount namespace it hides what no program
needs to see. What the server needs is imported after the fork,
so that the one who only waits holds little memory.
"""

import os
import signal
import sys

from . import linux


def main() -> None:
    """Run until the service closes stdin."""
    options, level, backend = sys.argv[1:4]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # a handler in here could be reached through a child's init
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.umask(0o022)
    stdin_fd, stdout_fd = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    reason = None
    try:
        if backend == "local":
            from . import start  # once the root is another, it cannot be found any more

            start.enter_root(options)
        if level == "namespaces":
            _become_namespace_root()
    except OSError as error:
        reason = str(error)
    from . import start

    start.serve(level, backend, options, stdin_fd, stdout_fd, refused=reason)


def _become_namespace_root() -> None:
    """Move into a user namespace, and fork into a pid namespace in it.

    The parent only waits for the child.
    """
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID | linux.CLONE_NEWNS)
    for path, text in (
        ("/proc/self/setgroups", "deny"),
        ("/proc/self/uid_map", f"{uid} {uid} 1"),
        ("/proc/self/gid_map", f"{gid} {gid} 1"),
    ):
        with open(path, "w") as file:
            file.write(text)
    pid = os.fork()
    if pid:
        os.close(0)
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
