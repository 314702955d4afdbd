"""The data behind every figure: one function per file, each returns a Dataset."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import point
import xarray as xr
from experiment import Data, Run, values_of
from parameters import ABOVE, BELOW, DJ, FIELD, LATTICE, MAIN, SEED, SETS, UNSTABLE, A, J, fields, network, pumps, sets
from scipy.interpolate import PchipInterpolator

import latticepol as lp
from latticepol.results.dataset import wrap

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


def maps(name: str) -> Callable[[Run], xr.Dataset | None]:
    """Everything at every (p, delta) of a set."""

    def compute(run: Run) -> xr.Dataset | None:
        if name not in sets(run.quick):
            return None
        net = network(name)
        p, delta = pumps(net.site.p, run.quick), fields(run.quick)
        swept = run.sweep(point.aligned, net, options=_fine(run), p=p, delta=delta)
        ds = _wrap(values_of(swept), {"p": p, "delta": delta}, net, f"gap of the honeycomb, {name}")
        ds = _compared(ds, net, run.data)
        ds = ds.assign(
            paper_error=100 * (ds.paper_gap / ds.direct_gap - 1).where(ds.direct_gap > 0),
            doubled_error=100 * (ds.doubled_gap / ds.direct_gap - 1).where(ds.direct_gap > 0),
            fold=lp.folds(net.site, along="p", delta=delta).p.min("fold"),
        )
        single = lp.alignment_probability(
            net.site, realizations=100 if run.quick else 1000, rng=SEED, progress=False, p=p, delta=delta
        )
        ds = ds.assign(probability=single.probability, g_eff=lp.g_eff(net.site, p=p, delta=delta).g_eff)
        return _described(ds, p_c=net.site.p)

    return compute


def _fine(run: Run) -> dict[str, int]:
    return {"mesh": point.QUICK_MESH if run.quick else point.MESH}


def _of_sets(names: Sequence[str]) -> dict[str, xr.DataArray]:
    """The parameters in which the sets differ, along ``set``."""
    g, a2 = np.array([SETS[name] for name in names]).T
    return {"g": xr.DataArray(g, dims="set"), "a2": xr.DataArray(a2, dims="set")}


def empty(run: Run) -> xr.Dataset:
    """Direct gap of the empty lattice without losses against the field: what the condensed one is compared with."""
    fields = np.geomspace(1e-5, 20.0, 21 if run.quick else 241)
    swept = run.sweep(point.empty_gap, network(MAIN), delta=fields)
    return _wrap(values_of(swept), {"delta": fields}, network(MAIN), "gap of the empty lattice")


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


def fold_line(run: Run) -> xr.Dataset:
    """Along the fold, where g_eff is the largest that is reached with certainty."""
    delta, names, net = np.geomspace(1e-5, 0.3, 4 if run.quick else 28), sets(run.quick), network(MAIN)
    fold = np.array([lp.folds(network(name).site, along="p", delta=delta).p.min("fold").values for name in names])
    on_fold = {"p": xr.DataArray(fold, dims=("set", "delta")), "delta": delta}
    swept = run.sweep(point.aligned, net, options=_fine(run), **_of_sets(names), **on_fold)
    found = values_of(swept) | {"fold": (("set", "delta"), fold)}
    ds = _wrap(found, {"set": names, "delta": delta}, net, "along the fold line")
    return _described(_compared(ds, net, run.data).assign(g_eff=1 + A * ds.s_z / ds.delta))


def opening(run: Run) -> xr.Dataset:
    """The smallest field at which the gap is open, against the pump; and of the empty lattice with its losses."""
    x = np.array([0.0]) if run.quick else np.concatenate([-np.geomspace(0.2, 1e-3, 12), [0.0], [3e-4, 1e-3, 3e-3]])
    names, net, close = sets(run.quick), network(MAIN), {"close": point.QUICK_CLOSE if run.quick else point.CLOSE}
    p_c = np.array([network(name).site.p for name in names])
    pumped = xr.DataArray(p_c[:, None] + x, dims=("set", "pump"))
    condensed = run.sweep(point.opening, net, options=close, **_of_sets(names), p=pumped)
    at_p_c = xr.DataArray(p_c, dims="set")
    empty = run.sweep(point.opening, net, options=close | {"empty": True}, **_of_sets(names), p=at_p_c)
    found = values_of(condensed) | {"empty_opening": (("set",), empty.opening.values)}
    return _wrap(found, {"set": names, "pump": x}, net, "opening of the gap")


def bands(run: Run) -> xr.Dataset:
    """Excitations along G-K-M-G below, at and above p_c, and the bands of the empty lattice."""
    k = LATTICE.path("G K M G", 60 if run.quick else 301)
    names, shifts = [MAIN, UNSTABLE], np.array([BELOW, 0.0, ABOVE])
    net = network(MAIN).replace(delta=FIELD)
    p = xr.DataArray([network(name).site.p + shifts for name in names], dims=("set", "pump"))
    excited = run.sweep(point.excitations, net, k, **_of_sets(names), p=p)
    empty = [lp.bands(network(name).replace(delta=FIELD), k=k, losses=False).omega for name in names]
    found = values_of(excited) | {"empty_omega": (("set", "k", "band"), np.array(empty))}
    coords = {"distance": (("k",), k.distance.values), "point": (("k",), k.point.values)}
    return _wrap(found, coords | {"set": names, "pump": shifts}, network(MAIN), "bands")


def curvature(run: Run) -> xr.Dataset:
    """Berry curvature of everything below the gap at a weak field, at p_c."""
    net = network(MAIN).replace(delta=FIELD)
    return lp.berry_curvature(net, lp.steady_state(net), below=point.BELOW, mesh=24 if run.quick else 96)


def ribbons(run: Run) -> xr.Dataset:
    """A zigzag ribbon above p_c, with both kinds of edges, which are no parameter of the network."""
    net = network(MAIN)
    net = net.replace(p=net.site.p + ABOVE, delta=FIELD)
    state = lp.steady_state(net)
    width, nk = (8, 21) if run.quick else (24, 81)
    kinds = ["relaxed", "compensated"]
    found = [lp.ribbon(net, state, width=width, nk=nk, edges=kind) for kind in kinds]
    gap = lp.gap(net, state, below=point.BELOW)
    at = lp.bogoliubov(net, state, k=gap.k_gap.values).omega.real
    joined = xr.concat(found, "edges", combine_attrs="drop_conflicts").assign_coords(edges=kinds)
    centre = at.isel(mode=slice(5, 7)).mean().assign_attrs(units="1", long_name="middle of the direct gap")
    return joined.assign(direct_gap=gap.direct_gap, line_gap=gap.line_gap, gap_centre=centre)


def instability(run: Run) -> xr.Dataset:
    """Growth rate of the ferromagnetic honeycomb of the paper's set over (J, p), and the spin-wave line."""
    net = network(UNSTABLE).replace(delta=0.0)
    hopping = np.linspace(0.0, 3.0, 3 if run.quick else 25)
    p = np.linspace(-0.08, 0.6, 4 if run.quick else 29)
    ratios = [0.0, DJ / J]
    tetm = xr.DataArray(np.outer(ratios, hopping), dims=("dJ_over_J", "J"))
    found = values_of(run.sweep(point.growth, net, dJ=tetm, J=hopping, p=p))
    g = net.site.g
    found["spin_wave"] = (("J", "p"), _spin_wave(hopping[:, None], p + g, g))
    found["onset"] = ((), 2 * g / A - g)
    ds = _wrap(found, {"dJ_over_J": ratios, "J": hopping, "p": p}, net, "instability of the ferromagnet")
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


#: File name -> function of the run, in the order in which they are made.
DATASETS = {f.__name__: f for f in (empty, bands, curvature, ribbons, fold_line, opening, instability)}
DATASETS |= {f"map_{name}": maps(name) for name in SETS}
