# /// redteam
# category = "filesystem"
# limits = { wall_s = 3.0 }
# ///
"""Opens switches of the kernel for writing: core patterns, sysrq, control groups, uevents."""

import glob
import os

open_for_writing = []
for pattern in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/*", "/proc/sys/kernel/*", "/sys/kernel/*", "/sys/fs/cgroup/*", "/sys/fs/cgroup/*/*", "/sys/class/*/*", "/proc/self/oom_score_adj.x", "/proc/1/oom_score_adj"):
    for path in glob.glob(pattern):
        if os.path.isfile(path):
            try:
                os.close(os.open(path, os.O_WRONLY))
                open_for_writing.append(path)
            except OSError:
                pass
print("contained" if not open_for_writing else f"BREACH {open_for_writing[:5]}")
