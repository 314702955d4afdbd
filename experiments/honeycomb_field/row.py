"""One field delta of the map: the aligned states from strong to weak pump, and their gaps; functions for a sweep."""

import dataclasses
from typing import Any

import branch
import equivalent
import numpy as np
import xarray as xr
from experiment import Swept
from parameters import BASIS, BELOW, LATTICE, POINTS, model

import latticepol as lp

TEXTS = {
    "magnetisation": "magnetisation, mean S_z over mean S",
    "empty_gap": "direct gap of the empty lattice without losses",
    "fold": "pump at the fold",
    "network_gap": "direct gap of the network",
    "network_K_gap": "direct gap of the network with J and dJ from the bands at K",
    "network_empty_gap": "direct gap of the empty network without losses",
    "network_K_empty_gap": "direct gap of the empty network with J and dJ from the bands at K",
    "network_magnetisation": "s_z/s of the network",
    "network_K_growth_rate": "largest growth rate of the network with J and dJ from the bands at K",
    "network_growth_rate": "largest growth rate of the network",
}
ALONG_P = ("direct_gap", "line_gap", "growth_rate", "stable", "phase_mode", "mu", "chern", "magnetisation")


@dataclasses.dataclass(frozen=True)
class Row(Swept):
    """What is asked: pumps from strong to weak, the mesh, the field, every which pump gets a Chern number (0: none)."""

    p: tuple[float, ...]
    mesh: int
    delta: float = 0.0
    chern_every: int = 0


def row(asked: Row) -> xr.Dataset:
    """Every state from the one at the stronger pump."""
    delta, p = asked.delta, np.array(asked.p)
    first = state = branch.state(p[0], delta, POINTS)
    found = []
    for i, pump in enumerate(p):
        state = first if pump == p[0] else lp.steady_state(model(pump, delta), state)
        with_chern = asked.chern_every > 0 and i % asked.chern_every == 0
        found.append(_point(model(pump, delta), state, with_chern, asked.mesh))
    empty_gap = float(lp.gap(model(p[0], delta), below=BELOW, basis=BASIS, mesh=asked.mesh).direct_gap)
    along_p = {name: ("p", [point[name] for point in found]) for name in ALONG_P}
    return xr.Dataset(along_p | {"empty_gap": empty_gap, "fold": branch.fold(first, p, delta, POINTS)}, {"p": p})


def _point(here: lp.SpinorGPE, state: xr.Dataset, with_chern: bool, mesh: int) -> dict[str, float]:
    options = {"below": BELOW, "basis": BASIS, "mesh": mesh}
    values = lp.gap(here, state, **options)
    found = {name: float(values[name]) for name in ("direct_gap", "line_gap")}
    found |= {name: float(state[name]) for name in ("growth_rate", "phase_mode", "mu")}
    found["stable"] = float(state.get("stable", np.nan))  # NaN: not known, neither stable nor marked as unstable
    found["chern"] = float(lp.chern(here, state, closed="nan", **options).chern) if with_chern else np.nan
    found["magnetisation"] = branch.magnetisation(state.psi.values)
    return found


def networks(asked: Row) -> xr.Dataset:
    """The same row of the two networks that stand for the field: J and dJ from the whole bands, and from those at K."""
    here = model(asked.p[0], asked.delta)
    nets = {"network": equivalent.network(here, LATTICE), "network_K": equivalent.network_at_K(here, LATTICE)}
    variables: dict[str, Any] = {}
    for name, net in nets.items():
        pumped = [net.replace(p=net.site.p + p - asked.p[0]) for p in asked.p]
        states = [lp.steady_state(n, "aligned") for n in pumped]
        gaps = [float(lp.gap(n, s, below=BELOW).direct_gap) for n, s in zip(pumped, states, strict=True)]
        variables[f"{name}_gap"] = (("p",), gaps)
        variables[f"{name}_empty_gap"] = ((), float(lp.gap(net, below=BELOW).direct_gap))
        s = np.array([state.pseudospin.values[0] for state in states])
        variables["network_magnetisation"] = (("p",), s[:, 2] / np.linalg.norm(s, axis=1))
        variables[f"{name}_growth_rate"] = (("p",), [float(state.growth_rate) for state in states])
    return xr.Dataset(variables, {"p": np.array(asked.p)})
