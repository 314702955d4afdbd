"""Maxima of the growth rate of single modes over k, by Newton's method with derivatives of eigenvalues.

Mode n of a matrix L(k), a smooth function of k, has with left and right vectors (``<l_n|r_m> = delta_nm``)::

    d_a w_n  = <l_n|d_a L|r_n> ,
    d_ab w_n = <l_n|d_ab L|r_n> + sum_m [<l_n|d_a L|r_m><l_m|d_b L|r_n> + (a <-> b)]/(w_n - w_m) .

The second derivative knows the modes next to it: near a resonance of two modes, far narrower than a mesh, it is as
large as the resonance is narrow, so that steps fit it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
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
    wanted: float = -np.inf,
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
        The growth rate that a maximum is to exceed: those that turn out to be lower are left where they are.
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
        gradient, hessian = here.derivatives()
        step, promise = _newton(gradient.imag, hessian.imag, radius[active])
        left[active] = promise
        full = np.linalg.norm(step, axis=1) < 0.99 * radius[active]
        lower = full & (here.value.imag + search.doubt * promise < wanted)
        going = ~lower & (promise > search.accuracy * abs(here.value.imag) + search.floor * here.size + error)
        if not going.any():
            break
        active, step, gradient, hessian = (x[going] for x in (active, step, gradient, hessian))
        here = here.only(going)
        expected = here.value + (gradient * step).sum(axis=1) + 0.5 * np.einsum("na,nab,nb->n", step, hessian, step)
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


@dataclass(frozen=True)
class _Points:
    """One mode at each of n wavevectors, all others there, and the derivatives of the matrix."""

    k: np.ndarray  # (n, 2)
    omega: np.ndarray  # (n, m)
    left: np.ndarray  # (n, m, m)
    right: np.ndarray
    first: np.ndarray  # (n, d, m, m)
    second: np.ndarray  # (n, d, d, m, m)
    mode: np.ndarray  # (n,)

    @classmethod
    def at(cls, matrices: Matrices, k: np.ndarray, frame: np.ndarray, h: float, near: np.ndarray) -> "_Points":
        """Make them, with the modes next to the frequencies ``near`` (n,)."""
        d = len(frame)
        stencil = STENCIL[:3, :1] if d == 1 else STENCIL
        L = matrices(k, h * stencil @ frame)
        first = np.stack([L[1 + 2 * a] - L[2 + 2 * a] for a in range(d)], axis=1) / (2 * h)
        straight = np.stack([L[1 + 2 * a] - 2 * L[0] + L[2 + 2 * a] for a in range(d)], axis=1) / h**2
        second = np.zeros((len(k), d, d, *L.shape[2:]), complex)
        second[:, range(d), range(d)] = straight
        if d == 2:
            second[:, [0, 1], [1, 0]] = ((L[5] + L[6] - L[7] - L[8]) / (4 * h**2))[:, None]
        omega, left, right = biorthogonal_modes(L[0])
        return cls(k, omega, left, right, first, second, abs(omega - near[:, None]).argmin(axis=1))

    def only(self, some: np.ndarray) -> "_Points":
        """Return some of them."""
        return _Points(*(getattr(self, field.name)[some] for field in fields(self)))

    def where(self, there: np.ndarray, other: "_Points") -> "_Points":
        """Return the points of the other one ``there``, else these."""
        pairs = ((getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return _Points(*(np.where(there.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in pairs))

    @property
    def value(self) -> np.ndarray:
        """The frequency of the mode, (n,)."""
        value: np.ndarray = self.omega[np.arange(len(self.k)), self.mode]
        return value

    @property
    def size(self) -> np.ndarray:
        """The largest frequency, (n,)."""
        size: np.ndarray = abs(self.omega).max(axis=1)
        return size

    def derivatives(self) -> tuple[np.ndarray, np.ndarray]:
        """Return d_a w (n, d) and d_ab w (n, d, d) of the mode."""
        rows = np.arange(len(self.k))
        left, right = self.left[:, None].conj().swapaxes(-1, -2), self.right[:, None]
        elements = left @ self.first @ right
        out, back = elements[rows, :, self.mode], elements[rows, :, :, self.mode]  # <l_n|d L|r_m>, <l_m|d L|r_n>
        apart = self.value[:, None] - self.omega
        other = abs(apart) > EQUAL * self.size[:, None]
        weight = np.divide(1, apart, out=np.zeros_like(apart), where=other)
        mixed = np.einsum("nam,nbm,nm->nab", out, back, weight)
        bra, ket = self.left[rows, :, self.mode].conj(), self.right[rows, :, self.mode]
        direct = (bra[:, None, None, None] @ self.second @ ket[:, None, None, :, None])[..., 0, 0]
        return out[rows, :, self.mode], direct + mixed + mixed.swapaxes(1, 2)
