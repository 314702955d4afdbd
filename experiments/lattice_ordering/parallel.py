"""The same function at many points, in as many processes as there are processors, with a bar."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from latticepol.progress import Progress


def each(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], text: str) -> list[Any]:
    """``function(*one)`` for every one of ``arguments``, in order; those that take long are best given first."""
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool, Progress(0, len(arguments), text, None) as bar:
        running = [pool.submit(function, *one) for one in arguments]
        found = []
        for future in running:
            found.append(future.result())
            bar.advance(1)
    return found
