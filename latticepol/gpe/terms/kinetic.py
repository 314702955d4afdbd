"""Kinetic energy and momentum damping."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.terms.base import Matrix, Term
from latticepol.gpe.terms.parameters import number_of
from latticepol.units.reading import MASS, NUMBER


@dataclass(frozen=True, repr=False, eq=False)
class Kinetic(Term):
    """``i dpsi_s/dt = (1 - i nu) k^2/(2m) psi_s`` (docs/physics.md, section 1).

    Parameters
    ----------
    mass
        m > 0, with hbar = 1: time/length^2.
    nu
        Momentum damping (energy relaxation) >= 0, dimensionless: populations decay at the rate nu k^2/m.

    Raises
    ------
    ValueError
        mass <= 0, nu < 0, or not finite.
    """

    formula: ClassVar[str] = "(1 - i nu) k^2/2m psi_s"
    mass: Any = field(metadata=number_of(MASS, minimum=0, exclusive=True))
    nu: Any = field(default=0.0, metadata=number_of(NUMBER, minimum=0))

    @property
    def irreversible(self) -> bool:  # type: ignore[override]
        """Whether momentum is damped."""
        return bool(np.any(np.asarray(self.nu) > 0))

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix:
        """Return ``(1 - i nu) k^2/(2m)`` for both spins."""
        energy = (kx**2 + ky**2) / (2 * np.asarray(self.mass))
        if self.irreversible:
            energy = (1 - 1j * np.asarray(self.nu)) * energy
        return (energy, 0.0), (0.0, energy)
