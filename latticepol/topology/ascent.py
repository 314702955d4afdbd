"""Maxima of the growth rate of single modes over k, by Newton's method with derivatives of eigenvalues.

Mode n of a matrix L(k), a smooth function of k, has with left and right vectors (``<l_n|r_m> = delta_nm``)::

    d_a w_n  = <l_n|d_a L|r_n> ,
    d_ab w_n = <l_n|d_ab L|r_n> + sum_m [<l_n|d_a L|r_m><l_m|d_b L|r_n> + (a <-> b)]/(w_n - w_m) .

The second derivative knows the modes next to it: near a resonance of two modes, far narrower than a mesh, it is as
large as the resonance is narrow, so that steps fit it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from latticepol.topology.eigen import biorthogonal_modes

#: Wavevectors (n, 2) and offsets (o, 2) to the matrices there, (o, n, m, m): smooth in the offset.
Matrices = Callable[[np.ndarray, np.ndarray], np.ndarray]
#: Points from which first and second derivatives are taken.
STENCIL = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]])


#: Modes nearer than this part of the largest frequency are one, among which perturbation theory does not look.
EQUAL = 1e-12
#: Second derivatives below this part of the largest count as it, and above as positive: where Im w is constant along a
#: curve, rounding makes of 0.
FLAT, SADDLE = 1e-12, 1e-6


@dataclass(frozen=True)
class AscentSearch:
    """How a maximum of Im w is climbed.

    Parameters
    ----------
    steps
        At most so many.
    first, reach
        The longest first step and the longest one, in units of the scale of k.
    shrink
        Of a step that did not lead up, for the next one.
    difference
        Half the distance over which matrices are differentiated, in units of the scale.
    doubt
        A whole step of Newton's method may lead so many times higher than it promises.
    accuracy, floor
        It has arrived where a further step promises less than this part of Im w, or than ``floor`` times the
        largest frequency.
    """

    steps: int = 60
    first: float = 0.3
    reach: float = 1.0
    shrink: float = 0.25
    difference: float = 1e-3
    doubt: float = 10.0
    accuracy: float = 1e-9
    floor: float = 1e-12


#: What is used where nothing else is said.
ASCENT_SEARCH = AscentSearch()


class Peaks(NamedTuple):
    """Where single modes grow fastest."""

    k: np.ndarray  # (n, 2)
    omega: np.ndarray  # (n,)
    #: By how much Im w would rise by a further step; next to nothing where a search has arrived.
    promise: np.ndarray  # (n,)


def climb(
    matrices: Matrices,
    k: np.ndarray,
    omega: np.ndarray,
    steps: np.ndarray,
    *,
    error: float = 0.0,
    wanted: float | None = None,
    search: AscentSearch = ASCENT_SEARCH,
) -> Peaks:
    """Return the maxima of Im w that are reached from wavevectors k (n, 2) and the modes there next to omega (n,).

    Parameters
    ----------
    matrices
        See Matrices.
    k, omega
        Where to begin.
    steps
        Rows (d, 2) along which k moves, each as long as the scale on which the matrix changes: that of a mesh.
    error
        Of the frequencies: a step that promises less is not made.
    wanted
        The growth rate that a maximum is to exceed, and all others: those that turn out to be lower are left where they
        are. None: every maximum is climbed.
    search
        How far it goes.
    """
    scale = float(np.linalg.norm(steps, axis=1).min())
    frame = np.linalg.qr(steps.T)[0].T
    found, best, left = k.copy(), omega.copy(), np.zeros(len(k))
    active, radius = np.arange(len(k)), np.full(len(k), search.first * scale)
    here = _Points.at(matrices, k, frame, search.difference * scale, omega)
    for _ in range(search.steps):
        found[active], best[active] = here.k, here.value
        wanted = None if wanted is None else max(wanted, float(here.value.imag.max()))
        step, promise = _newton(here.gradient.imag, here.hessian.imag, radius[active])
        left[active] = promise
        full = np.linalg.norm(step, axis=1) < 0.99 * radius[active]
        going = promise > search.accuracy * abs(here.value.imag) + search.floor * here.size + error
        if wanted is not None:
            going &= ~full | (here.value.imag + search.doubt * promise >= wanted)
        if not going.any():
            break
        active, step, here = active[going], step[going], here.only(going)
        bent = 0.5 * np.einsum("na,nab,nb->n", step, here.hessian, step)
        expected = here.value + (here.gradient * step).sum(axis=1) + bent
        there = _Points.at(matrices, here.k + step @ frame, frame, search.difference * scale, expected)
        higher = there.value.imag >= here.value.imag - EQUAL * here.size
        length = np.linalg.norm(step, axis=1)
        wider = np.clip(2 * length, radius[active], search.reach * scale)
        radius[active] = np.where(higher, wider, search.shrink * length)
        here = here.where(higher, there)
    return Peaks(found, best, left)


def _newton(gradient: np.ndarray, hessian: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return steps (n, d) uphill of at most ``radius``, and what they promise."""
    curvature, axes = np.linalg.eigh(hessian)
    slope = np.einsum("nai,na->ni", axes, gradient)
    largest = abs(curvature).max(axis=1, keepdims=True)
    step = slope / np.maximum(abs(curvature), FLAT * largest + np.finfo(float).tiny)
    rising = curvature > SADDLE * largest  # also at a saddle, where there is no slope
    step = np.where(rising, np.copysign(radius[:, None], slope), step)
    step *= np.minimum(1, radius / np.maximum(np.linalg.norm(step, axis=1), np.finfo(float).tiny))[:, None]
    return np.einsum("nai,ni->na", axes, step), (slope * step + 0.5 * curvature * step**2).sum(axis=1)


