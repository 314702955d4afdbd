"""Resonances of large matrices: which modes of opposite norm may lock near a wavevector, told from the modes there.

At k + q the matrix has, in the modes at k, the elements ``w_n delta_nm + q <l_n|dL|r_m> + ...``. Two modes P and Q of
opposite norm meet where ``S + q grad S = 0``, ``S = Re (w_P - w_Q)``, and two alone grow there by

    -(kappa_P + kappa_Q)/2 + [(kappa_P - kappa_Q)^2/4 + z]^(1/2) ,   z = |q <l_P|dL|r_Q> q <l_Q|dL|r_P>| ,

kappa = -Im w. Following every line on which they cross, as `latticepol.topology.resonances` does, takes the modes at
many more wavevectors, and the branches of large cells, sorted by frequency, have kinks everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from latticepol.numerics.eigen import LARGEST
from latticepol.topology.ascent import Matrices
from latticepol.topology.eigen import biorthogonal_modes
from latticepol.topology.resonances import sides


@dataclass(frozen=True)
class LockingSearch:
    """How resonances are told.

    Parameters
    ----------
    reach
        How far from a point of the mesh two modes may meet, in steps of the mesh.
    most, most_of_large
        At most so many, and of matrices that are solved one by one.
    steps
        Of Newton's method to where they meet.
    difference
        Half the distance over which matrices are differentiated, in steps of the mesh.
    same
        Frequencies that change by less than this part of the largest over a step do not change.
    numbers
        In the matrices that are solved at once.
    """

    reach: float = 0.6
    most: int = 128
    most_of_large: int = 12
    steps: int = 2
    difference: float = 1e-3
    same: float = 1e-9
    numbers: int = 2**17


#: What is used where nothing else is said.
LOCKING_SEARCH = LockingSearch()


class Locking(NamedTuple):
    """Places k (n, 2) next to which two modes meet, their frequencies there (n,), how fast they may grow (n,), and
    whether these are all."""

    k: np.ndarray
    P: np.ndarray
    Q: np.ndarray
    rate: np.ndarray
    all: bool


class Meetings(NamedTuple):
    """Places k (n, 2) next to which two modes may lock, their frequencies at the point of the mesh (n,), and how fast
    they may grow (n,)."""

    k: np.ndarray
    P: np.ndarray
    Q: np.ndarray
    rate: np.ndarray


def meetings(
    matrices: Matrices,
    norms: Callable[[np.ndarray], np.ndarray],
    k: np.ndarray,
    steps: np.ndarray,
    particles: int,
    search: LockingSearch = LOCKING_SEARCH,
) -> tuple[np.ndarray, np.ndarray, Meetings]:
    """Return frequencies and norms (n, m) at wavevectors k (n, 2), and where modes of opposite norm may lock within
    half a step of them.

    Parameters
    ----------
    matrices
        As of `latticepol.topology.ascent`.
    norms
        Right vectors (n, m, m) to the norms of the modes (n, m).
    k, steps
        A mesh, and the rows (d, 2) by which it goes on.
    particles
        Number of modes of each norm.
    search
        How they are told.
    """
    together = int(np.clip(search.numbers // (2 * particles) ** 2, 1, len(k)))
    omega, norm, found = [], [], []
    for some in np.array_split(k, -(-len(k) // together)):
        w, N, elements = _modes(matrices, norms, some, steps, search)
        omega.append(w)
        norm.append(N)
        found += [_near(*at, steps, particles, search) for at in zip(some, w, N, elements, strict=True)]
    places = Meetings(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    return np.concatenate(omega), np.concatenate(norm), places


def locking(
    matrices: Matrices,
    places: Meetings,
    steps: np.ndarray,
    particles: int,
    search: LockingSearch = LOCKING_SEARCH,
) -> Locking:
    """Return where the modes of `meetings` meet, those that may grow fastest first; arguments as there."""
    order = np.argsort(-places.rate, kind="stable")
    most = search.most if 2 * particles <= LARGEST else search.most_of_large
    k, P, Q, rate = (part[order[:most]] for part in places)
    k, P, Q = _met(matrices, k, P, Q, steps, search)
    return Locking(k, P, Q, rate, len(order) <= most)


def _near(
    k: np.ndarray,
    w: np.ndarray,
    norm: np.ndarray,
    elements: np.ndarray,
    steps: np.ndarray,
    particles: int,
    search: LockingSearch,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return k + q, the frequencies of both modes at k, and the rate of all that meet near one wavevector (2,)."""
    P, Q = sides(w, norm, particles)
    slopes = elements[:, range(len(w)), range(len(w))].real
    S, slope = w.real[P][:, None] - w.real[Q], slopes[:, P][:, :, None] - slopes[:, Q][:, None]
    least = (search.same * abs(w).max()) ** 2  # where two have locked already S is 0 and does not change
    q = -S * slope / np.maximum((slope**2).sum(axis=0), least)  # in steps
    there, back = (abs(elements[:, a][:, :, b]).sum(axis=0) * search.reach for a, b in ((P, Q), (Q, P)))
    kappa_P, kappa_Q = -w.imag[P][:, None], -w.imag[Q]
    rate = np.sqrt(0.25 * (kappa_P - kappa_Q) ** 2 + there * back.T) - 0.5 * (kappa_P + kappa_Q)
    chosen = (abs(q).max(axis=0) <= search.reach) & (rate >= 0)
    i, j = np.nonzero(chosen)
    return k + q[:, i, j].T @ steps, w[P][i], w[Q][j], rate[i, j]


def _modes(
    matrices: Matrices,
    norms: Callable[[np.ndarray], np.ndarray],
    k: np.ndarray,
    steps: np.ndarray,
    search: LockingSearch,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return w and N (n, m) at k (n, 2), and what a step along each axis is between any two modes, (n, d, m, m)."""
    h = search.difference
    here, *there = matrices(k, np.concatenate([np.zeros((1, 2)), h * steps, -h * steps]))
    omega, left, right = biorthogonal_modes(here)
    d, back = len(steps), left.conj().swapaxes(-1, -2)
    elements = [back @ ((there[a] - there[d + a]) / (2 * h)) @ right for a in range(d)]
    return omega, norms(right), np.stack(elements, axis=1)


def _met(
    matrices: Matrices, k: np.ndarray, P: np.ndarray, Q: np.ndarray, steps: np.ndarray, search: LockingSearch
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the modes with frequencies next to P and Q (n,) meet, by Newton's method, and both frequencies."""
    rows, k, P, Q = np.arange(len(k)), k.copy(), P.copy(), Q.copy()
    expected = P, Q
    for step in range(search.steps + 1 if len(k) else 0):
        omega, _, elements = _modes(matrices, lambda right: right[:, 0].real, k, steps, search)
        i, j = (abs(omega - w[:, None]).argmin(axis=1) for w in expected)
        P, Q = omega[rows, i], omega[rows, j]
        if step == search.steps:
            break
        moved = elements[rows, :, i, i], elements[rows, :, j, j]
        slope = (moved[0] - moved[1]).real
        size = np.maximum((slope**2).sum(axis=1), (search.same * abs(omega).max(axis=1)) ** 2)
        q = -(P - Q).real[:, None] * slope / size[:, None]
        q *= np.minimum(1, search.reach / np.maximum(abs(q).max(axis=1), np.finfo(float).tiny))[:, None]
        k, expected = k + q @ steps, (P + (q * moved[0]).sum(axis=1), Q + (q * moved[1]).sum(axis=1))
    return k, P, Q
