"""Objects that exist before the first fork are counted no more, and work as before."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import rltf_executor

HAS_IMMORTAL_OBJECTS = sys.version_info >= (3, 12)
FOLDER = Path(rltf_executor.__file__).parent


def settled(script: str) -> Any:
    """What a script prints as JSON in an interpreter of its own that has settled."""
    head = f"import sys; sys.path.insert(0, {str(FOLDER)!r})\nfrom runner import heap\n"
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_objects_and_what_they_hold_are_immortal():
    is_immortal, is_counted = settled(
        """
        import json, sys, collections
        held = {"name": [object(), ("a" * 40, 2**70)]}
        def function(x): return [x, "constant of a function", 2**80]
        heap.settle()
        counts = {sys.getrefcount(each) for each in (
            held, held["name"], held["name"][0], held["name"][1][0], function, function.__code__,
            function.__code__.co_consts[-1], collections.OrderedDict, json.dumps)}
        print(json.dumps([counts == {sys.getrefcount(None)}, sys.getrefcount([]) == 1]))
        """
    )

    assert is_immortal == HAS_IMMORTAL_OBJECTS
    assert is_counted


def test_what_comes_later_is_freed_as_ever():
    assert settled(
        """
        import gc, json, weakref
        class Node: pass
        heap.settle()
        node = Node(); node.self = node
        alive = weakref.ref(node)
        del node
        gc.collect()
        print(json.dumps(alive() is None))
        """
    )
