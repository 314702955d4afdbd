"""Berry flux, curvature and Chern number of the modes above a gap (docs/physics.md, section 5).

Sign: Berry connection ``A = i <L|d_k R>``, mesh axes along B1 and B2 with det(B1, B2) > 0. The Chern number of
everything BELOW a gap is minus that of the modes above it.
"""

import numpy as np

#: The sum of the fluxes is 2 pi times an integer up to the rounding of some thousand phases.
INTEGER = 1e-6


def fluxes(left: np.ndarray, right: np.ndarray, *, wrap: bool = False) -> np.ndarray:
    """Berry flux of the space spanned by n modes through every plaquette of a mesh, (n1, n2), in (-pi, pi].

    ``-arg U1(k) U2(k + d1) / (U1(k + d2) U2(k))`` with the links ``U_i(k) = det(L_k^+ R_k+di) / det(L_k^+ R_k)``
    (Fukui, Hatsugai, Suzuki, doi:10.1143/JPSJ.74.1674, with left vectors). The links that are walked backwards are
    divided by: with ``det(L_b^+ R_a)`` instead the phases of non-orthogonal modes do not add up to an integer.

    Parameters
    ----------
    left, right
        (n1 + 1, n2 + 1, m, n), the n left and right modes as columns in any gauge and normalisation; the last row and
        column lie a reciprocal vector beyond the first. L may be R for a Hermitian problem.
    wrap
        The arrays are (n1, n2, m, n) and close upon themselves. Only right where matrix(k + B) = matrix(k), which
        hopping phases ``exp(i k.b)`` with the bonds b of a lattice with a basis do not fulfil.
    """
    if left.shape != right.shape or left.ndim != 4:
        raise ValueError(f"left {left.shape} and right {right.shape} vectors, need the same shape (mesh, mesh, m, n)")
    if wrap:
        left, right = _wrapped(left, right)
    own = _overlap(left, right)
    link1 = _overlap(left[:-1], right[1:]) / own[:-1]
    link2 = _overlap(left[:, :-1], right[:, 1:]) / own[:, :-1]
    loop = link1[:, :-1] * link2[1:] / (link1[:, 1:] * link2[:-1])
    return -np.angle(loop)


def resolution(left: np.ndarray, right: np.ndarray, *, wrap: bool = False) -> float:
    """The smallest ``|U(a -> b) U(b -> a)|`` of two neighbours of the mesh; arguments as `fluxes`.

    Near 1 where neighbours span nearly the same space (for a Hermitian problem it is the squared modulus of their
    overlap), near 0 where the mesh steps over structure of the Berry curvature: the fluxes still add up to an integer,
    possibly a wrong one. On the honeycomb of docs/physics.md, section 5, that happened below 0.05 only, on meshes that
    miss the K points; multiples of 3 hit them and were right at any size.
    """
    if wrap:
        left, right = _wrapped(left, right)
    own = _overlap(left, right)
    there_and_back = [
        _overlap(left[:-1], right[1:]) * _overlap(left[1:], right[:-1]) / (own[:-1] * own[1:]),
        _overlap(left[:, :-1], right[:, 1:]) * _overlap(left[:, 1:], right[:, :-1]) / (own[:, :-1] * own[:, 1:]),
    ]
    return float(min(abs(product).min() for product in there_and_back))


def berry_curvature(flux: np.ndarray, reciprocal: np.ndarray) -> np.ndarray:
    """Mean Berry curvature of each plaquette, flux / area (length^2), of a mesh over the whole reciprocal cell."""
    return flux * flux.size / np.linalg.det(reciprocal)


def chern_number(flux: np.ndarray) -> int:
    """``sum(flux) / 2 pi`` of a mesh over the whole reciprocal cell, of the modes whose flux it is.

    Raises
    ------
    ValueError
        The sum is not an integer: the mesh does not close, or two modes meet on it.
    """
    total = flux.sum() / (2 * np.pi)
    if not abs(total - np.rint(total)) < INTEGER:
        raise ValueError(
            f"the Berry fluxes add up to {total:.6g} turns, need an integer; give modes on a mesh that ends a "
            "reciprocal vector beyond its start, and a gap that is open on it"
        )
    return int(np.rint(total))


def _wrapped(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    far_sides = ((0, 1), (0, 1), (0, 0), (0, 0))
    return np.pad(left, far_sides, mode="wrap"), np.pad(right, far_sides, mode="wrap")


def _overlap(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.linalg.det(left.conj().swapaxes(-1, -2) @ right)
