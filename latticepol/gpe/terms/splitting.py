"""Linear-polarisation splitting."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.terms.base import Matrix, Term
from latticepol.gpe.terms.parameters import number_of
from latticepol.units.reading import RATE


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
    epsilon: Any = field(metadata=number_of(RATE))
    gamma: Any = field(default=0.0, metadata=number_of(RATE))

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix:
        """Return ``-(epsilon + i gamma)/2`` off the diagonal."""
        flip = -0.5 * (np.asarray(self.epsilon) + 1j * np.asarray(self.gamma))
        return (0.0, flip), (flip, 0.0)
