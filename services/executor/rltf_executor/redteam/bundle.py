"""Packs the suites of a source checkout into ``suites.json``.

Run ``python -m rltf_executor.redteam.bundle`` after changing a file under ``tests/security``.
"""

from pathlib import Path
from typing import Final

from rltf_executor.redteam.suites import Attack, SuiteName, pack, read_folder

_HERE: Final = Path(__file__).resolve().parent
SOURCES: Final = _HERE.parents[3] / "tests" / "security"
BUNDLE: Final = _HERE / "suites.json"
_SUITES: Final[tuple[SuiteName, ...]] = ("programs", "reward_hacks")


def read_sources(sources: Path = SOURCES) -> list[Attack]:
    """Read both suites from a checkout."""
    return [attack for suite in _SUITES for attack in read_folder(sources / suite, suite)]


def main() -> None:
    """Write the bundle."""
    BUNDLE.write_text(pack(read_sources()), encoding="utf-8")


if __name__ == "__main__":
    main()
