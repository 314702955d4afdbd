"""Spin-resolved exciton reservoir."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from latticepol.arrays import read_array
from latticepol.gpe.profiles.sampling import Profile, Sampled, uniform
from latticepol.gpe.terms.base import Term, constant, parameter, pattern, show
from latticepol.grid import Grid
from latticepol.units.reading import states_a_unit


@dataclass(frozen=True, repr=False, eq=False)
class Reservoir(Term):
    """Gain from a reservoir n_s with its own dynamics (docs/physics.md, section 1)::

        i dpsi_s/dt = [(i/2)(R n_s - Gamma) + g_R n_s + g_cross n_-s] psi_s
          dn_s/dt   = P_s(r, t) - (Gamma_R + R |psi_s|^2) n_s + (n_-s - n_s)/tau_s

    It replaces the saturable gain: a Gain beside it must have eta = 0.

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
    P: Profile
    R: Any
    Gamma_R: Any
    Gamma: Any = 0.0
    g_R: Any = 0.0
    g_cross: Any = 0.0
    tau_s: Any = np.inf
    P_scale: Any = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("R", "Gamma_R", "Gamma"):
            parameter(name, getattr(self, name), minimum=0)
        for name in ("g_R", "g_cross", "P_scale"):
            parameter(name, getattr(self, name))
        if states_a_unit(self.tau_s):
            return
        if not (uniform(self.tau_s) and (read_array("tau_s", self.tau_s, finite=False) > 0).all()):
            raise ValueError(
                f"tau_s = {show(self.tau_s)} must be > 0, a number or an array (B, 1, 1) for a batch; leave it at "
                "infinity for no spin relaxation"
            )

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """P, R, Gamma_R, g_R, g_cross, ``mixing`` = 1/tau_s, and Gamma of the condensate."""
        constants = {
            name: constant(name, getattr(self, name), grid) for name in ("R", "Gamma_R", "Gamma", "g_R", "g_cross")
        }
        return constants | {
            "P": pattern("P", self, grid, spins=True),
            "mixing": constant("mixing", 1 / np.asarray(self.tau_s), grid),
        }
