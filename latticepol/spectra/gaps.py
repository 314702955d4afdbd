"""The doors to the gap and its topology (docs/physics.md, section 5)."""

from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from latticepol import topology
from latticepol.arrays import read_array, read_choice, read_flag, read_integer, read_number
from latticepol.lattice.paths import k_mesh
from latticepol.linear_problem import BASIS, Modes
from latticepol.model import Periodic, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.spectra.arguments import read_basis, read_problem
from latticepol.spectra.batches import in_batches
from latticepol.spectra.cuts import isolated
from latticepol.spectra.gap_values import gap_values, spectrum_on_mesh

#: Points along each reciprocal vector from which minima are refined.
DEFAULT_MESH = 24
#: Accuracy of refined gaps (rate).
GAP_TOL = 1e-8
#: A refined direct gap (rate) below this is closed for chern.
OPEN_GAP = 1e-6
#: Fewer points along a vector have no neighbours on both sides.
COARSEST_MESH = 3
#: More points along one vector, or MOST_MESH_POINTS in all, are beyond memory and patience.
FINEST_MESH = 10**5
#: See FINEST_MESH.
MOST_MESH_POINTS = 2**24


@on_one_thread
def gap(
    model: Periodic,
    state: xr.Dataset | None = None,
    *,
    below: int,
    losses: bool = False,
    mesh: int | tuple[int, int] = DEFAULT_MESH,
    tol: float = GAP_TOL,
    basis: int | None = BASIS,
    basis_tol: float | None = None,
) -> xr.Dataset:
    """Return the gap above ``below`` particle bands, over the whole Brillouin zone, and how much of it can be seen.

    All modes are sorted by Re w and cut where a set of them is separated from all others at every k. Particles are
    counted by norm in the set that does not hold the phase mode; of several such cuts the widest one counts. With n
    modes above the cut the direct gap is ``min_k (Re w_n - Re w_n+1)`` and the line gap ``min_k Re w_n - max_k Re
    w_n+1``. Minima are refined between the points of the mesh.

    Parameters
    ----------
    model
        A ``lp.Network`` on a lattice with d = 1 or 2, a ``lp.SpinorGPE`` on a cell, or another
        :class:`latticepol.model.Periodic`.
    state
        What ``lp.steady_state`` returns: the gap of its excitations. None: that of the empty lattice.
    below
        Number of particle bands under the gap.
    losses
        For the empty lattice: with its gain and losses.
    mesh
        Points from which the refinement starts. Where bands are nearly free the gap is a long valley, narrower than the
        mesh, with several minima: compare with a finer one there.
    tol
        Accuracy of the refined gaps (rate).
    basis
        Of a field: scalar Bloch modes on which it is projected; None: all plane waves (slow).
    basis_tol
        Of a field: the basis is doubled until ``basis_error`` (rate) is below this, or the grid has no more waves.

    Returns
    -------
    xarray.Dataset
        ``direct_gap`` and its wavevector ``k_gap`` (axis), ``line_gap`` (negative where the bands overlap),
        ``linewidth``, the larger FWHM -2 Im w of the two modes at k_gap (the largest where several have the same Re w,
        as diffusive modes have), ``resolved``, the smallest ratio of gap to linewidth over all k (1 or less: the two
        lines merge somewhere; inf: no losses; NaN: both modes grow somewhere),
        ``neighbour``, "particle" where the gap is one between particles, "partner" where a partner bounds it,
        ``smallest_norm`` of the separated set (1: particles alone), ``growth_rate`` of the state, or of the empty
        lattice; of a field ``basis_error``, by how much direct gap and line gap change in a larger basis.

        Where losses close the direct gap along an arc between exceptional points, or no set is separated at every k,
        the direct gap is 0, and the attribute ``message`` says why.
    """
    losses, tol = read_flag("losses", losses), read_number("tol", tol, above=0, need="the accuracy of a gap (rate)")
    enough = np.inf if basis_tol is None else read_number("basis_tol", basis_tol, above=0, need="an error (rate)")
    check_model(model, Periodic)
    what, growth = read_problem(model, state, losses, read_basis(basis))
    reciprocal, mesh = _zone(model, mesh)
    values, fastest, message = gap_values(what, reciprocal, mesh, below, tol)
    while values.basis_error > enough and (larger := what.larger()) is not None:
        what = larger
        values, fastest, message = gap_values(what, reciprocal, mesh, below, tol)
    variables: dict[str, Any] = {name: ((), value) for name, value in values._asdict().items()}
    variables |= {"k_gap": (("axis",), values.k_gap), "growth_rate": ((), fastest if np.isnan(growth) else growth)}
    about: dict[str, Any] = {"below": read_integer("below", below), "losses": int(losses or what.paired)}
    about |= {"message": message} | ({} if what.basis is None else {"basis": what.basis})
    if not what.truncated:
        del variables["basis_error"]
    return model.to_dataset(variables, {"axis": np.array(["x", "y"])}, title="gap", **about)


