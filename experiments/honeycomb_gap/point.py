"""One parameter point: the excitations of the aligned honeycomb, or the empty lattice.

Plain functions of a Network, so that they can run in worker processes.
"""

import numpy as np

import latticepol as lp

BELOW = 2
NAMES = ("direct_gap", "line_gap", "chern", "growth_rate", "s_z")


def empty_gap(net: lp.Network) -> float:
    """Direct gap of the empty lattice without losses in the field of the network."""
    return float(lp.gap(net, below=BELOW).direct_gap)


def aligned(net: lp.Network) -> tuple[float, ...]:
    """The values ``NAMES`` of one point; NaN where there is no aligned state."""
    try:
        state = lp.steady_state(net, "aligned")
    except (ValueError, lp.ConvergenceError):
        return (np.nan,) * len(NAMES)
    found = lp.gap(net, state, below=BELOW)
    number = lp.chern(net, state, below=BELOW, mesh=24, closed="nan").chern
    gaps = (float(found.direct_gap), float(found.line_gap), float(number))
    return (*gaps, float(state.growth_rate), float(state.pseudospin.sel(axis="z")[0]))


def growth(net: lp.Network) -> tuple[float, float]:
    """Growth rate of the ferromagnetic state and its size s; NaN without one."""
    try:
        state = lp.steady_state(net, "aligned")
    except (ValueError, lp.ConvergenceError):
        return np.nan, np.nan
    return float(state.growth_rate), float(np.linalg.norm(state.pseudospin[0]))


def empty_opening(net: lp.Network) -> float:
    """The smallest field at which the direct gap of the empty lattice with its losses is open."""
    return opening(net, losses=True)


def opening(net: lp.Network, losses: bool = False) -> float:
    """The smallest field at which the direct gap is open, to 1 percent: by bisection from 1e-6, where it may be open
    already, to 1 (NaN: closed there).
    """

    def is_open(delta: float) -> bool:
        here = net.replace(delta=delta)
        state = None if losses else lp.steady_state(here, "aligned")
        return float(lp.gap(here, state, below=BELOW, losses=losses, mesh=16).direct_gap) > 0

    low, high = 1e-6, 1.0
    if not is_open(high):
        return np.nan
    if is_open(low):
        return low
    while high / low > 1.01:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if is_open(middle) else (middle, high)
    return high
