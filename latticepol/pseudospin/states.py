"""The doors to stationary states: where they are, what they are, how they answer to a field."""

import warnings
from typing import Any, Literal

import numpy as np
import xarray as xr

from latticepol.arrays import read_choice
from latticepol.axes import Axes, outer, takes_axes
from latticepol.pseudospin import equations, stationary
from latticepol.pseudospin.site import Site, single
from latticepol.results.dataset import wrap

AXIS = np.array(["x", "y", "z"])
#: What the keyword axes of a single condensate may be.
NAMES = ("p", "a", "g", "delta")
Select = Literal["largest", "smallest"]


@takes_axes(*NAMES)
def pitchfork(site: Site, **axes: object) -> xr.Dataset:
    """Return where the linear state s_x = -s turns elliptical at delta = 0 (docs/physics.md, section 2).

    ``s_c = (1 + g^2)/a``, ``p_c = s_c - g``; supercritical iff ``g (g - a) < 1``, which is a > g - 1/g for g > 0.

    Parameters
    ----------
    site
        Parameters; p and delta do not matter.
    axes
        Lists of ``a`` and ``g``; the result has the dimensions given.

    Returns
    -------
    xarray.Dataset
        ``p_c``, ``s_c``, ``supercritical``, and ``stable_below``: whether the bifurcating state is stable below p_c.
        It is for g > 0 only; for g < 0 the other linear state condenses first, and that one never bifurcates.
    """
    grid = parameter_grid(site, axes)
    a, g = grid.values["a"], grid.values["g"]
    s_c = (1 + g**2) / a
    variables = {"p_c": s_c - g, "s_c": s_c, "supercritical": g * (g - a) < 1, "stable_below": g > 0}
    return wrap_grid(grid, {name: ((), value) for name, value in variables.items()}, title="pitchfork")


@takes_axes(*NAMES)
def fixed_points(site: Site, **axes: object) -> xr.Dataset:
    """Return all stationary states with s > 0, stable or not, at any field.

    The closed form of docs/physics.md, section 2, solved by one search that misses none; s_z is accurate to 12 digits
    also where it is tiny.

    Parameters
    ----------
    site
        Parameters.
    axes
        Lists of ``p``, ``a``, ``g``, ``delta``; the result has the dimensions given (outer product). Those given as
        ``xarray.DataArray`` with a common dimension vary together along it.

    Returns
    -------
    xarray.Dataset
        Dimensions: the axes, then ``state`` (always 6, the largest possible number, in order of decreasing s_z, padded
        with NaN), then ``axis`` (x, y, z). ``pseudospin``; ``growth_rate``: largest real part of the eigenvalues of
        the Jacobian; ``stable``: growth_rate < 0; ``label``: "linear" (s_z = 0), "aligned" or "anti-aligned" with the
        field, at delta = 0 with the z axis, "" where there is no state; ``g_eff = 1 + a s_z/delta``: inf for
        elliptical states at delta = 0, its limit for linear ones; ``chi = a ds_z/ddelta``; ``number_of_states``.
    """
    grid = parameter_grid(site, axes)
    found = solve(grid)
    dims = ("state",)
    variables = {
        "pseudospin": ((*dims, "axis"), found["s"]),
        "stable": (dims, found["stable"]),
        "growth_rate": (dims, found["growth_rate"]),
        "label": (dims, found["label"]),
        "g_eff": (dims, found["g_eff"]),
        "chi": (dims, found["chi"]),
        "number_of_states": ((), (~np.isnan(found["chi"])).sum(axis=1)),
    }
    return wrap_grid(grid, variables, title="stationary states")


