import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from rltf_executor.errors import SandboxUnavailableError
from rltf_executor.logs import configure_logging
from rltf_executor.settings import LogSettings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level


def logged(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def test_a_record_is_one_json_object_with_its_fields(stream: io.StringIO):
    configure_logging(LogSettings(), stream)

    logging.getLogger("some.part").info(
        "submission judged",
        extra={"verdict": "passed", "wall_ms": 1.5, "level": "uid", "id": "a\nb"},
    )

    entry = logged(stream)
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "info",
        "logger": "some.part",
        "message": "submission judged",
        "verdict": "passed",
        "wall_ms": 1.5,
        "level_": "uid",
        "id": "a\nb",
    }


@pytest.mark.parametrize("as_json", [True, False])
def test_the_words_of_an_exception_are_kept_out_unless_they_are_ours(
    as_json: bool, stream: io.StringIO
):
    configure_logging(LogSettings(as_json=as_json), stream)
    logger = logging.getLogger("part")
    for error in (ValueError("secret"), SandboxUnavailableError("no engine"), OSError(2, "gone")):
        try:
            raise error
        except Exception:
            logger.exception("failed")

    text = stream.getvalue()
    assert "secret" not in text
    assert "no engine" in text
    assert "gone" in text
    assert "ValueError" in text
    assert "test_logs.py:" in text
    assert len(text.splitlines()) == 3


def test_a_long_field_is_cut_and_an_odd_one_is_written(stream: io.StringIO):
    configure_logging(LogSettings(), stream)

    logging.getLogger().warning("m", extra={"long": "x" * 10_000, "odd": {1, 2}, "lone": "\ud800"})

    assert len(logged(stream)["long"]) == 500


def test_what_is_less_severe_than_the_level_is_not_written(stream: io.StringIO):
    configure_logging(LogSettings(level="warning"), stream)

    logging.getLogger("part").info("m")

    assert stream.getvalue() == ""
