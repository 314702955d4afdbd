"""The door to ribbons: bands of a strip, and which of them live at its edges (docs/physics.md, section 5)."""

from typing import Any, Literal

import numpy as np
import xarray as xr

from latticepol.network.hopping import blocks
from latticepol.solve import steady_state
from latticepol.spectra.dispersion import read_state
from latticepol.spectra.problem import Problem, in_batches, problem

#: The names of the edges, seen along the vector of the ribbon.
EDGES = np.array(["right", "left"])


def ribbon(
    net: Any,
    state: xr.Dataset | None = None,
    *,
    width: int,
    edge: str | tuple[int, int] = "zigzag",
    nk: int = 200,
    edges: Literal["relaxed", "compensated"] = "relaxed",
    near: float = 0.25,
    losses: bool = False,
) -> xr.Dataset:
    """Spectrum of a ribbon cut from the lattice, with the weight of every mode near its edges.

    A missing neighbour costs J, so the bulk state copied to a ribbon is not stationary. "relaxed": Newton's method from
    it (the outer sites demagnetise). "compensated": 2x2 terms on the outer sites replace the missing hoppings, which
    makes the copy exact where all neighbours are in the same state.

    Parameters
    ----------
    net, state
        A network with d = 2 and its stationary state; None: the empty lattice.
    width, edge
        As for ``Lattice.ribbon``: cells across, and "zigzag", "armchair" or integers (m, n).
    nk
        Wavevectors along the ribbon, from -pi to pi over its period.
    edges
        "relaxed" or "compensated".
    near
        How far an edge reaches, as a fraction of the width.
    losses
        For the empty lattice.

    Returns
    -------
    xarray.Dataset
        ``omega`` (k, mode); ``edge_weight`` (k, mode, edge): share of |u|^2 + |v|^2 on the sites near the right and
        the left edge, seen along the ribbon; ``velocity`` d Re w/dk; ``psi`` and ``pseudospin`` of the ribbon with
        ``residual`` and ``growth_rate`` (an unstable ribbon is reported, not refused). Coordinate ``k``: wavevector
        along the ribbon.

    Raises
    ------
    ValueError
        Bad input.
    ConvergenceError
        Newton's method found no stationary state of the ribbon.
    """
    if edges not in ("relaxed", "compensated"):
        raise ValueError(f"edges = {edges!r} is not known; use 'relaxed' or 'compensated'")
    if not 0 < near <= 0.5:
        raise ValueError(f"near = {near} is not a part of the width; give 0 < near <= 0.5")
    if isinstance(nk, bool) or not isinstance(nk, int | np.integer) or nk < 2:
        raise ValueError(f"nk = {nk!r} wavevectors along the ribbon, need an integer >= 2")
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
        found_state = _state(net, strip, state, edges)
        names = ("psi", "pseudospin", "mu", "residual", "growth_rate", "stable")
        variables = {name: (found_state[name].dims, found_state[name].values) for name in names}
        what = problem(strip, found_state.psi.values, float(found_state.mu), True, None)
    period = float(np.linalg.norm(strip.lattice.vectors[0]))
    k = np.linspace(-np.pi, np.pi, nk) / period
    half = nk // 2 if what.paired else 0
    omega, weight, velocity = _modes(strip, what, k[half:], near)
    if what.paired:
        # the modes at -k are the partners -w^* of those at k, with the same weight and velocity
        pairs = ((-omega.conj(), omega), (weight, weight), (velocity, velocity))
        omega, weight, velocity = (np.concatenate([there[::-1, ::-1][:half], here]) for there, here in pairs)
    variables |= {
        "omega": (("k", "mode"), omega),
        "edge_weight": (("k", "mode", "edge"), weight),
        "velocity": (("k", "mode"), velocity),
    }
    growth = omega.imag.max()
    if state is None:
        variables |= {"residual": ((), 0.0), "growth_rate": ((), growth)}
    else:
        variables["growth_rate"] = ((), max(growth, float(found_state.growth_rate)))
    coords = {"k": k, "mode": np.arange(what.size), "edge": EDGES}
    return strip.wrapped(variables, coords, title="ribbon", width=width, edge=str(edge), edges=edges, near=near)


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


def _modes(strip: Any, what: Problem, k: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
