"""Linear-polarisation splitting."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.terms.base import Matrix, Term, parameter


@dataclass(frozen=True, repr=False, eq=False)
class Splitting(Term):
    """``i dpsi_s/dt = -(1/2)(epsilon + i gamma) psi_-s`` (docs/physics.md, section 1).

    Parameters
    ----------
    epsilon
        Energy splitting of the linear polarisations (rate).
    gamma
        Splitting of their losses (rate); for gamma > 0 the mode of higher energy is the less lossy one.
    """

    formula: ClassVar[str] = "-(1/2)(epsilon + i gamma) psi_-s"
    epsilon: Any
    gamma: Any = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        parameter("epsilon", self.epsilon)
        parameter("gamma", self.gamma)

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix:
        """``-(epsilon + i gamma)/2`` off the diagonal."""
        flip = -0.5 * (np.asarray(self.epsilon) + 1j * np.asarray(self.gamma))
        return (0.0, flip), (flip, 0.0)
