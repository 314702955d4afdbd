"""The numbers of the README, all from the data files."""

import numpy as np
import xarray as xr
from experiment import Data, table
from parameters import ABOVE, CERTAIN, DJ, FIELD, MAIN, SETS, A, J

#: Above the table.
HEAD = f"J = {J:g}, dJ = {DJ:g}, a = {A:g}; ribbons at delta = {FIELD:g}, p - p_c = {ABOVE:g}, {MAIN} set."
#: A growth rate below this is that of the phase mode, 0, plus rounding.
NEUTRAL = 1e-7
#: What decides whether a gap can be seen, in words.
SEEN = {
    "direct_gap": "direct gap",
    "linewidth": "width (FWHM) of its lines",
    "line_gap": "line gap",
    "resolved": "smallest ratio of gap to linewidth over all k",
}
#: Fields between which the power law along the fold line is fitted.
LAW = (1e-4, 1e-2)


def stable(ds: xr.Dataset) -> xr.DataArray:
    """Where the aligned state exists and no excitation grows."""
    return ds.growth_rate < NEUTRAL


def usable(ds: xr.Dataset) -> xr.DataArray:
    """Where the state is stable, its gap is open and topological, and it is reached with certainty."""
    return stable(ds) & (ds.direct_gap > 0) & (abs(ds.chern) > 0) & (ds.probability >= CERTAIN)


def power(x: xr.DataArray, y: xr.DataArray) -> float:
    """Exponent of y ~ x^n, by least squares of the logarithms between the fields LAW."""
    inside = (x >= LAW[0]) & (x <= LAW[1]) & (y > 0)
    return float(np.polyfit(np.log(x.where(inside, drop=True)), np.log(y.where(inside, drop=True)), 1)[0])


def numbers(data: Data) -> dict[str, float]:
    """Name -> number; NaN where there is none."""
    found: dict[str, float] = {}
    for name in data["fold_line"].set.values:
        g, a2 = SETS[name]
        found |= {f"{key} (g = {g:g}, a2 = {a2:g})": value for key, value in _of_map(data[f"map_{name}"]).items()}
        found |= {
            f"{key} (g = {g:g}, a2 = {a2:g})": value for key, value in _of_line(data["fold_line"].sel(set=name)).items()
        }
    for name in ("stable", "paper"):
        g, at = SETS[name][0], data["opening"].sel(set=name)
        found[f"field that opens the gap at p_c (g = {g:g})"] = float(at.opening.sel(pump=0.0))
        found[f"field that opens the gap of the empty lattice with losses (g = {g:g})"] = float(at.empty_opening)
    for kind in ("relaxed", "compensated"):
        at = data["ribbons"].sel(edges=kind)
        found[f"residual of the ribbon, {kind} edges"] = float(at.residual)
        found[f"growth rate of the ribbon, {kind} edges"] = float(at.growth_rate)
    ferro = data["instability"]
    linear = abs(ferro.growth_rate.sel(dJ_over_J=0.0) - ferro.spin_wave.clip(0)).where(ferro.p < ferro.attrs["p_c"])
    found["largest difference of growth rate and spin-wave formula below p_c, g = 0.1, dJ = 0"] = float(linear.max())
    found["pump where spin waves grow first, s = 2 g/a, g = 0.1"] = float(ferro.onset)
    for ratio in ferro.dJ_over_J.values:
        rate = ferro.growth_rate.sel(dJ_over_J=ratio)
        part = float((rate > NEUTRAL).sum() / rate.notnull().sum())
        found[f"part of the (J, p) plane that is unstable, g = 0.1, dJ/J = {ratio:g}"] = part
    return found


def readme(_: Data, found: dict[str, float]) -> dict[str, list[str]]:
    """Part of the README -> its lines."""
    return {"numbers": [HEAD, "", *table(found)]}


def _of_map(ds: xr.Dataset) -> dict[str, float]:
    best = ds.enhancement.where(usable(ds))
    at = best.argmax(("p", "delta")) if best.notnull().any() else None
    steady = ds.enhancement.where((ds.direct_gap > 0) & (ds.chern != 0) & (ds.probability >= CERTAIN))
    band, seen = (ds.enhancement.where(usable(ds) & there) for there in (ds.line_gap > 0, ds.resolved > 1))
    open_ = ds.direct_gap > 0
    found = {
        "part of the map that is stable": float(stable(ds).sum() / ds.growth_rate.notnull().sum()),
        "usable enhancement": float(best.max()),
        "at the field": float(ds.delta[at["delta"]]) if at else np.nan,
        "at p - p_c": float(ds.p[at["p"]]) - ds.attrs["p_c"] if at else np.nan,
        **{f"usable: {text}": float(ds[name][at]) if at else np.nan for name, text in SEEN.items()},
        "usable enhancement of a band gap, line gap > 0": float(band.max()),
        "usable enhancement of a gap wider than its lines": float(seen.max()),
        "usable: largest ratio of gap to linewidth": float(ds.resolved.where(usable(ds)).max()),
        "largest enhancement with P >= 0.99, stable or not": float(steady.max()),
        "median error of the estimate a s_z + delta [%]": float(abs(ds.paper_error).where(open_).median()),
        "median error of the estimate (2 a1 - a2) s_z + delta [%]": float(abs(ds.doubled_error).where(open_).median()),
    }
    return found


def _of_line(ds: xr.Dataset) -> dict[str, float]:
    is_open = ds.direct_gap > 0
    return {
        "enhancement on the fold line at delta = 0.001": _at(ds.enhancement, 1e-3),
        "g_eff on the fold line at delta = 0.001": _at(ds.g_eff, 1e-3),
        "power of the enhancement on the fold line": power(ds.delta, ds.enhancement),
        "power of g_eff on the fold line": power(ds.delta, ds.g_eff),
        "smallest field with an open gap on the fold line": float(ds.delta.where(is_open).min()),
        "growth rate on the fold line at delta = 0.01": float(
            np.interp(np.log(1e-2), np.log(ds.delta), abs(ds.growth_rate))
        ),
    }


def _at(values: xr.DataArray, delta: float) -> float:
    """Interpolated as a power law where it is not zero."""
    some = values.where(values > 0, drop=True)
    return float(np.exp(np.interp(np.log(delta), np.log(some.delta), np.log(some))))
