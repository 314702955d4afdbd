"""The data behind every figure: one function per file, each returns a Dataset."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import deformed
import numpy as np
import trap
import uniform as uniform_field
import xarray as xr
from experiment import Run, values_of
from trap import Setting

import latticepol as lp
from latticepol.results.dataset import wrap
from latticepol.results.growth import is_stable

#: Name -> dissipative splitting g: the paper's, and that of stable lattices.
SETS = {"paper": 0.1, "g = 1": 1.0}
#: Frequencies of the two traps of the curves, and of all, over epsilon.
TRAPS, QUICK_TRAPS = (4.0, 32.0), (32.0,)
OMEGAS = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
#: Where states far from p_c are compared; the field whose response is chi; distances below p_c from which the
#: divergence of g_eff is extrapolated.
ABOVE, WEAK, BELOW = 0.25, 1e-5, np.array([0.06, 0.04, 0.02])
#: In traps shallower than this the growth rate is found again among so many scalar modes: next to p_c the soft mode and
#: the phase mode are nearly one, and the few modes of lp.steady_state make it grow where it decays. They then leave the
#: phase mode at about 1e-5, which counts as 0.
SHALLOW, MODES, NEUTRAL = 16.0, 64, 1e-4

TEXTS = {
    "set": "parameter set",
    "trap_omega": "frequency of the trap (epsilon)",
    "s": "size s",
    "s_z": "pseudospin s_z",
    "site_distance": "distance of the pseudospin from that of the single condensate",
    "deformed_distance": "distance of the pseudospin from that of the deformed condensate",
    "site_p_c": "p_c of the single condensate",
    "closed_p_c": "p_c in closed form, its shift to first order in epsilon/omega",
    "deformed_p_c": "p_c of the deformed condensate",
    "own_p_c": "p_c in the overlaps of the actual condensate",
    "law": "(c_3 delta^2)^(-1/3)",
}
#: Variables of the files.
KEPT = {*TEXTS, "stable", "chi", "p_c", "s_c"}


def uniform(run: Run) -> xr.Dataset:
    """A uniform field next to the single condensate: stationary states and trajectories."""
    names = list(uniform_field.SITES)[-1 if run.quick else 0 :]
    sites = [uniform_field.SITES[name] for name in names]
    axes = {key: xr.DataArray([getattr(site, key) for site in sites], dims="set") for key in ("p", "a", "g")}
    found = run.sweep(uniform_field.difference, sites[0], **axes)
    coords = {"set": names, "quantity": ["stationary states", "trajectory"]}
    parameters = {name: site.parameters() for name, site in zip(names, sites, strict=True)}
    title, texts = "uniform field", uniform_field.TEXTS
    return wrap(values_of(found), coords, parameters, title=title, long_names=texts, t_end=uniform_field.END)


def branches(run: Run) -> xr.Dataset:
    """The stable states at delta = 0 against the pump, the quantities of Fig. 1(b) of the paper."""
    sets = ["paper"] if run.quick else list(SETS)
    omegas = QUICK_TRAPS if run.quick else TRAPS
    swept = run.sweep(_branch, Setting(), run.quick, **_axes(sets, omegas))
    coords = {"set": sets, "trap_omega": list(omegas)}
    coords["p"] = (("set", "point"), np.array([_pumps(SETS[name], run.quick) for name in sets]))
    return _wrap(swept, coords, "one trap at delta = 0")


def deformed_branches(run: Run) -> xr.Dataset:
    """The same of the deformed condensate of :mod:`deformed`, in a field too weak to be seen."""
    sets = list(SETS)
    swept = run.sweep(_deformed, Setting(), **_axes(sets, TRAPS))
    coords = {"set": sets, "trap_omega": list(TRAPS)}
    coords["p"] = (("set", "point"), np.array([_deformed_pumps(SETS[name]) for name in sets]))
    return _wrap(swept, coords, "the deformed condensate")


def response(run: Run) -> xr.Dataset:
    """The aligned state against the pump in a weak field."""
    p_c = float(_pitchfork(SETS["paper"]).p_c)
    p = p_c + (np.array([0.12, -0.05]) if run.quick else np.linspace(0.2, -0.16, 13))
    fields = [1e-3] if run.quick else [1e-2, 1e-3, 1e-4]
    omegas = QUICK_TRAPS if run.quick else TRAPS
    given = Setting(g=SETS["paper"])
    swept = run.sweep(_followed, given, p, omega=xr.DataArray(list(omegas), dims="trap_omega"), delta=fields)
    coords = {"trap_omega": list(omegas), "delta": fields, "p": p}
    return _with_g_eff(_wrap(swept, coords, "one trap in a weak field"))


def isotherm(run: Run) -> xr.Dataset:
    """g_eff of each trap at its own p_c against the field."""
    fields = np.array([1e-3, 1e-5]) if run.quick else np.geomspace(1e-1, 1e-5, 9)
    omegas = QUICK_TRAPS if run.quick else TRAPS
    g = SETS["paper"]
    swept = run.sweep(_at_p_c, Setting(g=g), omega=xr.DataArray(list(omegas), dims="trap_omega"), delta=fields)
    ds = _wrap(swept, {"trap_omega": list(omegas), "delta": fields}, "one trap at its p_c")
    c3 = (1 - g**2 + deformed.A * g) / (2 * (1 + g**2) ** 2)
    return _described(_with_g_eff(ds).assign(law=(c3 * ds.delta**2) ** (-1 / 3)))


def departure(run: Run) -> xr.Dataset:
    """How far p_c, and a state beyond it, are from those of the single condensate, against the depth of the trap."""
    sets = ["paper"] if run.quick else list(SETS)
    omegas = QUICK_TRAPS if run.quick else OMEGAS
    swept = run.sweep(_departure, Setting(), **_axes(sets, omegas))
    ds = _wrap(swept, {"set": sets, "trap_omega": list(omegas)}, "departure")
    return ds.assign_attrs(above=ABOVE)


def site_paper(run: Run) -> xr.Dataset:
    """Fig. 1(b) of the paper: the branches of the single condensate at delta = 0."""
    return _curves("paper")


def site_g1(run: Run) -> xr.Dataset:
    """The same at g = 1."""
    return _curves("g = 1")


def site_response(run: Run) -> xr.Dataset:
    """The single condensate under the points of ``response``."""
    p_c = float(_pitchfork(SETS["paper"]).p_c)
    site = lp.Site(p=p_c, a=deformed.A, g=SETS["paper"])
    return lp.g_eff(site, p=np.linspace(p_c - 0.2, p_c + 0.25, 181), delta=[1e-2, 1e-3, 1e-4])


DATASETS = {
    f.__name__: f
    for f in (uniform, site_paper, site_g1, site_response, deformed_branches, branches, departure, response, isotherm)
}


def follow(omega: float, p: np.ndarray, g: float, delta: float, stability: bool = True) -> list[dict[str, float]]:
    """The aligned state of the trap along the pumps p, each from the one before."""
    return _measured(omega, p, g, np.full(len(p), delta), stability)


@cache
def critical(omega: float, g: float) -> dict[str, float]:
    """p_c and the size there, where g_eff of the linear state diverges.

    1/g_eff is smooth in p and is continued to 0 from three pumps below, in the pumps ``p`` of the empty mode and in
    those of the overlaps of the condensate itself.
    """
    rows = follow(omega, deformed.closed_form(omega, g) - BELOW, g, WEAK, stability=False)
    zero = [WEAK / (deformed.A * row["s_z"] + WEAK) for row in rows]
    own = [WEAK / (deformed.A * row["own_s_z"] + WEAK) for row in rows]
    p, s, own_p = (np.array([row[key] for row in rows]) for key in ("p", "s", "own_p"))
    return {"p_c": _at_zero(zero, p), "s_c": _at_zero(zero, s), "own_p_c": _at_zero(own, own_p)}


def _at_zero(x: Any, y: np.ndarray) -> float:
    """The polynomial through y(x), at x = 0."""
    return float(np.polyfit(x, y, len(y) - 1)[-1])


def _departure(given: Setting) -> dict[str, float]:
    omega, g = given.omega, given.g
    p_c = float(_pitchfork(g).p_c)
    p, there = p_c + ABOVE, critical(omega, g)
    row = follow(omega, np.array([p]), g, 0.0)[0]
    s, site = np.array([row["s_x"], row["s_y"], row["s_z"]]), _site(p, g, 0.0)
    nearby = {"site": site, "deformed": deformed.state(omega, p, g, 0.0, site)}
    distances = {f"{name}_distance": float(np.linalg.norm(s - other)) for name, other in nearby.items()}
    p_cs = {"closed_p_c": deformed.closed_form(omega, g), "deformed_p_c": deformed.pitchfork(omega, g)}
    return there | {"site_p_c": p_c} | p_cs | distances | {"stable": row["stable"]}


def _branch(given: Setting, quick: bool) -> xr.Dataset:
    """Down the pumps at delta = 0, with chi by a difference."""
    p = _pumps(given.g, quick)
    rows, near = follow(given.omega, p, given.g, 0.0), follow(given.omega, p, given.g, WEAK, stability=False)
    for row, other in zip(rows, near, strict=True):
        row["chi"] = deformed.A * (other["s_z"] - row["s_z"]) / WEAK
    return _along("point", rows)


def _followed(given: Setting, p: np.ndarray) -> xr.Dataset:
    return _along("p", follow(given.omega, p, given.g, given.delta))


def _at_p_c(given: Setting) -> dict[str, float]:
    """From the deformed condensate, whose pitchfork is nearly that of the trap: Newton's method creeps at p_c."""
    p_c = critical(given.omega, given.g)["p_c"]
    near = deformed.state(given.omega, p_c, given.g, given.delta, _site(p_c, given.g, given.delta))
    (row,) = _measured(given.omega, [p_c], given.g, np.array([given.delta]), start=near)
    return {name: row[name] for name in row if name in KEPT}


