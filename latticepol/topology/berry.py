"""Berry flux, curvature and Chern number of the modes above a gap (docs/physics.md, section 5).

Sign: Berry connection ``A = i <L|d_k R>``, mesh axes along B1 and B2 with det(B1, B2) > 0. The Chern number of
everything BELOW a gap is minus that of the modes above it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from latticepol.topology.minima import local_minima

Modes = Callable[[np.ndarray], Sequence[np.ndarray | None]]
#: The sum of the fluxes is 2 pi times an integer up to the rounding of some thousand phases.
INTEGER = 1e-6


@dataclass(frozen=True)
class FluxSearch:
    """How plaquettes that step over structure of the Berry curvature are divided.

    Parameters
    ----------
    resolved
        A plaquette with a lower resolution is divided.
    parts, depth
        Into parts x parts, at most so many times: sides down to 1e-6.
    most
        Plaquettes of one mesh that are divided; more are a gap that is all but closed along a line.
    rough
        How far from an integer the sum of resolved fluxes may be, in turns (0.06 was the most seen).
    """

    resolved: float = 0.7
    parts: int = 4
    depth: int = 10
    most: int = 2000
    rough: float = 0.2


#: What is used where nothing else is said.
FLUX_SEARCH = FluxSearch()


def fluxes(
    left: np.ndarray, right: np.ndarray, reference: np.ndarray | None = None, *, wrap: bool = False
) -> np.ndarray:
    """Return the Berry flux of the space spanned by n modes through every plaquette of a mesh, (..., n1, n2), in (-pi,
    pi].

    ``-arg U1(k) U2(k + d1) / (U1(k + d2) U2(k))`` with the links ``U_i(k) = det(L_k^+ R_k+di) / det(L_k^+ R_k)``
    (Fukui, Hatsugai, Suzuki, doi:10.1143/JPSJ.74.1674, with left vectors). The links that are walked backwards are
    divided by: with ``det(L_b^+ R_a)`` instead the phases of non-orthogonal modes do not add up to an integer.

    Parameters
    ----------
    left, right
        (..., n1 + 1, n2 + 1, m, n), the n left and right modes as columns in any gauge and normalisation; the last row
        and column lie a reciprocal vector beyond the first. L may be R for a Hermitian problem.
    reference
        (..., n1 + 1, n2 + 1, m/c, M), orthonormal columns on which each of two spin components was projected: the
        lowest scalar modes of a continuum. Their flux is taken off, so that what remains is that of the bands below
        the n modes, also where the space of the M modes is not smooth in k because it cuts through degenerate bands.
    wrap
        The arrays are (n1, n2, m, n) and close upon themselves. Only right where matrix(k + B) = matrix(k), which
        hopping phases ``exp(i k.b)`` with the bonds b of a lattice with a basis do not fulfil.
    """
    if left.shape != right.shape or left.ndim < 4:
        raise ValueError(
            f"left and right vectors must have one shape (mesh, mesh, m, n); got {left.shape} and {right.shape}"
        )
    if wrap:
        far_sides = ((0, 1), (0, 1), (0, 0), (0, 0))
        left, right = (np.pad(v, far_sides, mode="wrap") for v in (left, right))
    return _loops(*_links(left, right, _overlap(left, right), reference))


def resolution(left: np.ndarray, right: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Return the smallest ``|U(a -> b) U(b -> a)|`` of the four sides of every plaquette, (..., n1, n2); arguments as
    above.

    Near 1 where neighbours span nearly the same space (for a Hermitian problem it is the squared modulus of their
    overlap). Where the plaquette steps over structure of the Berry curvature it is less, one half around a Dirac point
    in the middle: its flux may then be wrong by 2 pi.
    """
    own = _overlap(left, right)
    there = _links(left, right, own, reference)
    return _smallest(own, there, _links(right, left, own.conj(), reference))


