"""Compiled functions, kept between runs wherever the machine lets them be kept.

numba keeps its results next to the source, in the user's cache folder or in ``NUMBA_CACHE_DIR``. Where none of them can
be written (a read-only installation without a home, as in containers) it refuses to compile; here it compiles anew.

What steps a run is compiled without ``fastmath``. Where the compiler may reorder sums, or make one instruction of a
product and a sum, the last bits depend on which loops it finds compiled in the cache, and a run resumed in another
process differs.

Where compiling takes longer than a second, a line on the screen says so.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

import numba as nb
import numpy as np
from numba.core import event

from latticepol.progress import watched

#: Seconds of compiling before a word about it.
PATIENCE = 1.0


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return the decorator ``numba.njit(cache=True, **options)``, without the cache where there is no place for it."""

    def compile(function: Callable[..., Any]) -> Any:
        try:
            return nb.njit(cache=True, **options)(function)
        except (RuntimeError, OSError):  # no locator available
            return nb.njit(**options)(function)

    return compile


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function into those that call it, so that what they pass stays in registers."""
    return nb.njit(error_model="numpy", forceinline=True)(function)


def fixed(array: np.ndarray) -> np.ndarray:
    """Return a read-only view.

    numba compiles a function anew for every type, and read-only arrays are of another type than others: what is read
    only is given as such everywhere.
    """
    view = array.view()
    view.flags.writeable = False
    return view


class _Announcer(event.Listener):  # type: ignore[misc]  # numba is without types
    """Says on stderr, once in a process, that functions are compiled, if that takes long and someone watches."""

    def __init__(self) -> None:
        self.depth, self.said = 0, False
        self.timer: threading.Timer | None = None

    def on_start(self, event: Any) -> None:
        """Begin to wait at the outermost of nested functions."""
        self.depth += 1
        if self.depth == 1 and not self.said and watched() and _ours(event):
            self.timer = threading.Timer(PATIENCE, self.say)
            self.timer.daemon = True
            self.timer.start()

    def on_end(self, event: Any) -> None:
        """Stop waiting."""
        self.depth -= 1
        if self.depth == 0 and self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def say(self) -> None:
        """Say it."""
        self.said = True
        print(
            "latticepol compiles functions for this processor; later runs find them in numba's cache", file=sys.stderr
        )


def _ours(event: Any) -> bool:
    """Return whether a function of this package is compiled, not one of the user's own."""
    function = getattr(event.data.get("dispatcher"), "py_func", None)
    return getattr(function, "__module__", "").startswith("latticepol.")


event.register("numba:compile", _Announcer())
