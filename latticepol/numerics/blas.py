"""One BLAS thread for small linear algebra.

The matrices here are small: threads of BLAS gain nothing on them, and on a busy machine they wait for each other (a
factor of 20 to 35). What solves, diagonalises or makes steps runs inside ``one_thread()``; code of the caller, such as
callbacks, keeps its threads.
"""

import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, ParamSpec, TypeVar

from threadpoolctl import OpenBLASController, ThreadpoolController

Given = ParamSpec("Given")
Made = TypeVar("Made")


class _Mine(threading.local):
    """Of one thread: how many contexts it is inside, and the numbers that it found in libraries with one for each."""

    depth: int = 0
    found: Sequence[tuple[Any, int]] = ()


class _Limit:
    """The numbers of threads of the process: how many threads are inside, and what the first of them found."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.mine = _Mine()
        self.inside = 0
        self.found: Sequence[tuple[Any, int]] = ()

    def enter(self) -> None:
        """Set the limit unless this thread, or for the numbers of the process any other one, has done so."""
        if not self.mine.depth:
            with self.lock:
                if not self.inside:
                    self.found = _limit(_libraries().shared)
                self.inside += 1
            self.mine.found = _limit(_libraries().own)
        self.mine.depth += 1

    def leave(self) -> None:
        """Take back what this thread has set, and what the process has if nobody else is inside any more."""
        self.mine.depth -= 1
        if not self.mine.depth:
            _restore(self.mine.found)
            with self.lock:
                self.inside -= 1
                if not self.inside:
                    _restore(self.found)

    def forked(self) -> None:
        """Count only the one thread that goes on in a process that was forked."""
        if self.inside and not self.mine.depth:
            _restore(self.found)
        self.inside = int(self.mine.depth > 0)
        self.lock.release()


class _Libraries(NamedTuple):
    """BLAS libraries with one number of threads for the process, and with one for each of its threads."""

    shared: list[Any]
    own: list[Any]


def _limit(libraries: list[Any]) -> list[tuple[Any, int]]:
    """Set one thread for each library; return what there was."""
    found = [(library, library.num_threads) for library in libraries]
    _restore([(library, 1) for library in libraries])
    return found


def _restore(numbers: Sequence[tuple[Any, int]]) -> None:
    # threadpoolctl lets nobody change the number of OpenBLAS but the thread that did so last, which may have left
    OpenBLASController.clear_controlling_thread(force=True)
    for library, number in numbers:
        library.set_num_threads(number)
    OpenBLASController.clear_controlling_thread(force=True)


_LIMIT = _Limit()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LIMIT.lock.acquire, after_in_parent=_LIMIT.lock.release, after_in_child=_LIMIT.forked)


@contextmanager
def one_thread() -> Iterator[None]:
    """Give a context in which BLAS has one thread; contexts may be nested, and overlap in several threads.

    Where the library has one number for the process, the first to enter sets it and the last to leave takes it back.
    """
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()


def on_one_thread(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Return the function inside :func:`one_thread`."""

    @functools.wraps(function)
    def limited(*args: Given.args, **options: Given.kwargs) -> Made:
        with one_thread():
            return function(*args, **options)

    return limited


@functools.cache
def _libraries() -> _Libraries:
    """Return those of numpy and of scipy: looked for once, which takes milliseconds."""
    import scipy.linalg  # noqa: F401 - a library that is loaded later would be missed

    there = ThreadpoolController().select(user_api="blas").lib_controllers
    own = [library for library in there if library.internal_api == "mkl" or _by_openmp(library)]
    return _Libraries([library for library in there if library not in own], own)


def _by_openmp(library: Any) -> bool:
    return bool(library.internal_api == "openblas" and library.threading_layer == "openmp")
