"""Coherent drive."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from latticepol.gpe.profiles.envelopes import carrier
from latticepol.gpe.profiles.sampling import Profile, Sampled
from latticepol.gpe.terms.base import Term, pattern
from latticepol.gpe.terms.parameters import POWER, Coefficient, profile_of, single_number_of
from latticepol.grid import Grid
from latticepol.units.reading import AMPLITUDE, RATE

#: What to do where lasers of a batch differ.
EACH_ITS_OWN = "for a laser per element give F as a function of (x, y, t) with its carrier"


@dataclass(frozen=True, repr=False, eq=False)
class Drive(Term):
    """``i dpsi_s/dt = F_s(r, t) e^{-i omega t}`` (docs/physics.md, section 1).

    Parameters
    ----------
    F
        Amplitude (complex): a number, an array (ny, nx) or (2, ny, nx), a function of (x, y) or (x, y, t), a pump times
        an envelope for pulses. Of a circular pump the amplitudes are F (1 +- c), so that c = 1 doubles the amplitude of
        one spin, with four times the intensity |F|^2.
    omega
        Frequency of the laser (rate).
    F_scale
        F is multiplied by it, envelopes included (dimensionless), and the intensity by its square. A parameter to
        sweep.
    """

    formula: ClassVar[str] = "F_s e^{-i omega t}"
    brings: ClassVar[Mapping[str, Coefficient]] = {"F": Coefficient(spins=True, real=False, ends=True)}
    F: Profile = field(metadata=profile_of(AMPLITUDE, spins=True))
    omega: float = field(default=0.0, metadata=single_number_of(RATE, EACH_ITS_OWN))
    F_scale: Any = field(default=1.0, metadata=POWER)

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return F_s(r, t) with its carrier."""
        amplitude = pattern("F", self, grid)
        return {"F": amplitude.times(carrier(float(self.omega))) if self.omega else amplitude}

    def source_frequency(self) -> float:
        """Return omega."""
        return float(self.omega)

    def without_oscillation(self) -> Self:
        """Return the drive without its carrier."""
        return replace(self, omega=0.0)
