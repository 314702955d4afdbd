"""The data behind every figure: one function per file, each returns a Dataset."""

from functools import cache
from typing import Any

import numpy as np
import patch
import pulse
import xarray as xr
from experiment import Run, values_of
from patch import EDGES, FIELD, NETWORK, PUMP, Setting

import latticepol as lp
from latticepol.results.dataset import wrap
from latticepol.stationary.growth import growth_rate

#: Pumps and fields of the table of decay lengths.
PUMPS, FIELDS = (0.1, 0.3), (0.05, 0.1, 0.2, 0.3)
#: An edge mode has more than this weight in the outer quarter of a ribbon.
WEIGHT = 0.7
T_END, DT, QUICK_DT = 70.0, 0.1, 0.125
TEXTS = {
    "delta": "Zeeman splitting delta",
    "p": "pump above threshold p",
    "edges": "edges",
    "defect": "missing site",
    "direction": "direction round the patch",
    "energy": "signal int |psi - psi0 e^{-i mu t}|^2 dt/A^2",
    "signal": "signal |psi - psi0 e^{-i mu t}|^2/A^2",
    "total": "signal of all sites",
    "passed": "share of the signal that is past the corner",
    "second": "share of the signal that is past the second corner",
    "probe": "frequency of the pulse above mu",
    "line_gap": "line gap",
    "decay_length": "longest decay length v/|Im w| of an edge mode at the probe",
    "velocity": "its group velocity",
    "damping": "its damping |Im w|",
    "ratio": "signal past the corner, along the edge mode over against it",
    "growth_rate": "largest growth rate of the patch",
    "ribbon_growth_rate": "largest growth rate of the ribbon",
    "bulk_growth_rate": "largest growth rate of the crystal",
    "residual": "residual of the stationary state of the patch",
    "corner": "signal past the corner over that at the same distance along a straight edge",
    "linearity": "relative change of the signal in a window past the corner when the pulse is halved",
    "response_error": "largest relative difference of evolution and linear response in a window past the corner",
}


@cache
def probe(p: float, delta: float) -> tuple[float, float, float]:
    """Middle of the line gap of the crystal, its width, and the growth rate of the crystal."""
    net = NETWORK.replace(p=p, delta=delta)
    bulk = lp.steady_state(net)
    found = lp.gap(net, bulk, below=2)
    k = net.lattice.mesh(48)
    lower = lp.bogoliubov(net, bulk, k=k).omega.isel(mode=5).values.real.max()
    return float(lower + found.line_gap / 2), float(found.line_gap), float(found.growth_rate)


def ribbon_compensated(run: Run) -> xr.Dataset:
    """Dispersion of a ribbon whose edges are compensated."""
    return _ribbon(PUMP, FIELD, "compensated", run.quick)


def ribbon_relaxed(run: Run) -> xr.Dataset:
    """Dispersion of a ribbon whose edges are relaxed."""
    return _ribbon(PUMP, FIELD, "relaxed", run.quick)


def decay(run: Run) -> xr.Dataset:
    """How far an edge mode gets before it is damped, against pump and field, for both edges."""
    pumps, fields = (PUMPS[:1], FIELDS[-1:]) if run.quick else (PUMPS, FIELDS)
    found = run.sweep(_decay, NETWORK, run.quick, p=pumps, delta=fields)
    coords = {"p": list(pumps), "delta": list(fields), "edges": list(EDGES)}
    return _wrapped(values_of(found), coords, "decay length of the edge modes")


