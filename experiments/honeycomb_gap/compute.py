"""The data behind every figure: one function per file, each returns a Dataset. ``each`` maps a function over points."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import point
import xarray as xr
from parameters import ABOVE, BELOW, DJ, FIELD, LATTICE, MAIN, SEED, UNSTABLE, A, J, fields, network, pumps, sets
from scipy.interpolate import PchipInterpolator

import latticepol as lp
from latticepol.dataset import wrap

#: Runs a function over a list, in worker processes and with a bar: made by run.py.
Each = Callable[[Callable[[Any], Any], list[Any]], Iterable[Any]]
#: The data sets made so far, by name.
Data = dict[str, xr.Dataset]
Compute = Callable[[bool, Each, Data], xr.Dataset]

TEXTS = {
    "s_z": "pseudospin s_z of every site",
    "empty_gap": "direct gap of the empty lattice without losses",
    "paper_gap": "empty lattice in the field a s_z + delta",
    "doubled_gap": "empty lattice in the field (2 a1 - a2) s_z + delta",
    "enhancement": "enhancement of the gap",
    "paper_error": "error of the estimate with a s_z + delta [%]",
    "doubled_error": "error of the estimate with (2 a1 - a2) s_z + delta [%]",
    "fold": "pump at the fold",
    "J": "hopping J",
    "dJ_over_J": "TE-TM hopping over J",
    "s": "size s of the condensate of a site",
    "spin_wave": "growth rate of spin waves of the linear state, from its formula",
    "onset": "pump where s = 2 g/a",
    "opening": "smallest field with an open gap",
    "empty_opening": "smallest field with an open gap, empty lattice with losses",
    "set": "parameter set",
    "pump": "distance of the pump from p_c",
    "edges": "edges",
    "empty_omega": "band of the empty lattice",
    "law": "power of the enhancement along the fold line",
}


def maps(name: str) -> Compute:
    """Everything at every (p, delta) of a set."""

    def compute(quick: bool, each: Each, data: Data) -> xr.Dataset:
        net = network(name)
        p, delta = pumps(net.site.p, quick), fields(quick)
        points = [net.replace(p=x, delta=y) for x in p for y in delta]
        values = np.array(list(each(_aligned(quick), points))).reshape(len(p), len(delta), -1)
        found = {key: (("p", "delta"), values[..., i]) for i, key in enumerate(point.NAMES)}
        ds = _wrap(found, {"p": p, "delta": delta}, net, f"gap of the honeycomb, {name}")
        ds = _compared(ds, net, data)
        ds = ds.assign(
            paper_error=100 * (ds.paper_gap / ds.direct_gap - 1).where(ds.direct_gap > 0),
            doubled_error=100 * (ds.doubled_gap / ds.direct_gap - 1).where(ds.direct_gap > 0),
            fold=lp.folds(net.site, along="p", delta=delta).p.min("fold"),
        )
        single = lp.alignment_probability(
            net.site, realizations=100 if quick else 1000, rng=SEED, progress=False, p=p, delta=delta
        )
        ds = ds.assign(probability=single.probability, g_eff=lp.g_eff(net.site, p=p, delta=delta).g_eff)
        return _described(ds, p_c=net.site.p)

    return compute


def _aligned(quick: bool) -> Callable[[lp.Network], tuple[float, ...]]:
    return partial(point.aligned, mesh=point.QUICK_MESH if quick else point.MESH)


def empty(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """Direct gap of the empty lattice without losses against the field: what the condensed one is compared with."""
    fields = np.geomspace(1e-5, 20.0, 21 if quick else 241)
    gap = np.array(list(each(point.empty_gap, [network(MAIN).replace(delta=field) for field in fields])))
    variables = {"empty_gap": (("delta",), gap)}
    return _wrap(variables, {"delta": fields}, network(MAIN), "gap of the empty lattice")


def _compared(ds: xr.Dataset, net: lp.Network, data: Data) -> xr.Dataset:
    """With the gaps of the empty lattice at delta and in the two effective fields, and the enhancement."""
    at = empty_gap(data["empty"])
    site = net.site
    ds = ds.assign(empty_gap=at(ds.delta), paper_gap=at(abs(site.a * ds.s_z + ds.delta)))
    ds = ds.assign(doubled_gap=at(abs((2 * site.a + site.a2) * ds.s_z + ds.delta)))
    return ds.assign(enhancement=ds.direct_gap / ds.empty_gap)


def empty_gap(ds: xr.Dataset) -> Callable[[xr.DataArray], xr.DataArray]:
    """The gap of the empty lattice as a function of the field, between its data points by a monotone cubic curve."""
    curve = PchipInterpolator(np.log(ds.delta), ds.empty_gap)
    return lambda field: xr.apply_ufunc(lambda x: curve(np.log(x)), field)


def fold_line(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """Along the fold, where g_eff is the largest that is reached with certainty."""
    delta = np.geomspace(1e-5, 0.3, 4 if quick else 28)
    rows, folds = [], []
    for name in sets(quick):
        net = network(name)
        fold = lp.folds(net.site, along="p", delta=delta).p.min("fold").values
        rows.append(list(each(_aligned(quick), [net.replace(p=x, delta=y) for x, y in zip(fold, delta, strict=True)])))
        folds.append(fold)
    values = np.array(rows)
    found: dict[str, Any] = {key: (("set", "delta"), values[..., i]) for i, key in enumerate(point.NAMES)}
    found["fold"] = (("set", "delta"), np.array(folds))
    net = network(MAIN)
    ds = _wrap(found, {"set": sets(quick), "delta": delta}, net, "along the fold line")
    return _described(_compared(ds, net, data).assign(g_eff=1 + A * ds.s_z / ds.delta))


def opening(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """The smallest field at which the gap is open, against the pump; and of the empty lattice with its losses."""
    x = np.array([0.0]) if quick else np.concatenate([-np.geomspace(0.2, 1e-3, 12), [0.0], [3e-4, 1e-3, 3e-3]])
    nets, close = [network(name) for name in sets(quick)], point.QUICK_CLOSE if quick else point.CLOSE
    points = [net.replace(p=net.site.p + shift) for net in nets for shift in x]
    condensed = np.array(list(each(partial(point.opening, close=close), points))).reshape(len(nets), len(x))
    empty = np.array(list(each(partial(point.opening, empty=True, close=close), nets)))
    variables = {"opening": (("set", "pump"), condensed), "empty_opening": (("set",), empty)}
    return _wrap(variables, {"set": sets(quick), "pump": x}, network(MAIN), "opening of the gap")


def bands(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """Excitations along G-K-M-G below, at and above p_c, and the bands of the empty lattice."""
    k = LATTICE.path("G K M G", 60 if quick else 301)
    shifts = [BELOW, 0.0, ABOVE]
    omega, growth, mu, empty = [], [], [], []
    for name in (MAIN, UNSTABLE):
        net = network(name).replace(delta=FIELD)
        pumped = [net.replace(p=net.site.p + shift) for shift in shifts]
        states = [lp.steady_state(n) for n in pumped]
        omega.append([lp.bogoliubov(n, s, k=k).omega for n, s in zip(pumped, states, strict=True)])
        growth.append([float(state.growth_rate) for state in states])
        mu.append([float(state.mu) for state in states])
        empty.append(lp.bands(net, k=k, losses=False).omega)
    dims = ("set", "pump", "k", "mode")
    variables = {
        "omega": (dims, np.array(omega)),
        "growth_rate": (dims[:2], growth),
        "mu": (dims[:2], mu),
        "empty_omega": (("set", "k", "band"), np.array(empty)),
    }
    coords = {"distance": (("k",), k.distance.values), "point": (("k",), k.point.values)}
    return _wrap(variables, coords | {"set": [MAIN, UNSTABLE], "pump": shifts}, network(MAIN), "bands")


def curvature(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """Berry curvature of everything below the gap at a weak field, at p_c."""
    net = network(MAIN).replace(delta=FIELD)
    return lp.berry_curvature(net, lp.steady_state(net), below=point.BELOW, mesh=24 if quick else 96)


def ribbons(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """A zigzag ribbon above p_c, with both kinds of edges."""
    net = network(MAIN)
    net = net.replace(p=net.site.p + ABOVE, delta=FIELD)
    state = lp.steady_state(net)
    width, nk = (8, 21) if quick else (24, 81)
    kinds = ["relaxed", "compensated"]
    found = [lp.ribbon(net, state, width=width, nk=nk, edges=kind) for kind in kinds]
    gap = lp.gap(net, state, below=point.BELOW)
    at = lp.bogoliubov(net, state, k=gap["where"].values).omega.real
    joined = xr.concat(found, "edges", combine_attrs="drop_conflicts").assign_coords(edges=kinds)
    centre = at.isel(mode=slice(5, 7)).mean().assign_attrs(units="1", long_name="middle of the direct gap")
    return joined.assign(direct_gap=gap.direct_gap, line_gap=gap.line_gap, gap_centre=centre)


def instability(quick: bool, each: Each, data: Data) -> xr.Dataset:
    """Growth rate of the ferromagnetic honeycomb of the paper's set over (J, p), and the spin-wave line."""
    net = network(UNSTABLE).replace(delta=0.0)
    hopping = np.linspace(0.0, 3.0, 3 if quick else 25)
    p = np.linspace(-0.08, 0.6, 4 if quick else 29)
    ratios = [0.0, DJ / J]
    points = [net.replace(J=h, dJ=r * h, p=x) for r in ratios for h in hopping for x in p]
    values = np.array(list(each(point.growth, points))).reshape(2, len(hopping), len(p), 2)
    dims = ("dJ_over_J", "J", "p")
    variables = {"growth_rate": (dims, values[..., 0]), "s": (dims, values[..., 1])}
    g = net.site.g
    variables["spin_wave"] = (("J", "p"), _spin_wave(hopping[:, None], p + g, g))
    variables["onset"] = ((), 2 * g / A - g)
    ds = _wrap(variables, {"dJ_over_J": ratios, "J": hopping, "p": p}, net, "instability of the ferromagnet")
    return ds.assign_attrs(p_c=network(UNSTABLE).site.p)


def _spin_wave(hopping: np.ndarray, s: np.ndarray, g: float) -> np.ndarray:
    """``max -g + sqrt(a s e - e^2)`` over e = 1 - J (3 - l), l in the bands +-|f| of the honeycomb, [-3, 3]; dJ = 0."""
    e = np.clip(0.5 * A * s, 1 - 6 * hopping, 1)
    return np.where(s > 0, -g + np.sqrt(np.maximum(A * s * e - e**2, 0.0)), np.nan)


def _wrap(variables: dict[str, Any], coords: dict[str, Any], net: lp.Network, title: str) -> xr.Dataset:
    return wrap(variables, coords, net.record, title=title, long_names=TEXTS)


def _described(ds: xr.Dataset, **attributes: Any) -> xr.Dataset:
    for name in ds.data_vars:
        if name in TEXTS:
            ds[name].attrs = {"units": "1", "long_name": TEXTS[str(name)]}
    return ds.assign_attrs(attributes)


def datasets(quick: bool) -> dict[str, Compute]:
    """File name -> function of (quick, each, data), in the order in which they are made."""
    first = (empty, bands, curvature, ribbons, fold_line, opening, instability)
    return {f.__name__: f for f in first} | {f"map_{name}": maps(name) for name in sets(quick)}
