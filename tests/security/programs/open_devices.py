# /// redteam
# category = "filesystem"
# limits = { wall_s = 3.0 }
# ///
"""Opens devices that reach hardware, kernel memory or other people's terminals, and tries to make one."""

import os
import stat

opened = []
harmless = {"null", "zero", "full", "random", "urandom", "fd", "stdin", "stdout", "stderr", "ptmx", "pts", "shm", "tty", "core", "mqueue", "console"}
for name in os.listdir("/dev"):
    if name not in harmless:
        try:
            os.close(os.open(os.path.join("/dev", name), os.O_RDONLY | os.O_NONBLOCK))
            opened.append(name)
        except OSError:
            pass
for name, device in (("memory", os.makedev(1, 1)), ("disk", os.makedev(8, 0))):
    try:
        os.mknod(name, 0o666 | stat.S_IFCHR, device)
        os.close(os.open(name, os.O_RDONLY))
        opened.append(name)
    except OSError:
        pass
print("contained" if not opened else f"BREACH {opened}")
