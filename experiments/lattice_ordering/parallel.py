"""The same function at many points, in several processes, with a bar."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from latticepol.progress import Progress

#: :func:`each` with its number of processes.
Each = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]], str], list[Any]]


def each(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], text: str, *, workers: int) -> list[Any]:
    """``function(*one)`` for every one of ``arguments``, in order; those that take long are best given first."""
    with ProcessPoolExecutor(workers) as pool, Progress(0, len(arguments), text, None) as bar:
        running = [pool.submit(function, *one) for one in arguments]
        found = []
        for future in running:
            found.append(future.result())
            bar.advance(1)
    return found
