"""Polariton-polariton interaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from latticepol.gpe.profiles.sampling import Sampled
from latticepol.gpe.terms.base import Term, constant
from latticepol.gpe.terms.parameters import Coefficient, number_of
from latticepol.grid import Grid
from latticepol.units.reading import AREA_RATE


@dataclass(frozen=True, repr=False, eq=False)
class Interaction(Term):
    """``i dpsi_s/dt = (1/2)(alpha1 |psi_s|^2 + alpha2 |psi_-s|^2) psi_s`` (docs/physics.md, section 1).

    Parameters
    ----------
    alpha1, alpha2
        Interaction of equal and of opposite spins (rate times area).
    """

    formula: ClassVar[str] = "(1/2)(alpha1 |psi_s|^2 + alpha2 |psi_-s|^2) psi_s"
    brings: ClassVar[Mapping[str, Coefficient]] = dict.fromkeys(("alpha1", "alpha2"), Coefficient(number=True))
    alpha1: Any = field(metadata=number_of(AREA_RATE))
    alpha2: Any = field(default=0.0, metadata=number_of(AREA_RATE))

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return alpha1 and alpha2."""
        return {name: constant(name, getattr(self, name), grid) for name in ("alpha1", "alpha2")}
