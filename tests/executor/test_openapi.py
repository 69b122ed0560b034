"""The OpenAPI document against the service: requests made from it, wrong ones too."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode


@pytest.mark.parametrize(
    ("mode", "expected"), [(GenerationMode.POSITIVE, {200}), (GenerationMode.NEGATIVE, {422})]
)
def test_no_request_gets_an_answer_that_is_not_documented(
    mode: GenerationMode, expected: set[int], make_app: Callable[..., Any]
):
    schema = schemathesis.openapi.from_asgi("/openapi.json", make_app())
    statuses: set[int] = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.method == "get":
            continue  # takes nothing that could be wrong

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=10,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        def check(case: Any) -> None:
            answer = case.call()
            case.validate_response(answer)
            statuses.add(answer.status_code)

        check()

    assert statuses == expected
