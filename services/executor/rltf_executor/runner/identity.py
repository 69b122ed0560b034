"""What is installed here: the runner, by a digest of its files, and packages by their versions.

The service talks to no other version of the runner than its own. What this imports is large: the
runner asks in a child, and keeps the answer alone.
"""

import os


def digest(folder: str) -> str:
    """Digest of the Python files in ``folder``, 16 hexadecimal digits."""
    import hashlib

    total = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                total.update(name.encode() + b"\0" + file.read() + b"\0")
    return total.hexdigest()[:16]


def packages() -> dict[str, str]:
    """Version of every installed distribution, by name."""
    from importlib import metadata

    return {
        dist.metadata["Name"]: dist.version
        for dist in metadata.distributions()
        if dist.metadata["Name"]
    }
