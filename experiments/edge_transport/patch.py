"""The lattices of the experiment, where things are on them, and their stationary states."""

import dataclasses
from functools import cache

import numpy as np
import xarray as xr
from experiment import Swept

import latticepol as lp
from latticepol.lattice import Lattice

#: Aligned ferromagnetic honeycomb, Chern number -2 for delta > 0 (docs/physics.md, sections 3 and 5).
NETWORK = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.3), J=3.0, dJ=0.9)
PUMP, FIELD = float(NETWORK.site.p), float(NETWORK.site.delta)
EDGES, DEFECTS = ("compensated", "relaxed"), ("none", "vacancy")
#: Corners of the hexagon; half the length of the strip with a straight edge and its height (bond lengths).
RADIUS, HALF_LENGTH, HEIGHT = 16.0, 20.0, 16.0
#: The missing site is the outermost one closest to this distance from the source along the edge.
VACANCY = 5.0
#: Windows past the corner: this far from it along the edge, and this deep into the patch.
NEAR, FAR, DEPTH = 1.0, 7.0, 4.0


@dataclasses.dataclass(frozen=True)
class Setting(Swept):
    """A hexagon in a field, its edges and its defect: what the sweeps go over."""

    edges: str = EDGES[0]
    delta: float = FIELD
    defect: str = DEFECTS[0]

    def lattice(self) -> Lattice:
        """The hexagon, with or without the missing site."""
        whole = hexagon()
        return whole if self.defect == "none" else whole.without([outermost(whole, VACANCY)])

    def state(self) -> tuple[lp.Network, xr.Dataset]:
        """The network and its stationary state."""
        return on(self.lattice(), self.delta, self.edges)


def hexagon() -> Lattice:
    """A hexagon with zigzag edges, its lowest edge below the origin."""
    return NETWORK.lattice.patch(lp.lattice.hexagon(RADIUS), prune=True)


def straight() -> Lattice:
    """A strip whose lowest edge is that of the hexagon, without its corners."""
    bottom = hexagon().basis[:, 1].min()
    inside = lambda x, y: abs(x) <= HALF_LENGTH and bottom - 0.1 <= y <= bottom + HEIGHT  # noqa: E731
    return NETWORK.lattice.patch(inside, prune=True)


def outermost(lattice: Lattice, x: float) -> int:
    """The site of the lowest edge that is closest to x."""
    across, up = lattice.basis.T
    return int(np.argmin(np.where(up < up.min() + 0.1, abs(across - x), np.inf)))


def edge_coordinates(lattice: Lattice) -> tuple[np.ndarray, np.ndarray, float]:
    """Distance along the edge from the middle of the lowest side (anticlockwise > 0), depth, and length of a side.

    A site belongs to the closest side of the hexagon.
    """
    angles = -np.pi / 2 + np.pi / 3 * np.arange(6)
    normals, tangents = (np.stack([np.cos(t), np.sin(t)]) for t in (angles, angles + np.pi / 2))
    apothem = -lattice.basis[:, 1].min()
    side = 2 * apothem / np.sqrt(3)
    outward = lattice.basis @ normals
    nearest = outward.argmax(axis=1)
    along = (lattice.basis @ tangents)[np.arange(len(nearest)), nearest] + side * nearest
    return (along + 3 * side) % (6 * side) - 3 * side, apothem - outward.max(axis=1), side


def past_the_second_corner(lattice: Lattice) -> dict[str, np.ndarray]:
    """Sites (N,) beyond the second corner on either way round the hexagon, up to the side opposite to the source."""
    along, depth, side = edge_coordinates(lattice)
    window = (abs(along) > 1.5 * side + NEAR) & (depth < DEPTH) & (abs(along) < 2.5 * side)
    return {"anticlockwise": window & (along > 0), "clockwise": window & (along < 0)}


def past_the_corner(lattice: Lattice, *, corners: bool = True) -> dict[str, np.ndarray]:
    """Sites (N,) of the windows "anticlockwise" and "clockwise", at equal distances from the source along the edge.

    corners = False: on the strip, at the same distances along its straight edge.
    """
    along, depth, side = edge_coordinates(lattice)
    if not corners:
        along, depth = lattice.basis[:, 0], lattice.basis[:, 1] - lattice.basis[:, 1].min()
    distance = abs(along) - side / 2
    window = (distance > NEAR) & (distance < FAR) & (depth < DEPTH)
    return {"anticlockwise": window & (along > 0), "clockwise": window & (along < 0)}


@cache
def on(lattice: Lattice, delta: float, edges: str) -> tuple[lp.Network, xr.Dataset]:
    """The network on a patch and its stationary state, from the tiled bulk state; its growth rate takes longest.

    "compensated": 2x2 terms replace the missing hoppings, also around a vacancy, and the bulk state is exact;
    "relaxed": the condensate is what Newton's method makes of it.
    """
    crystal = NETWORK.replace(delta=delta)
    bulk = lp.steady_state(crystal)
    piece = crystal.on(lattice, compensated=edges == "compensated")
    return piece, lp.steady_state(piece, bulk.psi.values[lattice.sublattice], stability=False)
