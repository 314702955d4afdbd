"""Integrators: immutable descriptions of a step. A row of equal steps is ``step(first=True)``, ``step`` ...,
``finish``.

Between the steps of a row the state may lack its last piece, which is then done together with the first of the next
step.

A composition splits the equation into A = ``linear``, which also advances the time, and B = ``local`` at frozen time.
Its coefficients alpha_1..alpha_2s make ``A(alpha_1) B(alpha_1, alpha_2) A(alpha_2 + alpha_3) B(alpha_3, alpha_4)
...``: the order conditions of a splitting into two are those of a composition of a first-order step with its adjoint,
so the order holds however many exact flows B is made of, if it applies them forwards for alpha_odd and in reverse for
alpha_even (R. I. McLachlan, SIAM J. Sci. Comput. 16, 151 (1995), doi:10.1137/0916010).
"""

import cmath
import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import ClassVar

from latticepol.state import Integrator as Integrator
from latticepol.state import RunningState


def _alphas(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """Return alpha from the coefficients a_1..a_s+1 of A and b_1..b_s of B."""
    alphas = [a[0]]
    for i in range(len(b)):
        alphas.append(b[i] - alphas[-1])
        if i + 1 < len(b):
            alphas.append(a[i + 1] - alphas[-1])
    return tuple(alphas)


class Composition(Integrator):
    """A composition with the coefficients ``alphas``; the outer A of neighbouring steps are done together."""

    alphas: ClassVar[tuple[float, ...]]

    @cached_property
    def pieces(self) -> tuple[list[float], list[float]]:
        """The lengths of A and of B, as parts of a step; the last A is left out."""
        alphas = self.alphas
        a = [alphas[0], *(alphas[i] + alphas[i + 1] for i in range(1, len(alphas) - 1, 2))]
        return a, [alphas[i] + alphas[i + 1] for i in range(0, len(alphas), 2)]

    def resonance(self, n: int) -> float:
        """Return ``|sum_j b_j exp(2 pi i n c_j)|`` of the B pieces b_j at the times c_j.

        It is what is left of a scattering whose phase turns by 2 pi n in a step: 1 for Strang; .04, .20, .53, .94 for
        Blanes-Moan.
        """
        a, b = self.pieces
        return abs(sum(part * cmath.exp(2j * math.pi * n * c) for part, c in zip(b, accumulate(a), strict=True)))

    def step(self, running: RunningState, t: float, h: float, first: bool) -> None:
        """Take a step, A B A B ... B; the last A is pending."""
        alphas, (a, _) = self.alphas, self.pieces
        for i, time in enumerate(accumulate(a)):
            running.linear((a[i] if i or first else alphas[-1] + alphas[0]) * h)
            running.local(alphas[2 * i] * h, alphas[2 * i + 1] * h, t + time * h)

    def finish(self, running: RunningState, h: float) -> None:
        """Apply the last A."""
        running.linear(self.alphas[-1] * h)


@dataclass(frozen=True)
class Strang(Composition):
    """``A(h/2) B(h) A(h/2)``, second order; the only one that carries noise.

    Source: G. Strang, SIAM J. Numer. Anal. 5, 506 (1968), doi:10.1137/0705041.
    """

    order: ClassVar[int] = 2
    carries_noise: ClassVar[bool] = True
    alphas: ClassVar[tuple[float, ...]] = (0.5, 0.5)


_A = (0.0792036964311957, 0.353172906049774, -0.0420650803577195)
_B = (0.209515106613362, -0.143851773179818)


@dataclass(frozen=True)
class BlanesMoan(Composition):
    """Fourth order in six stages, with the smallest error constant known of its kind.

    It has substeps back in time, so it is not for noise, absorbing layers or strong momentum damping.

    Source: S6 of S. Blanes and P. C. Moan, J. Comput. Appl. Math. 142, 313 (2002), doi:10.1016/S0377-0427(01)00492-7.
    """

    order: ClassVar[int] = 4
    alphas: ClassVar[tuple[float, ...]] = _alphas(
        (*_A, 1 - 2 * sum(_A), *_A[::-1]), (*_B, 0.5 - sum(_B), 0.5 - sum(_B), *_B[::-1])
    )
    backward: ClassVar[float] = 0.15
