"""One parameter point: the excitations of the aligned honeycomb, or the empty lattice.

Plain functions of a Network, so that they can run in worker processes.
"""

import numpy as np

import latticepol as lp

BELOW = 2
#: Wavevectors along each vector, and the ratio of fields at which a bisection ends: of a full and of a quick run.
MESH, QUICK_MESH = 24, 12
CLOSE, QUICK_CLOSE = 1.01, 1.2
NAMES = ("direct_gap", "line_gap", "chern", "growth_rate", "s_z")


def empty_gap(net: lp.Network) -> float:
    """Direct gap of the empty lattice without losses in the field of the network."""
    return float(lp.gap(net, below=BELOW).direct_gap)


def aligned(net: lp.Network, mesh: int = MESH) -> tuple[float, ...]:
    """The values ``NAMES`` of one point; NaN where there is no aligned state."""
    try:
        state = lp.steady_state(net, "aligned")
    except (ValueError, lp.ConvergenceError):
        return (np.nan,) * len(NAMES)
    found = lp.gap(net, state, below=BELOW, mesh=mesh)
    number = lp.chern(net, state, below=BELOW, mesh=mesh, closed="nan").chern
    gaps = (float(found.direct_gap), float(found.line_gap), float(number))
    return (*gaps, float(state.growth_rate), float(state.pseudospin.sel(axis="z")[0]))


def growth(net: lp.Network) -> tuple[float, float]:
    """Growth rate of the ferromagnetic state and its size s; NaN without one."""
    try:
        state = lp.steady_state(net, "aligned")
    except (ValueError, lp.ConvergenceError):
        return np.nan, np.nan
    return float(state.growth_rate), float(np.linalg.norm(state.pseudospin[0]))


def opening(net: lp.Network, *, empty: bool = False, close: float = CLOSE) -> float:
    """The smallest field at which the direct gap is open, of the condensate or of the empty lattice with its losses.

    By bisection from 1e-6, where it may be open already, to 1 (NaN: closed there), until both are ``close``.
    """

    def is_open(delta: float) -> bool:
        here = net.replace(delta=delta)
        state = None if empty else lp.steady_state(here, "aligned")
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
