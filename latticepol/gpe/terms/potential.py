"""Potential."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.profiles.sampling import Profile, Sampled
from latticepol.gpe.terms.base import Term, pattern
from latticepol.gpe.terms.parameters import POWER, Coefficient, profile_of
from latticepol.grid import Grid
from latticepol.units.reading import RATE


@dataclass(frozen=True, repr=False, eq=False)
class Potential(Term):
    """``i dpsi_s/dt = V_s(r, t) psi_s`` (docs/physics.md, section 1).

    Parameters
    ----------
    V
        Potential (rate): a number, an array (ny, nx) or, for each spin its own, (2, ny, nx), a function f(x, y) or
        f(x, y, t) that returns one, a pump. In a batch (B, 1, ny, nx) or (B, 2, ny, nx).
    V_scale
        Depth of the pattern: V is multiplied by it, envelopes included (dimensionless). A parameter to sweep.
    """

    formula: ClassVar[str] = "V_s psi_s"
    brings: ClassVar[Mapping[str, Coefficient]] = {"V": Coefficient(ends=True), "Delta": Coefficient()}
    V: Profile = field(metadata=profile_of(RATE, spins=True))
    V_scale: Any = field(default=1.0, metadata=POWER)

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return V = (V_+ + V_-)/2 and, where they differ, Delta = V_+ - V_-."""
        V = pattern("V", self, grid)
        if V.at(0.0).shape[-3] == 1:
            return {"V": V.map(_one)}
        return {
            "V": V.map(lambda a: a.mean(axis=-3)),
            "Delta": V.map(lambda a: a[..., 0, :, :] - a[..., -1, :, :]),
        }


def _one(V: np.ndarray) -> np.ndarray:
    if V.shape[-3] != 1:
        raise ValueError("V is the same for both spins at t = 0 and not later; let it return (2, ny, nx) at all times")
    return V[..., 0, :, :]
