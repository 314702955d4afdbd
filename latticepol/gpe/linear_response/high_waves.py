"""How fast waves grow that are too high to feel the phase of the condensate (docs/physics.md, section 4).

Far above the condensate u and v are out of step by twice the energy, and a reservoir cannot follow: what is left is
``w u = (A + H(k) - mu) u``. Such waves feel the gain ``Gamma(r) = (A - A^dagger)/2i`` where no condensate saturates it:
the mean of it, and as standing waves its components at the G that join two waves of the same energy. Gamma mixes only
modes of the Hermitian part whose frequencies are as near as it is large, so these are looked at window by window.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from latticepol.gpe.aliases import of_grid
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.gpe.stepping.momentum import damping, stacked

#: Absolute wavevectors, in parts of B1 and B2, where waves k and k + G of the same energy meet: two for any G, three
#: for many in hexagonal cells.
PLACES = np.array([[0, 0], [3, 0], [0, 3], [3, 3], [2, 2], [4, 4], [2, 4], [4, 2]]) / 6
#: Two vectors are parallel, and two lengths the same, up to this part of them.
COLLINEAR = 1e-6
#: A window reaches so many times the size of Gamma beyond its own modes, on both sides.
WINDOW_MARGIN = 4.0
#: Modes that a window and each of its margins have at least.
WINDOW_MODES = 8


def fastest(A: np.ndarray) -> float:
    """Return the largest rate at which any place drives an amplitude, of Gamma."""
    Gamma = np.moveaxis(-0.5j * (A - A.conj().swapaxes(0, 1)), (0, 1), (-2, -1))
    return float(np.linalg.eigvalsh(Gamma)[..., -1].max())


def places(reciprocal: np.ndarray) -> np.ndarray:
    """Return absolute wavevectors (n, 2) where waves of the same energy meet: PLACES, and the corners of the first
    zone, where 0, G and G' are equally near."""
    i, j = np.meshgrid(*[np.arange(-2, 3)] * 2, indexing="ij")
    G = np.stack([i.ravel(), j.ravel()], axis=1) @ reciprocal
    G = G[np.argsort(np.linalg.norm(G, axis=1), kind="stable")[1:]]
    found = list(PLACES @ reciprocal)
    for first, second in combinations(G, 2):
        if abs(np.linalg.det([first, second])) < COLLINEAR * np.linalg.norm(first) * np.linalg.norm(second):
            continue
        corner = np.linalg.solve([first, second], 0.5 * np.array([first @ first, second @ second]))
        if np.linalg.norm(corner - G, axis=1).min() > (1 - COLLINEAR) * np.linalg.norm(corner):
            found.append(corner)
    inside = np.array(found) @ np.linalg.inv(reciprocal)
    _, kept = np.unique(np.round(inside % 1 % (1 - COLLINEAR), 6), axis=0, return_index=True)
    return np.array(found)[np.sort(kept)]


def top(model: FieldModel, A: np.ndarray, V: np.ndarray) -> float:
    """Return the energy above which every wave is damped faster than any place drives it."""
    waves = of_grid(model.grid)
    loss = np.linalg.eigvalsh(damping(model.terms, waves) / 2)[..., 0]
    energy = np.einsum("yxss->yx", stacked(model.terms, waves)).real / 2 + V.mean()
    return float(max(V.max(), energy[loss <= fastest(A)].max(initial=-np.inf)))


def growth_rate(L: BogoliubovMatrix, places: np.ndarray, above: float) -> float:
    """Return the largest Im w of the modes with ``Re w > above`` at absolute wavevectors (n, 2).

    ``L`` is the matrix of u alone in scalar modes.
    """
    largest = -np.inf
    for k in places - np.array(L.waves.grid.q):
        matrix = L.matrix(k)
        omega, modes = np.linalg.eigh((matrix + matrix.conj().T) / 2)
        Gamma = -0.5j * (matrix - matrix.conj().T)
        margin = WINDOW_MARGIN * float(abs(np.linalg.eigvalsh(Gamma)).max())
        for window, own in _windows(omega, above, margin):
            part = modes[:, window]
            w, vectors = np.linalg.eig(np.diag(omega[window]) + 1j * (part.conj().T @ Gamma @ part))
            here = (np.abs(vectors[own]) ** 2).sum(axis=0) > 0.5
            largest = max(largest, w.imag[here].max(initial=-np.inf))
    return float(largest)


def _windows(omega: np.ndarray, above: float, margin: float) -> Iterator[tuple[slice, slice]]:
    """Return windows of modes, and the part of each that it is there for; the others are as near as the margin."""
    first = int(np.searchsorted(omega, above))
    while first < len(omega):
        last = max(int(np.searchsorted(omega, omega[first] + margin)), min(first + WINDOW_MODES, len(omega)))
        start = max(min(int(np.searchsorted(omega, omega[first] - margin)), first - WINDOW_MODES), 0)
        stop = max(int(np.searchsorted(omega, omega[last - 1] + margin)), last + WINDOW_MODES)
        yield slice(start, stop), slice(first - start, last - start)
        first = last
