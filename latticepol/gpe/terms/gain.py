"""Saturable gain and loss."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from latticepol.gpe.profiles.sampling import Profile, Sampled
from latticepol.gpe.terms.base import Term, constant, pattern
from latticepol.gpe.terms.parameters import POWER, Coefficient, number_of, profile_of
from latticepol.grid import Grid
from latticepol.units.reading import AREA_RATE, RATE


@dataclass(frozen=True, repr=False, eq=False)
class Gain(Term):
    """``i dpsi_s/dt = (i/2)(W(r, t) - Gamma - eta S) psi_s``, S = (|psi_+|^2 + |psi_-|^2)/2 (docs/physics.md, section
    1).

    Parameters
    ----------
    W
        Gain (rate), the same for both spins: a number, an array, a function or a pump. A circularly polarised pump
        needs ``lp.Reservoir``: with a gain of its own for each spin the saturated flow has no closed form.
    Gamma
        Loss (rate) >= 0.
    eta
        Saturation (rate times area) >= 0.
    W_scale
        Power of the pattern: W is multiplied by it, envelopes included (dimensionless). A parameter to sweep.
    """

    formula: ClassVar[str] = "(i/2)(W - Gamma - eta S) psi_s"
    brings: ClassVar[Mapping[str, Coefficient]] = {
        "W": Coefficient(ends=True),
        "Gamma": Coefficient(),
        "eta": Coefficient(number=True),
    }
    W: Profile = field(metadata=profile_of(RATE))
    Gamma: Any = field(default=0.0, metadata=number_of(RATE, minimum=0))
    eta: Any = field(default=0.0, metadata=number_of(AREA_RATE, minimum=0))
    W_scale: Any = field(default=1.0, metadata=POWER)

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return W, Gamma and eta."""
        return {
            "W": pattern("W", self, grid),
            "Gamma": constant("Gamma", self.Gamma, grid),
            "eta": constant("eta", self.eta, grid),
        }
