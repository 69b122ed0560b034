"""A reward function from verdicts, for any trainer: None where the executor gave no verdict.

python examples/04_reward.py [URL]
"""

import sys

from rltf_executor.client import ExecutorClient
from rltf_executor.schema import AssertTest, ExecutionResult, RefusedItem, Submission, Verdict

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"


def reward(entry: ExecutionResult | RefusedItem) -> float | None:
    """Gives a reward between -1 and 1; None: drop the sample, the program is not to blame."""
    if isinstance(entry, RefusedItem) or entry.verdict is Verdict.INTERNAL_ERROR:
        return None
    if entry.verdict is Verdict.PASSED:
        return 1.0
    if entry.verdict is Verdict.SYNTAX_ERROR:
        return -1.0
    if entry.verdict is Verdict.WRONG_ANSWER:  # the more tests pass, the better
        return -0.3 + 1.3 * entry.passed / entry.total
    return -0.6


def rewards(
    executor: ExecutorClient, programs: list[str], asserts: list[str]
) -> list[float | None]:
    """Grades the programs that were written for one problem."""
    tests = [AssertTest(kind="assert", code=code) for code in asserts]
    submissions = [Submission(source=source, tests=list(tests)) for source in programs]
    return [reward(entry) for entry in executor.execute_batch(submissions)]


PROGRAMS = [
    "def double(x):\n    return 2 * x",
    "def double(x):\n    return x ** 2",
    "def double(x):\n    return 2 * y",
    "def double(x)\n    return 2 * x",
]

with ExecutorClient(URL) as client:
    print(rewards(client, PROGRAMS, ["assert double(2) == 4", "assert double(5) == 10"]))
