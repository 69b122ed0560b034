"""Every program in tests/programs/<verdict>/ gets the verdict of its folder from the real judge.

A program carries its tests in a leading comment block of TOML: ``[[tests]]`` as on the wire, other
fields of a submission (``setup``, ``[limits]`` …) before them, and ``[error]`` with the ``type``
and, in ``at``, the text of the line that is at fault.
"""

import os
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from rltf_executor.judge import Judge
from rltf_executor.sandbox import Pool, open_pool
from rltf_executor.schema import Submission, Verdict
from rltf_executor.settings import Settings

PROGRAMS = Path(__file__).parents[1] / "programs"


def golden_programs() -> list[Path]:
    return sorted(PROGRAMS.glob("*/*.py"))


def read_program(path: Path) -> tuple[str, dict[str, Any]]:
    """Gives a program's source, comment block included, and what the block says."""
    source = path.read_bytes().decode()
    block = []
    for line in source.split("\n"):
        if not line.startswith("# "):
            break
        block.append(line[2:])
    return source, tomllib.loads("\n".join(block))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(sandbox_image: str) -> AsyncIterator[Pool]:
    settings = Settings(
        pool={"size": min(2, os.cpu_count() or 1)},
        sandbox={"backend": "docker", "image": sandbox_image},
    )
    opened = await open_pool(settings)
    try:
        yield opened
    finally:
        await opened.close(5)


@pytest.mark.docker
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("path", golden_programs(), ids=lambda path: "/".join(path.parts[-2:]))
async def test_program_gets_the_verdict_of_its_folder(pool: Pool, path: Path):
    source, block = read_program(path)
    error = block.pop("error", None)

    result = await Judge(pool).judge(Submission.model_validate({"source": source, **block}))

    assert str(result.verdict) == path.parent.name, result
    assert result.total == max(1, len(block.get("tests", [])))
    if path.parent.name == "passed":
        assert result.passed == result.total
    assert (result.error.type if result.error else None) == (error["type"] if error else None)
    if error and "at" in error:
        lines = source.split("\n")
        expected = [number for number, line in enumerate(lines, 1) if line.strip() == error["at"]]
        assert result.error is not None
        assert [result.error.line] == expected, result.error
        if not source.isprintable() and "\0" in source:
            return
        assert (result.error.source_line or "").strip() == error["at"]


def test_every_verdict_a_program_can_cause_has_six_programs():
    ours = {Verdict.INTERNAL_ERROR, Verdict.SKIPPED}

    for verdict in set(Verdict) - ours:
        assert len(list((PROGRAMS / verdict).glob("*.py"))) >= 6, verdict
