"""The door to ribbons: bands of a strip, and which of them live at its edges (docs/physics.md, section 5)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from latticepol.arrays import read_choice, read_flag, read_integer, read_number
from latticepol.errors import ConvergenceError
from latticepol.evolution.texts import as_numbers
from latticepol.linear_problem import Growth, LinearProblem
from latticepol.model import Cuttable, Ribbon, Stationary, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.results.growth import growth_attributes
from latticepol.spectra.arguments import read_state
from latticepol.spectra.batches import in_batches
from latticepol.stationary.api import residual_size, search
from latticepol.stationary.growth import growth_rate

#: The names of the edges, seen along the vector of the ribbon.
EDGES = np.array(["right", "left"])
#: Cells, modes and wavevectors.
LARGEST_COUNT = 10**5
#: Scalar Bloch modes of a field for each cell across.
MODES_PER_CELL = 8
#: Cells of wall.
WALL_CELLS = 2
#: Residual, as a part of 1 + |mu|, up to which a copied state is stationary: more than Newton's method leaves.
EXACT = 1e-8
#: A mode belongs to an edge where it weighs so many times more than at the other one.
ONE_EDGE = 1.5
#: What is said of a state that was not found from the copy.
ELSEWHERE = (
    "Newton's method fails from the copied state: this one was found from another start, and may have another order; "
    "for a stable one give relax=1000"
)


@on_one_thread
def ribbon(
    model: Cuttable,
    state: xr.Dataset | None = None,
    *,
    width: int,
    edge: str | tuple[int, int] = "zigzag",
    nk: int = 200,
    edges: Literal["relaxed", "compensated"] = "relaxed",
    near: float = 0.25,
    energy: float | None = None,
    losses: bool = False,
    wall: float | None = None,
    pad: int = WALL_CELLS,
    basis: int = MODES_PER_CELL,
    relax: object = None,
    stability: bool = True,
    progress: bool | None = None,
) -> xr.Dataset:
    """Return the spectrum of a ribbon cut from the lattice, with the weight of every mode near its edges.

    A missing neighbour costs J, so the bulk state copied to a ribbon is not stationary. "relaxed": Newton's method from
    it (the outer sites demagnetise), and of a network, where that fails, from copies whose spin sets in more slowly
    from the edges; the last of these has none, so that the state may be another one, which the
    attribute ``message`` says.
    "compensated": 2x2 terms on the outer sites replace the missing hoppings, which makes the copy exact where all
    neighbours are in the same state; for a network only, and refused for another state.

    A ribbon of a field is its cell repeated ``width`` times across, then ``pad`` cells in which the potential is flat
    and high and nothing is pumped (losses stay). This sets in as sin^2 over a third of a cell, centred at the edge:
    where the lowest scalar Bloch mode, averaged along the ribbon, is least dense, which is between the sites. A lower
    wall lets the field reach out and replaces some of what missing neighbours did; against a high one the field fades,
    and gain that is not used up there may make edge modes grow, which ``growth_rate`` shows.

    Parameters
    ----------
    model, state
        A ``lp.Network`` with d = 2, a ``lp.SpinorGPE`` on a primitive cell, or another
        :class:`latticepol.model.Cuttable`, and its stationary state, or one of the ribbon itself, as an earlier result
        or ``lp.steady_state(net.on(lat.ribbon(8)))`` has it; None: the empty lattice.
    width, edge
        As for ``Lattice.ribbon``: cells across, and "zigzag", "armchair" or integers (m, n); of a field in units of A1
        and A2 of its grid, which the names need to be hexagonal.
    nk
        Wavevectors along the ribbon, from -pi to pi over its period.
    edges
        "relaxed" or "compensated".
    near
        How far an edge reaches, as a fraction of the width; of a field with the wall behind it.
    energy
        A frequency in a gap of the bulk, counted from the mu of the ribbon, at which edge modes are counted.
    losses
        For the empty lattice.
    wall
        Of a field: height above the lowest potential (rate); None: up to the highest.
    pad
        Of a field: cells of wall, which keep the edges apart.
    basis
        Of a field: scalar Bloch modes for each cell across, on which each of u_+, u_-, v_+, v_- is projected.
    relax
        Time of evolution before Newton's method, which leads to a stable state, where the model has units also a text
        ("1 ns"); None: of a field, only where Newton's method fails without.
    stability
        Whether to look for the largest growth rate; False leaves it NaN.
    progress
        Show a bar for the evolution and for the wavevectors; None: if someone is watching.

    Returns
    -------
    xarray.Dataset
        ``omega`` (k, mode), of a field all modes of the projection; ``edge_weight`` (k, mode, edge): share of |u|^2 +
        |v|^2 near the right and the left edge, seen along the ribbon; ``edge_modes`` (edge), where an energy is given,
        by how many more modes of each edge cross it upward along k than downward; ``velocity`` d Re w/dk, of a field
        without what the projection leaves out; ``psi`` (of a network also ``pseudospin``) of the ribbon with
        ``residual`` and what ``lp.steady_state`` says of its stability, ``growth_rate`` and so on (an unstable ribbon
        is reported, not refused). Of a field the growth rate is that of the modes at these k, which certifies nothing,
        and ``phase_mode`` the frequency, 0 without truncation, of the phase mode among them: the error of the basis.
        Coordinate ``k``: wavevector along the ribbon.

    Raises
    ------
    ValueError
        Bad input; "compensated", and the copy is not stationary; of a field: "compensated", a drive, a grid that
        does not fit the direction of the edge or does not resolve the wall.
    ConvergenceError
        No stationary state of the ribbon was found.
    """
    check_model(model, Cuttable)
    kind = read_choice("edges", edges, ("relaxed", "compensated"))
    near = read_number("near", near, above=0, most=0.5, need="a part of the width")
    nk, losses = read_integer("nk", nk, least=2, most=LARGEST_COUNT), read_flag("losses", losses)
    stability = read_flag("stability", stability)
    given = {"width": width, "pad": pad, "basis": basis}
    shape = {name: read_integer(name, value, least=1, most=LARGEST_COUNT) for name, value in given.items()}
    wall = None if wall is None else read_number("wall", wall, above=0, need="a height above the lowest potential")
    [relax] = as_numbers(model, relax=relax)
    relax = None if relax is None else read_number("relax", relax, least=0, need="a time of evolution")
    cut = model.cut_ribbon(
        shape["width"], edge, compensated=kind == "compensated", wall=wall, pad=shape["pad"], basis=shape["basis"]
    )
    psi, mu, residual, message = (None, 0.0, 0.0, "") if state is None else _state(model, cut, state, relax, progress)
    what = cut.problem(psi, mu, losses)
    k, omega, weight, velocity = _along(cut, what, near, nk, progress)
    fastest = float(omega.imag.max())
    variables: dict[str, Any] = {"residual": ((), residual), "growth_rate": ((), fastest)}
    told: dict[str, str | int] = {"message": message}
    if psi is not None:
        growth = growth_rate(what) if stability else None
        if growth is not None and fastest > growth.rate:
            growth = replace(growth, rate=fastest)
        found = cut.model.to_state(psi, mu, residual, growth, status="converged")
        variables = {str(name): (value.dims, value.values) for name, value in found.data_vars.items()}
        told |= growth_attributes(growth)
    variables |= {
        "omega": (("k", "mode"), omega),
        "edge_weight": (("k", "mode", "edge"), weight),
        "velocity": (("k", "mode"), velocity),
    }
    if energy is not None:
        variables["edge_modes"] = (("edge",), _edge_modes(omega.real - read_number("energy", energy), weight))
    coords = {"k": k, "mode": np.arange(what.size), "edge": EDGES}
    attributes = {"width": shape["width"], "edge": str(edge), "edges": kind, "near": near, **cut.attributes, **told}
    return cut.model.to_dataset(variables, coords, title="ribbon", **attributes)


def _edge_modes(above: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return how many modes, with frequencies (k, mode) counted from an energy, cross it upward along k less those that
    cross it downward, of those that weigh `ONE_EDGE` times more at one edge than at the other: (2,)."""
    direction = np.diff(np.sign(above), axis=0) / 2
    mean = 0.5 * (weight[1:] + weight[:-1])
    at_one = mean > ONE_EDGE * mean[..., ::-1]
    counted: np.ndarray = np.rint((direction[..., None] * at_one).sum(axis=(0, 1))).astype(int)
    return counted