@on_one_thread
def chern(
    model: Periodic,
    state: xr.Dataset | None = None,
    *,
    below: int,
    losses: bool = False,
    mesh: int | None = None,
    tol: float = OPEN_GAP,
    basis: int = BASIS,
    closed: Literal["raise", "nan"] = "raise",
) -> xr.Dataset:
    """Return the Chern number of everything below the gap above ``below`` particle bands, which is that of :func:`gap`.

    Minus the sum of the Berry fluxes of the modes above it, with biorthogonal vectors and A = i <L|d_k R>; of a gap
    below mu, the sum of those below it, partners included. An aligned ferromagnetic honeycomb in a field delta > 0 has
    -2.

    Parameters
    ----------
    model, state, below, losses
        As for :func:`gap`, d = 2.
    mesh
        Plaquettes along each reciprocal vector, None: 48, of a field 24; those too coarse for the Berry curvature are
        divided.
    tol
        Smallest refined direct gap (rate) that counts as open. Exceptional points never lie on a mesh: without the
        refinement a closed gap gives a clean and wrong integer.
    basis
        As for :func:`gap`, but not None: in all plane waves the modes above a gap are not periodic in k. Up to 8 modes
        are added, so that the basis ends where scalar bands are apart. Pillars with steep walls need 16; with fewer
        there is flux near k = 0 that is not theirs.
    closed
        "nan" returns NaN where the number is not defined, for maps; the attribute ``message`` says why.

    Returns
    -------
    xarray.Dataset
        ``chern``, ``direct_gap``, ``growth_rate`` and ``smallest_norm``, as of :func:`gap`.

    Raises
    ------
    TypeError
        The model lacks something of :class:`latticepol.model.Periodic` or, with a state, of
        :class:`latticepol.model.Stationary`.
    ValueError
        The direct gap is closed, no set of modes is separated at every k, or mesh or basis is too small for the Berry
        curvature, and closed = "raise"; d != 2.
    """
    found = _topology(model, state, below, losses, mesh, tol, basis, closed)
    return model.to_dataset(found.variables, {}, title="Chern number", **found.attributes)


@on_one_thread
def berry_curvature(
    model: Periodic,
    state: xr.Dataset | None = None,
    *,
    below: int,
    losses: bool = False,
    mesh: int | None = None,
    tol: float = OPEN_GAP,
    basis: int = BASIS,
) -> xr.Dataset:
    """Return the Berry curvature of everything below the gap, its mean over every plaquette of a mesh.

    Parameters
    ----------
    model, state, below, losses, mesh, tol, basis
        As for :func:`chern`.

    Returns
    -------
    xarray.Dataset
        ``berry_curvature`` (k1, k2) at the centres of the plaquettes, whose integral is 2 pi times ``chern``
        within a few percent of a turn where plaquettes had to be divided; coordinates kx, ky.

    Raises
    ------
    TypeError, ValueError
        As for :func:`chern`.
    """
    found = _topology(model, state, below, losses, mesh, tol, basis, "raise")
    assert found.flux is not None
    reciprocal = _right_handed(model.reciprocal)
    k = k_mesh(len(found.flux), 0.5, reciprocal)
    coords = {str(name): (c.dims, c.values) for name, c in k.coords.items() if "axis" not in c.dims}
    curvature = -topology.berry_curvature(found.flux, reciprocal)
    variables = {"berry_curvature": (("k1", "k2"), curvature), **found.variables}
    return model.to_dataset(variables, coords, title="Berry curvature", **found.attributes)


