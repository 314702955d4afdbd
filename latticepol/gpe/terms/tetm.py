"""TE-TM splitting."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.terms.base import Matrix, Term
from latticepol.gpe.terms.parameters import number_of
from latticepol.units.reading import AREA_RATE


@dataclass(frozen=True, repr=False, eq=False)
class TETM(Term):
    """``i dpsi_s/dt = beta (k_x - i s k_y)^2 psi_-s`` (docs/physics.md, section 1).

    Plane waves are split into ``k^2/2m +- beta k^2``: beta is half of what is measured as the TE-TM splitting over k^2.

    Parameters
    ----------
    beta
        Half the TE-TM splitting over k^2, (E_TM - E_TE)/(2 hbar k^2), length^2/time; either sign.
    """

    formula: ClassVar[str] = "beta (k_x - i s k_y)^2 psi_-s"
    beta: Any = field(metadata=number_of(AREA_RATE))

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix:
        """Return ``beta (k_x -+ i k_y)^2`` off the diagonal."""
        beta = np.asarray(self.beta)
        return (0.0, beta * (kx - 1j * ky) ** 2), (beta * (kx + 1j * ky) ** 2, 0.0)
