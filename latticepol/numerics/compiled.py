"""Compiled functions, kept between runs wherever the machine lets them be kept.

numba keeps its results next to the source, in the user's cache folder or in ``NUMBA_CACHE_DIR``. Where none of them can
be written (a read-only installation without a home, as in containers) it refuses to compile; here it compiles anew.

What steps a run is compiled without ``fastmath``. Where the compiler may reorder sums, or make one instruction of a
product and a sum, the last bits depend on which loops it finds compiled in the cache, and a run resumed in another
process differs.
"""

from collections.abc import Callable
from typing import Any

import numba as nb
import numpy as np


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
