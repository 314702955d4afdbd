"""The data behind every figure: one function per file, each returns a Dataset."""

from functools import cache
from typing import Any

import numpy as np
import patch
import pulse
import xarray as xr
from patch import NETWORK

import latticepol as lp
from latticepol.dataset import wrap

EDGES = ("compensated", "relaxed")
PUMP, FIELD = float(NETWORK.site.p), float(NETWORK.site.delta)
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


def ribbon_compensated(quick: bool) -> xr.Dataset:
    """Dispersion of a ribbon whose edges are compensated."""
    return _ribbon(PUMP, FIELD, "compensated", quick)


def ribbon_relaxed(quick: bool) -> xr.Dataset:
    """Dispersion of a ribbon whose edges are relaxed."""
    return _ribbon(PUMP, FIELD, "relaxed", quick)


def decay(quick: bool) -> xr.Dataset:
    """How far an edge mode gets before it is damped, against pump and field, for both edges."""
    pumps, fields = (PUMPS[:1], FIELDS[-1:]) if quick else (PUMPS, FIELDS)
    names = ("probe", "line_gap", "bulk_growth_rate", "decay_length", "velocity", "damping", "ribbon_growth_rate")
    table = np.full((len(names), len(pumps), len(fields), len(EDGES)), np.nan)
    for i, p in enumerate(pumps):
        for j, delta in enumerate(fields):
            omega, width, growth = probe(p, delta)
            for k, edges in enumerate(EDGES):
                strip = _ribbon(p, delta, edges, quick)
                table[:, i, j, k] = omega, width, growth, *_longest(strip, omega), float(strip.growth_rate)
    dims = ("p", "delta", "edges")
    coords = {"p": list(pumps), "delta": list(fields), "edges": list(EDGES)}
    variables = {name: (dims, values) for name, values in zip(names, table, strict=True)}
    return _wrapped(variables, coords, "decay length of the edge modes")


def transport(quick: bool) -> xr.Dataset:
    """Where the energy of the pulse goes, for both signs of the field, with and without the missing site."""
    omega, points = probe(PUMP, FIELD)[0], 13 if quick else 25
    whole = patch.hexagon()
    vacancy = patch.outermost(whole, patch.VACANCY)
    kinds = EDGES[:1] if quick else EDGES
    energy = np.full((len(kinds), 2, 2, len(whole.basis)), np.nan)
    growth, residual = np.full((2, len(kinds), 2, 2), np.nan)
    for index in np.ndindex(growth.shape):
        lattice = whole.without([vacancy]) if index[2] else whole
        net, state = patch.on(lattice, (FIELD, -FIELD)[index[1]], kinds[index[0]])
        there = np.arange(len(whole.basis)) != vacancy if index[2] else slice(None)
        energy[index][there] = pulse.energy(net, state, patch.outermost(lattice, 0.0), omega, points)
        residual[index] = float(state.residual)
        if not (quick and index[1]):  # with the field reversed all is mirrored
            growth[index] = net.growth_rate(state.psi.values, float(state.mu))
    windows = np.stack(list(patch.past_the_corner(whole).values()))
    passed = np.stack([np.nansum(energy * window, axis=-1) for window in windows], axis=-1)
    second = np.stack([np.nansum(energy * w, axis=-1) for w in patch.past_the_second_corner(whole).values()], axis=-1)
    dims = ("edges", "delta", "defect")
    coords = {"edges": list(kinds), "delta": [FIELD, -FIELD], "defect": ["none", "vacancy"]}
    coords |= {"direction": ["anticlockwise", "clockwise"], **_places(whole)}
    variables = {
        "energy": ((*dims, "site"), energy),
        "passed": ((*dims, "direction"), passed / np.nansum(energy, axis=-1)[..., None]),
        "second": ((*dims, "direction"), second / np.nansum(energy, axis=-1)[..., None]),
        "growth_rate": (dims, growth),
        "residual": (dims, residual),
        "total": (dims, np.nansum(energy, axis=-1)),
    }
    if not quick:
        variables["corner"] = (("edges",), _beside_a_straight_edge(kinds, omega, points, passed[:, 0, 0, 0]))
    return _wrapped(variables, coords, "transport along the edge", probe=omega, vacancy=vacancy)


