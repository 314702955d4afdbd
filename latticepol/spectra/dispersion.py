"""The doors to spectra along wavevectors."""

import json
from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_flag, read_integer, read_number, unnamed
from latticepol.errors import check_model, unit_hint
from latticepol.gpe import interior
from latticepol.gpe.plane_waves import in_first_zone
from latticepol.network import Network
from latticepol.spectra.batches import in_batches
from latticepol.spectra.problem import BASIS, Lifted, Problem, problem, read_basis

#: A state is another model's where its residual is larger than this part of 1 + |mu| and so many times its own.
ANOTHER, WORSE = 1e-6, 1e3
#: What may be given as k.
FORMS = "give Cartesian kx, ky: (2,) for one, (n, 2) or (n1, n2, 2) for more, lattice.path('G K M', 200) or .mesh(24)"
NAMBU = np.array(["u", "v"])


def bands(model: Any, *, k: Any, losses: bool = True, vectors: bool = False, basis: int | None = BASIS) -> xr.Dataset:
    """Bands of the empty lattice: no condensate, the same field (docs/physics.md, sections 3 and 6).

    Parameters
    ----------
    model
        A ``lp.Network``, or a ``lp.SpinorGPE`` on a cell.
    k
        Cartesian wavevectors (..., 2): an array, ``lat.path(...)`` or ``lat.mesh(...)``, or a Dataset with kx and ky,
        such as an earlier result. Those outside the first Brillouin zone have the frequencies of their equivalents in
        it. On a grid with a Bloch wavevector q they count from q, so that of a moving condensate k = 0 is its own
        wavevector; the k of ``lp.spectrum`` is q + k.
    losses
        False drops gain and losses: p, g and the imaginary parts of J and dJ; W, Gamma, gamma and momentum damping.
    vectors
        Also return right and left vectors.
    basis
        Of a field: the number of scalar Bloch modes on which each spin is projected; None: all plane waves of the grid.
        The lowest bands converge fast in it.

    Returns
    -------
    xarray.Dataset
        ``omega`` (..., mode) in ascending order, complex with losses; ``right`` and ``left`` (..., site, spin, mode),
        of a field (..., spin, y, x, mode), with ``sum left^* right = 1`` (of a field the mean over its points).

    Raises
    ------
    TypeError
        The model is neither a network nor a field.
    ValueError
        k is not (..., 2) or not finite, or a parameter is a function of time.
    """
    what = problem(model, None, 0.0, read_flag("losses", losses), basis)
    return _spectrum(model, what, k, read_flag("vectors", vectors), {}, "bands of the empty lattice")


def bogoliubov(
    model: Any,
    state: xr.Dataset,
    *,
    k: Any,
    vectors: bool = False,
    basis: int | None = BASIS,
    near: complex | None = None,
    modes: int = 8,
) -> xr.Dataset:
    """Excitations of a stationary state: ``w (u, v) = L_k (u, v)`` (docs/physics.md, section 4).

    Parameters
    ----------
    model
        The ``lp.Network`` or ``lp.SpinorGPE``.
    state
        What ``lp.steady_state`` returns.
    k, vectors
        As for :func:`bands`: k counts from the q of the grid.
    basis
        Of a field: the number of scalar Bloch modes on which each of u_+, u_-, v_+, v_- is projected (a problem of 4
        times the size); None: all plane waves, exact on the grid and slow.
    near, modes
        Of a field without reservoir: find only the ``modes`` modes nearest to the frequency ``near`` (real or complex),
        exactly on the grid and without a matrix: for large cells. ``basis`` then only speeds up the search.

    Returns
    -------
    xarray.Dataset
        Complex ``omega`` (..., mode) in ascending order of the real part, relative to mu; ``growth_rate`` of the state,
        over all wavevectors; ``right`` and ``left`` (..., nambu, site, spin, mode), of a field (..., nambu, spin, y, x,
        mode), the latter without the factor exp(i k.r), with a reservoir also ``right_reservoir`` and
        ``left_reservoir``. With ``near`` right vectors only.

    Raises
    ------
    TypeError, ValueError
        Bad input; ``near`` with a network, whose matrix is whole and small.
    ConvergenceError
        The modes nearest to ``near`` were not found.
    """
    psi, mu, growth = read_state(model, state)
    vectors, modes = read_flag("vectors", vectors), read_integer("modes", modes, least=1)
    near, basis = _near(model, near), read_basis(basis)
    more: dict[str, Any] = {"growth_rate": ((), growth)}
    if near is None:
        what = problem(model, psi, mu, True, basis)
        return _spectrum(model, what, k, vectors, more, "Bogoliubov spectrum")
    points, dims, coords = wavevectors(k)
    inside, twist = _folded(model, points.reshape(-1, 2))
    found = [interior.modes(model, psi, mu, one, near, modes, basis) for one in inside]
    omega, right = (np.stack(x) for x in zip(*found, strict=True))
    right = right * twist[:, None, None, :, :, None]
    omega, right = (x.reshape(*points.shape[:-1], *x.shape[1:]) for x in (omega, right))
    more["omega"] = ((*dims, "mode"), omega)
    if vectors:
        more["right"] = ((*dims, "nambu", "spin", "y", "x", "mode"), right)
        coords |= {"nambu": NAMBU}
    return model.wrapped(more, coords | {"mode": np.arange(modes)}, title="Bogoliubov spectrum")