def _deformed(given: Setting) -> xr.Dataset:
    """The same as _branch of the deformed condensate."""
    omega, g, p = given.omega, given.g, _deformed_pumps(given.g)
    rows, last = [], _site(p[0], g, WEAK)
    for pump in p:
        start = last if np.isfinite(last).all() else _site(pump, g, WEAK)
        first, second = (deformed.state(omega, pump, g, delta, start) for delta in (WEAK, 2 * WEAK))
        last = first
        chi = deformed.A * (second[2] - first[2]) / WEAK
        rows.append({"s": np.linalg.norm(first), "s_z": first[2], "chi": chi})
    return _along("point", rows)


def _deformed_pumps(g: float) -> np.ndarray:
    return np.linspace(1.0, -g + 0.02, 241)


def _along(dim: str, rows: list[dict[str, float]]) -> xr.Dataset:
    """Rows as a Dataset along a dimension, without those that the files do not keep."""
    kept = [name for name in rows[0] if name in KEPT]
    return xr.Dataset({name: (dim, np.array([row[name] for row in rows])) for name in kept})


def _measured(
    omega: float, p: Any, g: float, fields: np.ndarray, stability: bool = True, start: np.ndarray | None = None
) -> list[dict[str, float]]:
    """Numbers of stationary states, each from the one before (so no sweep), the first from a pseudospin (3,), None:
    that of the single condensate; stability takes as long as the search."""
    start = _site(p[0], g, fields[0]) if start is None else start
    state: Any = trap.spinor(start)[:, None, None] * trap.empty().phi
    rows = []
    for pump, delta in zip(p, fields, strict=True):
        model = trap.model(omega, float(pump), g, float(delta))
        state = lp.steady_state(model, state, relax=0.0, stability=stability and omega >= SHALLOW)
        stable = {"stable": _stable(model, state, omega)} if stability else {}
        rows.append({"p": float(pump)} | stable | _numbers(model, state))
    return rows


