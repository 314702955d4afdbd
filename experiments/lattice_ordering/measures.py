"""What is counted on a honeycomb of n x n cells: domains, their walls, vortices, correlations."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def standard_error(values: np.ndarray) -> float:
    """Of the mean of independent values (n,); NaN for a single one."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def walls(s_z: np.ndarray, bonds: np.ndarray) -> np.ndarray:
    """Fraction of the bonds whose ends have opposite s_z, for s_z (..., N)."""
    return ((s_z[..., bonds[:, 0]] >= 0) != (s_z[..., bonds[:, 1]] >= 0)).mean(axis=-1)


def domains(s_z: np.ndarray, bonds: np.ndarray) -> np.ndarray:
    """Number of domains: sites of one sign of s_z that hang together along bonds, for s_z (..., N)."""
    return np.array([_count(one >= 0, bonds) for one in s_z.reshape(-1, s_z.shape[-1])]).reshape(s_z.shape[:-1])


def _count(up: np.ndarray, bonds: np.ndarray) -> int:
    i, j = bonds[up[bonds[:, 0]] == up[bonds[:, 1]], :2].T
    graph = coo_array((np.ones(len(i)), (i, j)), shape=(len(up), len(up)))
    return int(connected_components(graph, directed=False)[0])


def hexagons(n: int) -> np.ndarray:
    """The sites around every hexagon, anticlockwise, (n^2, 6), in the order of ``lat.supercell(n)``."""
    cell = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), axis=-1).reshape(-1, 2)
    # around the corner of a cell: sublattice 0 sits at (A1 + A2)/3 of its cell, 1 at twice that
    around = [(0, 0, 0), (-1, 0, 1), (-1, 0, 0), (-1, -1, 1), (0, -1, 0), (0, -1, 1)]
    corners = [((cell + shift) % n) @ (n, 1) * 2 + sublattice for *shift, sublattice in around]
    return np.stack(corners, axis=-1)


def vortices(psi: np.ndarray, n: int) -> np.ndarray:
    """Fraction of the hexagons around which the phase of psi (..., N) winds."""
    phase = np.angle(psi)[..., hexagons(n)]
    steps = np.roll(phase, -1, axis=-1) - phase
    winding = np.rint(np.angle(np.exp(1j * steps)).sum(axis=-1) / (2 * np.pi))
    return (winding != 0).mean(axis=-1)


def at_rest(psi: np.ndarray, n: int) -> np.ndarray:
    """Whether the wavevector 0 holds more of psi (..., N, 2) than any other: no phase winds around the lattice."""
    waves = np.fft.fft2(psi.reshape(*psi.shape[:-2], n, n, 4), axes=(-3, -2))
    population = (np.abs(waves) ** 2).sum(axis=-1).reshape(*psi.shape[:-2], n * n)
    return population.argmax(axis=-1) == 0


def correlation(s_z: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances and <s_z(0) s_z(r)> - <s_z>^2 over its value at 0, of s_z (..., N) within a sublattice."""
    cells = s_z.reshape(-1, n, n, 2)
    waves = np.abs(np.fft.fft2(cells - cells.mean(axis=(1, 2), keepdims=True), axes=(1, 2))) ** 2
    product = np.fft.ifft2(waves, axes=(1, 2)).real.mean(axis=(0, 3)).ravel()
    i, j = (np.fft.fftfreq(n, 1 / n)[axis] for axis in np.indices((n, n)).reshape(2, -1))
    images = [np.hypot(np.sqrt(3) * (i + k + (j + m) / 2), 1.5 * (j + m)) for k in (-n, 0, n) for m in (-n, 0, n)]
    distance = np.round(np.min(images, axis=0), 6)
    shells, which = np.unique(distance, return_inverse=True)
    return shells, np.bincount(which, product) / np.bincount(which) / product[0]


def correlation_length(distance: np.ndarray, correlated: np.ndarray) -> float:
    """Where it first falls below 1/e, interpolated; NaN where it does not."""
    below = np.flatnonzero(correlated < np.exp(-1))
    if len(below) == 0:
        return np.nan
    i = below[0]
    (x0, x1), (y0, y1) = distance[i - 1 : i + 1], correlated[i - 1 : i + 1]
    return float(x0 + (y0 - np.exp(-1)) / (y0 - y1) * (x1 - x0))
