"""The numbers of the README, from the data files."""

import xarray as xr
from experiment import Data
from parameters import PAPER, STABLE
from ramps import SLOW, ordered, power_law

import latticepol as lp

Numbers = dict[str, dict[str, float]]
#: Part of numbers.json -> heading of its table.
PARTS = {"alignment": "alignment", "ramp": "ramp", "unstable": "unstable lattice"}
#: One pump and field at which all J are listed.
P, DELTA = 0.4, 0.1


def numbers(data: Data) -> Numbers:
    """Everything that the README states."""
    return {"alignment": _alignment(data["alignment"]), "ramp": _ramp(data["ramp"]), "unstable": _unstable(data)}


def _alignment(ds: xr.Dataset) -> dict[str, float]:
    found = {"p_c of one condensate": float(lp.pitchfork(STABLE).p_c)}
    here = ds.sel(p=P, delta=DELTA)
    found[f"P of one condensate at p = {P:g}, delta = {DELTA:g}"] = float(here.probability)
    for J in ds.J.values:
        one = here.sel(J=J)
        found[f"J = {J:g}: sites along the field there"] = float(one.site_fraction)
        found[f"J = {J:g}: standard error"] = float(one.site_error)
        found[f"J = {J:g}: lattices that magnetise along the field"] = float(one.lattice_probability)
        found[f"J = {J:g}: bonds that are walls"] = float(one.wall_fraction)
        if J:
            found[f"J = {J:g}: lattices at a wavevector other than 0"] = float(one.wound_fraction)
            found[f"J = {J:g}: those of them that do not settle"] = float(one.unsettled_wound_fraction)
        found[f"J = {J:g}: realisations not settled"] = float(one.unsettled_fraction)
    coupled = ds.sel(J=ds.J[ds.J > 0])
    change = (coupled.site_fraction - coupled.probability).stack(point=("J", "delta", "p"))
    for name, at in (("gain", int(change.values.argmax())), ("loss", int(change.values.argmin()))):
        J, delta, p = change.point.values[at]
        point = coupled.sel(J=J, delta=delta, p=p)
        found |= {f"largest {name} over P: {key}": value for key, value in (("J", J), ("delta", delta), ("p", p))}
        found[f"largest {name} over P: sites along the field"] = float(point.site_fraction)
        found[f"largest {name} over P: standard error"] = float(point.site_error)
        found[f"largest {name} over P: P of one condensate there"] = float(point.probability)
    return found


def _ramp(ds: xr.Dataset) -> dict[str, float]:
    found = {
        "lattices ramped": float(ds.magnetisation.size),
        "lattices that became one domain": float(sum(map(len, ordered(ds, "magnetisation")))),
    }
    slow = ds.sel(tau=slice(SLOW, None))
    for name, text in (("wall_fraction", "walls"), ("vortex_fraction", "vortices")):
        counts = ordered(ds, name)
        found |= {
            f"{text} after the fastest ramp": counts[0].mean(),
            f"{text} after the slowest ramp": counts[-1].mean(),
        }
        exponent, error = power_law(slow.tau.values, ordered(slow, name))
        found |= {f"exponent of {text}, tau from {SLOW:g}": exponent, f"its error, {text}": error}
    return found


def _unstable(data: Data) -> dict[str, float]:
    ds = data["unstable"]
    found = {
        "p_c of one condensate": float(lp.pitchfork(PAPER).p_c),
        "p at the onset of spin waves, dJ = 0": 2 * PAPER.g / PAPER.a - PAPER.g,
    }
    texts = {
        "growth_rate": "growth rate of the uniform state",
        "motion": "rms ds/dt over s long after",
        "lyapunov": "growth rate of a small difference long after",
        "circular": "rms s_z over s",
        "length": "correlation length of s_z",
        "wall_fraction": "bonds that are walls",
        "peak": "angular frequency of the largest peak of the mean s_z",
    }
    peak = ds.frequency[1 + ds.power.isel(frequency=slice(1, None)).argmax("frequency")]
    ds = ds.assign(peak=(peak.dims, peak.values))
    for dJ in ds.dJ.values:
        for p in ds.p.values:
            for name, text in texts.items():
                found[f"dJ = {dJ:g}, p = {p:g}: {text}"] = float(ds[name].sel(dJ=dJ, p=p))
    return found


def readme(_: Data, found: Numbers) -> dict[str, list[str]]:
    """Part of the README -> lines of its table."""
    return {
        part: [f"| {heading} | here |", "|---|---|", *(f"| {name} | {x:.4g} |" for name, x in found[part].items())]
        for part, heading in PARTS.items()
    }