def fields(quick: bool) -> xr.Dataset:
    """How one-way the transport is against the field, compensated edges."""
    chosen = FIELDS[-1:] if quick else FIELDS
    lattice = patch.hexagon()
    forward, backward = patch.past_the_corner(lattice).values()
    ratio = []
    for delta in chosen:
        net, state = patch.on(lattice, delta, "compensated")
        omega = probe(PUMP, delta)[0]
        energy = pulse.energy(net, state, patch.outermost(lattice, 0.0), omega, 13)
        ratio.append(energy[forward].sum() / energy[backward].sum())
    return _wrapped({"ratio": (("delta",), ratio)}, {"delta": list(chosen)}, "one-way transport against the field")


def film(quick: bool) -> xr.Dataset:
    """The pulse in time past a missing site, for both signs of the field and both kinds of edges."""
    omega, kinds, dt = probe(PUMP, FIELD)[0], EDGES[:1] if quick else EDGES, QUICK_DT if quick else DT
    whole = patch.hexagon()
    vacancy = patch.outermost(whole, patch.VACANCY)
    lattice = whole.without([vacancy])
    site = patch.outermost(lattice, 0.0)
    fields = [FIELD, -FIELD]
    states = [[patch.on(lattice, delta, edges) for delta in fields] for edges in kinds]
    runs = [[pulse.evolve(*state, site, omega, T_END, dt) for state in row] for row in states]
    keep = slice(None, None, round(1 / pulse.SAMPLING))
    first = runs[0][0]
    variables = {
        "signal": (("edges", "delta", "time", "site"), [[run.values[keep] for run in row] for row in runs]),
        **_checks(*states[0][0], site, omega, first, dt),
    }
    coords = {"edges": list(kinds), "delta": fields, "time": first.time.values[keep], **_places(lattice)}
    return _wrapped(variables, coords, "a pulse along the edge", probe=omega, vacancy=vacancy)


#: File name -> function, in the order in which they are made.
DATASETS = {f.__name__: f for f in (ribbon_compensated, ribbon_relaxed, decay, transport, fields, film)}


@cache
def _ribbon(p: float, delta: float, edges: str, quick: bool) -> xr.Dataset:
    net = NETWORK.replace(p=p, delta=delta)
    return lp.ribbon(net, lp.steady_state(net), width=14, nk=61 if quick else 121, edges=edges)


def _checks(
    net: lp.Network, state: xr.Dataset, site: int, omega: float, run: xr.DataArray, dt: float
) -> dict[str, Any]:
    """Whether the pulse is weak enough, and whether its evolution agrees with linear response, past the corner."""
    windows = np.stack(list(patch.past_the_corner(net.lattice).values()))
    half = pulse.evolve(net, state, site, omega, T_END, dt, pulse.AMPLITUDE / 2)
    signal, weaker = (windows @ one.values.sum(axis=0) * pulse.SAMPLING for one in (run, half))
    expected = windows @ pulse.energy(net, state, site, omega, 25)
    return {
        "linearity": ((), abs(weaker / signal - 1).max()),
        "response_error": ((), abs(signal / expected - 1).max()),
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


def _beside_a_straight_edge(kinds: Any, omega: float, points: int, passed: np.ndarray) -> np.ndarray:
    """What is past the corner, over what is as far along a straight edge: anticlockwise, delta > 0, no vacancy."""
    lattice = patch.straight()
    window = patch.past_the_corner(lattice, corners=False)["anticlockwise"]
    found = []
    for edges, energy_past in zip(kinds, passed, strict=True):
        net, state = patch.on(lattice, FIELD, edges)
        energy = pulse.energy(net, state, patch.outermost(lattice, 0.0), omega, points)
        found.append(energy_past / energy[window].sum())
    return np.array(found)


def _places(lattice: Any) -> dict[str, Any]:
    return {"x": (("site",), lattice.basis[:, 0]), "y": (("site",), lattice.basis[:, 1])}


def _wrapped(variables: dict[str, Any], coords: dict[str, Any], title: str, **attributes: Any) -> xr.Dataset:
    return wrap(variables, coords, NETWORK.record, title=title, long_names=TEXTS, **attributes)
