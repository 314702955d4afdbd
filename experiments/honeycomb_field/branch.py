"""The ferromagnetic states of the field: where they start, how they are followed, where they end."""

from functools import cache

import numpy as np
import xarray as xr
from parameters import P_C, model

import latticepol as lp
from latticepol.stationary.api import newton

#: The start is the single condensate this far above p_c, in the lowest Bloch mode.
ORIENTED = 0.3
#: Residual of a state, and accuracy of the pump of the fold.
RESIDUAL, FOLD = 1e-9, 1e-4


def first(here: lp.SpinorGPE) -> np.ndarray:
    """A start (2, ny, nx) for Newton's method: an aligned single condensate in the lowest Bloch mode at k = 0."""
    bare = here.replace(epsilon=0.0, gamma=0.0, beta=0.0, Delta=0.0)
    mode = lp.bands(bare, k=[[0.0, 0.0]], losses=False, vectors=True).right.values[0, ..., 0].sum(axis=0)
    density = np.abs(mode) ** 2
    overlap = density.mean() / (density**2).mean()
    given = here.parameters()
    site = lp.Site(p=P_C + ORIENTED, a=given["Interaction.alpha1"] / given["Gain.eta"], g=given["Splitting.gamma"])
    states = lp.fixed_points(site.replace(delta=1e-3))
    s_x, s_y, s_z = states.pseudospin.isel(state=int(states.pseudospin.sel(axis="z").argmax("state"))).values
    s = np.sqrt(s_x**2 + s_y**2 + s_z**2)
    spinor = np.array([np.sqrt(s + s_z), (s_x + 1j * s_y) / np.sqrt(s + s_z)])
    return np.sqrt(overlap) * (mode / np.sqrt(density.max()))[None] * spinor[:, None, None]


@cache
def state(p: float, delta: float, points: int) -> xr.Dataset:
    """The aligned state, without a neighbour to come from."""
    here = model(p, delta, points)
    return lp.steady_state(here, first(here), relax=0.0)


def pitchfork(points: int) -> float:
    """The pump at which the answer of the field to a vanishing delta diverges: the zero of delta/magnetisation.

    For a single condensate that is a straight line in p; here a parabola through three pumps.
    """
    x = P_C + np.array([-0.03, -0.015, 0.0])
    psi, inverse = first(model(P_C + ORIENTED, 1e-2, points)), []
    for p in np.linspace(P_C + ORIENTED, x[-1], 8):
        psi, _, _ = newton(model(p, 1e-2, points), psi, RESIDUAL)
    for p in x[::-1]:
        psi, _, residual = newton(model(p, 1e-6, points), psi, RESIDUAL)
        inverse.append(1e-6 / magnetisation(psi) if residual <= RESIDUAL else np.nan)
    roots = np.roots(np.polyfit(x, inverse[::-1], 2))
    return float(roots[np.argmin(np.abs(roots - x[-1]))].real)


def magnetisation(psi: np.ndarray) -> float:
    """Mean S_z over mean S of a field (2, ny, nx)."""
    plus, minus = (np.abs(psi) ** 2).mean(axis=(1, 2))
    return float((plus - minus) / (plus + minus))


def fold(start: xr.Dataset, p: np.ndarray, delta: float, points: int, accuracy: float = FOLD) -> float:
    """The pump below which no state is magnetised against the field delta; NaN where there is none at ``p[0]`` either.

    Known to ``accuracy``.

    By reversal such a state is the one along z in the field -delta: it is followed down through p and its end bisected.
    """
    psi, low, high = _followed(start.psi.values, p[0], delta, points), np.nan, p[0]
    if psi is None:
        return np.nan
    for pump in p[1:]:
        found = _followed(psi, pump, delta, points)
        if found is None:
            low = pump
            break
        psi, high = found, pump
    while high - low > accuracy:
        middle = 0.5 * (low + high)
        found = _followed(psi, middle, delta, points)
        psi, low, high = (psi, middle, high) if found is None else (found, low, middle)
    return high


def _followed(psi: np.ndarray, p: float, delta: float, points: int) -> np.ndarray | None:
    """The state magnetised along z in the field -delta, from a neighbour; None where Newton's method finds another."""
    found, _, residual = newton(model(p, -delta, points), psi, RESIDUAL)
    return found if residual <= RESIDUAL and magnetisation(found) > delta else None