def _state(
    model: Cuttable, cut: Ribbon, state: xr.Dataset, relax: float | None, progress: bool | None
) -> tuple[np.ndarray, float, float, str]:
    """Return psi, mu and residual of the stationary state of the ribbon, and a text where it is far from the copy."""
    strip = cut.model
    own = model.state_shape != strip.state_shape == _shape(state, strip)
    psi, mu, _ = read_state(strip if own else model, state)
    psi = psi if own else cut.copied(psi)
    if not cut.relaxes:
        residual = residual_size(strip.stationary_residual(psi, mu), psi)
        if residual > EXACT * (1 + abs(mu)):
            raise ValueError(
                f"edges = 'compensated' is exact where all neighbours of a site are in one state; the residual of the "
                f"copy is {residual:.3g}, need {EXACT * (1 + abs(mu)):.1g}: use edges='relaxed'"
            )
        return psi, mu, residual, ""
    message = ""
    for start, time in _tries(cut, psi, relax):
        found, mu, residual, failed, _ = search(strip, start, time, strip.default_tol, progress)
        if not failed:
            return found, mu, residual, ELSEWHERE if message else ""
        message, reached = message or failed, (found, mu, residual)
    failure = strip.to_state(*reached, Growth(np.nan), status="failed", message=message)
    raise ConvergenceError(f"the ribbon: {message}", failure)


