"""The door to ribbons: bands of a strip, and which of them live at its edges (docs/physics.md, section 5)."""

from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr

from latticepol.arrays import read_choice, read_flag, read_integer, read_number
from latticepol.errors import check_model
from latticepol.network import Network
from latticepol.network.hopping import blocks
from latticepol.solve import steady_state
from latticepol.solve.texts import as_numbers
from latticepol.spectra.batches import in_batches
from latticepol.spectra.dispersion import read_state
from latticepol.spectra.field_strips import BASIS, PAD, field_strip
from latticepol.spectra.problem import Problem, Strip, problem

#: The names of the edges, seen along the vector of the ribbon.
EDGES = np.array(["right", "left"])
#: Cells, modes and wavevectors.
MOST = 10**5


def ribbon(
    model: Any,
    state: xr.Dataset | None = None,
    *,
    width: int,
    edge: str | tuple[int, int] = "zigzag",
    nk: int = 200,
    edges: Literal["relaxed", "compensated"] = "relaxed",
    near: float = 0.25,
    losses: bool = False,
    wall: float | None = None,
    pad: int = PAD,
    basis: int = BASIS,
    relax: Any = None,
) -> xr.Dataset:
    """Spectrum of a ribbon cut from the lattice, with the weight of every mode near its edges.

    A missing neighbour costs J, so the bulk state copied to a ribbon is not stationary. "relaxed": Newton's method from
    it (the outer sites demagnetise). "compensated": 2x2 terms on the outer sites replace the missing hoppings, which
    makes the copy exact where all neighbours are in the same state; for a network only.

    A ribbon of a field is its cell repeated ``width`` times across, then ``pad`` cells in which the potential is flat
    and high and nothing is pumped (losses stay). This sets in as sin^2 over a third of a cell, centred at the edge:
    where the lowest scalar Bloch mode, averaged along the ribbon, is least dense, which is between the sites. A lower
    wall lets the field reach out and replaces some of what missing neighbours did; against a high one the field fades,
    and gain that is not used up there may make edge modes grow: ``growth_rate`` tells.

    Parameters
    ----------
    model, state
        A ``lp.Network`` with d = 2, or a ``lp.SpinorGPE`` on a primitive cell, and its stationary state; None: the
        empty lattice.
    width, edge
        As for ``Lattice.ribbon``: cells across, and "zigzag", "armchair" or integers (m, n); of a field in units of A1
        and A2 of its grid, which the names need to be hexagonal.
    nk
        Wavevectors along the ribbon, from -pi to pi over its period.
    edges
        "relaxed" or "compensated".
    near
        How far an edge reaches, as a fraction of the width; of a field with the wall behind it.
    losses
        For the empty lattice.
    wall
        Of a field: height above the lowest potential (rate); None: up to the highest.
    pad
        Of a field: cells of wall, which keep the edges apart.
    basis
        Of a field: scalar Bloch modes for each cell across, on which each of u_+, u_-, v_+, v_- is projected.
    relax
        Of a field: time of evolution before Newton's method, which leads to a stable state, where the model has units
        also a text ("1 ns"); None: only where Newton's method fails without.

    Returns
    -------
    xarray.Dataset
        ``omega`` (k, mode), of a field all modes of the projection; ``edge_weight`` (k, mode, edge): share of |u|^2 +
        |v|^2 near the right and the left edge, seen along the ribbon; ``velocity`` d Re w/dk, of a field without what
        the projection leaves out; ``psi`` (of a network also ``pseudospin``) of the ribbon with ``residual`` and
        ``growth_rate`` (an unstable ribbon is reported, not refused). Of a field the growth rate is that of the modes
        at these k, and ``phase_mode`` the frequency, 0 without truncation, of the phase mode among them: the error of
        the basis. Coordinate ``k``: wavevector along the ribbon.

    Raises
    ------
    ValueError
        Bad input; of a field: "compensated", a drive, a grid that does not fit the direction of the edge or does not
        resolve the wall.
    ConvergenceError
        No stationary state of the ribbon was found.
    """
    check_model(model)
    kind = read_choice("edges", edges, ("relaxed", "compensated"))
    near = read_number("near", near, above=0, most=0.5, need="a part of the width")
    nk, losses = read_integer("nk", nk, least=2, most=MOST), read_flag("losses", losses)
    given = {"width": width, "pad": pad, "basis": basis}
    shape = {name: read_integer(name, value, least=1, most=MOST) for name, value in given.items()}
    wall = None if wall is None else read_number("wall", wall, above=0, need="a height above the lowest potential")
    [relax] = as_numbers(model, relax=relax)
    relax = None if relax is None else read_number("relax", relax, least=0, need="a time of evolution")
    if isinstance(model, Network):
        strip = _of_network(model, state, shape["width"], edge, kind, near, losses)
    elif kind == "compensated":
        raise ValueError(
            "edges = 'compensated' replaces missing hoppings, and a field has none: its edge is a wall; use 'relaxed'"
        )
    else:
        strip = field_strip(model, state, edge, near, losses, **shape, wall=wall, relax=relax)
    k, omega, weight, velocity = _along(strip, nk)
    variables = strip.variables | {
        "omega": (("k", "mode"), omega),
        "edge_weight": (("k", "mode", "edge"), weight),
        "velocity": (("k", "mode"), velocity),
    }
    growth = float(omega.imag.max())
    if state is None:
        variables |= {"residual": ((), 0.0), "growth_rate": ((), growth)}
    else:
        growth = max(growth, float(variables["growth_rate"][1]))
        variables["growth_rate"] = ((), growth)
    if strip.margin is not None:
        variables["stable"] = ((), growth <= strip.margin)
    coords = {"k": k, "mode": np.arange(strip.what.size), "edge": EDGES}
    attributes = {"width": shape["width"], "edge": str(edge), "edges": kind, "near": near, **strip.attributes}
    return strip.model.wrapped(variables, coords, title="ribbon", **attributes)


