"""A third model with a cell: two linear driven modes at every place, stable at k = 0 and unstable elsewhere.

H_k = H + i height (cos(k - at) - cos(at)) / 2, a mean over d directions: the condensate at k = 0 is that of H, and the
largest growth rate ``height (1 - cos(at)) / 2 - loss / 2`` is that at k = at.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from two_modes import Excitations, TwoModes

from latticepol.model import Periodic

#: Rows of the reciprocal cell for a period 1.
ROWS = {1: 2 * np.pi * np.array([[1.0, 0.0]]), 2: 2 * np.pi * np.eye(2)}


@dataclass(frozen=True)
class Chain(TwoModes, Periodic):
    """A chain, d = 1, or a plane, d = 2."""

    U: float = 0.0
    height: float = 0.7
    at: float = np.pi
    d: int = 1
    default_plaquettes: ClassVar[int] = 12

    @property
    def reciprocal(self) -> np.ndarray:
        return ROWS[self.d]

    @property
    def largest_growth(self) -> float:
        return 0.5 * self.height * (1 - np.cos(self.at)) - 0.5 * self.loss

    def linear_problem(self, psi=None, mu=0.0, *, losses=True, basis=None, mesh=None) -> "Waves":
        return Waves(self, psi, mu)


class Waves(Excitations):
    """A mode at k and its partner, -w^* at -k."""

    def __init__(self, model: Chain, psi: np.ndarray | None, mu: float) -> None:
        super().__init__(model, psi, mu)
        self.model, self.reciprocal = model, model.reciprocal

    def matrix(self, k: np.ndarray) -> np.ndarray:
        phase = 2 * np.pi * np.asarray(k) @ np.linalg.pinv(self.reciprocal)
        rise = [self.rise(phase)] * 2 + ([self.rise(-phase)] * 2 if self.paired else [])
        return self.L + 1j * np.stack(rise, axis=-1)[..., None] * np.eye(self.size)

    def rise(self, phase: np.ndarray) -> np.ndarray:
        at = self.model.at
        return 0.5 * self.model.height * (np.cos(phase - at) - np.cos(at)).mean(axis=-1)
