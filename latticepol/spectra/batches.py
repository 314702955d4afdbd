"""Many wavevectors at once, on all processors, with a bar where it takes long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from latticepol.disk.processes import processors
from latticepol.numerics.blas import one_thread
from latticepol.progress import Progress

#: Numbers in the matrices of one batch: enough for LAPACK to be called once, little enough for the cache.
BATCH = 2**18
#: Seconds before a bar appears.
WAIT = 3.0


def in_batches(
    function: Callable[[np.ndarray], object],
    k: np.ndarray,
    size: int,
    *,
    numbers: int = BATCH,
    wait: float = WAIT,
    progress: bool | None = None,
) -> list[Any]:
    """Compute ``function`` of k (points, 2) in batches, one BLAS thread each, on all processors; return its results in
    order.

    What takes longer than ``wait`` shows a bar; a batch has ``numbers`` in its matrices.
    """
    batches = np.array_split(k, min(len(k), max(1, len(k) * size**2 // numbers)))
    with one_thread():
        if len(batches) == 1:
            return [function(k)]
        results = []
        with ThreadPoolExecutor(processors()) as pool, Progress(0, len(k), "wavevectors", progress, wait) as bar:
            for batch, result in zip(batches, pool.map(function, batches), strict=True):
                results.append(result)
                bar.advance(len(batch))
        return results
