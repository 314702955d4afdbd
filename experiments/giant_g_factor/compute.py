"""The data behind every figure: one function per file, each returns a Dataset."""

import dataclasses

import numpy as np
import xarray as xr
from experiment import Run, Swept, values_of

import latticepol as lp
from latticepol.results.dataset import wrap

#: The parameter sets of arXiv:2405.01941: (a, g) supercritical and subcritical.
SUPERCRITICAL = lp.Site(p=0.4, a=2.28, g=0.1)
SUBCRITICAL = lp.Site(p=6.0, a=1.0, g=3.0)
SEED = 20240501


@dataclasses.dataclass(frozen=True)
class Noisy(Swept):
    """What is no parameter of a site: mean size of the initial seed, strength of the noise, seed of random numbers."""

    mean_s: float = 0.1
    noise: float = 0.0
    seed: int = SEED


def fig1a(run: Run) -> xr.Dataset:
    """Pitchfork over (g, a)."""
    n = 60 if run.quick else 400
    return lp.pitchfork(SUPERCRITICAL, g=np.linspace(0.01, 4, n), a=np.linspace(0.02, 4, n))


def fig1b(run: Run) -> xr.Dataset:
    """Branches of the supercritical set at delta = 0."""
    return lp.branches(SUPERCRITICAL, along="p", span=(-0.15, 1.0))


def fig1c(run: Run) -> xr.Dataset:
    """Branches of the subcritical set at delta = 0."""
    return lp.branches(SUBCRITICAL, along="p", span=(-4.0, 10.0))


def fig2a(run: Run) -> xr.Dataset:
    """A perturbation that spirals back, with the directions of the modes."""
    site = SUPERCRITICAL.replace(p=0.6, delta=0.1)
    modes = lp.precession(site)
    scale = float(abs(modes.u1).max())
    start = modes.pseudospin + 0.03 * modes.u1 / scale - 0.03 * modes.v3
    path = lp.trajectory(site, start.values, np.linspace(0, 60, 601))
    return modes.assign(path=path.pseudospin, path_time=path.time)


def fig2b(run: Run) -> xr.Dataset:
    """Precession about the aligned state against pump, at several fields."""
    axes = {"p": np.linspace(-0.05, 2.0, 83 if run.quick else 411), "delta": [0.01, 0.03, 0.1, 0.3, 1.0]}
    ds = lp.precession(SUPERCRITICAL, **axes)
    return ds.assign(g_eff=lp.g_eff(SUPERCRITICAL, **axes).g_eff)


def fig2b_folds(run: Run) -> xr.Dataset:
    """Folds at the fields of Fig. 2(b)."""
    return lp.folds(SUPERCRITICAL, along="p", delta=[0.01, 0.03, 0.1, 0.3, 1.0])


def fig3(run: Run) -> xr.Dataset:
    """g_eff and P over (p, delta)."""
    n = 16 if run.quick else 120
    axes = {"p": np.linspace(0.0, 1.0, n), "delta": np.geomspace(1e-3, 0.2, n)}
    ensemble = lp.alignment_probability(SUPERCRITICAL, realizations=50 if run.quick else 200, rng=SEED, **axes)
    fold = lp.folds(SUPERCRITICAL, along="p", delta=axes["delta"]).p.min("fold")
    # contours of single pixels are ragged; a mean over neighbours must not reach across the fold, where P jumps
    beyond = ensemble.probability.where(ensemble.p > fold)
    smooth = beyond.rolling(p=7, delta=7, center=True, min_periods=1).mean().where(ensemble.p > fold, 1.0)
    return ensemble.assign(g_eff=lp.g_eff(SUPERCRITICAL, **axes).g_eff, fold=fold, smooth_probability=smooth)


def fold_line(run: Run) -> xr.Dataset:
    """The fold line of Fig. 3."""
    return lp.folds(SUPERCRITICAL, along="p", delta=np.geomspace(1e-3, 0.2, 120))


