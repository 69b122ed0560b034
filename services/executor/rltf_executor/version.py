"""Versions: of the package, and of the JSON that client and service exchange."""

from typing import Final

VERSION: Final = "0.1.0"

WIRE_VERSION: Final = "1.0"
"""Value of ``X-RLTF-Version``. With another major number the sides misunderstand each other."""
