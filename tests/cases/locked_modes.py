"""Two modes, each with its partner, of which one locks to the partner of the other: growth in closed form.

With energies E(k) and e, dampings kappa_1 and kappa_2 and a coupling c(k)::

    L_k = [[ E(k) - i kappa_1, 0, 0, c(k) ],          (u_1)
           [ 0, e - i kappa_2, c(-k), 0 ],            (u_2)
           [ 0, -c(-k)^*, -E(-k) - i kappa_1, 0 ],    (v_1)
           [ -c(k)^*, 0, 0, -e - i kappa_2 ]]         (v_2)

so that u_1 and v_2, of opposite norm, have the undressed frequencies E(k) and -e, which differ by d = E(k) + e. One
of the two grows iff ``|c|^2 > kappa_1 kappa_2 (1 + d^2/(kappa_1 + kappa_2)^2)`` (docs/physics.md, section 4).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from latticepol.linear_problem import LinearProblem

SQUARE = 2 * np.pi * np.eye(2)


@dataclass(frozen=True, eq=False)
class LockedModes(LinearProblem):
    energy: Callable  # E(k), of k (..., 2)
    other: float
    kappa: tuple[float, float]
    coupling: Callable  # c(k)
    reciprocal: np.ndarray = field(default_factory=SQUARE.copy)
    driven: bool = True
    mesh: int = 24
    hermitian = False
    paired = True
    dims = ("mode",)
    particles = 2

    @property
    def growth_mesh(self):
        return (self.mesh,) * len(self.reciprocal)

    def matrix(self, k):
        k = np.asarray(k, float)
        L = np.zeros((*k.shape[:-1], 4, 4), complex)
        L[..., 0, 0], L[..., 1, 1] = self.energy(k) - 1j * self.kappa[0], self.other - 1j * self.kappa[1]
        L[..., 2, 2], L[..., 3, 3] = -self.energy(-k) - 1j * self.kappa[0], -self.other - 1j * self.kappa[1]
        L[..., 0, 3], L[..., 1, 2] = self.coupling(k), self.coupling(-k)
        L[..., 3, 0], L[..., 2, 1] = -np.conj(self.coupling(k)), -np.conj(self.coupling(-k))
        return L

    def own(self, found):
        """Return which crossings are those of u_1 and v_2, or their partners: others meet without a coupling."""
        return abs(abs(found.P.real) - abs(self.other)) < 3 * abs(self.coupling(found.k)) + sum(self.kappa) / 5

    def grows(self, k):
        """The condition."""
        d, (one, two) = self.energy(k) + self.other, self.kappa
        return abs(self.coupling(k)) ** 2 > one * two * (1 + d**2 / (one + two) ** 2)


def fastest(kappa, c):
    """The largest rate of two locked modes: that at d = 0."""
    one, two = kappa
    return -(one + two) / 2 + np.sqrt((one - two) ** 2 / 4 + abs(c) ** 2)