def usable(run: Run) -> xr.Dataset:
    """Largest g_eff at P >= 0.99 against the field.

    Just above the fold 1 - P rises like the square root of the distance, so pumps are tried there on a scale relative
    to the distance of the fold from p_c.
    """
    fields = np.geomspace(1e-4, 0.2, 5 if run.quick else 14)
    realizations = 300 if run.quick else 4000
    beyond = np.concatenate([[-1e-3], np.geomspace(1e-5, 0.3, 8 if run.quick else 24)])
    found = run.sweep(_usable, SUPERCRITICAL, beyond, realizations, delta=fields)
    site = SUPERCRITICAL
    c3 = (1 - site.g**2 + site.a * site.g) / (2 * (1 + site.g**2) ** 2)
    texts = {
        "fold": "pump at the fold",
        "usable_p": "largest pump with P >= 0.99",
        "g_eff_at_fold": "effective g-factor at the fold",
        "usable_g_eff": "largest effective g-factor with P >= 0.99",
        "law": "(4/(c_3 delta^2))^(1/3)",
    }
    variables = values_of(found) | {"law": (("delta",), (4 / (c3 * fields**2)) ** (1 / 3))}
    attributes = {"seed": SEED, "realizations": realizations}
    fixed = {"a": site.a, "g": site.g}
    return wrap(variables, {"delta": fields}, fixed, title="usable enhancement", long_names=texts, **attributes)


def _usable(site: lp.Site, beyond: np.ndarray, realizations: int) -> dict[str, float]:
    """One field: pumps ``beyond`` the fold, in units of its distance from p_c."""
    fold = float(lp.folds(site, along="p").p.min())
    pumps = fold + beyond * (fold - float(lp.pitchfork(site).p_c))
    chance = lp.alignment_probability(site, realizations=realizations, rng=SEED, p=pumps)
    last = int(np.argmin(np.append(chance.probability.values >= 0.99, False))) - 1
    at = lp.g_eff(site, p=[fold, pumps[last]]).g_eff.values
    return dict(zip(("fold", "usable_p", "g_eff_at_fold", "usable_g_eff"), (fold, pumps[last], *at), strict=True))


def critical(run: Run) -> xr.Dataset:
    """The aligned state at p_c against the field."""
    return lp.g_eff(SUPERCRITICAL, p=float(lp.pitchfork(SUPERCRITICAL).p_c), delta=np.geomspace(1e-12, 1.0, 61))


def hysteresis_p(run: Run) -> xr.Dataset:
    """Pump swept up and down at a small field, subcritical set."""
    return _swept(SUBCRITICAL.replace(delta=0.05), "p", np.linspace(3.5, 8.5, 31 if run.quick else 101))


def hysteresis_delta(run: Run) -> xr.Dataset:
    """Field swept up and down at p = 6, subcritical set."""
    return _swept(SUBCRITICAL, "delta", np.linspace(-1.2, 1.2, 31 if run.quick else 121))


def hysteresis_p_branches(run: Run) -> xr.Dataset:
    """Branches under the pump sweep."""
    return lp.branches(SUBCRITICAL.replace(delta=0.05), along="p", span=(3.5, 8.5))


def hysteresis_delta_branches(run: Run) -> xr.Dataset:
    """Branches under the field sweep."""
    return lp.branches(SUBCRITICAL, along="delta", span=(-1.2, 1.2))


def seed_size(run: Run) -> xr.Dataset:
    """P against the mean size of the initial seed."""
    sizes, pumps, delta = np.geomspace(1e-6, 1.0, 4 if run.quick else 13), [0.6, 0.8, 1.0], 0.05
    realizations = 500 if run.quick else 10_000
    found = run.sweep(_from_seed, Noisy(), SUPERCRITICAL.replace(delta=delta), pumps, realizations, mean_s=sizes)
    coords = {"mean_s": sizes, "p": found.p.variable}
    fixed = {"a": SUPERCRITICAL.a, "g": SUPERCRITICAL.g, "delta": delta}
    texts = {"mean_s": "mean size of the initial seed s(0)"}
    attributes = {"seed": SEED, "realizations": realizations, "initial": "gaussian"}
    title = "P against the size of the seed"
    return wrap(values_of(found), coords, fixed, title=title, long_names=texts, **attributes)


def _from_seed(given: Noisy, site: lp.Site, pumps: list[float], realizations: int) -> xr.Dataset:
    found = lp.alignment_probability(site, realizations=realizations, mean_s=given.mean_s, rng=given.seed, p=pumps)
    return xr.Dataset({name: found[name] for name in ("probability", "standard_error")})


