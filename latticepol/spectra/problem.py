"""What is diagonalised: the empty lattice, or the excitations of a stationary state."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from latticepol import topology

#: Numbers in the matrices of one batch: enough for LAPACK to be called once, little enough for the cache.
BATCH = 2**18


class Problem(NamedTuple):
    """A matrix at every wavevector, and how its modes are counted."""

    matrix: Callable[[np.ndarray], np.ndarray]  # k (..., 2) -> (..., m, m)
    size: int  # m
    hermitian: bool
    paired: bool  # half of the modes are the partners -w^* of the other half

    def above(self, below: int) -> int:
        """Number of modes above the gap that has ``below`` particle bands under it.

        Raises
        ------
        ValueError
            There is no such gap.
        """
        particles = self.size // 2 if self.paired else self.size
        if isinstance(below, bool) or not isinstance(below, int | np.integer) or not 0 < below < particles:
            raise ValueError(f"below = {below!r} bands under the gap, need an integer from 1 to {particles - 1}")
        return particles - below

    def spectrum(self, k: np.ndarray) -> np.ndarray:
        """Frequencies (..., m) in ascending order of Re."""
        return topology.sorted_modes(self.matrix(k), hermitian=self.hermitian)

    def modes(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Frequencies (..., m), left and right vectors (..., m, m) as columns."""
        return topology.biorthogonal_modes(self.matrix(k), hermitian=self.hermitian)


def problem(net: Any, psi: np.ndarray | None, mu: float, losses: bool) -> Problem:
    """Of the excitations of psi, or of the empty lattice where psi is None."""
    if psi is None:
        return Problem(net.empty(losses), 2 * net.sites, hermitian=not losses, paired=False)
    return Problem(net.bogoliubov(psi, mu), 4 * net.sites, hermitian=False, paired=True)


def in_batches(function: Callable[[np.ndarray], Any], k: np.ndarray, size: int) -> list[Any]:
    """``function`` of k (points, 2) in batches, one BLAS thread each, on all processors; its results in order."""
    batches = np.array_split(k, max(1, len(k) * size**2 // BATCH))
    with _blas().limit(limits=1, user_api="blas"):
        if len(batches) == 1:
            return [function(k)]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(function, batches))


@cache
def _blas() -> ThreadpoolController:
    """The libraries are looked for once, which takes milliseconds."""
    return ThreadpoolController()
