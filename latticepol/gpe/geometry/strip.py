"""A strip cut from a field on a cell: cells across, then a few in which a wall stands (docs/physics.md, section 5).

The cell of the model becomes T1, along the strip, and T2; v counts cells along T2. With f(v) = 0 on the strip 0 < v <
width and 1 outside, rising as sin^2 over a third of a cell::

    V -> V + f (min V + wall - V) ,   W -> (1 - f) W ,   P_s -> (1 - f) P_s

so that outside the potential is flat, ``wall`` above its lowest value, and nothing is pumped; losses stay. What of a
term is left outside it says itself, ``Term.outside_strip``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, cast

import numpy as np

from latticepol.gpe.added import Added
from latticepol.gpe.equation import outside_strip
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response import problem
from latticepol.gpe.linear_response.plane_waves import ScalarModes
from latticepol.gpe.linear_response.problem import FieldProblem
from latticepol.gpe.profiles.sampling import Sampled
from latticepol.lattice.derived import completion, edge_direction
from latticepol.linear_problem import Growth, LinearProblem
from latticepol.model import Cuttable

#: Over which part of a cell the wall rises: sites next to it keep their wells.
RISE = 1 / 3
#: Points that the rise takes at least, or it is a step of the grid.
RISE_POINTS = 3
#: Places, in a cell, among which the edge is put; halves, thirds, quarters and fifths of a cell are among them.
SEAM_PLACES = 240
#: Digits to which densities at two places agree where they are the same by symmetry.
SEAM_DIGITS = 9
#: Relative accuracy of the scalar Bloch modes, far below what their number leaves out.
BASIS_ACCURACY = 1e-4


class Repeatable(FieldModel, Cuttable, Protocol):
    """A field on a cell that can be repeated."""

    def supercell(self, counts: int | Sequence[object] | np.ndarray) -> Self:
        """Return the same model on a larger cell."""
        ...


class StripProblem(FieldProblem):
    """The linear motion of a strip, of which a ribbon shows the growth of all modes but that at rest."""

    def growth_without_matrix(self) -> Growth:
        """Return 0, that of the phase mode, and the frequency at which the basis has it: the modes of the ribbon tell
        the rest."""
        return Growth(0.0, None, float(np.abs(self.spectrum(np.zeros((1, 2)))).min()))


@dataclass(frozen=True, eq=False)
class FieldRibbon:
    """A strip.

    Parameters
    ----------
    model
        The strip as a model of its own.
    where
        Points of the cell that the points of the strip repeat, (y, x).
    inside
        1 - f, (ny, 1).
    across
        v of every row of points, in cells from the right edge, (ny,).
    width, wall, pad, basis
        Cells across, height and cells of the wall, scalar Bloch modes.
    """

    model: Repeatable
    where: tuple[np.ndarray, np.ndarray]
    inside: np.ndarray
    across: np.ndarray
    width: int
    wall: float
    pad: int
    basis: int
    relaxes: bool = True

    @property
    def along(self) -> np.ndarray:
        """Its vector (2,)."""
        return np.array(self.model.grid.vectors[0])

    @property
    def attributes(self) -> dict[str, float]:
        """The wall and the basis."""
        return {"wall": self.wall, "pad": self.pad, "basis": self.basis}

    def problem(self, psi: np.ndarray | None, mu: float, losses: bool) -> FieldProblem:
        """Return the linear motion about psi, or of the empty strip."""
        return StripProblem(
            self.model, psi, mu, self.basis, hermitian=psi is None and not losses, accuracy=BASIS_ACCURACY
        )

    def copied(self, psi: np.ndarray) -> np.ndarray:
        """Return a field (2, ny, nx) of the cell on the strip, where there is no wall."""
        field: np.ndarray = psi[..., self.where[0], self.where[1]] * self.inside
        return field

    def starts(self, copied: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return no others: Newton's steps take long, and an evolution leads on."""
        return ()

    def edge_weights(self, problem: LinearProblem, right: np.ndarray, near: float) -> np.ndarray:
        """Return the shares (points, n, 2) of |u|^2 + |v|^2 near the right and the left edge, walls included."""
        field, across = cast(FieldProblem, problem), self.across / self.width
        outer = np.stack([across <= near, across >= 1 - near]).astype(float)[..., None]
        shares = [field.share(right, np.broadcast_to(part, (len(part), self.where[1].shape[-1]))) for part in outer]
        return np.stack(shares, axis=-1)