@takes_axes(*NAMES)
def g_eff(site: Site, *, select: Select = "largest", **axes: object) -> xr.Dataset:
    """Return the effective g-factor enhancement of the stable aligned state.

    ``g_eff = (a s_z + delta)/delta``, ``chi = a ds_z/ddelta`` (docs/physics.md, section 2).

    Parameters
    ----------
    site, axes
        As for :func:`fixed_points`.
    select
        Which one where several stable aligned states coexist: "largest" or "smallest" |s_z|.

    Returns
    -------
    xarray.Dataset
        ``g_eff``, ``chi``, ``pseudospin``, ``growth_rate`` along the axes; NaN where no stable aligned state exists,
        with a warning where there is none at all.
    """
    grid = parameter_grid(site, axes)
    found = stable_aligned(grid, select)
    if np.isnan(found["g_eff"]).all():
        p, g = grid.values["p"].max(), grid.values["g"].min()
        warnings.warn(
            f"g_eff is NaN: no stable aligned state up to p = {p:g}; without field a condensate forms above p = -g = "
            f"{-g:g}; lp.fixed_points lists all states there are",
            stacklevel=2,
        )
    variables = {
        "g_eff": ((), found["g_eff"]),
        "chi": ((), found["chi"]),
        "pseudospin": (("axis",), found["s"]),
        "growth_rate": ((), found["growth_rate"]),
    }
    return wrap_grid(grid, variables, title="effective g-factor", select=str(select))


def solve(grid: Axes) -> dict[str, np.ndarray]:
    """Return the states of every point of ``grid``, arrays (points, 6, ...)."""
    p, a, g, delta = (grid.values[name] for name in ("p", "a", "g", "delta"))
    s, enhancement, chi = stationary.solve(p, a, g, delta)
    parameters = (p[:, None], a[:, None], g[:, None], delta[:, None])
    growth = equations.growth_rates(s, *parameters)
    return {
        "s": s,
        "g_eff": enhancement,
        "chi": chi,
        "growth_rate": growth,
        "stable": equations.stable(growth, s, *parameters),
        "label": labels(s[..., 2], delta[:, None]),
    }


def labels(s_z: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Return the kind of each state: linear, aligned, anti-aligned, or "" where s_z is NaN."""
    along = s_z * np.where(delta < 0, -1.0, 1.0)
    return np.select([along > 0, along < 0, along == 0], ["aligned", "anti-aligned", "linear"], default="")


def stable_aligned(grid: Axes, select: Select) -> dict[str, np.ndarray]:
    """Return the stable state with a s_z/delta >= 0 and the largest (smallest) |s_z| of every point, NaN where none
    is."""
    largest = read_choice("select", select, ("largest", "smallest")) == "largest"
    found = solve(grid)
    size = np.abs(found["s"][..., 2])
    eligible = found["stable"] & (found["label"] != "anti-aligned")
    score = np.where(eligible, size if largest else -size, -np.inf)
    best = score.argmax(axis=1)
    rows = np.arange(best.size)
    picked = {name: values[rows, best] for name, values in found.items() if values.dtype.kind == "f"}
    for values in picked.values():
        values[~eligible.any(axis=1)] = np.nan
    return picked


def parameter_grid(site: Site, axes: dict[str, object]) -> Axes:
    """Return the outer product for ``site``, with every value checked as a Site checks its own."""
    parameters = single(site).parameters()
    del parameters["a2"]
    grid = outer(parameters, axes)
    for name, values in grid.values.items():
        site.replace(**{name: values.min()}).replace(**{name: values.max()})  # raises what a Site refuses
    return grid


def wrap_grid(grid: Axes, variables: dict[str, Any], *, title: str, **attributes: Any) -> xr.Dataset:
    """Fold ``name -> (dims, array (points, ...))`` back to the axes and make it a Dataset."""
    folded = {name: ((*grid.dims, *dims), grid.fold(values)) for name, (dims, values) in variables.items()}
    used = {dim for dims, _ in folded.values() for dim in dims}
    coords = grid.coords | ({"axis": AXIS} if "axis" in used else {})
    fixed = {name: float(values[0]) for name, values in grid.values.items() if name not in grid.coords}
    return wrap(folded, coords, fixed, title=title, **attributes)
