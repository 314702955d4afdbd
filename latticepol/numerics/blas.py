"""One BLAS thread for small linear algebra.

The matrices here are small: threads of BLAS gain nothing on them, and on a busy machine they wait for each other (a
factor of 20 to 35). What solves, diagonalises or makes steps runs inside ``one_thread()``; code of the caller, such as
callbacks, keeps its threads.
"""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

Given = ParamSpec("Given")
Made = TypeVar("Made")


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which BLAS has one thread; contexts may be nested.

    The number is one of the process. Where several threads of the caller are inside at once, the first of them sets it
    and takes it back (threadpoolctl's rule).
    """
    context: AbstractContextManager[Any] = _libraries().limit(limits=1, user_api="blas")
    return context


def on_one_thread(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Return the function inside :func:`one_thread`."""

    @functools.wraps(function)
    def limited(*args: Given.args, **options: Given.kwargs) -> Made:
        with one_thread():
            return function(*args, **options)

    return limited


@functools.cache
def _libraries() -> ThreadpoolController:
    """Return the BLAS libraries of numpy and of scipy: looked for once, which takes milliseconds."""
    import scipy.linalg  # noqa: F401 - a library that is loaded later would be missed

    return ThreadpoolController()
