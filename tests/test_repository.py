"""What holds of the repository as a whole: its size, its words, its links, its boundaries."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = (REPOSITORY / "services", REPOSITORY / "trainer")
RUNNER = REPOSITORY / "services" / "executor" / "rltf_executor" / "runner"
MAX_LINES = 400
GENERATED = {".venv", ".git", "runs", "models", "__pycache__", "results"}
# Names that say nothing: a module is called by its subject.
FORBIDDEN_MODULES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
# A comment says what holds, not what held, what was done, or what might be done one day.
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\bused to be\b|\bfor now\b")


def sources(*roots: Path) -> list[Path]:
    """Python modules below ``roots``, without what is generated or odd on purpose."""
    found = [path for root in roots for path in sorted(root.rglob("*.py"))]
    return [
        path for path in found if not GENERATED.intersection(path.relative_to(REPOSITORY).parts)
    ]


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def documents() -> list[Path]:
    found = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    return sorted(found + list((REPOSITORY / "benchmarks").glob("*.md")))


def make_targets() -> list[str]:
    lines = (REPOSITORY / "Makefile").read_text(encoding="utf-8").splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY:"))
    return phony.removeprefix(".PHONY:").split()


@pytest.mark.parametrize("module", sources(*PACKAGES), ids=relative)
def test_module_has_one_subject(module: Path) -> None:
    num_lines = len(module.read_text(encoding="utf-8").splitlines())

    assert num_lines <= MAX_LINES
    assert module.stem not in FORBIDDEN_MODULES


def test_comments_tell_no_history_and_make_no_promises() -> None:
    found = [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in sources(*PACKAGES, REPOSITORY / "docker", REPOSITORY / "examples")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN_WORDS.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("module", sorted(RUNNER.glob("*.py")), ids=relative)
def test_runner_imports_the_standard_library_and_itself_only(module: Path) -> None:
    outside = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            outside |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            outside.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, f"line {node.lineno} leaves the folder"

    # numpy's values are encoded where the program has imported it; the runner does not need it.
    assert outside - {"numpy"} <= sys.stdlib_module_names


def links(document: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target.partition("#")[0]


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    missing = [link for link in links(document) if link and not (document.parent / link).exists()]

    assert missing == []


def test_every_document_can_be_found_from_the_index() -> None:
    folder = REPOSITORY / "docs"
    index = {(folder / link).resolve() for link in links(folder / "index.md")}

    assert set(folder.glob("*.md")) - {folder / "index.md"} <= index


def test_every_make_target_is_explained() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    contributing = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")

    for target in make_targets():
        assert re.search(rf"^{target}:.*## \S", makefile, flags=re.MULTILINE), target
        if target != "help":
            assert f"`make {target}`" in contributing, target


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(item for extra in extras for item in extra)]
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    locked = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", lock, re.M)}

    names = {re.match(r"[\w.-]+", item).group().lower().replace("_", "-") for item in wanted}  # type: ignore[union-attr]  # every requirement begins with a name
    assert names - locked == set()


@pytest.mark.parametrize("script", ["docker/*.sh", "examples/*.sh", ".ci/run"])
def test_shell_scripts_can_be_run_and_parsed(script: str) -> None:
    for path in REPOSITORY.glob(script):
        interpreter = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").split()
        parsed = subprocess.run([*interpreter, "-n", path], capture_output=True, text=True)

        assert path.stat().st_mode & 0o111, path
        assert parsed.returncode == 0, parsed.stderr


def test_dockerfiles_build_with_the_legacy_builder_too() -> None:
    for path in (REPOSITORY / "docker").glob("*.Dockerfile"):
        text = path.read_text(encoding="utf-8")

        assert "RUN --" not in text, path
        assert "<<" not in text, path


def test_seccomp_profile_is_what_its_script_makes() -> None:
    script = REPOSITORY / "docker" / "make_seccomp.py"

    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stderr
