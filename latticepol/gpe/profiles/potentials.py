"""Potentials of lattices in the plane: etched pillars, standing waves, optical traps.

They are pumps (:mod:`latticepol.gpe.profiles.pumps`): they stand wherever a profile may, add, scale and take envelopes.

V = lp.potentials.pillars(8.0, lp.lattice.honeycomb(), 0.45, edge=0.2)
model = lp.SpinorGPE(lp.Grid.cell(lp.lattice.honeycomb(), 32), [lp.Kinetic(1.0), lp.Potential(V)])
"""

import numpy as np

from latticepol.arrays import read_number
from latticepol.gpe.profiles import pumps
from latticepol.gpe.profiles.places import DECAY, Sites, check_lattice, shortest_waves
from latticepol.lattice import Lattice

#: Lowest value of the sum of one, two or three cosines of the shortest waves, and in how many points of a cell it is.
LOWEST = {1: (-1.0, 1), 2: (-2.0, 1), 3: (-1.5, 2)}
#: Sums of three cosines that agree to this are the same.
SAME_SUM = 1e-9


def pillars(depth: float, lattice: Lattice, radius: float, *, edge: float) -> pumps.Pump:
    """Return the potential ``V = -depth/(1 + exp(4 (r - radius)/edge))``, r the distance to the nearest site.

    Where the discs of neighbouring sites overlap the potential is that of one disc: it depends on the union only.

    Parameters
    ----------
    depth
        (rate); negative: holes.
    lattice
        As in ``lp.pumps.on_sites``, which says what grid it fits.
    radius
        Where V is -depth/2 (length).
    edge
        The depth over the steepest slope (length), at most the radius, so that a pillar is flat in the middle.

    Raises
    ------
    ValueError
        A length is not positive, or the edge is wider than the radius. On a grid: the edge spans fewer than three
        points, or the lattice does not fit the cell.
    """
    depth = read_number("depth", depth)
    radius, edge = (read_number(name, value, above=0) for name, value in (("radius", radius), ("edge", edge)))
    check_lattice(lattice)
    if edge > radius:
        raise ValueError(f"edge = {edge} must be at most the radius, {radius}, or no pillar is left; make it narrower")

    def disc(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        height: np.ndarray = 1 / (1 + np.exp(4 * (np.hypot(x, y) - radius) / edge))
        return height

    reach = radius + 0.25 * DECAY * edge
    place = Sites(lattice, reach, (1.0,) * len(lattice.basis), combine=np.maximum)
    text = f"pillars(1, {lattice.name}, radius={radius:g}, edge={edge:g})"
    return pumps.Pump(((-depth, pumps.Spot(text, disc, edge, reach=reach, place=place)),))


def sinusoidal(depth: float, lattice: Lattice) -> pumps.Pump:
    """Return the potential of cosines of the shortest reciprocal vectors, with V = -depth on every site and nowhere
    else, 0 at the highest.

    ``+-lp.pumps.cosines(1, lattice)``, shifted and scaled: with the sign + on the honeycomb, where the saddle points
    between neighbouring sites are depth/9 above them, and - where the only site of a cell is the origin (square,
    triangular, chain).

    Parameters
    ----------
    depth
        From the lowest to the highest point (rate).
    lattice
        The primitive cell; the grid may hold many of them.

    Raises
    ------
    ValueError
        Its sites are not the minima of such a potential (kagome, Lieb, a supercell, sites moved off the symmetric
        places), or all shortest waves of a crystal run in one direction. On a grid as for ``lp.pumps.cosines``.
    """
    depth = read_number("depth", depth)
    waves = shortest_waves(lattice, 1)
    if len(waves) < lattice.dimension:
        raise ValueError(
            f"the shortest waves of {lattice!r} make stripes, not a lattice; build V from "
            "lp.pumps.cosines(..., shells=2)"
        )
    at_sites = np.cos(lattice.basis @ waves.T).sum(axis=1)
    highest, (lowest, minima) = len(waves), LOWEST[len(waves)]
    scale = depth / (highest - lowest)
    if len(at_sites) == 1 and abs(at_sites[0] - highest) < SAME_SUM:
        return pumps.cosines(-scale, lattice) + pumps.uniform(scale * lowest)
    if len(at_sites) == minima and np.abs(at_sites - lowest).max() < SAME_SUM:
        return pumps.cosines(scale, lattice) + pumps.uniform(-scale * highest)
    values = ", ".join(f"{value:.3g}" for value in at_sites[:6])
    raise ValueError(
        f"the sites of {lattice!r} are not the minima of a sum of cosines, which is {values} on them and goes from "
        f"{lowest:g} to {highest}; use lp.potentials.pillars, or build V from lp.pumps.cosines"
    )


def traps(height: float, lattice: Lattice, radius: float, fwhm: float) -> pumps.Pump:
    """Return the potential of annular traps, ``height exp(-4 ln2 (r - radius)^2/fwhm^2)`` around every site: the
    blueshift of rings of light.

    Rings that overlap add. A pump that traps by itself is ``W = lp.pumps.on_sites(lp.pumps.ring(...), lattice)`` with
    the potential ``b * W``, b the blueshift per pump.

    Parameters
    ----------
    height
        Of one ring (rate).
    lattice, radius, fwhm
        As in ``lp.pumps.on_sites`` and ``lp.pumps.ring``.

    Raises
    ------
    ValueError
        A length is not positive. On a grid: the rings are not resolved, or the lattice does not fit the cell.
    """
    height = read_number("height", height)
    return pumps.on_sites(pumps.ring(height, radius=radius, fwhm=fwhm), lattice)
