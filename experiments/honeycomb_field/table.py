"""The numbers of the README, all from the data files."""

import numpy as np
import xarray as xr
from parameters import ABOVE, CUTS, FIELD, P_C


def usable(ds: xr.Dataset) -> xr.DataArray:
    """Where the state is stable, its gap is open, and no state is magnetised against the field.

    The Chern number, computed at some points, cannot change where the gap stays open.
    """
    return (ds.stable > 0) & (ds.direct_gap > 0) & ((ds.p < ds.fold) | ds.fold.isnull())


def measured(data: dict[str, xr.Dataset]) -> dict[str, float]:
    """Name -> number; NaN where there is none."""
    ds, network = data["gap_map"], data["hopping"]
    found = {
        "J of the lowest bands": float(network.J),
        "dissipative part of J": float(network.J_im),
        "dJ": float(network.dJ),
        "next-nearest hopping over J": float(network.J2 / network.J),
        "K above G in the scalar bands of the field": float(3 * network.J + 9 * network.J2),
        "K above G in the network, 3 J": float(3 * network.J),
        "J from the bands at K, where the gap is": float(network.J_K),
        "dJ from the bands at K": float(network.dJ_K),
        "overlap of a mode at K with the condensate, 1 in a network": float(network.overlap),
        "J in the potential of the condensate": float(network.dressed_J),
        "dJ in the potential of the condensate": float(network.dressed_dJ),
        "direct gap of the network with these two": float(network.dressed_gap),
        "p_c of the network": P_C,
        "p_c of the field": float(network.field_p_c),
    }
    found |= _at(ds.sel(delta=FIELD, method="nearest").sel(p=P_C + ABOVE, method="nearest"))
    return found | _of_map(ds)


def _at(point: xr.Dataset) -> dict[str, float]:
    where = f"p - p_c = {ABOVE:g}, delta = {FIELD:g}"
    return {
        f"direct gap, {where}": float(point.direct_gap),
        f"direct gap of the network, {where}": float(point.network_gap),
        f"direct gap of the network with J and dJ at K, {where}": float(point.network_K_gap),
        f"gap of the empty lattice, {where}": float(point.empty_gap),
        f"gap of the empty network, {where}": float(point.network_empty_gap),
        f"gap of the empty network with J and dJ at K, {where}": float(point.network_K_empty_gap),
        f"enhancement, {where}": float(point.enhancement),
        f"enhancement of the network, {where}": float(point.network_enhancement),
        f"enhancement of the network with J and dJ at K, {where}": float(point.network_K_enhancement),
        f"magnetisation, {where}": float(point.magnetisation),
        f"magnetisation of the network, {where}": float(point.network_magnetisation),
        f"line gap, {where}": float(point.line_gap),
        f"growth rate, {where}": float(point.growth_rate),
    }


def _of_map(ds: xr.Dataset) -> dict[str, float]:
    """Rows about the whole map."""
    best = ds.enhancement.where(usable(ds))
    at = best.argmax(("p", "delta")) if best.notnull().any() else None
    numbers = ds.chern.where(ds.direct_gap > 0).values
    numbers = numbers[np.isfinite(numbers)]
    return {
        "part of the map that is stable": float((ds.stable > 0).mean()),
        "largest growth rate on the map": float(ds.growth_rate.max()),
        "largest frequency of the phase mode, the error of growth rates": float(ds.phase_mode.max()),
        "part of the map with an open gap": float((ds.direct_gap > 0).mean()),
        "Chern numbers computed": float(len(numbers)),
        "smallest Chern number": float(numbers.min()) if len(numbers) else np.nan,
        "largest Chern number": float(numbers.max()) if len(numbers) else np.nan,
        "largest enhancement of a stable state": float(
            ds.enhancement.where((ds.stable > 0) & (ds.direct_gap > 0)).max()
        ),
        "usable enhancement": float(best.max()),
        "at the field": float(ds.delta[at["delta"]]) if at else np.nan,
        "at p - p_c of the network": float(ds.p[at["p"]]) - P_C if at else np.nan,
        "median of the gap of the network over that of the field": _ratio(ds, "network_gap"),
        "the same with J and dJ at K": _ratio(ds, "network_K_gap"),
        "median of the magnetisation of the network over that of the field": _ratio(ds, "network_magnetisation"),
    }


def _ratio(ds: xr.Dataset, name: str) -> float:
    """Median over the points of the cuts and above, where both gaps are open."""
    here = (ds.direct_gap > 0) & (ds[name] > 0) & (ds.p >= P_C + min(CUTS) - 1e-9)
    mine = ds.magnetisation if name.endswith("magnetisation") else ds.direct_gap
    return float((ds[name] / mine).where(here).median())


def converged(ds: xr.Dataset) -> list[str]:
    """The lines on how the gap converges."""
    bases = [f"{basis} modes" if basis else "all plane waves" for basis in ds.basis.values]
    rows = [
        f"| {points} x {points} | " + " | ".join(f"{gap:.5f}" for gap in gaps) + " |"
        for points, gaps in zip(ds.points.values, ds.direct_gap.values, strict=True)
    ]
    where = f"The direct gap at one wavevector, p - p_c = {ABOVE:g}, delta = {FIELD:g}:"
    return [where, "", "| points of the cell | " + " | ".join(bases) + " |", "|---" * (len(bases) + 1) + "|", *rows]