def _tries(cut: Ribbon, psi: np.ndarray, relax: float | None) -> Iterator[tuple[np.ndarray, float]]:
    """Return starts, and how long to evolve them before Newton's method: not at all unless it is asked for, or fails
    without from every start."""
    if relax:
        yield psi, relax
        return
    yield psi, 0.0
    for start in cut.starts(psi):
        yield start, 0.0
    time = cut.model.relaxation_time(False)
    if relax is None and time > 0:
        yield psi, time


def _shape(state: xr.Dataset, strip: Stationary) -> tuple[int, ...]:
    """Return the shape of the amplitudes of a state, without batch axes."""
    psi = state["psi"] if isinstance(state, xr.Dataset) and "psi" in state else np.empty(0)
    return tuple(psi.shape)[-len(strip.state_shape) :]


def _along(
    cut: Ribbon, what: LinearProblem, near: float, nk: int, progress: bool | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return k, and frequencies, weights and velocities at them; where modes have partners half of the k is
    computed."""
    period = float(np.linalg.norm(cut.along))
    k = np.linspace(-np.pi, np.pi, nk) / period
    half = nk // 2 if what.paired else 0

    def batch(some: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        points = some[:, None] * cut.along / period
        omega, left, right, _ = what.lifted(points)
        weight = cut.edge_weights(what, right, near)
        return omega, weight, what.velocities(points, cut.along / period, left, right)

    parts = zip(*in_batches(batch, k[half:], what.size, progress=progress), strict=True)
    omega, weight, velocity = (np.concatenate(part) for part in parts)
    if half:
        # the modes at -k are the partners -w^* of those at k, with the same weight and velocity
        pairs = ((-omega.conj(), omega), (weight, weight), (velocity, velocity))
        omega, weight, velocity = (np.concatenate([there[::-1, ::-1][:half], here]) for there, here in pairs)
    return k, omega, weight, velocity
