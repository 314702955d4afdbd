"""What the spectra read of their arguments: states, wavevectors, the size of a basis."""

import json
from typing import cast

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_integer, read_number, unnamed
from latticepol.errors import unit_hint
from latticepol.linear_problem import LinearProblem, Usual
from latticepol.model import Linearisable, Stationary, check_model

#: A state is another model's where its residual is larger than this part of 1 + |mu|, and than WORSE times its own.
ANOTHER = 1e-6
#: See ANOTHER: a state that converged badly is its own model's all the same.
WORSE = 1e3
#: What may be given as k.
FORMS = "give Cartesian kx, ky: (2,) for one, (n, 2) or (n1, n2, 2) for more, lattice.path('G K M', 200) or .mesh(24)"
#: Axes and coordinates that wavevectors come with.
Coords = dict[str, tuple[tuple[str, ...], np.ndarray]]


def read_basis(basis: object) -> int | None:
    """Return the number of scalar Bloch modes of a field, which knows how many it has at most."""
    return basis if basis is None or isinstance(basis, Usual) else read_integer("basis", basis)


def read_problem(
    model: Linearisable,
    state: xr.Dataset | None,
    losses: bool,
    basis: int | None,
    mesh: np.ndarray | None = None,
) -> tuple[LinearProblem, float]:
    """Return the excitations of a state with its growth rate, or the empty system, of which that is NaN.

    Raises
    ------
    TypeError, ValueError
        There is a state, and it is not that of a model with stationary states, or not its own.
    """
    if state is None:
        return model.linear_problem(losses=losses, basis=basis, mesh=mesh), np.nan
    psi, mu, growth = read_state(model, state)
    return model.linear_problem(psi, mu, basis=basis, mesh=mesh), growth


def read_state(given: Linearisable, state: xr.Dataset) -> tuple[np.ndarray, float, float]:
    """Return psi, mu and growth rate of a stationary state.

    Raises
    ------
    TypeError
        It is not a Dataset with psi and mu, or the model has no stationary states.
    ValueError
        It does not fit the model, is one of several, or is stationary in another model.
    """
    check_model(given, Stationary)
    model = cast(Stationary, given)
    if not isinstance(state, xr.Dataset) or not {"psi", "mu", "growth_rate"} <= set(state.variables):
        raise TypeError("state must be a Dataset with psi, mu and growth_rate, as lp.steady_state returns it")
    start = model.read_start(state)
    if start.dims:
        raise ValueError(f"state holds several states along {start.dims}; choose one with .sel(...)")
    mu, growth = read_number("mu", state.mu), read_number("growth_rate", state.growth_rate, finite=False)
    if "residual" in state:
        _check_stationary(model, state, start.psi, mu)
    return start.psi, mu, growth


def _check_stationary(model: Stationary, state: xr.Dataset, psi: np.ndarray, mu: float) -> None:
    """Refuse a state that is stationary, but in another model."""
    model.check_stationary()
    own = read_number("residual", state.residual, finite=False)
    F = model.without_noise().stationary_residual(psi, mu)
    here = float(np.abs(F).max() / max(np.abs(psi).max(), 1e-300))
    if here > max(ANOTHER * (1 + abs(mu)), WORSE * own):
        raise ValueError(
            f"state belongs to another model{_differences(model, state)}: its residual is {here:.3g} here, {own:.3g} "
            "there; find that of this model with lp.steady_state(model, state)"
        )


def _differences(model: Linearisable, state: xr.Dataset) -> str:
    """Return the numbers among the parameters in which they differ, as text."""
    there, here = (json.loads(ds.attrs.get("parameters", "{}")) for ds in (state, model.to_dataset({}, {}, title="")))
    names = [name for name in here if isinstance(here[name], float) and here[name] != there.get(name, here[name])]
    return f" ({', '.join(f'{name} = {there[name]:g} there, {here[name]:g} here' for name in names)})" if names else ""


def wavevectors(k: object) -> tuple[np.ndarray, tuple[str, ...], Coords]:
    """Return (points (..., 2), dims, coordinates) of an array, of what ``path`` and ``mesh`` return, or of a Dataset
    with it.

    Raises
    ------
    TypeError
        It holds no numbers.
    ValueError
        Not (..., 2), or not finite.
    """
    if unit_hint(k):
        fix = f"give wavevectors, for example net.lattice.path({k!r}, 200)" if isinstance(k, str) else FORMS
        raise ValueError(f"k = {k!r:.60} is a text; {fix}")
    k = _of_dataset(k) if isinstance(k, xr.Dataset) else k
    axes = k if isinstance(k, xr.DataArray) and not unnamed(k) else None
    last = () if axes is None else ("axis",) if "axis" in axes.dims else tuple(map(str, axes.dims[-1:]))
    points = read_array("k", k, dims=last, labels={"axis": ("x", "y")}, need=FORMS.removeprefix("give "))
    if points.ndim == 0 or points.shape[-1] != 2 or points.size == 0:
        raise ValueError(f"k has shape {points.shape}; {FORMS}")
    dims = ("k",) if points.ndim == 2 else tuple(f"k{i + 1}" for i in range(points.ndim - 1))
    kept: Coords = {}
    if axes is not None:
        dims = tuple(str(dim) for dim in axes.dims if dim not in last)
        kept = {
            str(name): (tuple(map(str, c.dims)), c.values) for name, c in axes.coords.items() if not {*last} & {*c.dims}
        }
    return points, dims, {"kx": (dims, points[..., 0]), "ky": (dims, points[..., 1])} | kept


def _of_dataset(k: xr.Dataset) -> xr.DataArray:
    """Return the wavevectors of a path or a mesh, or of a spectrum along one."""
    if "wavevector" in k:
        return k["wavevector"]
    if not {"kx", "ky"} <= set(k.variables):
        raise ValueError(f"k is a Dataset without kx and ky, it has {list(map(str, k.variables))}; {FORMS}")
    kx, ky = xr.broadcast(k["kx"].reset_coords(drop=True), k["ky"].reset_coords(drop=True))
    dims = (*map(str, kx.dims), "axis")
    kept = {name: c for name, c in k.coords.items() if set(c.dims) <= set(kx.dims)}
    return xr.DataArray(np.stack([kx.values, ky.values], axis=-1), dims=dims, coords=kept)