def transport(run: Run) -> xr.Dataset:
    """Where the energy of the pulse goes, for both signs of the field, with and without the missing site."""
    omega, points = probe(PUMP, FIELD)[0], 13 if run.quick else 25
    whole = patch.hexagon()
    axes = {"edges": list(EDGES[:1] if run.quick else EDGES), "delta": [FIELD, -FIELD], "defect": list(patch.DEFECTS)}
    found = run.sweep(_pulse_energy, Setting(), omega, points, run.quick, **axes)
    coords = axes | {"direction": ["anticlockwise", "clockwise"], **_places(whole)}
    variables = values_of(found.drop_vars("window"))
    dims, total = variables["total"]
    variables["passed"] = ((*dims, "direction"), found.window.sel(corner="first").values / total[..., None])
    variables["second"] = ((*dims, "direction"), found.window.sel(corner="second").values / total[..., None])
    if not run.quick:
        straight = run.sweep(_straight_energy, Setting(), omega, points, edges=axes["edges"])
        past = found.window.sel(corner="first", direction="anticlockwise", delta=FIELD, defect="none")
        variables["corner"] = (("edges",), past.values / straight.total.values)
    vacancy = patch.outermost(whole, patch.VACANCY)
    return _wrapped(variables, coords, "transport along the edge", probe=omega, vacancy=vacancy)


def fields(run: Run) -> xr.Dataset:
    """How one-way the transport is against the field, compensated edges."""
    chosen = FIELDS[-1:] if run.quick else FIELDS
    found = run.sweep(_one_way, Setting(), delta=chosen)
    return _wrapped(values_of(found), {"delta": list(chosen)}, "one-way transport against the field")


def film(run: Run) -> xr.Dataset:
    """The pulse in time past a missing site, for both signs of the field and both kinds of edges."""
    omega, dt, given = probe(PUMP, FIELD)[0], QUICK_DT if run.quick else DT, Setting(defect="vacancy")
    axes = {"edges": list(EDGES[:1] if run.quick else EDGES), "delta": [FIELD, -FIELD]}
    found = run.sweep(_film, given, omega, dt, **axes)
    checks = _checks(given, omega, found.past.sel(edges=EDGES[0], delta=FIELD).values, dt)
    variables = {"signal": (found.signal.dims, found.signal.values), **checks}
    lattice = given.lattice()
    coords = axes | {"time": found.time.values, **_places(lattice)}
    vacancy = patch.outermost(patch.hexagon(), patch.VACANCY)
    return _wrapped(variables, coords, "a pulse along the edge", probe=omega, vacancy=vacancy)


#: File name -> function of the run, in the order in which they are made.
DATASETS = {f.__name__: f for f in (ribbon_compensated, ribbon_relaxed, decay, transport, fields, film)}


@cache
def _ribbon(p: float, delta: float, edges: str, quick: bool) -> xr.Dataset:
    net = NETWORK.replace(p=p, delta=delta)
    return lp.ribbon(net, lp.steady_state(net), width=14, nk=61 if quick else 121, edges=edges)


def _decay(net: lp.Network, quick: bool) -> xr.Dataset:
    """One pump and field: the numbers of both edges."""
    p, delta = float(net.site.p), float(net.site.delta)
    omega, width, growth = probe(p, delta)
    strips = [_ribbon(p, delta, edges, quick) for edges in EDGES]
    names = ("decay_length", "velocity", "damping")
    found = dict(zip(names, np.transpose([_longest(strip, omega) for strip in strips]), strict=True))
    found["ribbon_growth_rate"] = np.array([float(strip.growth_rate) for strip in strips])
    crystal = {"probe": omega, "line_gap": width, "bulk_growth_rate": growth}
    found |= {name: np.full(len(EDGES), value) for name, value in crystal.items()}
    return xr.Dataset({name: ("edges", values) for name, values in found.items()})


def _pulse_energy(given: Setting, omega: float, points: int, quick: bool) -> xr.Dataset:
    """Energy of every site of the whole hexagon, NaN at the missing one, and in the windows past the corners."""
    whole, lattice = patch.hexagon(), given.lattice()
    net, state = given.state()
    there = np.ones(len(whole.basis), bool)
    there[patch.outermost(whole, patch.VACANCY)] = given.defect == "none"
    energy = np.full(len(whole.basis), np.nan)
    energy[there] = pulse.energy(net, state, patch.outermost(lattice, 0.0), omega, points)
    windows = [list(past(whole).values()) for past in (patch.past_the_corner, patch.past_the_second_corner)]
    # with the field reversed all is mirrored; a site that is missing can only do harm
    skipped = quick and (given.delta < 0 or given.defect == "none")
    growth = np.nan if skipped else growth_rate(net.linear_problem(state.psi.values, float(state.mu))).rate
    found = {
        "energy": ("site", energy),
        "growth_rate": growth,
        "residual": float(state.residual),
        "total": np.nansum(energy),
        "window": (("corner", "direction"), np.nansum(energy * np.array(windows), axis=-1)),
    }
    return xr.Dataset(found, {"corner": ["first", "second"], "direction": ["anticlockwise", "clockwise"]})


