"""``python -m rltf_executor``."""

import sys

from rltf_executor.cli import main

if __name__ == "__main__":
    sys.exit(main())
