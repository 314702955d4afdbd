"""The numbers of a gap: how wide it is, how much of it can be seen, and how far the basis may be trusted."""

from typing import Any, NamedTuple

import numpy as np

from latticepol import topology
from latticepol.linear_problem import LinearProblem
from latticepol.spectra.batches import in_batches
from latticepol.spectra.cuts import LEAST_NORM, Cut, isolated


class GapValues(NamedTuple):
    """The numbers of one gap, by the names of a result."""

    direct_gap: float
    k_gap: np.ndarray  # (2,)
    line_gap: float = np.nan
    linewidth: float = np.nan
    resolved: float = 0.0
    neighbour: str = ""
    smallest_norm: float = np.nan
    basis_error: float = np.nan


def gap_values(
    what: LinearProblem, reciprocal: np.ndarray, mesh: tuple[int, int], below: int, tol: float
) -> tuple[GapValues, float, str]:
    """Return the numbers of the gap above ``below`` particle bands, the largest growth rate on the mesh, and why the
    gap is 0 where it is."""
    omega = spectrum_on_mesh(what, reciprocal, mesh)
    growth = float(omega.imag.max())
    found = isolated(what, reciprocal, below, topology.mesh_points(reciprocal, mesh), omega, tol)
    if not found.cut.above:
        return GapValues(0.0, found.k), growth, found.message
    cut, direct = found.cut, found.gap
    options: dict[str, Any] = {"omega": omega, "tol": tol}
    line = topology.line_gap(what.spectrum, reciprocal, cut.above, **options)
    is_open = direct.value > 0
    values = GapValues(
        direct_gap=direct.value,
        k_gap=found.k,
        line_gap=line.value,
        linewidth=float(topology.width(what.spectrum(direct.k[None]), cut.above)[0]),
        resolved=topology.resolved(what.spectrum, reciprocal, cut.above, **options).value if is_open else 0.0,
        neighbour=_neighbour(what, cut, direct.k),
        smallest_norm=cut.smallest_norm,
        basis_error=basis_error(what, cut, np.stack([direct.k, line.top, line.bottom])),
    )
    return values, growth, found.closed(below, topology.GAP_SEARCH.closed)


def spectrum_on_mesh(what: LinearProblem, reciprocal: np.ndarray, mesh: tuple[int, int]) -> np.ndarray:
    """Return all frequencies (n1, n2, m) on a mesh over the zone."""

    def spectrum(k: np.ndarray) -> np.ndarray:
        return np.concatenate(in_batches(what.spectrum, k, what.size))

    return topology.on_mesh(spectrum, reciprocal, mesh, paired=what.mirrored)


def basis_error(what: LinearProblem, cut: Cut, places: np.ndarray) -> float:
    """Return by how much direct gap and line gap change in a larger basis, at the wavevectors (3, 2) of the direct gap,
    of the top of the modes below it and of the bottom of those above it; 0 where the basis has everything."""
    larger = what.larger()
    if larger is None:
        return 0.0

    def gaps(problem: LinearProblem) -> np.ndarray:
        above = cut.above + problem.particles - what.particles
        omega = problem.spectrum(places).real
        low, high = omega[:, -above - 1], omega[:, -above]
        return np.array([high[0] - low[0], high[2] - low[1]])

    return float(abs(gaps(larger) - gaps(what)).max())


def _neighbour(what: LinearProblem, cut: Cut, k: np.ndarray) -> str:
    """Return what bounds the gap at k: "particle" where both modes are particles, else "partner"."""
    if not what.paired:
        return "particle"
    norms = what.norms(topology.right_modes(what.matrix(k[None]))[1])[0, -cut.above - 1 :][:2]
    return "particle" if ((-norms if cut.mirrored else norms) > LEAST_NORM).all() else "partner"
