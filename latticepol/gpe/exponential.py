"""ETDRK4: the exponential Runge-Kutta scheme of fourth order."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.integrators import Integrator


@dataclass(frozen=True)
class ETDRK4(Integrator):
    """Exponential Runge-Kutta scheme of fourth order; no substep goes back in time, fixed points stay where they are.

    With N the local part, phi_k of Z = -i h H and phi'_1 of Z/2::

        a = e^{Z/2} u + (h/2) phi'_1 N(u)
        b = e^{Z/2} u + (h/2) phi'_1 N(a)
        c = e^{Z/2} a + (h/2) phi'_1 (2 N(b) - N(u))
        u <- e^Z u + h [(phi_1 - 3 phi_2 + 4 phi_3) N(u) + (2 phi_2 - 4 phi_3)(N(a) + N(b)) + (4 phi_3 - phi_2) N(c)]

    (S. M. Cox and P. C. Matthews, J. Comput. Phys. 176, 430 (2002), doi:10.1006/jcph.2002.6995). A reservoir, which has
    no linear part, sees the classical Runge-Kutta scheme with the same stages.
    """

    order: ClassVar[int] = 4

    def step(self, engine: Any, t: float, h: float, first: bool) -> None:
        """One step; u and the rates are in momentum space, n in real space."""
        engine.scratch((type(self), h), lambda: _Step(engine, h))(t)


class _Step:
    """Tables and scratch arrays for one engine and one h. Fields in momentum space are divided by their points.

    Neither e^Z nor the factor of N(u) is kept, since ``phi_1 = (e^{Z/2} + 1) phi'_1/2`` and ``e^{Z/2} u = base`` give::

        c = e^{Z/2} a - a + base + h phi'_1 N(b)
        u <- e^{Z/2} a + a - base + f2 [N(a) + N(b) - 2 N(u)] + f3 [N(c) - N(u)]
    """

    def __init__(self, engine: Any, h: float) -> None:
        self.engine, self.h, w = engine, h, h / engine.points
        functions = engine.momentum.functions
        self.E2, self.Q = functions(h / 2, [(1, 0, 0, 0), (0, w / 2, 0, 0)])
        self.f2, self.f3 = functions(h, [(0, 0, 2 * w, -4 * w), (0, 0, -w, 4 * w)])
        self.rate = engine.empty()
        self.base, self.next, self.c = (np.empty_like(engine.psi) for _ in range(3))

    def __call__(self, t: float) -> None:
        engine, h, psi, n = self.engine, self.h, self.engine.psi, self.engine.n.copy()
        N, n_u = self._rate(n, t)
        engine.transforms.forward(engine.field)
        psi *= engine.dtype.type(1 / engine.points)
        self._set(self.base, (self.E2, psi))
        self._set(psi, (self.Q, N), start=self.base)
        self._set(self.c, (self.E2, psi))
        self.next[...] = self.c
        self.c -= psi
        self.c += self.base
        self.next += psi
        self.next -= self.base
        self._set(self.next, (self.f2, N, -2), (self.f3, N, -1), start=self.next)
        N, n_a = self._stage(n + h / 2 * n_u, t + h / 2)
        self._set(self.next, (self.f2, N), start=self.next)
        self._set(psi, (self.Q, N), start=self.base)
        N, n_b = self._stage(n + h / 2 * n_a, t + h / 2)
        self._set(self.next, (self.f2, N), start=self.next)
        self._set(psi, (self.Q, N, 2), start=self.c)
        N, n_c = self._stage(n + h * n_b, t + h)
        self._set(psi, (self.f3, N), start=self.next)
        engine.transforms.backward(engine.field)
        engine.n[...] = n + h / 6 * (n_u + 2 * n_a + 2 * n_b + n_c)

    def _set(self, out: np.ndarray, *products: Any, start: np.ndarray | None = None) -> None:
        """out <- start + sum of weight * table * field."""
        if start is not out:
            out[...] = 0 if start is None else start
        for table, field, *weight in products:
            self.engine.momentum.add(out, table, field, *weight)

    def _stage(self, n: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """The rates at the field in momentum space that the engine holds."""
        self.engine.transforms.backward(self.engine.field)
        return self._rate(n, t)

    def _rate(self, n: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """The local rates of the field of the engine in momentum space, and of n."""
        flat, rate_n = self.rate.reshape(self.engine.psi.shape), np.empty_like(n)
        self.engine.rates(self.engine.psi, n, t, flat, rate_n)
        self.engine.transforms.forward(self.rate)
        return flat, rate_n

