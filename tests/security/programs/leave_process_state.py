# /// redteam
# category = "left behind"
# limits = { wall_s = 4.0 }
# ///
"""Changes what a process hands on: mask, directory, limits, priority, environment, signals, modules."""

import builtins
import json
import os
import random
import resource
import signal
import sys

os.umask(0o777)
os.chdir("/")
os.environ["LEFT_BEHIND"] = "1"
os.nice(19)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
resource.setrlimit(resource.RLIMIT_NOFILE, (10, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
builtins.left_behind = sys.left_behind = json.left_behind = True
json.dumps = len = sorted = None
random.seed(1)
sys.path.clear()
sys.setrecursionlimit(60)
sys.stdout.write("contained\n")
