"""What the OpenAPI document says of bodies that routes read and write themselves."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from rltf_executor.problems import KINDS, MEDIA_TYPE

_SCHEMAS: Final = "#/components/schemas/"
_RETRY_AFTER: Final[Mapping[str, Any]] = {
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 1},
    }
}

Responses = dict[int | str, dict[str, Any]]


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Describes a required JSON request body."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{model.__name__}"}}},
        }
    }


def problems(*statuses: int) -> Responses:
    """Describes the problem answers a route may give."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind.status == status]
    description = "; ".join(f"{kind.title} (`{kind.uri}`)" for kind in kinds)
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}ProblemDetails"}}},
    } | ({"headers": dict(_RETRY_AFTER)} if status in (429, 503) else {})