def negative_g(run: Run) -> xr.Dataset:
    """g_eff of the stable state for either sign of g: for g < 0 the state that condenses does not bifurcate."""
    ds = lp.fixed_points(SUPERCRITICAL, g=[0.1, -0.1], p=np.linspace(-0.09, 1.0, 219), delta=[1e-3, 0.1])
    stable = ds.g_eff.where(ds.stable)
    return ds.drop_vars(list(ds)).assign(g_eff=stable.max("state").assign_attrs(ds.g_eff.attrs))


def switching(run: Run) -> xr.Dataset:
    """Mean time between switches of the two stable states at delta = 0 against the strength of the noise."""
    site = SUPERCRITICAL.replace(p=0.5)
    level = float(lp.g_eff(site).pseudospin.sel(axis="z")) / 2
    noises = np.geomspace(1e-3 if run.quick else 4e-4, 4e-3, 3 if run.quick else 8)
    t = np.arange(0.0, 2e4 if run.quick else 4e5, 0.5)
    seeds = xr.DataArray(SEED + np.arange(len(noises)), dims="noise")
    found = run.sweep(_switches, Noisy(), site, t, level, noise=noises, seed=seeds)
    texts = {
        "mean_time": "mean time between switches (1/epsilon)",
        "error": "standard error of the mean time",
        "switches": "number of switches",
        "noise": "strength of the noise",
    }
    attributes = {"seed": SEED, "level": level, "duration": t[-1]}
    fixed = site.parameters()
    return wrap(
        values_of(found), {"noise": noises}, fixed, title="noise-driven switching", long_names=texts, **attributes
    )


def _switches(given: Noisy, site: lp.Site, t: np.ndarray, level: float) -> dict[str, float]:
    path = lp.trajectory(site, [-0.3, 0.0, 0.3], t, noise=given.noise, rng=given.seed, dt=0.1)
    s_z = path.pseudospin.sel(axis="z").values
    count = np.count_nonzero(np.diff(np.sign(s_z[np.abs(s_z) > level])))
    time = t[-1] / count if count else np.nan
    return {"mean_time": time, "error": time / np.sqrt(count) if count else np.nan, "switches": count}


#: File name -> function of the run, in the order in which they are made.
DATASETS = {
    f.__name__: f
    for f in (
        fig1a,
        fig1b,
        fig1c,
        fig2a,
        fig2b,
        fig2b_folds,
        fig3,
        fold_line,
        usable,
        critical,
        hysteresis_p,
        hysteresis_p_branches,
        hysteresis_delta,
        hysteresis_delta_branches,
        seed_size,
        negative_g,
        switching,
    )
}


def _swept(site: lp.Site, along: str, values: np.ndarray) -> xr.Dataset:
    """Follow the stable state while ``along`` goes slowly up and down; where it ends, wait for what comes next.

    No sweep: each state starts from the one before.
    """
    states = lp.fixed_points(site, **{along: values})
    paths = {
        "up": _follow(site, along, states),
        "down": _follow(site, along, states.isel({along: slice(None, None, -1)})),
    }
    stacked = np.stack([paths["up"], paths["down"][::-1]])
    coords = {along: values, "direction": ["up", "down"], "axis": states.axis}
    fixed = {name: value for name, value in site.parameters().items() if name != along}
    variables = {"pseudospin": (("direction", along, "axis"), stacked)}
    return wrap(variables, coords, fixed, title="slow sweep", along=along)


def _follow(site: lp.Site, along: str, states: xr.Dataset) -> np.ndarray:
    path: list[np.ndarray] = []
    for value, here, stable in zip(states[along].values, states.pseudospin.values, states.stable.values, strict=True):
        candidates = here[stable]
        if path and len(candidates) > 1:
            start = site.replace(**{along: value})
            moved = lp.trajectory(start, path[-1], [0.0, 150.0], tol=1e-6).pseudospin.values[-1]
            candidates = candidates[[np.linalg.norm(candidates - moved, axis=1).argmin()]]
        path.append(candidates[0])
    return np.array(path)
