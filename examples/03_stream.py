"""Results as they finish, several executors, and what to do when none answers.

python examples/03_stream.py [URL ...]
"""

import asyncio
import sys
from contextlib import aclosing

from rltf_executor.client import (
    AsyncExecutorClient,
    ExecutorUnavailableError,
    RetryPolicy,
    Timeouts,
)
from rltf_executor.schema import CallTest, Submission

URLS = sys.argv[1:] or ["http://127.0.0.1:8000"]


def submission(exponent: int) -> Submission:
    """Gives a program with one test."""
    return Submission(
        source=f"def power(x):\n    return x ** {exponent}\n",
        tests=[CallTest(kind="call", function="power", args=[2], expected=2**exponent)],
    )


async def main() -> None:
    """Prints verdicts in the order they come in."""
    async with AsyncExecutorClient(
        URLS,
        batch_size=16,  # submissions a request; small ones spread well over several executors
        max_concurrency=8,  # requests in flight
        timeouts=Timeouts(connect_s=2.0, queue_s=60.0),
        retry=RetryPolicy(max_failures=4),
    ) as executor:
        try:
            await executor.wait_until_ready(timeout_s=30)
        except ExecutorUnavailableError as error:
            sys.exit(f"start one with `rltf-executor serve`: {error}")
        async with aclosing(executor.stream_batch([submission(n) for n in range(100)])) as stream:
            async for index, entry in stream:
                verdict = getattr(entry, "verdict", "refused")
                print(f"2 ** {index}: {verdict}")


asyncio.run(main())
