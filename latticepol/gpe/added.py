"""What a frame or a wall adds to the local equation of a model, as a term."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from latticepol.gpe.terms.base import Term, show
from latticepol.grid import Grid


@dataclass(frozen=True, repr=False, eq=False)
class Added(Term):
    """The coefficients themselves, by name: numbers, or arrays (..., ny, nx)."""

    coefficients: Mapping[str, Any]

    def local(self, grid: Grid) -> Mapping[str, Any]:
        """Return them."""
        return self.coefficients

    def extended(self, grid: Grid, where: tuple[np.ndarray, np.ndarray]) -> Self:
        """Return the same with its arrays copied."""
        copied = {
            name: value[..., where[0], where[1]] if np.shape(value)[-2:] == grid.shape else value
            for name, value in self.coefficients.items()
        }
        return replace(self, coefficients=copied)

    def __repr__(self) -> str:
        return f"Added({', '.join(f'{name}={show(value)}' for name, value in self.coefficients.items())})"
