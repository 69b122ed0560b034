"""Python's builtins as they are before a program can replace any of them.

A module of ours whose functions run beside a program makes them its own ``__builtins__``: there
its functions look up what is defined nowhere else.
"""

import builtins
from typing import Any

BUILTINS: dict[str, Any] = dict(vars(builtins))