def _of_network(
    net: Network, state: xr.Dataset | None, width: int, edge: Any, edges: str, near: float, losses: bool
) -> Strip:
    net = net.crystal()
    strip = net.on(net.lattice.ribbon(width, edge))
    if strip.lattice.across().max() == 0:
        raise ValueError(f"width = {width} leaves one row of sites, which has no two edges; use a larger width")
    if edges == "compensated":
        strip = compensated(net, strip)
    variables: dict[str, Any] = {}
    if state is None:
        what = problem(strip, None, 0.0, losses, None)
    else:
        found = _state(net, strip, state, edges)
        names = ("psi", "pseudospin", "mu", "residual", "growth_rate", "stable")
        variables = {name: (found[name].dims, found[name].values) for name in names}
        what = problem(strip, found.psi.values, float(found.mu), True, None)
    return Strip(strip, what, strip.lattice.vectors[0], partial(_modes, strip, what, near=near), variables, None, {})


def _along(strip: Strip, nk: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """k, and frequencies, weights and velocities at them; where modes have partners half of the k is computed."""
    k = np.linspace(-np.pi, np.pi, nk) / float(np.linalg.norm(strip.along))
    half = nk // 2 if strip.what.paired else 0
    omega, weight, velocity = strip.modes(k[half:])
    if half:
        # the modes at -k are the partners -w^* of those at k, with the same weight and velocity
        pairs = ((-omega.conj(), omega), (weight, weight), (velocity, velocity))
        omega, weight, velocity = (np.concatenate([there[::-1, ::-1][:half], here]) for there, here in pairs)
    return k, omega, weight, velocity


def compensated(net: Any, strip: Any) -> Any:
    """The network ``strip``, cut from ``net``, with 2x2 terms on its outer sites in place of the missing hoppings."""
    cuts = strip.lattice.cuts
    J, dJ = (np.broadcast_to(x, len(net.lattice.bonds))[cuts.bond] * cuts.strength for x in (net.J, net.dJ))
    onsite = np.zeros((strip.sites, 2, 2), complex)
    np.add.at(onsite, cuts.site, blocks(J, dJ, np.arctan2(cuts.vector[:, 1], cuts.vector[:, 0])))
    if strip.onsite is not None:
        onsite += strip.onsite if strip.onsite.ndim == 3 else strip.onsite[:, None, None] * np.eye(2)
    return strip.replace(onsite=onsite)


def _state(net: Any, strip: Any, state: xr.Dataset, edges: str) -> xr.Dataset:
    psi, mu, _ = read_state(net, state)
    copy = psi[strip.lattice.sublattice]
    if edges == "relaxed":
        return steady_state(strip, copy)
    residual = np.abs(1j * strip.rhs(copy) - mu * copy).max() / np.abs(copy).max()
    return strip.stationary(copy, mu, float(residual))


def _modes(strip: Any, what: Problem, k: np.ndarray, *, near: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies (k, m), weights (k, m, edge) and velocities (k, m)."""
    direction = strip.lattice.vectors[0] / np.linalg.norm(strip.lattice.vectors[0])
    across = strip.lattice.across() / strip.lattice.across().max()
    outer = np.stack([across <= near, across >= 1 - near], axis=-1).astype(float)

    def batch(some: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        points = some[:, None] * direction
        omega, left, right = what.modes(points)
        size = (np.abs(right) ** 2).reshape(len(some), -1, strip.sites, 2, what.size).sum(axis=(1, 3))
        weight = np.einsum("ksm,se->kme", size, outer) / size.sum(axis=1)[..., None]
        slope = _slope(strip, what, points, direction)
        return omega, weight, np.einsum("kam,kab,kbm->km", left.conj(), slope, right, optimize=True).real

    return tuple(np.concatenate(x) for x in zip(*in_batches(batch, k, what.size), strict=True))  # type: ignore[return-value]


def _slope(strip: Any, what: Problem, k: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """d matrix/dk along the ribbon: of T_k for particles, and of -T_-k^* for holes."""
    hopping = strip.hopping.hermitian() if what.hermitian else strip.hopping
    upper = hopping.velocity(k, direction)
    if not what.paired:
        return upper
    n = upper.shape[-1]
    slope = np.zeros((len(k), 2 * n, 2 * n), complex)
    slope[:, :n, :n], slope[:, n:, n:] = upper, hopping.velocity(-k, direction).conj()
    return slope
