"""Prints the requirements of the distribution and of the extras named, one a line.

An image installs these in a layer of its own, before the source is copied, so that a changed module
does not install everything anew.

Usage: python docker/list_requirements.py [EXTRA ...]
"""

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Prints what ``pyproject.toml`` asks for."""
    pyproject = Path(__file__).resolve().parents[1] / "pyproject.toml"
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    requirements: list[str] = list(project["dependencies"])
    for extra in sys.argv[1:]:
        requirements += project["optional-dependencies"][extra]
    print("\n".join(requirements))


if __name__ == "__main__":
    main()
