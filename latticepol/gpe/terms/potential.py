"""Potential."""

from collections.abc import Mapping
from dataclasses import dataclass

from latticepol.gpe.profile import Profile, Sampled, sample
from latticepol.gpe.terms.base import Term
from latticepol.grid import Grid


@dataclass(frozen=True, repr=False, eq=False)
class Potential(Term):
    """``i dpsi_s/dt = V(r, t) psi_s`` (docs/physics.md, section 1).

    Parameters
    ----------
    V
        Potential (rate): a number, an array (ny, nx), a function f(x, y) or f(x, y, t).
    """

    V: Profile

    def local(self, grid: Grid) -> Mapping[str, Sampled]:
        """V."""
        return {"V": sample("V", self.V, grid)}
