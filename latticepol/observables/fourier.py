"""Momentum space, E(k) and coherence, as array functions.

``psi`` has shape (..., n2, n1) and holds the field without its Bloch phase, exp(i q.r) psi being the field itself.
"""

from collections.abc import Mapping

import numpy as np
from scipy.signal import get_window

from latticepol.arrays import read_array
from latticepol.errors import kind
from latticepol.grid import Grid

#: Steps of time that differ by less are equal.
EQUAL = 1e-6


def momentum_density(psi: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the population of the plane waves of the cell: |int psi exp(-i k.r) d2r|^2 / area, in the order of
    grid.wavevectors.

    Its sum over k is the integral of |psi|^2 (Parseval).
    """
    amplitude = np.fft.fft2(psi) * (grid.point_area / np.sqrt(grid.area))
    population: np.ndarray = amplitude.real**2 + amplitude.imag**2
    return population


def amplitudes(psi: np.ndarray, grid: Grid, k: np.ndarray) -> np.ndarray:
    """Return int exp(i q.r) psi exp(-i k.r) d2r / sqrt(area) at any wavevectors k (nk, 2), shape (..., nk).

    Where k is a wavevector of the grid, its square is :func:`momentum_density`.
    """
    phase1, phase2 = (_phases(grid, k, axis) for axis in (0, 1))
    along1 = psi @ phase1.T
    amplitude: np.ndarray = (along1 * phase2.T).sum(axis=-2) * (grid.point_area / np.sqrt(grid.area))
    return amplitude


def spectrum(amplitude: np.ndarray, dt: float, window: object) -> tuple[np.ndarray, np.ndarray]:
    """Return angular frequencies, ascending, and the spectral density of a series (nt, ...) of amplitudes.

    ``I(w) = |sum_t h(t) a(t) exp(i w t)|^2 dt / (2 pi sum_t h^2)``: its integral over w is the mean of |a|^2 with
    weight h^2, and a motion exp(-i w0 t) has its peak at w0, of width about 2 pi/T for a series of length T.
    """
    nt = len(amplitude)
    h = _window(window, nt)
    transform = nt * np.fft.ifft(amplitude * h.reshape(-1, *[1] * (amplitude.ndim - 1)), axis=0)
    intensity = (transform.real**2 + transform.imag**2) * dt / (2 * np.pi * (h**2).sum())
    return 2 * np.pi * np.fft.fftshift(np.fft.fftfreq(nt, dt)), np.fft.fftshift(intensity, axes=0)


def _window(window: object, nt: int) -> np.ndarray:
    """Return its values, as ``scipy.signal.get_window`` makes them."""
    if not isinstance(window, str | tuple | float | int):
        raise TypeError(f"window is {kind(window)}; give the name of a window, 'hann', or a tuple, ('kaiser', 8.0)")
    try:
        return read_array("window", get_window(window, nt))
    except Exception as error:  # whatever its function makes of the parameters
        raise ValueError(
            f"window = {window!r} is not a window of scipy ({error}); give 'hann', or ('kaiser', 8.0)"
        ) from None


def longest_equal(time: np.ndarray) -> tuple[int, int]:
    """Return the first and last index of the longest part of ``time`` (n,) with equal, positive steps; the earliest of
    several."""
    steps = np.diff(time)
    best = first = 0, 0
    for i in range(len(steps)):
        begin = first[0] if i and np.isclose(steps[i], steps[i - 1], rtol=EQUAL, atol=0) else i
        first = begin, i + 1
        if steps[i] > 0 and i + 1 - begin > best[1] - best[0]:
            best = first
    return best


def free_edges(k: np.ndarray, parameters: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and largest frequency of a free wave at |k|, from what is recorded of the terms of a field.

    ``k^2/2m -+ (|epsilon| + |Delta|)/2 -+ |beta| k^2 + V``; 0 where nothing is recorded, as of arrays and functions.
    """
    mass = _recorded(parameters, "mass")
    if not mass.all() or not mass.size:
        return np.zeros(k.shape), np.zeros(k.shape)
    epsilon, field, beta, potential = (
        _recorded(parameters, name).max(initial=0.0) for name in ("epsilon", "Delta", "beta", "V")
    )
    kinetic, splitting = k**2 / (2 * mass.min()), (epsilon + field) / 2 + beta * k**2
    return kinetic - splitting, kinetic + splitting + potential


def _recorded(parameters: Mapping[str, object], name: str) -> np.ndarray:
    """Return the sizes of a parameter of the terms of a field, one after the other, of all terms that have it."""
    found = [np.asarray(value) for key, value in parameters.items() if key.endswith(f".{name}")]
    numbers = [np.abs(value).ravel() for value in found if value.dtype.kind in "iuf"]
    return np.concatenate([np.empty(0), *numbers])


def g1_from(psi: np.ndarray, grid: Grid, index: tuple[int, int], average: tuple[int, ...]) -> np.ndarray:
    """Return ``g1(r0, r) = <psi^*(r0) psi(r)> / sqrt(<|psi(r0)|^2> <|psi(r)|^2>)`` of the field, r0 at ``index`` (i2,
    i1).

    <> is the mean over the axes ``average``.
    """
    x, y = grid.points
    origin = (..., slice(index[0], index[0] + 1), slice(index[1], index[1] + 1))
    bloch = np.exp(1j * (grid.q[0] * (x - x[index]) + grid.q[1] * (y - y[index])))
    density = (psi.real**2 + psi.imag**2).mean(axis=average)
    correlation = (psi[origin].conj() * psi).mean(axis=average) * bloch
    with np.errstate(invalid="ignore"):  # 0/0 where there is no field
        normalised: np.ndarray = correlation / np.sqrt(density[origin] * density)
        return normalised


def g1_of_separation(psi: np.ndarray, grid: Grid, average: tuple[int, ...]) -> np.ndarray:
    """Return ``g1(d) = int <psi^*(r) psi(r + d)> d2r / int <|psi|^2> d2r`` of the field, in the order of
    :func:`separations`.

    By the theorem of Wiener and Khinchin it is the Fourier transform of the momentum density.
    """
    transform = np.fft.fft2(psi)
    correlation = np.fft.ifft2((transform.real**2 + transform.imag**2).mean(axis=average))
    d_x, d_y = separations(grid)
    bloch = np.exp(1j * (grid.q[0] * d_x + grid.q[1] * d_y))
    with np.errstate(invalid="ignore"):
        averaged: np.ndarray = np.fft.fftshift(correlation / correlation[..., :1, :1].real, axes=(-2, -1)) * bloch
        return averaged


def separations(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return Cartesian components of the vectors between points, zero at index n//2, each (n2, n1)."""
    n1, n2 = grid.counts
    (ax, ay), (bx, by) = grid.vectors
    u, v = (np.arange(n1) - n1 // 2)[None, :] / n1, (np.arange(n2) - n2 // 2)[:, None] / n2
    return u * ax + v * bx, u * ay + v * by


def _phases(grid: Grid, k: np.ndarray, axis: int) -> np.ndarray:
    """Return exp(-i (k - q).r) for the points along one vector of the cell, (nk, n)."""
    n, origin = grid.counts[axis], grid.origin[axis]
    projected = (k - np.array(grid.q)) @ np.array(grid.vectors[axis])
    phases: np.ndarray = np.exp(-1j * projected[:, None] * (np.arange(n) - origin) / n)
    return phases
