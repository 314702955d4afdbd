"""One field delta of the map: the aligned states from strong to weak pump, and their gaps.

Plain functions of numbers, so that they can run in worker processes; the file of a row is what --resume keeps.
"""

from pathlib import Path
from typing import Any, NamedTuple

import branch
import equivalent
import numpy as np
import xarray as xr
from parameters import BASIS, BELOW, LATTICE, POINTS, model

import latticepol as lp
from latticepol.results.dataset import wrap

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


class Row(NamedTuple):
    """What is asked: the field, pumps from strong to weak, which get a Chern number, the mesh, where it is kept."""

    delta: float
    p: tuple[float, ...]
    with_chern: tuple[bool, ...]
    mesh: int
    folder: Path

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / f"row_{self.delta:.6g}.nc"


def row(asked: Row) -> xr.Dataset:
    """The row from its file where it is there and the same was asked, otherwise computed and saved."""
    if asked.path.exists():
        kept = lp.load(asked.path)
        if np.array_equal(kept.p, asked.p) and kept.attrs["basis"] == BASIS and kept.attrs["mesh"] == asked.mesh:
            return kept
    made = _computed(asked)
    lp.save(made, asked.path)
    return made


def _computed(asked: Row) -> xr.Dataset:
    delta, p = asked.delta, np.array(asked.p)
    first = state = branch.state(p[0], delta, POINTS)
    found = []
    for pump, with_chern in zip(p, asked.with_chern, strict=True):
        state = first if pump == p[0] else lp.steady_state(model(pump, delta), state)
        found.append(_point(model(pump, delta), state, with_chern, asked.mesh))
    empty = model(p[0], delta)
    gaps = {
        "empty_gap": float(lp.gap(empty, below=BELOW, basis=BASIS, mesh=asked.mesh).direct_gap),
        "fold": branch.fold(first, p, delta, POINTS),
    }
    variables = {name: (("p",), [point[name] for point in found]) for name in ALONG_P}
    variables |= {name: ((), value) for name, value in gaps.items()}
    coords = {"p": p, "delta": ((), delta)}
    return wrap(
        variables, coords, empty.record, title="field on a honeycomb", long_names=TEXTS, basis=BASIS, mesh=asked.mesh
    )


def _point(here: lp.SpinorGPE, state: xr.Dataset, with_chern: bool, mesh: int) -> dict[str, float]:
    options = {"below": BELOW, "basis": BASIS, "mesh": mesh}
    values = lp.gap(here, state, **options)
    found = {name: float(values[name]) for name in ("direct_gap", "line_gap")}
    found |= {name: float(state[name]) for name in ("growth_rate", "stable", "phase_mode", "mu")}
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
    coords = {"p": np.array(asked.p), "delta": ((), asked.delta)}
    return wrap(variables, coords, nets["network"].record, title="networks", long_names=TEXTS)