def read_state(model: Any, state: xr.Dataset) -> tuple[np.ndarray, float, float]:
    """psi, mu and growth rate of a stationary state.

    Raises
    ------
    TypeError
        It is no Dataset with psi and mu, or the model is neither a network nor a field.
    ValueError
        It does not fit the model, is one of several, or is stationary in another model.
    """
    check_model(model)
    if not isinstance(state, xr.Dataset) or not {"psi", "mu", "growth_rate"} <= set(state.variables):
        raise TypeError("state must be a Dataset with psi, mu and growth_rate, as lp.steady_state returns it")
    psi, _, _, several = model.read(state)
    if several:
        raise ValueError(f"state holds several states along {several}; choose one with .sel(...)")
    mu, growth = read_number("mu", state.mu), read_number("growth_rate", state.growth_rate, finite=False)
    if "residual" in state:
        _check_stationary(model, state, psi, mu)
    return psi, mu, growth


def _near(model: Any, near: Any) -> complex | None:
    """The frequency next to which modes are searched for; None: all modes."""
    if near is None:
        return None
    if isinstance(model, Network):
        raise ValueError(
            f"near = {near!r:.40} searches for a few modes of a large field; the matrix of a network is small: leave "
            "near out, and choose from all modes, ds.sel(mode=slice(8))"
        )
    return complex(read_number("near", near, real=False, need="a frequency, real or complex"))


def _check_stationary(model: Any, state: xr.Dataset, psi: np.ndarray, mu: float) -> None:
    """Refuse a state that is stationary, but in another model."""
    model.check_stationary()
    own = read_number("residual", state.residual, finite=False)
    here = float(np.abs(model.quiet().imbalance(psi, mu)).max() / max(np.abs(psi).max(), 1e-300))
    if here > max(ANOTHER * (1 + abs(mu)), WORSE * own):
        raise ValueError(
            f"state belongs to another model{_differences(model, state)}: its residual is {here:.3g} here, {own:.3g} "
            "there; find that of this model with lp.steady_state(model, state)"
        )


def _differences(model: Any, state: xr.Dataset) -> str:
    """The numbers among the parameters in which they differ, as text."""
    there, here = (json.loads(ds.attrs.get("parameters", "{}")) for ds in (state, model.wrapped({}, {}, title="")))
    names = [name for name in here if isinstance(here[name], float) and here[name] != there.get(name, here[name])]
    return f" ({', '.join(f'{name} = {there[name]:g} there, {here[name]:g} here' for name in names)})" if names else ""


def _spectrum(model: Any, what: Problem, k: Any, vectors: bool, more: dict[str, Any], title: str) -> xr.Dataset:
    points, dims, coords = wavevectors(k)
    flat, twist = points.reshape(-1, 2), None
    if what.bloch is not None:
        flat, twist = _folded(model, flat)
    variables: dict[str, Any] = dict(more)
    shape = points.shape[:-1]
    if vectors:
        omega, left, right, _ = Lifted.joined(in_batches(what.lifted, flat, what.size))
        variables |= _vectors(model, what, dims, shape, {"right": right, "left": left}, twist)
    else:
        omega = np.concatenate(in_batches(what.spectrum, flat, what.size))
    variables["omega"] = ((*dims, "mode"), omega.reshape(*shape, what.size))
    coords |= {"mode": np.arange(what.size)} | ({"nambu": NAMBU} if vectors and what.paired else {})
    return model.wrapped(variables, coords, title=title)


