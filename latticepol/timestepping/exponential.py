"""ETDRK4: the exponential Runge-Kutta scheme of fourth order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from latticepol.state import Integrator, RunningState, SpectralState

#: What else moves, by name.
Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class ETDRK4(Integrator):
    """Exponential Runge-Kutta scheme of fourth order; no substep goes back in time, fixed points stay where they are.

    With N the local part, phi_k of Z = -i h H and phi'_1 of Z/2::

        a = e^{Z/2} u + (h/2) phi'_1 N(u)
        b = e^{Z/2} u + (h/2) phi'_1 N(a)
        c = e^{Z/2} a + (h/2) phi'_1 (2 N(b) - N(u))
        u <- e^Z u + h [(phi_1 - 3 phi_2 + 4 phi_3) N(u) + (2 phi_2 - 4 phi_3)(N(a) + N(b)) + (4 phi_3 - phi_2) N(c)]

    (S. M. Cox and P. C. Matthews, J. Comput. Phys. 176, 430 (2002), doi:10.1006/jcph.2002.6995). What else
    moves, which has no linear part, sees the classical Runge-Kutta scheme with the same stages.
    """

    order: ClassVar[int] = 4
    #: Measured on a uniform condensate, for n = 1, 2, 3; beyond it is at most the last.
    resonances: ClassVar[tuple[float, ...]] = (0.11, 0.40, 0.07)

    def resonance(self, n: int) -> float:
        """See :meth:`Integrator.resonance`."""
        return self.resonances[min(n, len(self.resonances)) - 1]

    def step(self, running: RunningState, t: float, h: float, first: bool) -> None:
        """Take one step; u and the rates are in momentum space, what else moves is in real space.

        Raises
        ------
        ValueError
            The linear part of the model is not a matrix at each wavevector.
        """
        space = running.spectral
        if space is None:
            raise ValueError(f"{self!r} needs a linear part in momentum space, a field; use lp.BlanesMoan()")
        space.scratch((type(self), h), lambda: _Step(space, h))(t)


class _Step:
    """Tables and scratch arrays for one engine and one h. Fields in momentum space are divided by their points.

    Neither e^Z nor the factor of N(u) is kept, since ``phi_1 = (e^{Z/2} + 1) phi'_1/2`` and ``e^{Z/2} u = base`` give::

        c = e^{Z/2} a - a + base + h phi'_1 N(b)
        u <- e^{Z/2} a + a - base + f2 [N(a) + N(b) - 2 N(u)] + f3 [N(c) - N(u)]
    """

    def __init__(self, engine: SpectralState, h: float) -> None:
        self.engine, self.h, w = engine, h, h / engine.points
        functions = engine.momentum.functions
        self.E2, self.Q = functions(h / 2, [(1, 0, 0, 0), (0, w / 2, 0, 0)])
        self.f2, self.f3 = functions(h, [(0, 0, 2 * w, -4 * w), (0, 0, -w, 4 * w)])
        self.base, self.last = (np.empty_like(engine.psi) for _ in range(2))
        self.field = engine.empty()  # N(u), then c
        self.c = self.field.reshape(engine.psi.shape)

    def __call__(self, t: float) -> None:
        engine, h = self.engine, self.h
        n = {name: value.copy() for name, value in engine.auxiliary.items()}
        combine, psi, base, last, c = engine.momentum.combine, engine.psi, self.base, self.last, self.c
        n_u = self._first(n, t)
        n_a = self._rate(_moved(n, h / 2, n_u), t + h / 2)
        combine(last, last, self.f2, psi)
        combine(psi, base, self.Q, psi)
        n_b = self._rate(_moved(n, h / 2, n_a), t + h / 2)
        combine(last, last, self.f2, psi)
        combine(psi, c, self.Q, psi, 2)
        n_c = self._rate(_moved(n, h, n_b), t + h)
        combine(psi, last, self.f3, psi)
        engine.transforms.backward(engine.field)
        for name, value in engine.auxiliary.items():
            value[...] = n[name] + h / 6 * (n_u[name] + 2 * n_a[name] + 2 * n_b[name] + n_c[name])

    def _first(self, n: Arrays, t: float) -> Arrays:
        """Compute from u: base, a in the field of the engine, what is known of c and of the last sum; return the rates
        of what else moves."""
        engine, psi, base, last, N = self.engine, self.engine.psi, self.base, self.last, self.c
        combine, rate_n = engine.momentum.combine, _like(n)
        engine.rates(psi, n, t, N, rate_n)
        engine.transforms.forward(self.field)
        engine.transforms.forward(engine.field)
        psi *= engine.dtype.type(1 / engine.points)
        base[...] = 0
        combine(base, base, self.E2, psi)
        combine(psi, base, self.Q, N)
        last[...] = psi
        last -= base
        combine(last, last, self.E2, psi)
        combine(last, last, self.f2, N, -2)
        combine(last, last, self.f3, N, -1)
        self.c[...] = base
        self.c -= psi
        combine(self.c, self.c, self.E2, psi)
        return rate_n

    def _rate(self, n: Arrays, t: float) -> Arrays:
        """Put the local rate in momentum space in place of the field that the engine holds; return the rates of what
        else moves."""
        engine, rate_n = self.engine, _like(n)
        engine.transforms.backward(engine.field)
        engine.rates(engine.psi, n, t, engine.psi, rate_n)
        engine.transforms.forward(engine.field)
        return rate_n


def _like(n: Arrays) -> Arrays:
    return {name: np.empty_like(value) for name, value in n.items()}


def _moved(n: Arrays, h: float, rates: Arrays) -> Arrays:
    return {name: value + h * rates[name] for name, value in n.items()}
