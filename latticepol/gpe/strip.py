"""A strip cut from a field on a cell: cells across, then a few in which a wall stands (docs/physics.md, section 5).

The cell of the model becomes T1, along the strip, and T2; v counts cells along T2. With f(v) = 0 on the strip 0 < v <
width and 1 outside, rising as sin^2 over a third of a cell::

    V -> V + f (min V + wall - V) ,   W -> (1 - f) W ,   P_s -> (1 - f) P_s

so that outside the potential is flat, ``wall`` above its lowest value, and nothing is pumped; losses stay.
"""

from typing import Any, NamedTuple

import numpy as np

from latticepol.gpe import excitations
from latticepol.gpe.plane_waves import ScalarModes
from latticepol.gpe.terms.gain import Gain
from latticepol.gpe.terms.potential import Potential
from latticepol.gpe.terms.reservoir import Reservoir
from latticepol.lattice.derived import completion, edge_direction

#: Over which part of a cell the wall rises, and how many points that takes at least.
RISE, POINTS = 1 / 3, 3
#: Places, in a cell, among which the edge is put; densities that agree to so many digits are the same.
SEAMS, DIGITS = 240, 9


class Cut(NamedTuple):
    """A strip."""

    model: Any
    matrix: np.ndarray  # rows T1 and (width + pad) T2 in units of A1 and A2
    inside: np.ndarray  # 1 - f, (ny, 1)
    across: np.ndarray  # v of every row of points, in cells from the right edge, (ny,)
    wall: float


def cut(model: Any, edge: Any, width: int, pad: int, wall: float | None) -> Cut:
    """The strip of ``width`` cells along ``edge``.

    Raises
    ------
    ValueError
        The edge is none, the grid does not fit or resolve it, or nothing says how high the wall is.
    """
    direction = edge_direction(edge, np.array(model.grid.vectors))
    cell = np.array([direction, completion(*direction)])
    one = model.supercell(cell)
    points = one.grid.counts[1]
    if RISE * points < POINTS:
        raise ValueError(
            f"the wall rises over a third of a cell, which is {RISE * points:.3g} of {points} points, need {POINTS}; "
            f"use {round(POINTS / RISE)} or more points along each vector"
        )
    matrix = np.diag([1, width + pad]) @ cell
    large = model.supercell(matrix)
    v = np.arange(points * (width + pad)) / points - large.grid.origin[1] / points - seam(one)
    v = (v + 0.5 * pad) % (width + pad) - 0.5 * pad  # one half of the empty cells on either side
    inside = (_step(v) * _step(width - v))[:, None]
    V, W, P = (large.equation.value(name, 0.0) for name in ("V", "W", "P"))
    height = float(np.ptp(V)) if wall is None else float(wall)
    if not (height > 0 and np.isfinite(height)):
        raise ValueError(f"wall = {height:g} is no wall; give its height above the lowest potential, wall > 0 (rate)")
    outside = 1 - inside + np.zeros(large.grid.shape)
    more = [Potential(outside * (V.min() + height - V)), Gain(-outside * W)]
    if large.equation.reservoir:
        more.append(Reservoir(-outside * P, 0.0, 0.0))
    return Cut(large.replace(terms=[*large.terms, *more]), matrix, inside, v, height)


def seam(model: Any) -> float:
    """Where, along A2, the lowest scalar Bloch mode is least dense on average along A1: -1/2 < v <= 1/2.

    No row of sites is there, and of two such places the edge takes that with the weaker bonds across.
    """
    zero = np.zeros((2, *model.grid.shape), complex)
    V = excitations.linear(model, zero)[1] + zero[0].real
    mode = ScalarModes.of(model.terms, V, model.grid, 1)
    u = mode.waves.on_grid(mode.at(np.zeros(2))[1].T)[0]
    rows = (np.abs(u) ** 2).mean(axis=1)
    n = len(rows)
    v = np.arange(SEAMS) / SEAMS
    # the Fourier series of the rows, between them
    waves = np.exp(2j * np.pi * np.outer(v + model.grid.origin[1] / n, n * np.fft.fftfreq(n)))
    density = (waves @ np.fft.fft(rows)).real
    lowest = v[np.argmin(np.round(density / density.max(), DIGITS))]
    return float(lowest - (lowest > 0.5))


def _step(v: np.ndarray) -> np.ndarray:
    """From 0 to 1 around v = 0."""
    return np.sin(0.5 * np.pi * np.clip(v / RISE + 0.5, 0, 1)) ** 2
