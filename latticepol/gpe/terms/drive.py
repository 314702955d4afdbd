"""Coherent drive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from latticepol.gpe.envelopes import carrier
from latticepol.gpe.profile import Profile, Sampled, sample
from latticepol.gpe.terms.base import Term, number, show
from latticepol.grid import Grid


@dataclass(frozen=True, repr=False, eq=False)
class Drive(Term):
    """``i dpsi_s/dt = F_s(r, t) e^{-i omega t}`` (docs/physics.md, section 1).

    Parameters
    ----------
    F
        Amplitude (complex): a number, an array (ny, nx) or (2, ny, nx), a function of (x, y) or (x, y, t), a pump times
        an envelope for pulses.
    omega
        Frequency of the laser (rate).
    """

    formula: ClassVar[str] = "F_s e^{-i omega t}"
    F: Profile
    omega: float = 0.0

    def __post_init__(self) -> None:
        number("omega", self.omega)
        if np.ndim(self.omega):
            raise ValueError(
                f"omega = {show(self.omega)} must be one number for the whole batch; for a laser per element give F as "
                "a function of (x, y, t) with its carrier"
            )

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """F_s(r, t) with its carrier."""
        amplitude = sample("F", self.F, grid, spins=True, real=False)
        return {"F": amplitude.times(carrier(float(self.omega))) if self.omega else amplitude}