def _folded(model: Any, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wavevectors (points, 2) of a field brought to where q + k is in the first zone, and the factor exp(-i G.r)
    (points, ny, nx) that belongs to its vectors.

    The waves of a grid, and those in which a basis is written, end at a length: frequencies are periodic in k only as
    far as they do not matter.
    """
    inside, G = in_first_zone(model.grid, k)
    x, y = model.grid.points
    return inside, np.exp(-1j * (G[:, 0, None, None] * x + G[:, 1, None, None] * y))


def _vectors(
    model: Any,
    what: Problem,
    dims: tuple[str, ...],
    shape: tuple[int, ...],
    vectors: dict[str, np.ndarray],
    twist: np.ndarray | None,
) -> dict[str, Any]:
    """Vectors (points, rows, mode) as variables."""
    variables: dict[str, Any] = {}
    for name, value in vectors.items():
        inner: tuple[str, ...]
        if what.bloch is None:
            inner = ("site", "spin", "mode")
            parts = value.reshape(*shape, -1, model.sites, 2, value.shape[-1])
        else:
            inner = ("spin", "y", "x", "mode")
            waves = what.bloch.waves
            grid = waves.on_grid(value.reshape(len(value), -1, len(waves), value.shape[-1]).swapaxes(-1, -2))
            assert twist is not None
            grid = grid * twist[:, None, None]
            parts = np.moveaxis(grid, 2, -1).reshape(*shape, -1, 2, *grid.shape[-2:], value.shape[-1])
        components = np.moveaxis(parts, len(shape), 0)  # u, then v, then a reservoir
        if what.paired:
            variables[name] = ((*dims, "nambu", *inner), np.stack(list(components[:2]), axis=len(shape)))
        else:
            variables[name] = ((*dims, *inner), components[0])
        if len(components) == 3:
            variables[f"{name}_reservoir"] = ((*dims, *inner), components[2])
    return variables


def wavevectors(k: Any) -> tuple[np.ndarray, tuple[str, ...], dict[str, Any]]:
    """(points (..., 2), dims, coordinates) of an array, of what ``path`` and ``mesh`` return, or of a Dataset with it.

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
    named = isinstance(k, xr.DataArray) and not unnamed(k)
    last = (("axis",) if "axis" in k.dims else k.dims[-1:]) if named else ()
    points = read_array("k", k, dims=last, labels={"axis": ("x", "y")}, need=FORMS.removeprefix("give "))
    if points.ndim == 0 or points.shape[-1] != 2 or points.size == 0:
        raise ValueError(f"k has shape {points.shape}; {FORMS}")
    dims = ("k",) if points.ndim == 2 else tuple(f"k{i + 1}" for i in range(points.ndim - 1))
    kept: dict[str, Any] = {}
    if named:
        dims = tuple(str(dim) for dim in k.dims if dim not in last)
        kept = {str(name): (c.dims, c.values) for name, c in k.coords.items() if not set(last) & set(c.dims)}
    return points, dims, {"kx": (dims, points[..., 0]), "ky": (dims, points[..., 1])} | kept


def _of_dataset(k: xr.Dataset) -> xr.DataArray:
    """The wavevectors of a path or a mesh, or of a spectrum along one."""
    if "wavevector" in k:
        return k["wavevector"]
    if not {"kx", "ky"} <= set(k.variables):
        raise ValueError(f"k is a Dataset without kx and ky, it has {list(map(str, k.variables))}; {FORMS}")
    kx, ky = xr.broadcast(k["kx"].reset_coords(drop=True), k["ky"].reset_coords(drop=True))
    dims = (*map(str, kx.dims), "axis")
    kept = {name: c for name, c in k.coords.items() if set(c.dims) <= set(kx.dims)}
    return xr.DataArray(np.stack([kx.values, ky.values], axis=-1), dims=dims, coords=kept)