def cut(
    model: Repeatable, edge: str | tuple[int, int], width: int, pad: int, wall: float | None, basis: int
) -> FieldRibbon:
    """Return the strip of ``width`` cells along ``edge``.

    Raises
    ------
    ValueError
        It is not an edge, the grid does not fit or resolve it, or nothing says how high the wall is.
    """
    _check(model)
    direction = edge_direction(edge, np.array(model.grid.vectors))
    cell = np.array([direction, completion(*direction)])
    one = model.supercell(cell)
    points = one.grid.counts[1]
    if RISE * points < RISE_POINTS:
        raise ValueError(
            f"the wall rises over a third of a cell, which must be {RISE_POINTS} points or more; it is "
            f"{RISE * points:.3g} of {points} points: use {round(RISE_POINTS / RISE)} or more points along each vector"
        )
    matrix = np.diag([1, width + pad]) @ cell
    large = model.supercell(matrix)
    v = np.arange(points * (width + pad)) / points - large.grid.origin[1] / points - seam(one)
    v = (v + 0.5 * pad) % (width + pad) - 0.5 * pad  # one half of the empty cells on either side
    inside = (_step(v) * _step(width - v))[:, None]
    V = large.equation.value("V", 0.0)
    height = float(np.ptp(V)) if wall is None else float(wall)
    if not (height > 0 and np.isfinite(height)):
        raise ValueError(f"wall must be > 0, its height above the lowest potential (rate); got {height:g}")
    outside = 1 - inside + np.zeros(large.grid.shape)
    strip = large.replace(terms=[*large.terms, _border(large, outside, float(V.min()) + height)])
    where = large.grid.places(model.grid)
    return FieldRibbon(strip, where, inside, v, width, height, pad, basis * width)


def _border(model: FieldModel, outside: np.ndarray, floor: float) -> Added:
    """Return what makes of the model what is left of its terms where ``outside`` is 1, on the potential ``floor``."""
    coefficients = {"V": Sampled(np.zeros((1, 1)))} | model.equation.coefficients
    left = outside_strip(model.terms, model.grid)
    changes = {}
    for name, value in coefficients.items():
        outer = (floor if name == "V" else 0.0) + (left[name].at(0.0) if name in left else 0.0)
        changes[name] = outer - value.at(0.0)
    return Added({name: outside * change for name, change in changes.items() if np.any(change)})


def _check(model: Repeatable) -> None:
    model.check_stationary()
    if model.drive_frequency is not None:
        raise ValueError("a ribbon is cut from a field without drive; leave the lp.Drive out")
    if any(model.grid.q):
        raise ValueError(f"the grid has q = {model.grid.q}, and wavevectors of a ribbon count from 0; use q = (0, 0)")
    if np.linalg.det(model.grid.vectors) < 0:
        raise ValueError(
            f"A1, A2 of the grid must be right-handed, or right and left edges are swapped; got "
            f"{model.grid.vectors}: swap A1 and A2"
        )


def seam(model: FieldModel) -> float:
    """Return where, along A2, the lowest scalar Bloch mode is least dense on average along A1: -1/2 < v <= 1/2.

    No row of sites is there, and of two such places the edge takes that with the weaker bonds across.
    """
    zero = np.zeros((2, *model.grid.shape), complex)
    V = problem.linear(model, zero)[1] + zero[0].real
    mode = ScalarModes.of(model.terms, V, model.grid, 1)
    u = mode.waves.on_grid(mode.at(np.zeros(2))[1].T)[0]
    rows = (np.abs(u) ** 2).mean(axis=1)
    n = len(rows)
    v = np.arange(SEAM_PLACES) / SEAM_PLACES
    # the Fourier series of the rows, between them
    waves = np.exp(2j * np.pi * np.outer(v + model.grid.origin[1] / n, n * np.fft.fftfreq(n)))
    density = (waves @ np.fft.fft(rows)).real
    lowest = v[np.argmin(np.round(density / density.max(), SEAM_DIGITS))]
    return float(lowest - (lowest > 0.5))


def _step(v: np.ndarray) -> np.ndarray:
    """Return the step from 0 to 1 around v = 0."""
    return np.sin(0.5 * np.pi * np.clip(v / RISE + 0.5, 0, 1)) ** 2
