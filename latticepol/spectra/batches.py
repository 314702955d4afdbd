"""Many wavevectors at once, on all processors, with a bar where it takes long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from latticepol.blas import one_thread
from latticepol.processes import processors
from latticepol.progress import Progress

#: Numbers in the matrices of one batch: enough for LAPACK to be called once, little enough for the cache.
BATCH = 2**18
#: Seconds before a bar appears.
WAIT = 3.0


def in_batches(function: Callable[[np.ndarray], Any], k: np.ndarray, size: int) -> list[Any]:
    """``function`` of k (points, 2) in batches, one BLAS thread each, on all processors; its results in order.

    What takes longer than WAIT shows a bar.
    """
    batches = np.array_split(k, min(len(k), max(1, len(k) * size**2 // BATCH)))
    with one_thread():
        if len(batches) == 1:
            return [function(k)]
        results = []
        with ThreadPoolExecutor(processors()) as pool, Progress(0, len(k), "wavevectors", None, WAIT) as bar:
            for batch, result in zip(batches, pool.map(function, batches), strict=True):
                results.append(result)
                bar.advance(len(batch))
        return results
