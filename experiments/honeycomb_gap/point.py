"""One parameter point: the excitations of the aligned honeycomb, or the empty lattice; functions for a sweep."""

import numpy as np
import xarray as xr

import latticepol as lp

BELOW = 2
#: Wavevectors along each vector, and the ratio of fields at which a bisection ends: of a full and of a quick run.
MESH, QUICK_MESH = 24, 12
CLOSE, QUICK_CLOSE = 1.01, 1.2
NAMES = ("direct_gap", "line_gap", "linewidth", "resolved", "chern", "growth_rate", "s_z")


def empty_gap(net: lp.Network) -> float:
    """Direct gap of the empty lattice without losses in the field of the network."""
    return float(lp.gap(net, below=BELOW).direct_gap)


def aligned(net: lp.Network, mesh: int = MESH) -> dict[str, float]:
    """The values ``NAMES`` of one point; NaN where there is no aligned state."""
    try:
        state = lp.steady_state(net, "aligned")
    except (ValueError, lp.ConvergenceError):
        return dict.fromkeys(NAMES, np.nan)
    found = lp.gap(net, state, below=BELOW, mesh=mesh)
    number = lp.chern(net, state, below=BELOW, mesh=mesh, closed="nan").chern
    more = {"chern": number, "growth_rate": state.growth_rate, "s_z": state.pseudospin.sel(axis="z")[0]}
    values = {str(name): value for name, value in found.data_vars.items()} | more
    return {name: float(values[name]) for name in NAMES}


def excitations(net: lp.Network, k: xr.DataArray) -> xr.Dataset:
    """The modes of the condensed lattice at k, its growth rate and its energy."""
    state = lp.steady_state(net)
    omega = lp.bogoliubov(net, state, k=k).omega
    return xr.Dataset({"omega": (("k", "mode"), omega.values), "growth_rate": state.growth_rate, "mu": state.mu})


def growth(net: lp.Network) -> dict[str, float]:
    """Growth rate of the ferromagnetic state and its size s; NaN without one."""
    try:
        state = lp.steady_state(net, "aligned")
    except (ValueError, lp.ConvergenceError):
        return {"growth_rate": np.nan, "s": np.nan}
    return {"growth_rate": float(state.growth_rate), "s": float(np.linalg.norm(state.pseudospin[0]))}


def opening(net: lp.Network, *, empty: bool = False, close: float = CLOSE) -> float:
    """The smallest field at which the direct gap is open, of the condensate or of the empty lattice with its losses.

    By bisection from 1e-6, where it may be open already, to 1 (NaN: closed there), until both are ``close``.
    """

    def is_open(delta: float) -> bool:
        here = net.replace(delta=delta)
        state = None if empty else lp.steady_state(here, "aligned", stability=False)
        return float(lp.gap(here, state, below=BELOW, losses=empty, mesh=16).direct_gap) > 0

    low, high = 1e-6, 1.0
    if not is_open(high):
        return np.nan
    if is_open(low):
        return low
    while high / low > close:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if is_open(middle) else (middle, high)
    return high