def resolved_fluxes(
    modes: Modes,
    vectors: Sequence[np.ndarray | None],
    k: np.ndarray,
    *,
    gap: np.ndarray | None = None,
    search: FluxSearch = FLUX_SEARCH,
) -> np.ndarray:
    """Return `fluxes` that are right also where the mesh steps over structure of the Berry curvature.

    Plaquettes of a low `resolution` and those around the local minima of the gap are divided, the former again and
    again, and get the sum over their parts. At their border with undivided ones it is not quite the phase of one long
    link, so the fluxes add up to an integer within ``rough`` only.

    Parameters
    ----------
    modes
        k (points, 2) to the left and right modes (points, m, n) and their reference, if there is one.
    vectors, k
        The same on a mesh, and its wavevectors (..., n1 + 1, n2 + 1, 2).
    gap
        The direct gap on the mesh (n1, n2), without its far sides.
    search
        Which plaquettes are divided, and how.

    Raises
    ------
    ValueError
        More than ``most`` plaquettes would be divided: the gap is all but closed along a line.
    """
    left, right, *_ = vectors
    assert left is not None
    assert right is not None
    reference = vectors[2] if len(vectors) > 2 else None
    own = _overlap(left, right)
    there = _links(left, right, own, reference)
    flux = _loops(*there)
    divided = _smallest(own, there, _links(right, left, own.conj(), reference)) < search.resolved
    if gap is not None:
        divided |= _around_minima(gap)
    coarse = np.nonzero(divided)
    if not coarse[0].size or not search.depth:
        return flux
    if coarse[0].size > search.most:
        raise ValueError(
            f"the Berry curvature is not resolved: {coarse[0].size} plaquettes would have to be divided, at most "
            f"{search.most} are; give a finer mesh"
        )
    corner = k[..., :-1, :-1, :][coarse]
    sides = k[..., 1:, :-1, :][coarse] - corner, k[..., :-1, 1:, :][coarse] - corner
    i = np.arange(search.parts + 1)[:, None] / search.parts
    inner = corner[:, None, None] + i[:, None] * sides[0][:, None, None] + i * sides[1][:, None, None]
    some = [x if x is None else x.reshape(*inner.shape[:-1], *x.shape[1:]) for x in modes(inner.reshape(-1, 2))]
    parts = resolved_fluxes(modes, some, inner, search=replace(search, depth=search.depth - 1))
    flux[coarse] = parts.sum(axis=(-2, -1))
    return flux


def berry_curvature(flux: np.ndarray, reciprocal: np.ndarray) -> np.ndarray:
    """Return the mean Berry curvature of each plaquette, flux / area (length^2), of a mesh over the whole reciprocal
    cell."""
    curvature: np.ndarray = flux * flux.size / np.linalg.det(reciprocal)
    return curvature


def chern_number(flux: np.ndarray, *, tol: float = INTEGER) -> int:
    """Return ``sum(flux) / 2 pi`` of a mesh over the whole reciprocal cell, of the modes whose flux it is.

    ``tol`` is how far it may be from an integer: INTEGER, or ``rough`` of a search for resolved fluxes.

    Raises
    ------
    ValueError
        The sum is not an integer: the mesh does not close, or two modes meet on it.
    """
    total = flux.sum() / (2 * np.pi)
    if not abs(total - np.rint(total)) < tol:
        raise ValueError(
            f"the Berry fluxes add up to {total:.6g} turns, which must be an integer; give modes on a mesh that ends a "
            "reciprocal vector beyond its start, and a gap that is open on it"
        )
    return int(np.rint(total))


def _around_minima(gap: np.ndarray) -> np.ndarray:
    """Return the plaquettes of a periodic mesh at whose corners the gap has a local minimum."""
    corner = local_minima(gap) & (gap < gap.max())  # a flat gap has none
    cells: np.ndarray = corner | np.roll(corner, -1, 0) | np.roll(corner, -1, 1) | np.roll(corner, (-1, -1), (0, 1))
    return cells


#: U along the first and the second side of every plaquette.
Links = tuple[np.ndarray, np.ndarray]


def _links(left: np.ndarray, right: np.ndarray, own: np.ndarray, reference: np.ndarray | None = None) -> Links:
    """Return the links, ``own`` being det(L_k^+ R_k), over those of the reference, once for each spin."""
    along1 = _overlap(left[..., :-1, :, :, :], right[..., 1:, :, :, :]) / own[..., :-1, :]
    along2 = _overlap(left[..., :-1, :, :], right[..., 1:, :, :]) / own[..., :-1]
    if reference is None:
        return along1, along2
    scalar1, scalar2 = _links(reference, reference, _overlap(reference, reference))
    return along1 / scalar1**2, along2 / scalar2**2


def _loops(along1: np.ndarray, along2: np.ndarray) -> np.ndarray:
    """Return the fluxes of `fluxes`."""
    loop = along1[..., :, :-1] * along2[..., 1:, :] / (along1[..., :, 1:] * along2[..., :-1, :])
    flux: np.ndarray = -np.angle(loop)
    return flux


def _smallest(own: np.ndarray, there: Links, back: Links) -> np.ndarray:
    """Return the `resolution`, from the links of L and R, and of R and L."""
    own = abs(own)  # each link is divided by the overlap at its start
    side1 = abs(there[0] * back[0]) * own[..., :-1, :] / own[..., 1:, :]
    side2 = abs(there[1] * back[1]) * own[..., :-1] / own[..., 1:]
    near, far = np.minimum(side1[..., :, :-1], side1[..., :, 1:]), np.minimum(side2[..., :-1, :], side2[..., 1:, :])
    smallest: np.ndarray = np.minimum(near, far)
    return smallest


def _overlap(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    product = left.conj().swapaxes(-1, -2) @ right
    determinant: np.ndarray
    if product.shape[-1] == 2:  # LAPACK takes ten times as long
        determinant = product[..., 0, 0] * product[..., 1, 1] - product[..., 0, 1] * product[..., 1, 0]
    else:
        determinant = np.linalg.det(product)
    return determinant
