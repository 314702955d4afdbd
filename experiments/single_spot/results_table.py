"""The numbers of the README, from the threshold curve and the mode."""

import mode
import numpy as np
import xarray as xr
from compute import coarse
from experiment import Data
from parameters import ALPHA1, ALPHA2, ETA

import latticepol as lp


def onset(pumps: np.ndarray, order: np.ndarray) -> float:
    """Where the line through the first two points with order > 0.05 crosses zero."""
    i = int(np.argmax(order > 0.05))
    return float(pumps[i] - order[i] * (pumps[i + 1] - pumps[i]) / (order[i + 1] - order[i]))


def numbers(data: Data) -> dict[str, tuple[float, float]]:
    """What the README states."""
    return rows(data["threshold"])


def rows(curve: xr.Dataset) -> dict[str, tuple[float, float]]:
    """Quantity -> (field, single condensate)."""
    orders = {"condensation, W": curve.number, "spin bifurcation, W": curve.circular_polarisation**2}
    found = {
        f"{name} (1/ps, extrapolated from two pumps above it)": [onset(curve.W.values, line) for line in order.values]
        for name, order in orders.items()
    }
    for pump in (0.13, 0.25):
        found[f"int S at W = {pump}/ps"] = curve.number.sel(W=pump, method="nearest").values
    for pump in (0.19, 0.25):
        at = abs(curve.circular_polarisation).sel(W=pump, method="nearest")
        found[f"circular polarisation at W = {pump}/ps"] = at.values
    return {name: (float(field), float(site)) for name, (field, site) in found.items()}


def sentence(grid: lp.Grid, pump: float) -> str:
    """The mode at a pump in words."""
    _, phi = mode.linear(grid, pump)
    m = mode.overlap(grid, phi)
    x, y = grid.points
    radius = np.sqrt(grid.integrate((x**2 + y**2) * np.abs(phi) ** 2))
    eta = ETA * m.real - (ALPHA1 + ALPHA2) * m.imag
    return (
        f"Mode at W = {pump:g}/ps: rms radius {radius:.2f} um, overlap M = int phi^2 |phi|^2/int phi^2 = "
        f"{m.real:.4f}{m.imag:+.4f}i per um^2. Its imaginary part, from the flow out of the pumped spot, changes the "
        f"saturation: a = {(ALPHA1 - ALPHA2) * m.real / eta:.3f} instead of {(ALPHA1 - ALPHA2) / ETA:.3f}."
    )


def readme(data: Data, found: dict[str, tuple[float, float]]) -> dict[str, list[str]]:
    """Part of the README -> its lines: the sentence and the table."""
    lines = ["| | field | single condensate |", "|---|---|---|"]
    lines += [f"| {name} | {field:.4g} | {site:.4g} |" for name, (field, site) in found.items()]
    grid = coarse(data["threshold"].attrs["resolution"] == "quick")
    return {"numbers": [sentence(grid, 0.115), "", *lines]}
