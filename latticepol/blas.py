"""One BLAS thread for small linear algebra.

The matrices here are small: threads of BLAS gain nothing on them, and on a busy machine they wait for each other (a
factor of 20 to 35). What solves or diagonalises runs inside ``one_thread()``; code of the caller keeps its threads.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

Function = TypeVar("Function", bound=Callable[..., Any])


class _Limit:
    """The number of threads is one of the process: the first that enters sets it, the last that leaves takes it
    back."""

    def __init__(self) -> None:
        self.lock, self.inside = threading.Lock(), 0
        self.limits: Any = None

    def enter(self) -> None:
        with self.lock:
            if not self.inside:
                self.limits = _libraries().limit(limits=1, user_api="blas")
            self.inside += 1

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                self.limits.restore_original_limits()


_limit = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS to one thread inside; it may be entered again inside itself, and by several threads."""
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


def on_one_thread(function: Function) -> Function:
    """Return the function inside :func:`one_thread`."""

    @functools.wraps(function)
    def limited(*args: Any, **options: Any) -> Any:
        with one_thread():
            return function(*args, **options)

    return limited  # type: ignore[return-value]


@functools.cache
def _libraries() -> ThreadpoolController:
    """The BLAS libraries of numpy and of scipy: looked for once, which takes milliseconds."""
    import numpy.linalg
    import scipy.linalg  # noqa: F401 - a library that is loaded later would be missed

    return ThreadpoolController()