class _Points(NamedTuple):
    """One mode at each of n wavevectors, and its derivatives there."""

    k: np.ndarray  # (n, 2)
    value: np.ndarray  # (n,), its frequency
    size: np.ndarray  # (n,), the largest frequency of all modes
    gradient: np.ndarray  # (n, d)
    hessian: np.ndarray  # (n, d, d)

    @classmethod
    def at(cls, matrices: Matrices, k: np.ndarray, frame: np.ndarray, h: float, near: np.ndarray) -> "_Points":
        """Take the modes next to the frequencies ``near`` (n,), differentiated along the rows of ``frame`` (d, 2)."""
        d, rows = len(frame), np.arange(len(k))
        L = matrices(k, h * (STENCIL[:3, :1] if d == 1 else STENCIL) @ frame)
        omega, left, right = biorthogonal_modes(L[0])
        mode = abs(omega - near[:, None]).argmin(axis=1)
        value, size = omega[rows, mode], abs(omega).max(axis=1)
        bra, ket = left[rows, :, mode].conj()[:, None], right[rows, :, mode][..., None]
        first = (L[1 : 2 * d : 2] - L[2 : 2 * d + 1 : 2]) / (2 * h)
        out = (bra @ first @ right)[..., 0, :]  # <l_n|d_a L|r_m>, (d, n, m)
        back = (left.conj().swapaxes(-1, -2) @ (first @ ket))[..., 0]
        apart = value[:, None] - omega
        other = abs(apart) > EQUAL * size[:, None]
        weight = np.divide(1, apart, out=np.zeros_like(apart), where=other)
        hessian = np.einsum("anm,bnm,nm->nab", out, back, weight)
        hessian += hessian.swapaxes(1, 2)
        moved = (bra @ (L[1:] - L[0]) @ ket)[..., 0, 0]
        for a in range(d):
            hessian[:, a, a] += (moved[2 * a] + moved[2 * a + 1]) / h**2
        if d == 2:
            across = (moved[4] + moved[5] - moved[6] - moved[7]) / (4 * h**2)
            hessian[:, [0, 1], [1, 0]] += across[:, None]
        return cls(k, value, size, out[:, rows, mode].T, hessian)

    def only(self, some: np.ndarray) -> "_Points":
        """Return some of them."""
        return _Points(*(part[some] for part in self))

    def where(self, there: np.ndarray, other: "_Points") -> "_Points":
        """Return the points of the other one ``there``, else these."""
        pairs = zip(self, other, strict=True)
        return _Points(*(np.where(there.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in pairs))
