"""The doors to the gap and its topology (docs/physics.md, section 5)."""

from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from latticepol import topology
from latticepol.network.output import AXIS, wrapped
from latticepol.spectra.dispersion import read_state
from latticepol.spectra.problem import Problem, in_batches, problem

#: Points along each reciprocal vector from which minima are refined, and on which topology is computed.
MESH, PLAQUETTES = 24, 48
#: A refined direct gap below this is closed for chern.
OPEN = 1e-6


def gap(
    net: Any,
    state: xr.Dataset | None = None,
    *,
    below: int,
    losses: bool = False,
    mesh: int | tuple[int, int] = MESH,
    tol: float = 1e-8,
) -> xr.Dataset:
    """The gap above ``below`` particle bands, over the whole Brillouin zone.

    With all modes sorted by Re w and n modes above the gap, the direct gap is ``min_k (Re w_n - Re w_n+1)`` and the
    line gap ``min_k Re w_n - max_k Re w_n+1``. Minima are refined between the points of the mesh.

    Parameters
    ----------
    net
        A ``lp.Network`` on a lattice with d = 1 or 2.
    state
        What ``lp.steady_state`` returns: the gap of its excitations. None: that of the empty lattice.
    below
        Number of particle bands under the gap.
    losses
        For the empty lattice: with p, g and the imaginary parts of J and dJ.
    mesh
        Points from which the refinement starts.
    tol
        Accuracy of the refined gaps (rate).

    Returns
    -------
    xarray.Dataset
        ``direct_gap`` (0 where losses close it along an arc between exceptional points), ``where`` it is (axis),
        ``line_gap`` (negative where the bands overlap), ``growth_rate`` of the state, or of the empty lattice.
    """
    what, growth = _of(net, state, losses)
    reciprocal, mesh = _zone(net, mesh)
    above = what.above(below)
    k = topology.mesh_points(reciprocal, mesh)
    omega = np.concatenate(in_batches(what.spectrum, k.reshape(-1, 2), what.size)).reshape(*k.shape[:2], -1)
    options: dict[str, Any] = {"omega": omega, "tol": tol}
    direct = topology.direct_gap(what.spectrum, reciprocal, above, **options)
    variables = {
        "direct_gap": ((), direct.value),
        "where": (("axis",), direct.k),
        "line_gap": ((), topology.line_gap(what.spectrum, reciprocal, above, **options).value),
        "growth_rate": ((), growth if growth is not None else omega.imag.max()),
    }
    return wrapped(net, variables, {"axis": AXIS[:2]}, title="gap", below=below, losses=int(losses or what.paired))


def chern(
    net: Any,
    state: xr.Dataset | None = None,
    *,
    below: int,
    losses: bool = False,
    mesh: int = PLAQUETTES,
    tol: float = OPEN,
    closed: Literal["raise", "nan"] = "raise",
) -> xr.Dataset:
    """Chern number of everything below the gap above ``below`` particle bands.

    Minus the sum of the Berry fluxes of the modes above it, with biorthogonal vectors and A = i <L|d_k R>. An aligned
    ferromagnetic honeycomb in a field delta > 0 has -2.

    Parameters
    ----------
    net, state, below, losses
        As for :func:`gap`, d = 2.
    mesh
        Plaquettes along each reciprocal vector; those too coarse for the Berry curvature are divided.
    tol
        Smallest refined direct gap (rate) that counts as open. Exceptional points never lie on a mesh: without the
        refinement a closed gap gives a clean and wrong integer.
    closed
        "nan" returns NaN where the number is not defined, for maps; the attribute ``message`` says why.

    Returns
    -------
    xarray.Dataset
        ``chern``, ``direct_gap``, ``growth_rate`` and, for excitations, ``smallest_norm`` u^2 - v^2 of the modes above.

    Raises
    ------
    ValueError
        The direct gap is closed, or hole partners reach the gap, and closed = "raise"; d != 2.
    """
    found = _topology(net, state, below, losses, mesh, tol, closed)
    return wrapped(net, found.variables, {}, title="Chern number", **found.attributes)


