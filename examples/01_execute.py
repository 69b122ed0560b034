"""One program, one verdict: what failed, why, and on which line.

rltf-executor serve &
python examples/01_execute.py [URL]
"""

import sys

from rltf_executor.client import ExecutorClient
from rltf_executor.schema import AssertTest, CallTest, Submission

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"

MEAN = """\
def mean(numbers):
    total = sum(numbers)
    return total / len(numbers)
"""

submission = Submission(
    source=MEAN,
    tests=[
        CallTest(kind="call", function="mean", args=[[1, 2, 3]], expected=2.0),
        AssertTest(kind="assert", code="assert mean([5]) == 5"),
        AssertTest(kind="assert", code="assert mean([]) == 0"),
    ],
)

with ExecutorClient(URL) as executor:
    executor.wait_until_ready(timeout_s=30)
    result = executor.execute(submission)

print(f"{result.verdict}: {result.passed} of {result.total} tests passed")
for test in result.tests:
    print(f"  test {test.index}: {test.verdict} ({test.wall_ms:.1f} ms, graded {test.graded})")
if result.error is not None:
    print(f"  {result.error.type}: {result.error.message}, line {result.error.line}:")
    print(f"  {result.error.source_line}")
