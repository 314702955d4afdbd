"""A strip cut from a network (docs/physics.md, section 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from latticepol.lattice import Lattice
from latticepol.linear_problem import LinearProblem, edge_shares
from latticepol.model import Cuttable
from latticepol.network.hopping import blocks

#: How fast the spin sets in over the distance d of an edge, (e/d)^power, and d in bond lengths. Between edge and bulk
#: it may turn over, differently at each width, and Newton's method finds only states that are close.
POWERS, DEPTHS = (2, 1), tuple(1.5 * 1.2**n for n in range(18))


@dataclass(frozen=True, eq=False)
class NetworkRibbon:
    """A ribbon and the crystal it was cut from; ``relaxes`` unless missing hoppings were replaced."""

    model: Cuttable
    lattice: Lattice
    relaxes: bool
    attributes: Mapping[str, str | int | float] = field(default_factory=dict)

    @property
    def along(self) -> np.ndarray:
        """Its vector (2,)."""
        vector: np.ndarray = self.lattice.vectors[0]
        return vector

    def problem(self, psi: np.ndarray | None, mu: float, losses: bool) -> LinearProblem:
        """Return the linear motion about psi, or of the empty ribbon."""
        return self.model.linear_problem(psi, mu, losses=losses)

    def copied(self, psi: np.ndarray) -> np.ndarray:
        """Return a state (N, 2) of the crystal on the sites of the ribbon."""
        copied: np.ndarray = psi[self.lattice.sublattice]
        return copied

    def starts(self, copied: np.ndarray) -> Iterator[np.ndarray]:
        """Return copies whose spin sets in from the edges, over less or more of the width, and one without s_z."""
        across = self.lattice.across()
        edge = (
            np.minimum(across, across.max() - across)[:, None] / np.linalg.norm(self.lattice.bond_vectors, axis=1).min()
        )
        # the same amplitude in both spins, in opposite phase as in the linear state that condenses
        flat = 0.5 * (copied[:, :1] - copied[:, 1:]) * np.array([1, -1])
        for depth in (depth for depth in DEPTHS if depth <= edge.max() + 4):
            for power in POWERS:
                yield flat + (copied - flat) * np.clip(edge / depth, 0, 1) ** power
        yield flat

    def edge_weights(self, problem: LinearProblem, right: np.ndarray, near: float) -> np.ndarray:
        """Return the shares (points, n, 2) of |u|^2 + |v|^2 on the sites near the right and the left edge."""
        across = self.lattice.across() / self.lattice.across().max()
        density = (np.abs(problem.on_positions(right)) ** 2).sum(axis=(0, 3))  # (points, site, n)
        return edge_shares(density, across, near)


def replaced_hoppings(lattice: Lattice, J: np.ndarray, dJ: np.ndarray) -> np.ndarray:
    """Return the terms (N, 2, 2) on the sites of a piece in place of the hoppings that were cut.

    ``J`` and ``dJ`` are those of the bonds of the crystal. A copy of a state that is the same at all sites is then
    stationary on the piece.
    """
    cuts = lattice.cuts
    onsite = np.zeros((len(lattice.basis), 2, 2), complex)
    J, dJ = (x[cuts.bond] * cuts.strength for x in (J, dJ))
    np.add.at(onsite, cuts.site, blocks(J, dJ, np.arctan2(cuts.vector[:, 1], cuts.vector[:, 0])))
    return onsite
