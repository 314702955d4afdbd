"""What the numerics of a field know of the model: its grid, its terms and what they sum up to."""

from collections.abc import Mapping
from typing import Protocol, Self

from latticepol.gpe.equation import Equation
from latticepol.gpe.terms.base import Term
from latticepol.grid import Grid
from latticepol.numerics.fft import Planning


class FieldModel(Protocol):
    """A field on a grid, ``lp.SpinorGPE``."""

    @property
    def grid(self) -> Grid:
        """Where."""
        ...

    @property
    def terms(self) -> tuple[Term, ...]:
        """What."""
        ...

    @property
    def dtype(self) -> str:
        """The type of the amplitudes."""
        ...

    @property
    def planning(self) -> Planning:
        """How long FFTW looks for a plan."""
        ...

    @property
    def units(self) -> Mapping[str, str] | None:
        """Names of the units used."""
        ...

    @property
    def equation(self) -> Equation:
        """The local coefficients of all terms on the grid."""
        ...

    def replace(self, **changes: object) -> Self:
        """Return a copy with some parameters changed."""
        ...
