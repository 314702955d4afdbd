"""Integrators: immutable descriptions of a step. A row of equal steps is ``step(first=True)``, ``step`` ...,
``finish``.

Between the steps of a row the state may lack its last piece, which is then done together with the first of the next
step.

A composition splits the equation into A = ``linear``, which also advances the time, and B = ``local`` at frozen time.
Its coefficients alpha_1..alpha_2s make ``A(alpha_1) B(alpha_1, alpha_2) A(alpha_2 + alpha_3) B(alpha_3, alpha_4)
...``: the
order conditions of a splitting into two are those of a composition of a first-order step with its adjoint, so the order
holds however many exact flows B is made of, if it applies them forwards for alpha_odd and in reverse for alpha_even
(R. I. McLachlan, SIAM J. Sci. Comput. 16, 151 (1995), doi:10.1137/0916010).
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.momentum import Pairs, Tables, apply_tables


@dataclass(frozen=True)
class Integrator:
    """One step of size h from t. ``order`` is the order of its global error."""

    order: ClassVar[int]
    #: Substeps back in time, as fractions of the step.
    backward: ClassVar[float] = 0.0

    def step(self, engine: Any, t: float, h: float, first: bool) -> None:
        """Advance the state of the engine from t to t + h, up to what ``finish`` does."""
        raise NotImplementedError

    def finish(self, engine: Any, h: float) -> None:
        """Complete the state after the last step of a row."""


def _alphas(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """alpha from the coefficients a_1..a_s+1 of A and b_1..b_s of B."""
    alphas = [a[0]]
    for i in range(len(b)):
        alphas.append(b[i] - alphas[-1])
        if i + 1 < len(b):
            alphas.append(a[i + 1] - alphas[-1])
    return tuple(alphas)


class Composition(Integrator):
    """A composition with the coefficients ``alphas``; the outer A of neighbouring steps are done together."""

    alphas: ClassVar[tuple[float, ...]]

    def step(self, engine: Any, t: float, h: float, first: bool) -> None:
        """A B A B ... B; the last A is pending."""
        alphas = self.alphas
        a = [alphas[0], *(alphas[i] + alphas[i + 1] for i in range(1, len(alphas) - 1, 2))]
        for i, time in enumerate(accumulate(a)):
            engine.linear((a[i] if i or first else alphas[-1] + alphas[0]) * h)
            engine.local(alphas[2 * i] * h, alphas[2 * i + 1] * h, t + time * h)

    def finish(self, engine: Any, h: float) -> None:
        """The last A."""
        engine.linear(self.alphas[-1] * h)


@dataclass(frozen=True)
class Strang(Composition):
    """``A(h/2) B(h) A(h/2)``, second order (G. Strang, SIAM J. Numer. Anal. 5, 506 (1968), doi:10.1137/0705041)."""

    order: ClassVar[int] = 2
    alphas: ClassVar[tuple[float, ...]] = (0.5, 0.5)


_A = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
_B = (0.209515106613362, -0.143851773179818)


@dataclass(frozen=True)
class BlanesMoan(Composition):
    """Fourth order in six stages, S6 of S. Blanes and P. C. Moan, J. Comput. Appl. Math. 142, 313 (2002).

    Its error constant is the smallest known of its kind (doi:10.1016/S0377-0427(01)00492-7). It has substeps back in
    time,
    so it is not for noise, absorbing layers or strong momentum damping.
    """

    order: ClassVar[int] = 4
    alphas: ClassVar[tuple[float, ...]] = _alphas(
        (*_A, 1 - 2 * sum(_A), *_A[::-1]), (*_B, 0.5 - sum(_B), 0.5 - sum(_B), *_B[::-1])
    )
    backward: ClassVar[float] = 0.15


@dataclass(frozen=True)
class ETDRK4(Integrator):
    """Exponential Runge-Kutta scheme of fourth order; no substep goes back in time, fixed points stay where they are.

    With N the local part, phi_k of Z = -i h H and phi'_k of Z/2::

        a = e^{Z/2} u + (h/2) phi'_1 N(u),  b = e^{Z/2} u + (h/2) phi'_1 N(a),  c = e^{Z/2} a + (h/2) phi'_1 (2 N(b) -
        N(u)),
        u <- e^Z u + h [(phi_1 - 3 phi_2 + 4 phi_3) N(u) + (2 phi_2 - 4 phi_3)(N(a) + N(b)) + (4 phi_3 - phi_2) N(c)]

    (S. M. Cox and P. C. Matthews, J. Comput. Phys. 176, 430 (2002), doi:10.1006/jcph.2002.6995). A reservoir, which
    has no
    linear part, sees the classical Runge-Kutta scheme with the same stages.
    """

    order: ClassVar[int] = 4

    def step(self, engine: Any, t: float, h: float, first: bool) -> None:
        """One step; the arrays u, v and the rates are in momentum space, n in real space."""
        engine.scratch((type(self), h), lambda: _Etd(engine, h)).step(t)


class _Etd:
    """Tables and scratch arrays of ETDRK4 for one engine and one step."""

    def __init__(self, engine: Any, h: float) -> None:
        self.engine, self.h = engine, h
        half, whole = engine.momentum.phi(h / 2), engine.momentum.phi(h)
        tables = engine.momentum.tables
        self.E, self.E2 = tables(whole[0]), tables(half[0])
        self.Q = tables(_combine((h / 2, half[1])))
        self.f1 = tables(_combine((h, whole[1]), (-3 * h, whole[2]), (4 * h, whole[3])))
        self.f2 = tables(_combine((2 * h, whole[2]), (-4 * h, whole[3])))
        self.f3 = tables(_combine((4 * h, whole[3]), (-h, whole[2])))

    def times(self, tables: Tables, array: np.ndarray) -> np.ndarray:
        """The matrix times the array, a new array."""
        out = array.copy()
        apply_tables(out, *tables)
        return out

    def rates(self, psi_k: np.ndarray, n: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """The local rates at a stage: of psi in momentum space, of n."""
        engine = self.engine
        engine.psi[...] = psi_k
        engine.transforms.backward(engine.field)
        engine.psi *= engine.dtype.type(1 / engine.points)
        out_n = np.empty_like(n)
        out = np.empty_like(psi_k)
        engine.rates(engine.psi, n, t, out, out_n)
        engine.psi[...] = out
        engine.transforms.forward(engine.field)
        out[...] = engine.psi
        return out, out_n

    def step(self, t: float) -> None:
        engine, h = self.engine, self.h
        engine.transforms.forward(engine.field)
        u, n = engine.psi.copy(), engine.n.copy()
        N_u, n_u = self.rates(u, n, t)
        base = self.times(self.E2, u)
        a = base + self.times(self.Q, N_u)
        N_a, n_a = self.rates(a, n + h / 2 * n_u, t + h / 2)
        N_b, n_b = self.rates(base + self.times(self.Q, N_a), n + h / 2 * n_a, t + h / 2)
        c = self.times(self.E2, a) + self.times(self.Q, 2 * N_b - N_u)
        N_c, n_c = self.rates(c, n + h * n_b, t + h)
        u = self.times(self.E, u) + self.times(self.f1, N_u) + self.times(self.f2, N_a + N_b) + self.times(self.f3, N_c)
        engine.psi[...] = u
        engine.transforms.backward(engine.field)
        engine.psi *= engine.dtype.type(1 / engine.points)
        engine.n[...] = n + h / 6 * (n_u + 2 * n_a + 2 * n_b + n_c)


def _combine(*weighted: tuple[float, Pairs]) -> Pairs:
    a = sum(weight * pairs.a for weight, pairs in weighted)
    b = sum(weight * pairs.b for weight, pairs in weighted)
    dtype = weighted[0][1].a.dtype
    return Pairs(np.asarray(a, dtype), np.asarray(b, dtype))
