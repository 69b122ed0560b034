# /// redteam
# category = "signal"
# allowed = ["passed", "runtime_error", "security_violation"]
# limits = { wall_s = 3.0 }
# ///
"""Takes away the limits, the priority and the processors of process 1 and of its parent."""

import os
import resource

for pid in {1, os.getppid()} - {0}:
    for name in dir(resource):
        if name.startswith("RLIMIT_"):
            try:
                resource.prlimit(pid, getattr(resource, name), (0, 0))
            except (OSError, ValueError):
                pass
    for change in (lambda: os.setpriority(os.PRIO_PROCESS, pid, 19), lambda: os.sched_setaffinity(pid, {0}), lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))):
        try:
            change()
        except OSError:
            pass
print("contained")