def _numbers(model: lp.SpinorGPE, state: xr.Dataset) -> dict[str, float]:
    """int S and its components, and the same in units of the overlaps of the density of this state."""
    stokes, integrate = lp.stokes(state), model.grid.integrate
    s, s_x, s_y, s_z = (float(integrate(stokes[name].values)) for name in ("S", "S_x", "S_y", "S_z"))
    density = stokes.S.values / s
    own = float(integrate(density**2)) / trap.empty().fourth
    net = model.equation.value("W", 0.0) - trap.LOSS
    found = {"s": s, "s_x": s_x, "s_y": s_y, "s_z": s_z, "own_s_z": own * s_z}
    return found | {"own_p": float(integrate(net * density))}


def _stable(model: lp.SpinorGPE, state: xr.Dataset, omega: float) -> bool:
    """Whether no excitation grows."""
    if omega >= SHALLOW:
        return is_stable(state)
    spectrum = lp.bogoliubov(model, state, k=[[0.0, 0.0]], basis=MODES)
    return float(spectrum.omega.values.imag.max()) < NEUTRAL


def _site(p: float, g: float, delta: float) -> np.ndarray:
    """The stable aligned state of the single condensate."""
    return lp.g_eff(lp.Site(p=float(p), a=deformed.A, g=g, delta=float(delta))).pseudospin.values


def _curves(name: str) -> xr.Dataset:
    g = SETS[name]
    return lp.branches(lp.Site(p=0.0, a=deformed.A, g=g), along="p", span=(-g + 0.01, 1.0))


@cache
def _pitchfork(g: float) -> xr.Dataset:
    return lp.pitchfork(lp.Site(p=0.0, a=deformed.A, g=g))


def _pumps(g: float, quick: bool) -> np.ndarray:
    """From above p_c down to threshold, denser at p_c."""
    p_c = float(_pitchfork(g).p_c)
    if quick:
        return p_c + np.array([0.25, -0.1])
    return np.concatenate(
        [p_c + 0.65 * np.linspace(1, 0.1, 14) ** 2, p_c - (p_c + g - 0.03) * np.linspace(0, 1, 10) ** 1.5]
    )


def _axes(sets: list[str], omegas: Sequence[float]) -> dict[str, xr.DataArray]:
    """Every set with every trap."""
    g = xr.DataArray([SETS[name] for name in sets], dims="set")
    return {"g": g, "omega": xr.DataArray(list(omegas), dims="trap_omega")}


def _wrap(swept: xr.Dataset, coords: dict[str, Any], title: str) -> xr.Dataset:
    found = {name: value for name, value in values_of(swept).items() if name in KEPT}
    fixed = {"a1": trap.A1, "a2": trap.A2, "Gamma": trap.LOSS, "box": trap.BOX, "points": trap.POINTS}
    return wrap(found, coords, fixed, title=title, long_names=TEXTS)


def _with_g_eff(ds: xr.Dataset) -> xr.Dataset:
    g_eff = 1 + deformed.A * ds.s_z / ds.delta
    return ds.assign(g_eff=g_eff.assign_attrs(units="1", long_name="effective g-factor enhancement"))


def _described(ds: xr.Dataset) -> xr.Dataset:
    for name in ds.data_vars:
        if name in TEXTS:
            ds[name].attrs = {"units": "1", "long_name": TEXTS[str(name)]}
    return ds
