"""Truncated-Wigner noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from latticepol.gpe.profiles.sampling import Sampled
from latticepol.gpe.terms.base import Term, constant
from latticepol.gpe.terms.parameters import Coefficient
from latticepol.grid import Grid


@dataclass(frozen=True, repr=False, eq=False)
class WignerNoise(Term):
    """Quantum noise in the truncated Wigner approximation (docs/physics.md, section 1)::

        <dW_s dW_s'^*> = [(max(W - eta S_w, 0) + Gamma) delta_ss' + gamma (sigma_x)_ss'] dt/(2 dV)

    with S_w = S - 1/(2 dV), plus ``nu k^2/m dt/(2 dV)`` per mode for momentum damping. The other terms lose the half
    quantum per mode: |psi_s|^2 -> |psi_s|^2 - 1/dV for the same spin and - 1/(2 dV) for the other one.

    |psi|^2 then counts the vacuum too, 1/(2 dV) per point and component.
    """

    formula: ClassVar[str] = "i dW_s/dt"
    brings: ClassVar[Mapping[str, Coefficient]] = {"vacuum": Coefficient(number=True)}
    irreversible: ClassVar[bool] = True

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return ``vacuum`` = 1/dV."""
        return {"vacuum": constant("vacuum", 1 / grid.point_area, grid)}
