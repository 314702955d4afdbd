"""Three ways to apply exp(-i h T) to a network, all exact to rounding; :func:`propagator` takes the fastest.

Small matrices are exponentiated once. Where T is the same in every cell of a supercell it is a small matrix at every
wavevector of the supercell (docs/physics.md, section 1 does the same with a grid); anything else is a Taylor series.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse
from scipy.linalg import expm

from latticepol.lattice import Lattice
from latticepol.network import kernels
from latticepol.numerics import fft
from latticepol.numerics.blas import on_one_thread

#: (amplitudes (B, N, 2), which are changed in place)
Propagator = Callable[[np.ndarray], None]
#: Matrices of up to so many rows are exponentiated once where a Fourier transform could be taken instead: measured.
DENSE_PERIODIC_ROWS = 40
#: The same where there is none: measured.
DENSE_ROWS = 128
#: The series is cut where the next term is below this, rounding.
SERIES_END = 1e-16
#: Norm times substep up to which a series keeps its digits; a longer substep is divided.
SERIES_REACH = 2.0
#: Terms of the series of a matrix with norm 1.
TAYLOR_TERMS = 18
#: Sites this close, as fractions of the cell, are on one line; hoppings this close, relative to the largest, are
#: equal.
SAME_LINE = 1e-9


class Periodic(NamedTuple):
    """T of a supercell of n1 x n2 equal cells with m sites: a matrix at every wavevector."""

    counts: tuple[int, int]
    matrices: np.ndarray  # (n1, n2, 2m, 2m)

    @classmethod
    def of(cls, T: sparse.csr_array, lattice: Lattice) -> Self | None:
        """Return None where the cells differ, or there is one only."""
        counts = cell_counts(lattice)
        if math.prod(counts) == 1 or T.shape[0] % (2 * math.prod(counts)):
            return None
        index = np.arange(T.shape[0]).reshape(*counts, -1)
        for axis in (0, 1):
            moved = np.roll(index, 1, axis).ravel()
            if abs(T[moved][:, moved] - T).max() > SAME_LINE * abs(T).max():
                return None
        m = index.shape[-1]
        first = T[:m].toarray().reshape(m, *counts, m)  # hoppings from the cells (n1, n2) into the first one
        return cls(counts, np.fft.ifft2(first, axes=(1, 2), norm="forward").transpose(1, 2, 0, 3))


def cell_counts(lattice: Lattice) -> tuple[int, int]:
    """Return (n1, n2) of an n1 x n2 supercell: the numbers of lines along A1 and A2 on which the copies of the first
    site lie."""
    copies = lattice.basis[lattice.sublattice == lattice.sublattice[0]]
    fractions = (copies - copies[0]) @ np.linalg.pinv(lattice.vectors) if len(lattice.vectors) else copies[:, :0]
    whole = np.round(fractions / SAME_LINE).astype(int) % round(1 / SAME_LINE)
    n1, n2, *_ = (*(len(np.unique(line)) for line in whole.T), 1, 1)
    return n1, n2


@on_one_thread
def propagator(T: sparse.csr_array, periodic: Periodic | None, h: float, batch: int) -> Propagator:
    """Return exp(-i h T) for amplitudes (batch, N, 2)."""
    if T.shape[0] <= (DENSE_ROWS if periodic is None else DENSE_PERIODIC_ROWS):
        return _dense(T, h)
    return _series(T, h) if periodic is None else _waves(periodic, h, batch)


def _dense(T: sparse.csr_array, h: float) -> Propagator:
    U = expm(-1j * h * T.toarray()).T

    def apply(psi: np.ndarray) -> None:
        flat = psi.reshape(len(psi), -1)
        flat[...] = flat @ U

    return apply


def _waves(periodic: Periodic, h: float, batch: int) -> Propagator:
    (n1, n2), m = periodic.counts, periodic.matrices.shape[-1]
    U = exponentials(-1j * h * periodic.matrices) / (n1 * n2)
    U = np.ascontiguousarray(U.reshape(-1, m, m).transpose(1, 2, 0))
    field = fft.empty((batch, m, n1, n2), complex)
    transforms = fft.Transforms(field)
    waves, work = field.reshape(batch, m, -1), np.empty((m, n1 * n2), complex)

    def apply(psi: np.ndarray) -> None:
        cells = psi.reshape(batch, -1, m)
        kernels.transpose(cells, waves)
        transforms.forward(field)
        kernels.mix(waves, U, work)
        transforms.backward(field)
        kernels.transpose(waves, cells)

    return apply


def _series(T: sparse.csr_array, h: float) -> Propagator:
    T = T.copy()
    T.eliminate_zeros()
    size = abs(h) * float(abs(T).sum(axis=1).max())
    parts = max(1, math.ceil(size / SERIES_REACH))
    reach = term = size / parts
    terms = 1
    while term > SERIES_END:
        terms += 1
        term *= reach / terms
    work = np.empty((2, T.shape[0]), complex)

    def apply(psi: np.ndarray) -> None:
        flat = psi.reshape(len(psi), -1)
        for _ in range(parts):
            kernels.exponential(flat, T.data, T.indices, T.indptr, -1j * h / parts, terms, SERIES_END, work)

    return apply


def exponentials(matrices: np.ndarray) -> np.ndarray:
    """Return exp of every matrix (..., m, m), by scaling and squaring all of them together."""
    size = float(np.abs(matrices).sum(axis=-1).max())
    halvings = max(0, math.ceil(math.log2(size))) if size > 0 else 0
    scaled, one = matrices / 2**halvings, np.eye(matrices.shape[-1])
    total: np.ndarray = one + scaled / TAYLOR_TERMS
    for k in range(TAYLOR_TERMS - 1, 0, -1):
        total = one + scaled @ total / k
    for _ in range(halvings):
        total = total @ total
    return total
