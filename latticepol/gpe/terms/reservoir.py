"""Spin-resolved exciton reservoir."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.arrays import read_array
from latticepol.gpe.profiles.sampling import Profile, Sampled, uniform
from latticepol.gpe.terms.base import Term, constant, pattern, show
from latticepol.gpe.terms.parameters import POWER, Coefficient, number_of, profile_of, unchecked
from latticepol.grid import Grid
from latticepol.units.reading import AREA_RATE, DENSITY_RATE, RATE, TIME, states_a_unit


@dataclass(frozen=True, repr=False, eq=False)
class Reservoir(Term):
    """Gain from a reservoir n_s with its own dynamics (docs/physics.md, section 1)::

        i dpsi_s/dt = [(i/2)(R n_s - Gamma) + g_R n_s + g_cross n_-s] psi_s
          dn_s/dt   = P_s(r, t) - (Gamma_R + R |psi_s|^2) n_s + (n_-s - n_s)/tau_s

    It replaces the saturable gain: a Gain next to it must have eta = 0.

    Parameters
    ----------
    P
        Pump (density times rate): a number, an array (ny, nx) or (2, ny, nx), a function or a pump, also a circular
        one.
    R
        Stimulated scattering (rate times area) >= 0.
    Gamma_R
        Loss of the reservoir (rate) >= 0.
    Gamma
        Loss of the condensate (rate) >= 0.
    g_R, g_cross
        Blueshift by the reservoir of the same and of the other spin (rate times area).
    tau_s
        Spin relaxation time of the reservoir > 0.
    P_scale
        Power of the pattern: P is multiplied by it, envelopes included (dimensionless). A parameter to sweep.
    """

    formula: ClassVar[str] = "[(i/2)(R n_s - Gamma) + g_R n_s + g_cross n_-s] psi_s"
    brings: ClassVar[Mapping[str, Coefficient]] = {
        "P": Coefficient(spins=True, ends=True),
        "Gamma": Coefficient(),
        **dict.fromkeys(("R", "Gamma_R", "mixing", "g_R", "g_cross"), Coefficient(number=True)),
    }
    P: Profile = field(metadata=profile_of(DENSITY_RATE, spins=True))
    R: Any = field(metadata=number_of(AREA_RATE, minimum=0))
    Gamma_R: Any = field(metadata=number_of(RATE, minimum=0))
    Gamma: Any = field(default=0.0, metadata=number_of(RATE, minimum=0))
    g_R: Any = field(default=0.0, metadata=number_of(AREA_RATE))
    g_cross: Any = field(default=0.0, metadata=number_of(AREA_RATE))
    tau_s: Any = field(default=np.inf, metadata=unchecked(TIME))
    P_scale: Any = field(default=1.0, metadata=POWER)

    def __post_init__(self) -> None:
        super().__post_init__()
        if states_a_unit(self.tau_s):
            return
        if not (uniform(self.tau_s) and (read_array("tau_s", self.tau_s, finite=False) > 0).all()):
            raise ValueError(
                f"tau_s = {show(self.tau_s)} must be > 0, a number or an array (B, 1, 1) for a batch; leave it at "
                "infinity for no spin relaxation"
            )

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return P, R, Gamma_R, g_R, g_cross, ``mixing`` = 1/tau_s, and Gamma of the condensate."""
        constants = {
            name: constant(name, getattr(self, name), grid) for name in ("R", "Gamma_R", "Gamma", "g_R", "g_cross")
        }
        return constants | {
            "P": pattern("P", self, grid),
            "mixing": constant("mixing", 1 / np.asarray(self.tau_s), grid),
        }
