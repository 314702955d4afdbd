"""The numbers of the README, all from the data files."""

import deformed
import numpy as np
import xarray as xr
from compute import SETS, TRAPS
from experiment import Data, table
from trap import empty

#: Powers of epsilon/omega are fitted over the traps of at least this frequency.
DEEP = 16.0
#: A strong pump, where the precession of the paper's set is hardly damped.
PUMPED = 1.0


def power(x: xr.DataArray, y: xr.DataArray) -> float:
    """Exponent of |y| ~ x^n in the deep traps; NaN where there are fewer than two."""
    deep = x.trap_omega >= DEEP
    if deep.sum() < 2:
        return np.nan
    return float(np.polyfit(np.log(x[deep]), np.log(abs(y[deep])), 1)[0])


def numbers(data: Data) -> dict[str, float]:
    """Name -> number; NaN where there is none."""
    found: dict[str, float] = {}
    for quantity in data["uniform"]["quantity"].values:
        worst = data["uniform"].difference.sel(quantity=quantity)
        found[f"uniform field: largest difference of {quantity}"] = float(worst.max())
    found["uniform field: stationary states compared"] = int(data["uniform"].number_of_states.sum())
    common = empty()
    found |= {
        "trap: level spacing over omega": common.spacing,
        "trap: q omega/epsilon": common.q,
        "trap: x omega/(p epsilon + Gamma)": common.x,
    }
    for name in data["departure"].set.values:
        found |= {f"{key}, g = {SETS[name]:g}": value for key, value in _departure(data["departure"], name).items()}
    ds = data["isotherm"]
    for omega in ds.trap_omega.values:
        at = ds.sel(trap_omega=omega).sortby("delta")
        weakest = float((at.g_eff / at.law)[0])
        found[f"g_eff at p_c over (c_3 delta^2)^(-1/3), omega = {omega:g}, delta = {float(at.delta[0]):g}"] = weakest
    for omega in (np.inf, *TRAPS[::-1]):
        rate = deformed.slowest(omega, PUMPED, SETS["paper"])
        found[f"relaxation rate of the deformed condensate at p = {PUMPED:g}, g = 0.1, omega = {omega:g}"] = rate
    traps = [data[name].stable for name in ("branches", "response", "isotherm", "departure")]
    found["stationary states of traps"] = sum(stable.size for stable in traps)
    found["stable among them"] = sum(int(stable.sum()) for stable in traps)
    return found


def readme(_: Data, found: dict[str, float]) -> dict[str, list[str]]:
    """Part of the README -> its lines."""
    return {"numbers": table(found, rounding=0.0)}


def _departure(ds: xr.Dataset, name: str) -> dict[str, float]:
    ds = ds.sel(set=name)
    found = {"p_c of the single condensate": float(ds.site_p_c[0])}
    for omega in ds.trap_omega.values:
        at = ds.sel(trap_omega=omega)
        found[f"p_c of the field, omega = {omega:g}"] = float(at.p_c)
        found[f"p_c in closed form, omega = {omega:g}"] = float(at.closed_p_c)
        found[f"p_c of the deformed condensate, omega = {omega:g}"] = float(at.deformed_p_c)
    apart = abs(ds.deformed_p_c - ds.closed_p_c) / abs(ds.p_c - ds.site_p_c)
    for omega in (ds.trap_omega.values[0], ds.trap_omega.values[-1]):
        name = f"part of the shift of p_c that lies between closed form and deformed condensate, omega = {omega:g}"
        found[name] = float(apart.sel(trap_omega=omega))
    size = 1 / ds.trap_omega
    found["power of epsilon/omega: p_c, field - single condensate"] = power(size, ds.p_c - ds.site_p_c)
    found["power of epsilon/omega: p_c, field - closed form"] = power(size, ds.p_c - ds.closed_p_c)
    found["power of epsilon/omega: p_c, field - deformed condensate"] = power(size, ds.p_c - ds.deformed_p_c)
    found["power of epsilon/omega: pseudospin, field - single condensate"] = power(size, ds.site_distance)
    found["power of epsilon/omega: pseudospin, field - deformed condensate"] = power(size, ds.deformed_distance)
    kept = ((ds.own_p_c - ds.site_p_c) / (ds.p_c - ds.site_p_c))[-1]
    found["part of the shift of p_c left in the overlaps of the condensate itself, deepest trap"] = float(kept)
    return found
