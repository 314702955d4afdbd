"""The doors to spectra along wavevectors."""

from typing import Any

import numpy as np
import xarray as xr

from latticepol.network.output import wrapped
from latticepol.spectra.problem import Problem, in_batches, problem

NAMBU = np.array(["u", "v"])


def bands(net: Any, *, k: Any, losses: bool = True, vectors: bool = False) -> xr.Dataset:
    """Bands of the empty lattice: no condensate, the same field (docs/physics.md, section 3).

    Parameters
    ----------
    net
        A ``lp.Network``.
    k
        Cartesian wavevectors (..., 2): an array, ``lat.path(...)`` or ``lat.mesh(...)``.
    losses
        False drops p, g and the imaginary parts of J and dJ: the Hermitian lattice.
    vectors
        Also return right and left vectors.

    Returns
    -------
    xarray.Dataset
        ``omega`` (..., mode) in ascending order, complex with losses; ``right`` and ``left`` (..., site, spin, mode)
        with ``sum left^* right = 1``.

    Raises
    ------
    ValueError
        k is not (..., 2) or not finite, or p or delta is a function of time.
    """
    return _spectrum(net, problem(net, None, 0.0, losses), k, vectors, {}, "bands of the empty lattice")


def bogoliubov(net: Any, state: xr.Dataset, *, k: Any, vectors: bool = False) -> xr.Dataset:
    """Excitations of a stationary state: ``w (u, v) = L_k (u, v)`` (docs/physics.md, section 4).

    Parameters
    ----------
    net
        The ``lp.Network``.
    state
        What ``lp.steady_state`` returns.
    k, vectors
        As for :func:`bands`.

    Returns
    -------
    xarray.Dataset
        Complex ``omega`` (..., mode) in ascending order of the real part, relative to mu; ``growth_rate`` of the state,
        over all wavevectors; ``right`` and ``left`` (..., nambu, site, spin, mode).
    """
    psi, mu, growth = read_state(net, state)
    more = {"growth_rate": ((), growth)}
    return _spectrum(net, problem(net, psi, mu, True), k, vectors, more, "Bogoliubov spectrum")


def read_state(net: Any, state: xr.Dataset) -> tuple[np.ndarray, float, float]:
    """psi (N, 2), mu and growth rate of a stationary state.

    Raises
    ------
    TypeError
        It is no Dataset with psi and mu.
    ValueError
        It does not fit the network, or is one of several.
    """
    if not isinstance(state, xr.Dataset) or not {"psi", "mu", "growth_rate"} <= set(state.variables):
        raise TypeError("state must be a Dataset with psi, mu and growth_rate, as lp.steady_state returns it")
    if state.psi.ndim != 2:
        raise ValueError(f"state holds several states along {state.psi.dims[:-2]}; choose one with .sel(...)")
    return net.read(state)[0], float(state.mu), float(state.growth_rate)


def _spectrum(net: Any, what: Problem, k: Any, vectors: bool, more: dict[str, Any], title: str) -> xr.Dataset:
    points, dims, coords = wavevectors(k)
    flat = points.reshape(-1, 2)
    variables: dict[str, Any] = dict(more)
    shape = points.shape[:-1]
    if vectors:
        omega, left, right = (np.concatenate(x) for x in zip(*in_batches(what.modes, flat, what.size), strict=True))
        inner = (2, net.sites, 2) if what.paired else (net.sites, 2)
        names = ("nambu", "site", "spin", "mode") if what.paired else ("site", "spin", "mode")
        for name, value in (("right", right), ("left", left)):
            variables[name] = ((*dims, *names), value.reshape(*shape, *inner, what.size))
        coords |= {"nambu": NAMBU} if what.paired else {}
    else:
        omega = np.concatenate(in_batches(what.spectrum, flat, what.size))
    variables["omega"] = ((*dims, "mode"), omega.reshape(*shape, what.size))
    return wrapped(net, variables, coords | {"mode": np.arange(what.size)}, title=title)


def wavevectors(k: Any) -> tuple[np.ndarray, tuple[str, ...], dict[str, Any]]:
    """(points (..., 2), dims, coordinates) of an array or of what ``path`` and ``mesh`` return.

    Raises
    ------
    ValueError
        Not (..., 2), or not finite.
    """
    if isinstance(k, str):
        raise ValueError(f"k = {k!r} is a text; give wavevectors, for example net.lattice.path({k!r}, 200)")
    points = np.asarray(k, float)
    if points.ndim == 0 or points.shape[-1] != 2 or points.size == 0 or not np.isfinite(points).all():
        raise ValueError(f"k has shape {points.shape}; give finite Cartesian wavevectors (..., 2)")
    if isinstance(k, xr.DataArray):
        kept = {str(name): (c.dims, c.values) for name, c in k.coords.items() if "axis" not in c.dims}
        return points, tuple(map(str, k.dims[:-1])), kept
    dims = ("k",) if points.ndim == 2 else tuple(f"k{i + 1}" for i in range(points.ndim - 1))
    return points, dims, {"kx": (dims, points[..., 0]), "ky": (dims, points[..., 1])}
