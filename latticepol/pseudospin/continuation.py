"""The door to folds, and branches in closed form: how stationary states go on when a parameter changes."""

from typing import Any, Literal, cast

import numpy as np
import xarray as xr

from latticepol.arrays import read_choice, read_integer, read_interval
from latticepol.axes import takes_axes
from latticepol.pseudospin import curves, equations, stationary, turning
from latticepol.pseudospin.site import Site
from latticepol.pseudospin.states import AXIS, NAMES, labels, parameter_grid, wrap_grid
from latticepol.results.dataset import wrap

Along = Literal["p", "delta"]
#: Points of a curve: more show nothing more.
MOST_CURVE_POINTS = 10**6


@takes_axes(*NAMES)
def folds(site: Site, *, along: Along = "p", **axes: object) -> xr.Dataset:
    """Return the pumps (or fields) at which two stationary states meet and end.

    At a fold ddelta/dB = 0 along the branch; its place is known in closed form (docs/physics.md, section 2).

    Parameters
    ----------
    site
        Parameters; the one named by ``along`` does not matter.
    along
        "p": folds p(delta) at fixed field. "delta": folds delta(p) at fixed pump.
    axes
        Lists of the other parameters; the result has the dimensions given.

    Returns
    -------
    xarray.Dataset
        Dimensions: the axes, then ``fold`` (3 along p, 8 along delta, increasing, NaN-padded). ``p`` or ``delta``;
        ``kind``: "fold", "pitchfork" (at delta = 0 along p) or ""; ``label``: kind of the states that meet; ``opens``:
        +1 if they exist above this value, -1 below; ``pseudospin``; ``growth_rate``: zero where one of the two is
        stable, positive where both are unstable.
    """
    along = _along(along)
    if along in axes:
        raise TypeError(f"{along} is what is solved for; an axis must be another parameter")
    grid = parameter_grid(site, axes)
    p, a, g, delta = (grid.values[name] for name in ("p", "a", "g", "delta"))
    points = p.size
    size = turning.MAX_IN_PUMP if along == "p" else turning.MAX_IN_FIELD
    rows = np.full((points, size, 4), np.nan)
    s = np.full((points, size, 3), np.nan)
    for i in range(points):
        if along == "p":
            found = turning.folds_in_pump(a[i], g[i], delta[i])
        else:
            found = turning.folds_in_field(p[i], a[i], g[i])
        rows[i, : len(found)] = found
        for k, (x, sigma, value, _) in enumerate(found):
            pump = np.array([value if along == "p" else p[i]])
            s[i, k] = stationary.states_at(np.array([x]), sigma, pump, a[i], g[i])[0]
    x, value = rows[..., 0], rows[..., 2]
    at = {"p": p[:, None], "delta": delta[:, None]} | {along: value}
    kind = np.where(np.isnan(x), "", np.where((x == 0.0) & (along == "p"), "pitchfork", "fold"))
    variables = {
        along: (("fold",), value),
        "kind": (("fold",), kind),
        "label": (("fold",), labels(s[..., 2], np.broadcast_to(at["delta"], x.shape))),
        "opens": (("fold",), rows[..., 3]),
        "pseudospin": (("fold", "axis"), s),
        "growth_rate": (("fold",), equations.growth_rates(s, at["p"], a[:, None], g[:, None], at["delta"])),
    }
    return wrap_grid(grid, variables, title=f"folds along {along}", along=along)


def curves_of(site: Site, along: object, span: object, points: object) -> xr.Dataset:
    """Return the branches of a single condensate."""
    along = _along(along)
    low, high = _span(site, along, span)
    points = read_integer("points", points, least=2, most=MOST_CURVE_POINTS)
    found = curves.branches(site, along, (low, high))
    sampled = [curve.family.states(curves.sample(curve, points)) for curve in found]
    names = ("p", "delta", "g_eff", "chi")
    p, delta, g_eff, chi = (
        np.array([getattr(states, name) for states in sampled]).reshape(-1, points) for name in names
    )
    s = np.array([states.s for states in sampled]).reshape(-1, points, 3)
    growth = equations.growth_rates(s, p, site.a, site.g, delta)
    dims = ("branch", "point")
    variables = {
        "pseudospin": ((*dims, "axis"), s),
        "stable": (dims, equations.stable(growth, s, p, site.a, site.g, delta)),
        "growth_rate": (dims, growth),
        "label": (dims, labels(s[..., 2], delta)),
        "g_eff": (dims, g_eff),
        "chi": (dims, chi),
        **_special_points(found),
    }
    coords = {along: (dims, p if along == "p" else delta), "axis": AXIS}
    fixed = {name: value for name, value in site.parameters().items() if name != along}
    return wrap(variables, coords, fixed, title=f"branches along {along}", along=along, span=[low, high])


def _special_points(found: list[curves.Curve]) -> dict[str, Any]:
    kinds, p, delta, s, branch = [], [], [], [], []
    for i, curve in enumerate(found):
        for point in curve.special:
            states = curve.family.states(point.t)
            known = point.kind == "pitchfork" and "pitchfork" in kinds
            if not known:
                kinds.append(point.kind)
                p.append(states.p[0])
                delta.append(states.delta[0])
                s.append(states.s[0])
                branch.append(i)
    dims = ("special",)
    return {
        "special_kind": (dims, np.array(kinds, dtype="<U9")),
        "special_p": (dims, np.array(p)),
        "special_delta": (dims, np.array(delta)),
        "special_pseudospin": ((*dims, "axis"), np.array(s).reshape(-1, 3)),
        "special_branch": (dims, np.array(branch, dtype=int)),
    }


def _along(given: object) -> Along:
    return cast(Along, read_choice("along", given, ("p", "delta")))


def _span(site: Site, along: str, given: object) -> tuple[float, float]:
    """Return the lowest and the highest value of the parameter, which the site may have."""
    low, high = read_interval("span", given)
    for end in (low, high):
        site.replace(**{along: end})  # raises what a Site refuses
    return low, high