class _Found(NamedTuple):
    flux: np.ndarray | None  # of the modes above the gap, None where it is not defined
    variables: dict[str, Any]
    attributes: dict[str, Any]


def _topology(
    model: Periodic,
    state: xr.Dataset | None,
    below: int,
    losses: bool,
    mesh: int | None,
    tol: float,
    basis: int | None,
    closed: str,
    search: topology.FluxSearch = topology.FLUX_SEARCH,
) -> _Found:
    check_model(model, Periodic)
    if len(model.reciprocal) != 2:
        raise ValueError(f"a Chern number needs d = 2 periodic directions; the model has d = {len(model.reciprocal)}")
    closed, losses = read_choice("closed", closed, ("raise", "nan")), read_flag("losses", losses)
    tol, basis = read_number("tol", tol, above=0, need="the smallest gap (rate) that counts as open"), read_basis(basis)
    reciprocal = _right_handed(model.reciprocal)
    mesh = read_integer(
        "mesh", model.default_plaquettes if mesh is None else mesh, least=COARSEST_MESH, most=int(MOST_MESH_POINTS**0.5)
    )
    k = topology.mesh_points(reciprocal, mesh, closed=True)
    what, growth = read_problem(model, state, losses, basis, k.reshape(-1, 2))
    omega = spectrum_on_mesh(what, reciprocal, (mesh, mesh))
    one = isolated(what, reciprocal, below, k[:-1, :-1], omega, GAP_TOL)
    cut = one.cut

    def modes(some: np.ndarray) -> Modes:
        return Modes.joined(in_batches(lambda few: what.lifted(few, cut.above), some, what.size))

    growth = float(omega.imag.max()) if np.isnan(growth) else growth
    variables: dict[str, Any] = {"direct_gap": ((), one.gap.value), "growth_rate": ((), growth)}
    variables["smallest_norm"] = ((), cut.smallest_norm)
    message = one.message or one.closed(below, tol)
    flux, number = None, np.nan
    if not message:
        gaps = topology.direct(omega, cut.above).real
        try:
            found = modes(k.reshape(-1, 2)).on_mesh(*k.shape[:2])
            flux = topology.resolved_fluxes(lambda some: modes(some)[1:], found[1:], k, gap=gaps, search=search)
            number = -topology.chern_number(flux, tol=search.rough)
            flux = flux[::-1, ::-1] if cut.mirrored else flux  # partners at -k have the opposite flux
        except ValueError as error:
            what_is_wrong, finer = str(error).split(";")[0], f"raise mesh (now {len(k) - 1}){what.finer}"
            flux, message = None, f"{what_is_wrong} (direct gap {one.gap.value:.3g}); {finer}"
    if message and closed == "raise":
        raise ValueError(f"{message}. In maps use closed='nan'")
    variables["chern"] = ((), number)
    return _Found(flux, variables, {"below": read_integer("below", below), "message": message})


def _zone(model: Periodic, mesh: object) -> tuple[np.ndarray, tuple[int, int]]:
    """Return two reciprocal rows and the points along them."""
    counts = _counts(mesh)
    if len(model.reciprocal) == 0:
        raise ValueError("the model is a finite patch; a gap over wavevectors needs d = 1 or 2")
    return topology.plane(model.reciprocal, counts)


def _counts(mesh: object) -> tuple[int, int]:
    """Return points along B1 and B2, given as one number or as two."""
    given = read_array("mesh", mesh, need="an integer, or two")
    if given.shape not in ((), (2,)):
        raise ValueError(f"mesh has shape {given.shape}; give an integer, or two, one along each reciprocal vector")
    n1, n2 = (read_integer("mesh", n, least=COARSEST_MESH, most=FINEST_MESH) for n in np.broadcast_to(given, 2))
    if n1 * n2 > MOST_MESH_POINTS:
        raise ValueError(
            f"mesh = {n1} x {n2} has too many points; give at most {int(MOST_MESH_POINTS**0.5)} along each vector"
        )
    return n1, n2


def _right_handed(reciprocal: np.ndarray) -> np.ndarray:
    """Return the rows in the order of det(B1, B2) > 0."""
    return reciprocal if np.linalg.det(reciprocal) > 0 else reciprocal[::-1]
