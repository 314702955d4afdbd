"""The door to branches of any model: curves of stationary states in a parameter, with their special points."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import xarray as xr

from latticepol.arrays import read_flag, read_integer, read_interval, read_number
from latticepol.closed_forms import ClosedForm, knows_branches
from latticepol.model import Stationary, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.progress import Progress
from latticepol.stationary.api import steady_state
from latticepol.stationary.arclength import Family, Point, StepControl
from latticepol.stationary.special_points import Special
from latticepol.stationary.tracing import BranchSearch, Curve, Tracer

#: Seconds after which a bar appears.
PATIENCE = 3.0
#: What is at a point that a shorter branch does not have.
PADDING: dict[str, Any] = {"f": np.nan, "c": np.nan, "b": False, "U": "", "i": -1}


@on_one_thread
def branches(
    model: Stationary | ClosedForm,
    *,
    along: str = "p",
    span: tuple[float, float],
    start: object = None,
    points: int = 400,
    step: float = 0.05,
    stability: bool = True,
    curves: int = 12,
    progress: bool | None = None,
) -> xr.Dataset:
    """Return branches of stationary states as curves in one parameter, with their special points.

    Of a ``lp.Site`` every branch is an explicit curve (docs/physics.md, section 2), so none is missed, and special
    points are roots of explicit functions, located to 1e-10. Of another model the curve through a given state is
    followed both ways by pseudo-arclength continuation (docs/physics.md, section 4) to the ends of the span, to the
    vacuum or until it closes, through its folds; where another curve crosses, both arms of that are followed too.
    Curves that are not connected with the start are not found: give a start on each.

    Parameters
    ----------
    model
        A ``lp.Site`` (or another :class:`latticepol.closed_forms.ClosedForm`), a ``lp.Network``, a ``lp.SpinorGPE`` or
        another :class:`latticepol.model.Stationary`.
    along
        Name of the parameter: any that ``model.replace`` takes as a number, ``P_scale`` for the power of a pattern.
        Of a ``lp.Site`` "p" or "delta".
    span
        Lowest and highest value of that parameter.
    start
        Of other models than ``lp.Site``: a stationary state (of ``lp.steady_state``) at the value of the parameter that
        the model has, which lies in the span, or what ``lp.steady_state`` starts from. None: its usual start.
    points
        Of a ``lp.Site``: points per branch, evenly spaced in arc length. Of others: at most so many in each direction.
    step
        Longest step, as part of the span and of the amplitude. Modes that begin and cease to grow within one step are
        not seen.
    stability
        Whether to look for the largest growth rate at every point, as ``lp.steady_state`` does. Without, growth at
        finite wavevectors is not seen, and special points are those of k = 0.
    curves
        At most so many.
    progress
        Show a bar after three seconds; None: if someone is watching.

    Returns
    -------
    xarray.Dataset
        Dimensions ``branch``, ``point`` (NaN where a branch has fewer), the coordinate named by ``along``, and
        ``stable``, ``growth_rate``; of a ``lp.Site`` also ``pseudospin``, ``label``, ``g_eff``, ``chi`` as in
        ``fixed_points``, of others what ``lp.steady_state`` returns (``stable``: known to be) and ``mean_density``. A
        branch goes through its folds.

        Dimension ``special``: the parameter there, ``special_branch`` (the first of those that meet) and
        ``special_kind``: "pitchfork" or "transcritical" where another branch crosses, "fold", "hopf" where a complex
        pair of exponents crosses zero, "threshold" where it grows from the vacuum, "onset" where growth begins at the
        wavevector ``special_k``, "branch" where a growth rate changes sign and no other branch was found. Of others
        than ``lp.Site`` also ``special_point``, its place on the branch, and ``special_frequency`` of what begins.
        They are told from the modes at k = 0, of a field among its basis modes; but for Hopf points they are located
        by the equations themselves.

    Raises
    ------
    TypeError, ValueError
        Bad input; the parameter is not a number, or its value is outside of the span.
    ConvergenceError
        There is no stationary state to begin with.
    """
    if start is None and knows_branches(model):
        return model.closed_form_branches(along, span, points)
    check_model(cast(Stationary, model), Stationary)
    return _followed(cast(Stationary, model), along, span, start, points, step, stability, curves, progress)


def _followed(
    model: Stationary,
    along: str,
    span: tuple[float, float],
    start: object,
    points: int,
    step: float,
    stability: bool,
    curves: int,
    progress: bool | None,
) -> xr.Dataset:
    """Return the curves that are connected with a state."""
    low, high, value = _span(model, along, span)
    points, curves = read_integer("points", points, least=2), read_integer("curves", curves, least=1)
    search, stability = BranchSearch(points=points, curves=curves), read_flag("stability", stability)
    longest = read_number("step", step, above=0, most=0.5, need="a part of the span")
    control = StepControl(first=min(StepControl.first, longest), longest=longest)
    state = steady_state(model, start, stability=False, progress=progress)
    psi, mu = np.asarray(state.psi.values, complex), float(state.mu)
    scale = float((np.abs(psi) ** 2).mean())
    family = Family(model.without_noise(), along, (low, high), scale, model.default_tol, control)
    with Progress(0, 2 * points, "points", progress, after=PATIENCE) as bar:
        tracer = Tracer(family, stability, search, watch=lambda _: bar.advance(1))
        found = tracer.trace(Point(psi, mu, value, float(state.residual)))
    return _joined(family, found, along, tracer.missed)


def _span(model: Stationary, along: object, given: object) -> tuple[float, float, float]:
    """Return the ends of the span and the value that the model has, between them."""
    if not isinstance(along, str):
        raise TypeError(f"along must be the name of a parameter, as 'p'; got {along!r:.60}")
    low, high = read_interval("span", given)
    for end in (low, high):
        model.replace(**{along: end})  # raises what a model refuses
    given = {name.rpartition(".")[2]: value for name, value in model.parameters().items()}.get(along, 1.0)  # of a scale
    value = read_number(along, given, need="one number; of a pattern take its scale, as W_scale")
    if not low <= value <= high:
        raise ValueError(
            f"the model must lie in the span of its branches; {along} = {value:g} is not in [{low:g}, {high:g}]: give "
            f"model.replace({along}=...), or a wider span"
        )
    return low, high, value


def _joined(family: Family, curves: Sequence[Curve], along: str, missed: Sequence[str]) -> xr.Dataset:
    """Return all curves as one Dataset."""
    states = [[_state(family, curve, i) for i in range(len(curve.points))] for curve in curves]
    first = states[0][0]
    most = max(len(curve) for curve in states)
    variables: dict[str, Any] = {}
    for name, variable in first.data_vars.items():
        values = [[state[name].values if name in state else np.array(False) for state in curve] for curve in states]
        variables[str(name)] = (("branch", "point", *variable.dims), _padded(values, most))
    stable = [[np.array(bool(state.get("stable", False))) for state in curve] for curve in states]
    variables["stable"] = (("branch", "point"), _padded(stable, most))
    densities = [[np.array((np.abs(point.psi) ** 2).mean()) for point in curve.points] for curve in curves]
    variables["mean_density"] = (("branch", "point"), _padded(densities, most))
    places = _padded([[np.array(point.value) for point in curve.points] for curve in curves], most)
    special = [(n, i, one) for n, curve in enumerate(curves) for i, one in curve.special]
    variables |= _special(special, along)
    coords: dict[str, Any] = {along: (("branch", "point"), places)}
    coords |= {str(name): (c.dims, c.values) for name, c in first.coords.items() if name != along}
    about: dict[str, Any] = {"along": along, "span": list(family.span), "message": "; ".join(missed)}
    return family.model.to_dataset(variables, coords, title=f"branches along {along}", **about)


def _state(family: Family, curve: Curve, i: int) -> xr.Dataset:
    point = curve.points[i]
    return family.at(point.value).to_state(point.psi, point.mu, point.residual, curve.growths[i])


def _padded(values: list[list[np.ndarray]], most: int) -> np.ndarray:
    """Return (branches, points, ...), with nothing where a branch has fewer points."""
    first = values[0][0]
    widest = np.result_type(*{value.dtype for curve in values for value in curve})
    full = np.full((len(values), most, *first.shape), PADDING[widest.kind], widest)
    for row, curve in zip(full, values, strict=True):
        row[: len(curve)] = curve
    return full


def _special(found: Sequence[tuple[int, int, Special]], along: str) -> dict[str, Any]:
    dims = ("special",)
    return {
        "special_kind": (dims, np.array([one.kind for _, _, one in found], dtype="<U13")),
        f"special_{along}": (dims, np.array([one.point.value for _, _, one in found], float)),
        "special_branch": (dims, np.array([n for n, _, _ in found], int)),
        "special_point": (dims, np.array([i for _, i, _ in found], int)),
        "special_k": ((*dims, "direction"), np.array([one.k for _, _, one in found], float).reshape(-1, 2)),
        "special_frequency": (dims, np.array([one.omega.real for _, _, one in found], float)),
    }
