import re
from pathlib import Path

import pytest

from rltf_executor.errors import (
    PoolTimeoutError,
    QueueFullError,
    SandboxLostError,
    ShuttingDownError,
)
from rltf_executor.faults import Fault
from rltf_executor.problems import INVALID_REQUEST, KINDS, ProblemError, invalid, problem_of
from rltf_executor.schema import ProblemDetails


def test_the_documentation_lists_every_kind_of_problem(repository: Path):
    text = (repository / "docs" / "http-api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(urn:[a-z:-]+)` \| ([^|]+) \|", text, flags=re.MULTILINE)

    assert rows == [(str(kind.status), kind.uri, kind.title) for kind in KINDS]


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (QueueFullError("full", retry_after_s=2.1), 429, "3"),
        (PoolTimeoutError("busy", retry_after_s=0.0), 429, "1"),
        (ShuttingDownError("bye"), 503, "1"),
        (SandboxLostError("secret"), 500, None),
        (KeyError("secret"), 500, None),
    ],
)
def test_a_fault_of_the_executor_is_answered_with_its_status(
    error: Exception, status: int, retry_after: str | None
):
    response = problem_of(error).response

    assert response.status_code == status
    assert response.headers.get("retry-after") == retry_after
    assert response.headers["content-type"] == "application/problem+json"
    assert b"secret" not in response.body


def test_faults_of_fields_are_listed_and_the_first_are_told():
    faults = [Fault(str(number), f"{number}: is wrong") for number in range(5)]

    details = invalid(faults).details

    assert details.detail == "0: is wrong; 1: is wrong; 2: is wrong"
    assert [error["field"] for error in details.errors] == ["0", "1", "2", "3", "4"]


def test_a_problem_is_what_the_schema_says():
    response = ProblemError(INVALID_REQUEST, "why").response

    details = ProblemDetails.model_validate_json(bytes(response.body))
    assert details.status == response.status_code == 422
