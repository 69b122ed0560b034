"""``python -m rltf_trainer``: the same as ``rltf-trainer``."""

import sys

from rltf_trainer.cli import main

if __name__ == "__main__":
    sys.exit(main())
