"""Domains of one sign of S_z, as array functions of one snapshot."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from latticepol.grid import Grid
from latticepol.observables.fourier import separations


class Domains(NamedTuple):
    """Statistics of one snapshot; areas in units of length squared."""

    number: int
    mean_area: float
    largest_area: float
    up_fraction: float
    correlation_length: float


def statistics(s_z: np.ndarray, inside: np.ndarray, grid: Grid) -> Domains:
    """Return the domains of sign S_z (n2, n1) among the points where ``inside``."""
    sign = np.where(inside, np.where(s_z >= 0, 1, -1), 0)
    if not inside.any():
        return Domains(0, np.nan, np.nan, np.nan, np.nan)
    areas = np.concatenate([np.bincount(labels(sign == s).ravel())[1:] for s in (1, -1)]) * grid.point_area
    up = (sign == 1).sum() / inside.sum()
    return Domains(areas.size, areas.mean(), areas.max(), up, correlation_length(sign, grid))


def labels(inside: np.ndarray) -> np.ndarray:
    """Label the connected regions of a periodic mask (n2, n1) by 1, 2, ...; 0 is outside. Neighbours share a side."""
    found, number = ndimage.label(inside)
    pairs = np.concatenate([np.stack([found[0], found[-1]]), np.stack([found[:, 0], found[:, -1]])], axis=1)
    pairs = pairs[:, (pairs > 0).all(axis=0)]
    joined = coo_array((np.ones(pairs.shape[1]), pairs), shape=(number + 1, number + 1))
    merged = connected_components(joined, directed=False)[1]  # of the labels; that of 0 comes first and is 0
    numbers: np.ndarray = merged[found]
    return numbers


def correlation_length(sign: np.ndarray, grid: Grid) -> float:
    """Return where the correlation of the sign, averaged over directions, has fallen to 1/e; NaN where it never does.

    ``C(d) = (<sigma(r) sigma(r + d)> - <sigma>^2) / (1 - <sigma>^2)`` over pairs of points with sigma = +-1 (0: no
    field), C interpolated linearly between rings one spacing wide.
    """
    m = sign.sum() / np.abs(sign).sum()
    if m**2 == 1:
        return np.nan
    pairs = _autocorrelation(np.abs(sign))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.where(pairs > 0.5, _autocorrelation(sign) / pairs, np.nan)
    radius, mean = _radial((correlation - m**2) / (1 - m**2), grid)
    below = np.flatnonzero(mean < 1 / np.e)
    if not below.size:
        return np.nan
    i = below[0]
    return float(np.interp(-1 / np.e, -mean[i - 1 : i + 1], radius[i - 1 : i + 1]))


def _autocorrelation(values: np.ndarray) -> np.ndarray:
    """Return sum_r f(r) f(r + d), zero separation at index n//2."""
    return np.fft.fftshift(np.fft.ifft2(np.abs(np.fft.fft2(values)) ** 2).real)


def _radial(values: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean distance and mean value in rings one spacing wide; of each separation the nearest image
    counts."""
    d = np.stack(separations(grid), axis=-1)
    images = [i * np.array(grid.vectors[0]) + j * np.array(grid.vectors[1]) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    distance = np.min([np.linalg.norm(d - image, axis=-1) for image in images], axis=0)
    ring = np.rint(distance / max(grid.spacing)).astype(int)
    valid = np.isfinite(values)
    count = np.bincount(ring[valid])
    filled = count > 0
    radius, mean = (np.bincount(ring[valid], f[valid])[filled] / count[filled] for f in (distance, values))
    return radius, mean
