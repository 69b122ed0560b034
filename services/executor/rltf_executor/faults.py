"""Says what is wrong with a value that pydantic refused: the field, what was given, the bound.

Wire models and settings share this, so that a message reads the same everywhere:
``limits.memory_mb: 0 is not in 16..2048``. Messages quote at most a few characters and never hold
lone surrogates.
"""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

MAX_FAULTS: Final = 20
_MAX_QUOTED_CHARS: Final = 60
_MAX_QUOTED_BITS: Final = 200

_TYPE_NAMES: Final[Mapping[str, str]] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_from_float": "an integer",
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_type": "an integer",
    "list_type": "an array",
    "string_type": "a string",
    "path_type": "a path",
}
_BOUND_ERRORS: Final = frozenset(
    ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
)
_LENGTH_ERRORS: Final = frozenset(("too_short", "too_long", "string_too_short", "string_too_long"))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field; ``message`` starts with the field's name."""

    field: str
    message: str


def describe_faults(
    error: ValidationError,
    model: type[BaseModel],
    *,
    maxima: Mapping[str, int] | None = None,
    secret_fields: Collection[str] = (),
) -> list[Fault]:
    """Gives the faults of ``error``, at most ``MAX_FAULTS``.

    Args:
        error: What validation of ``model`` raised.
        model: Where names, bounds and alternatives are looked up.
        maxima: Upper bounds that are not in the model, by field name.
        secret_fields: Fields whose value is never quoted.
    """
    details = error.errors(include_url=False)
    return [
        _describe(detail, model, maxima or {}, secret_fields) for detail in details[:MAX_FAULTS]
    ]


def quote(value: object) -> str:
    """Spells a value as JSON, shortened; never fails and never holds a lone surrogate."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "an array"
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and value.bit_length() > _MAX_QUOTED_BITS
    ):
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, str) and len(value) > _MAX_QUOTED_CHARS:
        value = value[:_MAX_QUOTED_CHARS] + "…"
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return type(value).__name__


def _describe(
    detail: ErrorDetails,
    model: type[BaseModel],
    maxima: Mapping[str, int],
    secret_fields: Collection[str],
) -> Fault:
    path, field, owner = _resolve(model, detail["loc"])
    problem = _problem(detail, field, owner, maxima)
    if detail["type"].startswith("union_tag_") and isinstance(detail["input"], dict):
        path += "." + detail["ctx"]["discriminator"].strip("'")
    if not path:  # a model's own validator; its message starts with the field's name
        path = (
            problem.partition(":")[0] if problem.partition(":")[0] in model.model_fields else "body"
        )
        problem = problem.removeprefix(f"{path}: ")
    elif path in secret_fields:
        problem = str(detail["msg"]).removeprefix("Value error, ")
    return Fault(path, f"{path}: {problem}")


def _problem(
    detail: ErrorDetails, field: FieldInfo | None, owner: type[BaseModel], maxima: Mapping[str, int]
) -> str:
    kind, value, context = detail["type"], detail.get("input"), detail.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        name = str(detail["loc"][-1])
        close = difflib.get_close_matches(name, owner.model_fields, n=1)
        return "is no field" + (f"; did you mean {close[0]}?" if close else "")
    if kind in _BOUND_ERRORS and field is not None:
        given = value if isinstance(value, str) else quote(value)  # "400" in the environment is 400
        return f"{given} is not in {_range(field, maxima.get(str(detail['loc'][-1])))}"
    if kind in _LENGTH_ERRORS and field is not None:
        return f"{_length(value, context)} are not in {_lengths(field)}"
    if kind in ("literal_error", "enum") and field is not None:
        return f"{quote(value)} is not one of {', '.join(_literals(field.annotation))}"
    if kind == "union_tag_invalid":
        return (
            f"{quote(context['tag'])} is not one of {context['expected_tags'].replace(chr(39), '')}"
        )
    if kind == "union_tag_not_found":
        return "is missing" if isinstance(value, dict) else f"{quote(value)} is not an object"
    if kind == "string_unicode":
        return "holds a lone surrogate"
    if kind in _TYPE_NAMES:
        return f"{quote(value)} is not {_TYPE_NAMES[kind]}"
    return str(detail["msg"]).removeprefix("Value error, ")


def _resolve(
    model: type[BaseModel], loc: tuple[int | str, ...]
) -> tuple[str, FieldInfo | None, type[BaseModel]]:
    """Gives the path of ``loc`` without union tags, its field, and the model with that field."""
    candidates = [model]
    path, field, owner = "", None, model
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        holder = next((found for found in candidates if _field(found, part) is not None), None)
        if holder is not None:
            owner, field = holder, _field(holder, part)
            candidates = _models_in(field) if field is not None else []
        elif any(_is_tag(candidate, part) for candidate in candidates):
            candidates = [found for found in candidates if _is_tag(found, part)]
            owner = candidates[0]
            continue
        else:
            owner = candidates[0] if candidates else owner
        path += f".{part}" if path else str(part)
    return path, field, owner


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    found = model.model_fields.get(name)
    if found is not None:
        return found
    return next((info for info in model.model_fields.values() if info.alias == name), None)


def _is_tag(model: type[BaseModel], tag: str) -> bool:
    kind = model.model_fields.get("kind")
    return kind is not None and tag in get_args(kind.annotation)


def _models_in(field: FieldInfo) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    pending: list[Any] = [field.annotation]
    while pending:
        annotation = pending.pop()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found.append(annotation)
        elif get_origin(annotation) is not Literal:
            pending.extend(get_args(annotation))
    return found


def _range(field: FieldInfo, maximum: int | None) -> str:
    low, high = "", "" if maximum is None else str(maximum)
    is_open = False
    for bound in field.metadata:
        if isinstance(bound, Ge):
            low = f"{bound.ge:g}" if isinstance(bound.ge, float) else str(bound.ge)
        elif isinstance(bound, Gt):
            low, is_open = str(bound.gt), True
        elif isinstance(bound, Le):
            high = str(bound.le)
        elif isinstance(bound, Lt):
            high = f"below {bound.lt}"
    return f"{low}..{high}" + (f" ({low} excluded)" if is_open else "")


def bounds_of(field: FieldInfo) -> str:
    """Gives the range of a field as documentation spells it, or an empty string."""
    literals = _literals(field.annotation)
    if literals:
        return ", ".join(literals)
    return (
        _range(field, None) if any(isinstance(b, Ge | Gt | Le | Lt) for b in field.metadata) else ""
    )


def _lengths(field: FieldInfo) -> str:
    low, high = 0, ""
    for bound in field.metadata:
        if isinstance(bound, MinLen):
            low = bound.min_length
        elif isinstance(bound, MaxLen):
            high = str(bound.max_length)
    return f"{low}..{high}"


def _length(value: object, context: Mapping[str, Any]) -> str:
    if isinstance(value, str):
        return f"{len(value)} characters"
    count = len(value) if isinstance(value, list | dict) else context.get("actual_length")
    return f"{count} items"


def _literals(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(choice) for choice in get_args(annotation)]
    return [text for part in get_args(annotation) for text in _literals(part)]
