"""The data behind every figure: one function per file, each returns a Dataset."""

from typing import Any

import branch
import equivalent
import numpy as np
import row
import xarray as xr
from experiment import Run, values_of
from parameters import (
    ABOVE,
    BASIS,
    BELOW,
    FIELD,
    FINE_BASIS,
    FINE_MESH,
    FINE_POINTS,
    LATTICE,
    MESH,
    P_C,
    POINTS,
    Cell,
    fields,
    model,
    pumps,
)
from results_table import best_usable

import latticepol as lp
from latticepol.results.dataset import wrap

#: Every which pump and field of the map gets a Chern number.
CHERN = (3, 2)
#: Points of the cell and scalar modes whose gaps are compared, and modes that are searched for around the gap.
GRIDS, BASES, NEAR = (12, 16, 24), (6, 8, 12, 16, 24), 4
TEXTS = row.TEXTS | {
    "points": "points along a side of the cell",
    "enhancement": "enhancement of the gap",
    "basis": "scalar modes; 0: all plane waves",
    "J": "hopping J",
    "dJ": "TE-TM hopping dJ",
    "J_K": "hopping J from the cones at K",
    "overlap": "overlap of a mode at K with the condensate, over that of the condensate with itself",
    "dJ_K": "TE-TM hopping dJ from the bands at K",
    "J2": "hopping to next-nearest neighbours",
    "J_im": "dissipative part of J",
    "dressed_J": "hopping in the potential of the condensate",
    "dressed_dJ": "TE-TM hopping in the potential of the condensate",
    "dressed_gap": "direct gap of the network with the hopping in the potential of the condensate",
    "field_p_c": "pump at the pitchfork of the field",
    "empty_omega": "bands of the empty lattice",
    "network_omega": "excitations of the network",
    "network_K_omega": "excitations of the network with J and dJ from the bands at K",
    "network_K_empty_omega": "bands of the empty network with J and dJ from the bands at K",
    "network_empty_omega": "bands of the empty network",
}


def gap_map(run: Run) -> xr.Dataset:
    """Everything at every (p, delta)."""
    p, delta = pumps(run.quick), fields(run.quick)
    asked = row.Row(tuple(p.tolist()), MESH - 4 * run.quick)
    every = [0 if run.quick or j % CHERN[1] else CHERN[0] for j in range(len(delta))]
    swept = run.sweep(row.row, asked, delta=delta, chern_every=xr.DataArray(every, dims="delta"))
    found = values_of(swept.sortby("p")) | values_of(run.sweep(row.networks, asked, delta=delta).sortby("p"))
    coords, options = {"p": np.sort(p), "delta": delta}, {"basis": BASIS, "mesh": asked.mesh}
    joined = _wrap(found, coords, model(p[0], float(delta[0])), "", **options)
    for name in ("", "network_", "network_K_"):
        gap = joined[f"{name}gap" if name else "direct_gap"]
        joined[f"{name}enhancement"] = (gap / joined[f"{name}empty_gap"]).assign_attrs(
            units="1", long_name=TEXTS["enhancement"]
        )
    return joined.assign_attrs(title="gap of the field over pump and Zeeman splitting")


def best(run: Run) -> xr.Dataset:
    """The usable point with the largest enhancement, with its Chern number: the map has that of some points only.

    Followed down the pumps, each state from the one before (so no sweep).
    """
    at = best_usable(run.data["gap_map"])
    state = branch.state(float(run.data["gap_map"].p.max()), float(at.delta), POINTS)
    for p in sorted((p for p in run.data["gap_map"].p.values if p >= at.p), reverse=True):
        here = model(float(p), float(at.delta))
        state = lp.steady_state(here, state)
    chern = lp.chern(here, state, below=BELOW, basis=BASIS, mesh=MESH, closed="nan").chern
    found = {name: float(at[name]) for name in ("p", "delta", "enhancement", "direct_gap", "fold")}
    variables = {name: ((), value) for name, value in (found | {"chern": float(chern)}).items()}
    return _wrap(variables, {}, here, "the largest usable enhancement")


def hopping(run: Run) -> xr.Dataset:
    """What the cell is as a network, without a condensate and with one."""
    here = model(P_C + ABOVE, FIELD)
    bare, net = equivalent.scalar(here, LATTICE), equivalent.network(here, LATTICE)
    dressed = equivalent.dressed(here, branch.state(P_C + ABOVE, FIELD, POINTS), LATTICE)
    found = {"J": net.J.real, "J_im": net.J.imag, "dJ": net.dJ.real, "J2": bare.J2.real}
    at_K = equivalent.network_at_K(here, LATTICE)
    found |= {"J_K": at_K.J.real, "dJ_K": at_K.dJ.real, "overlap": equivalent.overlap(here, LATTICE)}
    gap = lp.gap(dressed, lp.steady_state(dressed, "aligned"), below=BELOW).direct_gap
    found |= {
        "dressed_J": dressed.J.real,
        "dressed_dJ": dressed.dJ.real,
        "dressed_gap": gap,
        "field_p_c": branch.pitchfork(POINTS),
    }
    return _wrap({name: ((), float(value)) for name, value in found.items()}, {}, here, "the field as a network")