def _straight_energy(given: Setting, omega: float, points: int) -> dict[str, float]:
    """What is as far along a straight edge as the first corner, anticlockwise."""
    lattice = patch.straight()
    window = patch.past_the_corner(lattice, corners=False)["anticlockwise"]
    net, state = patch.on(lattice, given.delta, given.edges)
    return {"total": pulse.energy(net, state, patch.outermost(lattice, 0.0), omega, points)[window].sum()}


def _one_way(given: Setting) -> dict[str, float]:
    """What is past the corner along the edge mode, over what is past it the other way."""
    lattice, (net, state) = given.lattice(), given.state()
    forward, backward = patch.past_the_corner(lattice).values()
    energy = pulse.energy(net, state, patch.outermost(lattice, 0.0), probe(PUMP, given.delta)[0], 13)
    return {"ratio": energy[forward].sum() / energy[backward].sum()}


def _film(given: Setting, omega: float, dt: float) -> xr.Dataset:
    """The signal in steps of 1, and its integral past the corner."""
    lattice = given.lattice()
    signal = pulse.evolve(*given.state(), patch.outermost(lattice, 0.0), omega, T_END, dt)
    kept = signal[:: round(1 / pulse.SAMPLING)]
    found = {"signal": (("time", "site"), kept.values), "past": ("direction", _past(lattice, signal))}
    return xr.Dataset(found, {"time": kept.time.values})


def _past(lattice: Any, signal: xr.DataArray) -> np.ndarray:
    windows = np.stack(list(patch.past_the_corner(lattice).values()))
    return windows @ signal.values.sum(axis=0) * pulse.SAMPLING


def _checks(given: Setting, omega: float, past: np.ndarray, dt: float) -> dict[str, Any]:
    """Whether the pulse is weak enough, and whether its evolution agrees with linear response, past the corner."""
    lattice, (net, state) = given.lattice(), given.state()
    site = patch.outermost(lattice, 0.0)
    half = _past(lattice, pulse.evolve(net, state, site, omega, T_END, dt, pulse.AMPLITUDE / 2))
    windows = np.stack(list(patch.past_the_corner(lattice).values()))
    expected = windows @ pulse.energy(net, state, site, omega, 25)
    return {
        "linearity": ((), abs(half / past - 1).max()),
        "response_error": ((), abs(past / expected - 1).max()),
    }


def _longest(strip: xr.Dataset, omega: float) -> tuple[float, float, float]:
    """Decay length, velocity and damping of the mode at the right edge that gets farthest, where Re w = omega."""
    off = strip.omega.values.real - omega
    k, mode = np.nonzero(off[:-1] * off[1:] < 0)
    part = off[k, mode] / (off[k, mode] - off[k + 1, mode])

    def there(values: np.ndarray) -> np.ndarray:
        return (1 - part) * values[k, mode] + part * values[k + 1, mode]

    edge = there(strip.edge_weight.sel(edge="right").values) > WEIGHT
    if not edge.any():
        return np.nan, np.nan, np.nan
    velocity, damping = there(strip.velocity.values)[edge], -there(strip.omega.values.imag)[edge]
    best = abs(velocity / damping).argmax()
    return abs(velocity[best]) / damping[best], velocity[best], damping[best]


def _places(lattice: Any) -> dict[str, Any]:
    return {"x": (("site",), lattice.basis[:, 0]), "y": (("site",), lattice.basis[:, 1])}


def _wrapped(variables: dict[str, Any], coords: dict[str, Any], title: str, **attributes: Any) -> xr.Dataset:
    return wrap(variables, coords, NETWORK.record, title=title, long_names=TEXTS, **attributes)
