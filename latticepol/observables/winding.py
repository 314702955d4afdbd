"""Vortices: where the phase of a component winds, as array functions."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter

from latticepol.grid import Grid

_NEWTON_STEPS = 6  # quadratic from the middle of the plaquette: far below rounding of the bilinear zero


class Vortices(NamedTuple):
    """One entry per vortex."""

    member: tuple[np.ndarray, ...]  # indices into the leading axes of psi, spin last
    x: np.ndarray
    y: np.ndarray
    charge: np.ndarray


def winding(psi: np.ndarray, grid: Grid) -> np.ndarray:
    """Return how often arg psi turns, counter-clockwise, around the plaquette between points i and i + 1, (..., n2,
    n1).

    The differences of the phase along the four sides, each brought to [-pi, pi), add up to a multiple of 2 pi, exactly;
    and, the cell being periodic, the windings add up to zero. No plaquette can hold more than one turn: a vortex of
    charge two is two vortices.
    """
    angle = np.angle(psi)
    along = [np.remainder(np.roll(angle, -1, axis) - angle + np.pi, 2 * np.pi) - np.pi for axis in (-1, -2)]
    turn = along[0] + np.roll(along[1], -1, -1) - np.roll(along[0], -1, -2) - along[1]
    (ax, ay), (bx, by) = grid.vectors
    turns: np.ndarray = np.rint(np.sign(ax * by - ay * bx) * turn / (2 * np.pi)).astype(int)
    return turns


def vortices(psi: np.ndarray, grid: Grid, threshold: float, reach: int) -> Vortices:
    """Return all vortices of every component that lie within ``reach`` points of where its density is not small.

    ``psi`` (..., n2, n1). Small is below ``threshold`` times the maximum of that component. The position is the zero of
    the bilinear interpolation in the plaquette; its error is of second order in the spacing.
    """
    charge = winding(psi, grid)
    density = psi.real**2 + psi.imag**2
    size = (1,) * (psi.ndim - 2) + tuple(min(2 * reach + 1, n) for n in psi.shape[-2:])  # of the whole cell at most
    around = maximum_filter(density, size, mode="wrap")
    charge[around < threshold * density.max(axis=(-2, -1), keepdims=True)] = 0
    *leading, i2, i1 = np.nonzero(charge)
    fraction1, fraction2 = _zeros(_corners(psi, tuple(leading), i2, i1))
    steps = np.array(grid.vectors) / np.array(grid.counts)[:, None]
    x, y = (r[i2, i1] + fraction1 * h[0] + fraction2 * h[1] for r, h in zip(grid.points, steps.T, strict=True))
    return Vortices(tuple(leading), x, y, charge[(*leading, i2, i1)])


def _corners(psi: np.ndarray, leading: tuple[np.ndarray, ...], i2: np.ndarray, i1: np.ndarray) -> list[np.ndarray]:
    """Return the values at (i1, i2), (i1 + 1, i2), (i1, i2 + 1), (i1 + 1, i2 + 1)."""
    n2, n1 = psi.shape[-2:]
    return [psi[(*leading, (i2 + b) % n2, (i1 + a) % n1)] for b in (0, 1) for a in (0, 1)]


def _zeros(corners: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return (a, b) in the unit square where c0 + c1 a + c2 b + c3 a b = 0, the bilinear interpolation of complex
    corners."""
    f00, f10, f01, f11 = corners
    c1, c2, c3 = f10 - f00, f01 - f00, f11 - f10 - f01 + f00
    a = b = np.full(f00.shape, 0.5)
    for _ in range(_NEWTON_STEPS):
        value, d_a, d_b = f00 + c1 * a + c2 * b + c3 * a * b, c1 + c3 * b, c2 + c3 * a
        determinant = _cross(d_a, d_b)
        determinant[determinant == 0] = np.inf  # the two lines of zeros are parallel: stay
        a = np.clip(a - _cross(value, d_b) / determinant, 0, 1)
        b = np.clip(b - _cross(d_a, value) / determinant, 0, 1)
    return a, b


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    crossed: np.ndarray = (u.conj() * v).imag
    return crossed
