"""Where a search for a stationary state of a network begins: every site in a state of the single condensate."""

import numpy as np

from latticepol.network.equation import spinor
from latticepol.pseudospin import equations, stationary

NAMES = ("aligned", "anti-aligned", "linear", "antiferro", "noise")
#: Mean of s of the start "noise", as for lp.alignment_probability.
MEAN_S = 0.1


def single_states(name: str, p: np.ndarray, a: np.ndarray, g: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Return pseudospins (N, 3) of the state ``name`` of every single condensate, NaN where there is none.

    "aligned": the stable state along the field with the largest |s_z|; "anti-aligned": the one against it, stable or
    not; "linear": the one with s_x < 0 and the smallest |s_z|.
    """
    s, _, _ = stationary.solve(p, a, g, delta)
    parameters = (p[:, None], a[:, None], g[:, None], delta[:, None])
    stable = equations.stable(equations.growth_rates(s, *parameters), s, *parameters)
    along, size = s[..., 2] * np.where(delta < 0, -1.0, 1.0)[:, None], np.abs(s[..., 2])
    if name == "aligned":
        score = np.where(stable & (along >= 0), size, np.nan)
    elif name == "anti-aligned":
        score = np.where(along < 0, size, np.nan)
    else:
        score = np.where(s[..., 0] < 0, -size, np.nan)
    best = np.where(np.isnan(score), -np.inf, score).argmax(axis=1)
    rows = np.arange(len(s))
    return np.where(np.isnan(score[rows, best])[:, None], np.nan, s[rows, best])


def guess(name: str, p: np.ndarray, a: np.ndarray, g: np.ndarray, delta: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Return amplitudes (N, 2) in units of sqrt(epsilon): all sites in phase. "antiferro" turns the spin where colours
    < 0.

    Raises
    ------
    ValueError
        The single condensate has no such state.
    """
    s = single_states("aligned" if name == "antiferro" else name, p, a, g, delta)
    if np.isnan(s).any():
        n = int(np.isnan(s).any(axis=1).argmax())
        raise ValueError(
            f"there is no {'stable ' * (name in ('aligned', 'antiferro'))}{name} state of a single condensate at "
            f"p = {p[n]:g}, delta = {delta[n]:g} (site {n}); pump above the threshold p = {-abs(g[n]):g}, or start "
            "from an array"
        )
    if name == "antiferro":
        s[colours < 0] *= (1, -1, -1)
    return spinor(s)
