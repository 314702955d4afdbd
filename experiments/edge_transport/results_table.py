"""The numbers of the README, from the data sets."""

from typing import Any

import numpy as np
import pulse
import xarray as xr
from experiment import Data

Columns = dict[str, dict[str, float]]


def numbers(data: Data) -> dict[str, Any]:
    """Both tables."""
    return {"transport": transport(data), "single": single(data)}


def transport(data: Data) -> Columns:
    """Quantity -> column -> value."""
    ds, found = data["transport"], {}
    passed, energy = ds.passed, ds.passed * ds.total
    for defect, text in (("none", ""), ("vacancy", ", with the missing site")):
        for direction in ("anticlockwise", "clockwise"):
            share = passed.sel(defect=defect, direction=direction)
            found[f"share past the corner {direction}{text}"] = _columns(share)
    for direction in ("anticlockwise", "clockwise"):
        share = ds.second.sel(defect="none", direction=direction)
        found[f"share past the second corner {direction}"] = _columns(share)
    for defect, text in (("none", ""), ("vacancy", ", with the missing site")):
        share = passed.sel(defect=defect)
        ratio = share.sel(direction="anticlockwise") / share.sel(direction="clockwise")
        found[f"anticlockwise/clockwise{text}"] = _columns(ratio)
    over = energy.sel(defect="vacancy") / energy.sel(defect="none")
    found["past the corner anticlockwise, with over without the missing site"] = _columns(
        over.sel(direction="anticlockwise")
    )
    found["past the corner clockwise, with over without the missing site"] = _columns(over.sel(direction="clockwise"))
    found["largest growth rate of the patches (epsilon)"] = _columns(ds.growth_rate.max("defect"))
    if "corner" in ds:
        column = {_column(str(edges), 0): float(ds.corner.sel(edges=edges)) for edges in ds.edges.values}
        found["past the corner over the same distance along a straight edge"] = column
    return found


def single(data: Data) -> dict[str, float]:
    """Numbers of their own."""
    decay, film = data["decay"], data["film"]
    here = decay.sel(p=0.1, delta=0.3)
    found = {
        "probe above mu, middle of the line gap (epsilon)": here.probe[0],
        "line gap (epsilon)": here.line_gap[0],
        "largest growth rate of the crystal (epsilon)": here.bulk_growth_rate[0],
        "change of the signal past the corner when the pulse is halved": film.linearity,
        "difference of evolution and linear response past the corner": film.response_error,
    }
    for edges in decay.edges.values:
        at = here.sel(edges=edges)
        found[f"{edges}: longest decay length (distances of neighbours)"] = at.decay_length
        found[f"{edges}: its group velocity (distance times epsilon)"] = at.velocity
        found[f"{edges}: its damping (epsilon)"] = at.damping
        found[f"{edges}: growth rate of the ribbon (epsilon)"] = at.ribbon_growth_rate
    return {name: float(value) for name, value in found.items()}


def readme(data: Data, numbers: dict[str, Any]) -> dict[str, list[str]]:
    """Part of the README -> the lines of its tables."""
    found, decay, fields = numbers["transport"], data["decay"], data["fields"]
    columns = list(found["anticlockwise/clockwise"])
    lines = [f"| pulse of duration {pulse.TAU:g}/epsilon | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for name, row in found.items():
        lines.append(f"| {name} | {' | '.join(_text(row[c]) if c in row else '' for c in columns)} |")
    lines += ["", "| at p = 0.1, delta = 0.3 | |", "|---|---|"]
    lines += [f"| {name} | {_text(value)} |" for name, value in numbers["single"].items()]
    names = [f"decay length, {edges}, p = {p:g}" for p in decay.p.values for edges in decay.edges.values]
    lines += [
        "",
        f"| delta | line gap | {' | '.join(names)} | anticlockwise/clockwise |",
        "|---" * (len(names) + 3) + "|",
    ]
    for delta in decay.delta.values:
        at = decay.sel(delta=delta)
        cells = [at.line_gap.sel(p=0.1)[0], *at.decay_length.values.ravel(), fields.ratio.sel(delta=delta)]
        lines.append(f"| {delta:g} | {' | '.join(_text(float(cell)) for cell in cells)} |")
    return {"numbers": lines}


def _column(edges: str, sign: int) -> str:
    return f"{edges}, delta {'><'[sign]} 0"


def _columns(values: xr.DataArray) -> dict[str, float]:
    return {
        _column(str(edges), sign): float(values.sel(edges=edges).isel(delta=sign))
        for edges in values.edges.values
        for sign in (0, 1)
    }


def _text(value: float) -> str:
    """Four digits; a growth rate that is rounding is 0."""
    return "0 (rounding)" if np.isfinite(value) and abs(value) < 1e-10 else f"{value:.4g}"
