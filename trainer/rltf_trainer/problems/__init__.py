"""Problems to train and evaluate on, as in ``load_problems("mbpp:PATH", split="train")``.

A spec is ``NAME`` or ``NAME:PATH``; without a path ``mbpp``, ``apps`` and ``humaneval`` come from
the hub.
"""

from rltf_trainer.problems.base import Problem
from rltf_trainer.problems.loading import SPECS, load_problems

__all__ = ["SPECS", "Problem", "load_problems"]
