"""``python -m rltf_executor.redteam``."""

import sys

from rltf_executor.redteam.command import main

if __name__ == "__main__":
    sys.exit(main())
