"""Zeeman splitting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.profiles.sampling import Profile, Sampled, uniform
from latticepol.gpe.terms.base import Matrix, Term, parameter, pattern
from latticepol.gpe.terms.parameters import POWER, Coefficient, profile_of
from latticepol.grid import Grid
from latticepol.units.reading import RATE


@dataclass(frozen=True, repr=False, eq=False)
class Zeeman(Term):
    """``i dpsi_s/dt = s Delta/2 psi_s`` (docs/physics.md, section 1).

    Parameters
    ----------
    Delta
        Zeeman splitting (rate): a number, which joins the matrix at each wavevector, or a profile of r (and t), which
        joins the local flow. In a field of 3 T it is ``lp.units.zeeman("3 T", g_X, X)``, or, where the model has units,
        the text "0.4 * 0.5 * mu_B * 3 T", g_X X mu_B B with the numbers of the sample.
    Delta_scale
        Strength of the pattern: Delta is multiplied by it, envelopes included (dimensionless). A parameter to sweep.
    """

    formula: ClassVar[str] = "(s/2) Delta psi_s"
    brings: ClassVar[Mapping[str, Coefficient]] = {"Delta": Coefficient()}
    Delta: Profile = field(metadata=profile_of(RATE))
    Delta_scale: Any = field(default=1.0, metadata=POWER)

    def __post_init__(self) -> None:
        super().__post_init__()
        if uniform(self.Delta):
            parameter("Delta", self.Delta)

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix | None:
        """Return ``+-Delta/2`` on the diagonal where Delta is uniform."""
        if not uniform(self.Delta):
            return None
        half = 0.5 * np.asarray(self.Delta_scale) * np.asarray(self.Delta)
        return (half, 0.0), (0.0, -half)

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return Delta(r, t) where it is not uniform."""
        return {} if uniform(self.Delta) else {"Delta": pattern("Delta", self, grid)}
