"""The doors to spectra along wavevectors."""

import numpy as np
import xarray as xr

from latticepol.arrays import read_flag, read_integer, read_number
from latticepol.linear_problem import BASIS, LinearProblem, Modes
from latticepol.model import Linearisable, Stationary, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.spectra.arguments import read_basis, read_problem, read_state, wavevectors
from latticepol.spectra.batches import in_batches

NAMBU = np.array(["u", "v"])
#: Variables of a result: axes and values.
Variables = dict[str, tuple[tuple[str, ...], np.ndarray | float]]


@on_one_thread
def bands(
    model: Linearisable, *, k: object, losses: bool = True, vectors: bool = False, basis: int | None = BASIS
) -> xr.Dataset:
    """Return the bands of the empty lattice: no condensate, the same field (docs/physics.md, sections 3 and 6).

    Parameters
    ----------
    model
        A ``lp.Network``, a ``lp.SpinorGPE`` on a cell, or another :class:`latticepol.model.Linearisable`.
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
        The model lacks something of :class:`latticepol.model.Linearisable`.
    ValueError
        k is not (..., 2) or not finite, or a parameter is a function of time.
    """
    check_model(model, Linearisable)
    what, _ = read_problem(model, None, read_flag("losses", losses), read_basis(basis))
    return _spectrum(model, what, k, read_flag("vectors", vectors), {}, "bands of the empty lattice")


@on_one_thread
def bogoliubov(
    model: Stationary,
    state: xr.Dataset,
    *,
    k: object,
    vectors: bool = False,
    basis: int | None = BASIS,
    near: complex | None = None,
    modes: int = 8,
) -> xr.Dataset:
    """Return the excitations of a stationary state: ``w (u, v) = L_k (u, v)`` (docs/physics.md, section 4).

    Parameters
    ----------
    model
        The ``lp.Network``, ``lp.SpinorGPE`` or other :class:`latticepol.model.Stationary`.
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
        mode), the latter without the factor exp(i k.r); of what else moves by its name, as ``right_reservoir`` and
        ``left_reservoir``. With ``near`` right vectors only.

    Raises
    ------
    TypeError, ValueError
        Bad input; ``near`` with a network, whose matrix is whole and small.
    ConvergenceError
        The modes nearest to ``near`` were not found.
    """
    vectors, modes = read_flag("vectors", vectors), read_integer("modes", modes, least=1)
    near = None if near is None else complex(read_number("near", near, real=False, need="a frequency, real or complex"))
    psi, mu, growth = read_state(model, state)  # refuses None, which is the empty lattice elsewhere
    what = model.linear_problem(psi, mu, basis=read_basis(basis))
    more: Variables = {"growth_rate": ((), growth)}
    if near is None:
        return _spectrum(model, what, k, vectors, more, "Bogoliubov spectrum")
    points, dims, coords = wavevectors(k)
    inside, twist = what.folded(points.reshape(-1, 2))
    found = [what.nearest(one, near, modes) for one in inside]
    omega, right = (np.stack(x) for x in zip(*found, strict=True))
    right = right if twist is None else right * twist[:, None, ..., None]
    omega, right = (x.reshape(*points.shape[:-1], *x.shape[1:]) for x in (omega, right))
    more["omega"] = ((*dims, "mode"), omega)
    if vectors:
        more["right"] = ((*dims, "nambu", *what.dims, "mode"), right)
    names = {"mode": np.arange(modes)} | ({"nambu": NAMBU} if vectors else {})
    return model.to_dataset(more, coords | names, title="Bogoliubov spectrum")


def _spectrum(
    model: Linearisable, what: LinearProblem, k: object, vectors: bool, more: Variables, title: str
) -> xr.Dataset:
    points, dims, coords = wavevectors(k)
    inside, twist = what.folded(points.reshape(-1, 2))
    variables, shape = dict(more), points.shape[:-1]
    if vectors:
        omega, left, right, _ = Modes.joined(in_batches(what.lifted, inside, what.size))
        variables |= _vectors(what, dims, shape, {"right": right, "left": left}, twist)
    else:
        omega = np.concatenate(in_batches(what.spectrum, inside, what.size))
    variables["omega"] = ((*dims, "mode"), omega.reshape(*shape, what.size))
    names = {"mode": np.arange(what.size)} | ({"nambu": NAMBU} if vectors and what.paired else {})
    return model.to_dataset(variables, coords | names, title=title)


def _vectors(
    what: LinearProblem,
    dims: tuple[str, ...],
    shape: tuple[int, ...],
    vectors: dict[str, np.ndarray],
    twist: np.ndarray | None,
) -> Variables:
    """Return lifted vectors (points, rows, mode) on their positions, as variables."""
    variables: Variables = {}
    inner = (*what.dims, "mode")
    for name, value in vectors.items():
        parts = what.on_positions(value)
        parts = parts if twist is None else parts * twist[..., None]
        components = parts.reshape(len(parts), *shape, *parts.shape[2:])
        if what.paired:
            variables[name] = ((*dims, "nambu", *inner), np.stack(list(components), axis=len(shape)))
        else:
            variables[name] = ((*dims, *inner), components[0])
        for other, (axes, part) in what.auxiliary(value, twist).items():
            variables[f"{name}_{other}"] = ((*dims, *axes, "mode"), part.reshape(*shape, *part.shape[1:]))
    return variables
