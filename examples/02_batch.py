"""Many programs at once: results in order, whatever becomes of each.

python examples/02_batch.py [URL]
"""

import sys
from collections import Counter

from rltf_executor.client import ExecutorClient
from rltf_executor.schema import Limits, RefusedItem, StdioTest, Submission

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"

COMPLETIONS = [
    "print(int(input()) ** 2)",  # right
    "print(int(input()) * 2)",  # wrong
    "print(int(input()) ** 2",  # does not compile
    "print(int(input()) ** n)",  # raises NameError
    "while True: pass",  # never ends
    "import os; os._exit(0)",  # leaves before it has answered: no way to a `passed`
]

submissions = [
    Submission(
        id=str(number),
        source=source,
        tests=[StdioTest(kind="stdio", stdin="7\n", expected_stdout="49\n")],
        limits=Limits(wall_s=1.0),
    )
    for number, source in enumerate(COMPLETIONS)
]

with ExecutorClient(URL) as executor:
    entries = executor.execute_batch(submissions)

for submission, entry in zip(submissions, entries, strict=True):
    if isinstance(entry, RefusedItem):  # out of bounds; the others are not affected
        print(f"{entry.id}: refused: {entry.problem.detail}")
        continue
    where = f" at line {entry.error.line}" if entry.error and entry.error.line else ""
    kind = f" {entry.error.type}{where}" if entry.error else ""
    print(f"{entry.id}: {entry.verdict:14}{kind:26} {submission.source}")

print(dict(Counter(str(entry.verdict) for entry in entries if not isinstance(entry, RefusedItem))))