def bands(run: Run) -> xr.Dataset:
    """Excitations along G-K-M-G, of the field and of both networks, and the empty bands."""
    k = LATTICE.path("G K M G", 31 if run.quick else 151)
    here = model(P_C + ABOVE, FIELD)
    state = branch.state(P_C + ABOVE, FIELD, POINTS)
    nets = {"network": equivalent.network(here, LATTICE), "network_K": equivalent.network_at_K(here, LATTICE)}
    basis = BASIS if run.quick else FINE_BASIS
    found = {
        "omega": _particles(lp.bogoliubov(here, state, k=k, basis=basis)),
        "empty_omega": lp.bands(here, k=k, losses=False, basis=basis).omega.values[:, :4],
    }
    for name, net in nets.items():
        found[f"{name}_empty_omega"] = lp.bands(net, k=k, losses=False).omega.values
        found[f"{name}_omega"] = _particles(lp.bogoliubov(net, lp.steady_state(net, "aligned"), k=k))
    coords = {"distance": (("k",), k.distance.values), "point": (("k",), k.point.values)}
    variables = {name: (("k", "band"), values) for name, values in found.items()}
    stability = {"growth_rate": float(state.growth_rate), "stable": float(state.get("stable", np.nan))}
    return _wrap(variables, coords, here, "bands", **stability)


def _particles(spectrum: xr.Dataset) -> np.ndarray:
    """The four lowest particle bands (k, band): the modes just above the middle."""
    half = spectrum.sizes["mode"] // 2
    return spectrum.omega.values[:, half : half + 4]


def curvature(run: Run) -> xr.Dataset:
    """Berry curvature of everything below the gap, at a weak field."""
    here = model(P_C + ABOVE, FIELD)
    state = branch.state(P_C + ABOVE, FIELD, POINTS)
    return lp.berry_curvature(here, state, below=BELOW, basis=BASIS, mesh=6 if run.quick else FINE_MESH)


def shape(run: Run) -> xr.Dataset:
    """S(r) and S_z(r) of the state on a fine grid."""
    state = branch.state(P_C + ABOVE, FIELD, POINTS if run.quick else FINE_POINTS)
    return state.merge(lp.stokes(state)).assign_attrs(state.attrs)


def convergence(run: Run) -> xr.Dataset:
    """The direct gap at one k for several grids and numbers of modes, and on all plane waves of the grid."""
    grids, bases = (GRIDS[:1], BASES[:2]) if run.quick else (GRIDS, BASES)
    here, state = model(P_C + ABOVE, FIELD, grids[0]), branch.state(P_C + ABOVE, FIELD, grids[0])
    where = lp.gap(here, state, below=BELOW, basis=BASIS, mesh=8 if run.quick else MESH).k_gap.values
    gaps = run.sweep(_gaps_at, Cell(), where, bases, points=list(grids))
    coords = {"points": list(grids), "basis": [*bases, 0]}
    here = model(P_C + ABOVE, FIELD, grids[-1])
    return _wrap(values_of(gaps), coords, here, "convergence of the gap", where=where)


def _gaps_at(cell: Cell, where: np.ndarray, bases: tuple[int, ...]) -> xr.Dataset:
    """The direct gap at a wavevector in several numbers of modes, and last on all plane waves."""
    here, state = model(P_C + ABOVE, FIELD, cell.points), branch.state(P_C + ABOVE, FIELD, cell.points)
    gaps = []
    for basis in bases:
        spectrum = lp.bogoliubov(here, state, k=where[None], basis=basis).omega.values[0].real
        above = spectrum[len(spectrum) // 2 + BELOW :]
        gaps.append(above[0] - spectrum[len(spectrum) // 2 + BELOW - 1])
    middle = above[0] - gaps[-1] / 2
    exact = np.sort(lp.bogoliubov(here, state, k=where[None], near=middle, modes=NEAR).omega.values[0].real)
    gaps.append(exact[exact > middle].min() - exact[exact < middle].max())
    return xr.Dataset({"direct_gap": ("basis", gaps)})


def _wrap(variables: dict[str, Any], coords: dict[str, Any], here: lp.SpinorGPE, title: str, **more: Any) -> xr.Dataset:
    return wrap(variables, coords, here.record, title=title, long_names=TEXTS, **more)


#: File name -> function of the run, in the order in which they are made.
DATASETS = {f.__name__: f for f in (hopping, gap_map, best, bands, curvature, shape, convergence)}
