"""The numbers of the README, all from the data files."""

import numpy as np
import xarray as xr
from experiment import Data, paragraph, table
from parameters import ABOVE, CUTS, FIELD, P_C

#: Distances from P_C, in this weak field, where the network is far off, and from which on it is near.
NEAR, WEAK, FAR = (0.04, 0.05), 1e-3, 0.09
#: The two numbers of the claim.
USABLE = "usable enhancement, the largest"
BOTH = "enhancement of a stable state of which the other orientation exists too, the largest"


def usable(ds: xr.Dataset) -> xr.DataArray:
    """Where the state is stable, its gap is open, and no state is magnetised against the field.

    The Chern number, computed at some points, cannot change where the gap stays open.
    """
    return (ds.stable > 0) & (ds.direct_gap > 0) & ((ds.p < ds.fold) | ds.fold.isnull())


def best_usable(ds: xr.Dataset) -> xr.Dataset:
    """The point of the map with the largest usable enhancement."""
    points = ds.enhancement.where(usable(ds)).stack(point=("p", "delta"))
    return ds.stack(point=("p", "delta")).isel(point=int(points.fillna(0.0).argmax("point")))


def numbers(data: Data) -> dict[str, float]:
    """Name -> number; NaN where there is none."""
    ds, network = data["gap_map"], data["hopping"]
    found = _enhancement(ds, data["best"]) | {
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
    return found | _of_map(ds) | _of_network(ds)


def readme(data: Data, found: dict[str, float]) -> dict[str, list[str]]:
    """Part of the README -> its lines."""
    tables = [*table(found), "", *compared(data["gap_map"]), "", *converged(data["convergence"])]
    return {"claim": paragraph(claim(found)), "numbers": tables}


def _enhancement(ds: xr.Dataset, best: xr.Dataset) -> dict[str, float]:
    """The usable one first: elsewhere both orientations are stationary, and the past chooses."""
    sound = (ds.stable > 0) & (ds.direct_gap > 0)
    return {
        USABLE: float(best.enhancement),
        "its field delta": float(best.delta),
        "its p - p_c of the network": float(best.p) - P_C,
        "its direct gap": float(best.direct_gap),
        "its Chern number": float(best.chern),
        "enhancement of the network there": float(ds.network_enhancement.sel(p=best.p, delta=best.delta)),
        BOTH: float(ds.enhancement.where(sound & ~usable(ds)).max()),
    }


def claim(found: dict[str, float]) -> str:
    """How large the enhancement is, the usable one first."""
    usable, both = (f"{float(f'{found[name]:.3g}'):.0f}" for name in (USABLE, BOTH))
    delta, p, gap = (found[f"its {name}"] for name in ("field delta", "p - p_c of the network", "direct gap"))
    return (
        f"The usable enhancement is at most {usable}, at p - p_c = {p:.2g} and delta = {delta:.2g}, where "
        f"the gap is {gap:.2g} epsilon and the field alone decides the orientation. Where the opposite orientation is "
        f"a solution too and the past decides, it reaches {both} in the weakest field of the map."
    )


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
        "part of the map that is usable": float(usable(ds).mean()),
    }


def _of_network(ds: xr.Dataset) -> dict[str, float]:
    """How far the network is off: where it is good, and where it is not."""
    found: dict[str, float] = {}
    for what in ("gap", "enhancement"):
        for above in NEAR:
            found[f"{what} of the network off by [%], p - p_c = {above:g}, delta = {WEAK:g}"] = _off(ds, what, above)
        over = 100 * abs(error(ds, what).where(ds.p >= P_C + FAR - 1e-9))
        found[f"{what} of the network off by at most [%], p - p_c >= {FAR:g}"] = float(over.max())
        found[f"{what} of the network off by at most [%], any p"] = 100 * float(abs(error(ds, what)).max())
    found["points of the map where the gap of the network is open and that of the field is not"] = float(
        ((ds.network_gap > 0) & ~(ds.direct_gap > 0)).sum()
    )
    since = f"p - p_c >= {min(CUTS):g}"
    return found | {
        f"median of the gap of the network over that of the field, {since}": _ratio(ds, "network_gap"),
        f"the same with J and dJ at K, {since}": _ratio(ds, "network_K_gap"),
        f"median of the magnetisation of the network over that of the field, {since}": _ratio(
            ds, "network_magnetisation"
        ),
    }


def error(ds: xr.Dataset, what: str) -> xr.DataArray:
    """Relative error of the network's "gap" or "enhancement" where it and the field's are open."""
    mine = ds.direct_gap if what == "gap" else ds.enhancement
    return (ds[f"network_{what}"] / mine - 1).where((ds.direct_gap > 0) & (ds.network_gap > 0))


def _off(ds: xr.Dataset, what: str, above: float) -> float:
    """The same in percent at one point; NaN where a quick run has not been."""
    at = error(ds, what).where((abs(ds.p - P_C - above) < 1e-9) & (abs(np.log(ds.delta / WEAK)) < 1e-9))
    return 100 * float(at.max())


def _ratio(ds: xr.Dataset, name: str) -> float:
    """Median over the points from the weaker pump of the cuts on, where both gaps are open."""
    here = (ds.direct_gap > 0) & (ds[name] > 0) & (ds.p >= P_C + min(CUTS) - 1e-9)
    mine = ds.magnetisation if name.endswith("magnetisation") else ds.direct_gap
    return float((ds[name] / mine).where(here).median())


def compared(ds: xr.Dataset) -> list[str]:
    """The lines on the network against the field at some points of the map."""
    deltas = ds.delta.values[::2]
    rows = []
    for p in ds.p.values:
        pairs = [[100 * float(error(ds, what).sel(p=p, delta=d)) for what in ("gap", "enhancement")] for d in deltas]
        cells = ["closed" if np.isnan(gap) else f"{gap:+.0f} / {enhancement:+.0f}" for gap, enhancement in pairs]
        rows.append(f"| {p - P_C:.3g} | " + " | ".join(cells) + " |")
    return [
        "What the network is off, in percent of the field: gap / enhancement; closed: the gap of one of them.",
        "",
        "| p - p_c of the network | " + " | ".join(f"delta = {d:.3g}" for d in deltas) + " |",
        "|---" * (len(deltas) + 1) + "|",
        *rows,
    ]


def converged(ds: xr.Dataset) -> list[str]:
    """The lines on how the gap converges."""
    bases = [f"{basis} modes" if basis else "all plane waves" for basis in ds.basis.values]
    rows = [
        f"| {points} x {points} | " + " | ".join(f"{gap:.5f}" for gap in gaps) + " |"
        for points, gaps in zip(ds.points.values, ds.direct_gap.values, strict=True)
    ]
    where = f"The direct gap at one wavevector, p - p_c = {ABOVE:g}, delta = {FIELD:g}:"
    return [where, "", "| points of the cell | " + " | ".join(bases) + " |", "|---" * (len(bases) + 1) + "|", *rows]
