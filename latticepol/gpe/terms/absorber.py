"""Absorbing layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from latticepol.gpe.profiles.sampling import Sampled
from latticepol.gpe.terms.base import Term
from latticepol.gpe.terms.parameters import Coefficient, single_number_of
from latticepol.grid import Grid
from latticepol.units.reading import LENGTH, RATE

#: What to do where layers of a batch differ.
EACH_ITS_OWN = "for a layer per element give lp.Gain a loss Gamma"


@dataclass(frozen=True, repr=False, eq=False)
class Absorber(Term):
    """``i dpsi_s/dt = -(i/2) A(r) psi_s`` with A = strength cos^2(pi d/(2 width)) within ``width`` of the edge of the
    cell.

    d is the distance to the nearest edge, measured along A1 and A2. The edge lies half a cell away from r = 0 in a
    rectangle, and at r = 0 in a cell.

    Parameters
    ----------
    width
        Width of the layer (length).
    strength
        Loss at the edge (rate) >= 0.

    Raises
    ------
    ValueError
        The layer is wider than half the cell, or not resolved.
    """

    formula: ClassVar[str] = "-(i/2) A(r) psi_s"
    width: float = field(metadata=single_number_of(LENGTH, EACH_ITS_OWN, minimum=0, exclusive=True))
    strength: float = field(metadata=single_number_of(RATE, EACH_ITS_OWN, minimum=0))
    irreversible: ClassVar[bool] = True
    brings: ClassVar[Mapping[str, Coefficient]] = {"Gamma": Coefficient()}

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """Return A(r) as a further loss."""
        grid.resolve("absorber width", self.width)
        distances = []
        for length, n in zip(np.linalg.norm(grid.vectors, axis=1), grid.counts, strict=True):
            if 2 * self.width > length:
                raise ValueError(
                    f"absorber width {self.width} is wider than half the cell, {length / 2:.6g}; make it narrower"
                )
            distances.append(length * (0.5 - np.abs(np.arange(n) / n - 0.5)))
        d = np.minimum(distances[0][None, :], distances[1][:, None])
        layer = np.where(d < self.width, np.cos(0.5 * np.pi * d / self.width) ** 2, 0.0)
        return {"Gamma": Sampled(self.strength * layer)}
