"""The same programs by ``llm-sandbox`` from the package index, with its container pool.

A script of its own: it runs under an interpreter that has ``llm-sandbox[docker]``, which this
project does not depend on. Reads ``{"image": …, "programs": [[script, stdin, stdout or null], …]}``
as JSON from stdin; prints ``[seconds, [[exit code, stdout, stderr], …]]``. The pool is warm
when the clock starts: a container per core.
"""

import importlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_WITH_STDIN = "import io as _io, sys as _sys; _sys.stdin = _io.StringIO({stdin!r})\n"
# A session runs the interpreter of an environment that the pool sets up with pip, over the network;
# a link stands in for it.
_PREPARE = (
    "mkdir -p /sandbox/.sandbox-venv/bin"
    ' && ln -s "$(command -v python3)" /sandbox/.sandbox-venv/bin/python'
    " && exec sleep infinity"
)


def main() -> None:
    """Runs the programs."""
    pools = importlib.import_module("llm_sandbox.pool")
    asked = json.load(sys.stdin)
    num_cores = len(os.sched_getaffinity(0))
    pool = pools.create_pool_manager(
        config=pools.PoolConfig(max_pool_size=num_cores, min_pool_size=num_cores),
        image=asked["image"],
        skip_environment_setup=True,
        runtime_configs={
            "network_mode": "none",
            "entrypoint": ["sh", "-c"],  # the image's own waits for a service
            "command": [_PREPARE],
            "init": True,
        },
    )

    def run(entry: tuple[str, str, str | None]) -> tuple[int, str, str]:
        script, stdin, _ = entry  # the session's run() gives a program no stdin
        code = _WITH_STDIN.format(stdin=stdin) + script if stdin else script
        with pools.PooledSandboxSession(pool_manager=pool) as session:
            done: Any = session.run(code)
        return done.exit_code, done.stdout, done.stderr

    try:
        with ThreadPoolExecutor(num_cores) as threads:
            list(threads.map(run, [("pass", "", None)] * num_cores))
            started = time.perf_counter()
            results = list(threads.map(run, asked["programs"]))
            elapsed_s = time.perf_counter() - started
    finally:
        pool.close()
    json.dump([elapsed_s, results], sys.stdout)


if __name__ == "__main__":
    main()