def berry_curvature(
    net: Any,
    state: xr.Dataset | None = None,
    *,
    below: int,
    losses: bool = False,
    mesh: int = PLAQUETTES,
    tol: float = OPEN,
) -> xr.Dataset:
    """Berry curvature of everything below the gap, its mean over every plaquette of a mesh.

    Parameters
    ----------
    net, state, below, losses, mesh, tol
        As for :func:`chern`.

    Returns
    -------
    xarray.Dataset
        ``berry_curvature`` (k1, k2) at the centres of the plaquettes, whose integral is 2 pi times ``chern``
        within a few percent of a turn where plaquettes had to be divided; coordinates kx, ky.

    Raises
    ------
    ValueError
        As for :func:`chern`.
    """
    found = _topology(net, state, below, losses, mesh, tol, "raise")
    assert found.flux is not None
    k = net.lattice.mesh(mesh, offset=0.5)
    coords = {str(name): (c.dims, c.values) for name, c in k.coords.items() if "axis" not in c.dims}
    curvature = -topology.berry_curvature(found.flux, net.lattice.reciprocal)
    variables = {"berry_curvature": (("k1", "k2"), curvature), **found.variables}
    return wrapped(net, variables, coords, title="Berry curvature", **found.attributes)


class _Found(NamedTuple):
    flux: np.ndarray | None  # of the modes above the gap, None where it is not defined
    variables: dict[str, Any]
    attributes: dict[str, Any]


def _topology(
    net: Any, state: xr.Dataset | None, below: int, losses: bool, mesh: int, tol: float, closed: str
) -> _Found:
    if net.lattice.dimension != 2:
        raise ValueError(f"{net.lattice!r} has d = {net.lattice.dimension}; a Chern number needs d = 2")
    if closed not in ("raise", "nan"):
        raise ValueError(f"closed = {closed!r} is not known; use 'raise' or 'nan'")
    what, growth = _of(net, state, losses)
    reciprocal, above = net.lattice.reciprocal, what.above(below)
    k = topology.mesh_points(reciprocal, mesh, closed=True)

    def modes(some: np.ndarray) -> tuple[Any, Any, Any]:
        results = zip(*in_batches(what.modes, some, what.size), strict=True)
        omega, left, right = (np.concatenate(x) for x in results)
        return omega, topology.upper(left, above), topology.upper(right, above)

    omega, left, right = (x.reshape(*k.shape[:2], *x.shape[1:]) for x in modes(k.reshape(-1, 2)))
    direct = topology.direct_gap(what.spectrum, reciprocal, above, omega=omega[:-1, :-1]).value
    growth = growth if growth is not None else float(omega.imag.max())
    variables: dict[str, Any] = {"direct_gap": ((), direct), "growth_rate": ((), growth)}
    message = ""
    if direct < tol:
        message = f"the direct gap above {below} bands is closed: its refined minimum is {direct:.3g}, need >= {tol:g}"
    if what.paired:
        norm = _smallest_norm(right)
        variables["smallest_norm"] = ((), norm)
        if not message and norm <= 0:
            message = (
                f"hole partners reach the gap: a mode above it has the norm u^2 - v^2 = {norm:.3g}, need > 0; "
                "particle bands must lie above the phase mode (larger z J)"
            )
    flux, number = None, np.nan
    if not message:
        gaps = topology.direct(omega[:-1, :-1], above).real
        try:
            flux = topology.resolved_fluxes(lambda some: modes(some)[1:], left, right, k, gap=gaps)
            number = -topology.chern_number(flux, tol=topology.ROUGH)
        except ValueError as error:
            flux, message = None, f"{error} (direct gap {direct:.3g})"
    if message and closed == "raise":
        raise ValueError(f"{message}. In maps use closed='nan'")
    variables["chern"] = ((), number)
    return _Found(flux, variables, {"below": below, "message": message})


def _of(net: Any, state: xr.Dataset | None, losses: bool) -> tuple[Problem, float | None]:
    if state is None:
        return problem(net, None, 0.0, losses), None
    psi, mu, growth = read_state(net, state)
    return problem(net, psi, mu, True), growth


def _zone(net: Any, mesh: Any) -> tuple[np.ndarray, tuple[int, int]]:
    """Reciprocal rows and mesh; across a ribbon, where nothing depends on k, a second row of three points."""
    reciprocal = net.lattice.reciprocal
    n1, n2 = (mesh, mesh) if isinstance(mesh, int | np.integer) else mesh
    if len(reciprocal) == 2:
        return reciprocal, (int(n1), int(n2))
    if len(reciprocal) == 0:
        raise ValueError(f"{net.lattice!r} is a finite patch; a gap over wavevectors needs d = 1 or 2")
    (bx, by) = reciprocal[0]
    return np.array([[bx, by], [-by, bx]]), (int(n1), 3)


def _smallest_norm(right: np.ndarray) -> float:
    """The smallest (|u|^2 - |v|^2)/(|u|^2 + |v|^2) of the modes (..., 4N, n)."""
    size = np.abs(right) ** 2
    u, v = size[..., : size.shape[-2] // 2, :].sum(axis=-2), size[..., size.shape[-2] // 2 :, :].sum(axis=-2)
    return float(((u - v) / (u + v)).min())
