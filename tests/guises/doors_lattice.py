"""Doors of lattices, and of the pumps and potentials that stand on them."""

import numpy as np
from guises.doors import GRID, HONEYCOMB, Door, halves
from guises.table import Numbers

import latticepol as lp

SEED = {"rng": "a seed"}
#: Of a pump, which may be a coherent one.
AMPLITUDE = Numbers(1.5, complex=True)
CELL = lp.lattice.square()
VECTORS = np.array([[2.0, 0.0], [0.0, 1.0]])
BASIS = np.array([[0.0, 0.0], [1.0, 0.0]])
BONDS = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 1]])
#: A cell of GRID in which every site of the lattice is at a point.
SUPERCELL = lp.Grid.cell(CELL, 10)
CUTS = lp.lattice.Cuts(np.array([0]), np.array([1]), np.array([0]), np.array([[1.0, 0.0]]), np.array([0.5]))


def on_grid(pump):
    """What a pump is at the points of a grid, at some times."""
    grid = SUPERCELL if "on_sites" in repr(pump) or "cosines" in repr(pump) else GRID
    return lp.SpinorGPE(grid, [lp.Drive(pump)]).rhs(np.zeros((2, *grid.shape), complex))[0]


def in_time(envelope):
    return [envelope(t) for t in (0.0, 0.5, 1.0, 1.5, 3.0)]


def inside(shape):
    return [shape(x, y) for x, y in halves((20, 2), largest=16)]


def doors() -> list[Door]:
    centre = Numbers(np.array([0.5, -0.25]))
    spot = lp.pumps.gaussian(2.0, fwhm=0.5)
    wide = lp.pumps.gaussian(2.0, fwhm=2.0)
    crystal = {"vectors": Numbers(VECTORS), "basis": Numbers(BASIS), "bonds": Numbers(BONDS)}
    return [
        Door(
            "lattice.Lattice",
            lp.lattice.Lattice,
            crystal
            | {
                "strengths": Numbers(np.array([1.0, 0.5, 2.0, 1.5])),
                "points": None,
                "sublattice": Numbers(np.array([0, 1])),
                "parent_bond": Numbers(np.array([0, 1, 2, 3])),
                "cuts": CUTS,
                "name": "mine",
            },
        ),
        Door("lattice.Cuts", _cuts, {name: Numbers(value) for name, value in CUTS._asdict().items()}),
        Door("lattice.disk", lp.lattice.disk, {"radius": 1.5}, read=inside),
        Door("lattice.rectangle", lp.lattice.rectangle, {"lx": 1.5, "ly": 2.5}, read=inside),
        Door("lattice.hexagon", lp.lattice.hexagon, {"radius": 1.5, "angle": 0.25}, read=inside),
        Door("lattice.chain", lp.lattice.chain, {"dimerisation": 0.25}),
        Door(
            "lattice.neighbours",
            lp.lattice.neighbours,
            {"vectors": Numbers(VECTORS), "basis": Numbers(BASIS), "distance": 1.0, "tol": 2.0**-14},
        ),
        Door("Lattice.path", HONEYCOMB.path, {"points": "G K M", "n": 6}),
        Door(
            "Lattice.path",
            lambda points, n: HONEYCOMB.path(["G", points], n),
            {"points": Numbers(np.array([0.5, 0.25]), called="corner"), "n": 6},
            "fractions",
        ),
        Door("Lattice.mesh", HONEYCOMB.mesh, {"n": 3, "offset": 0.5}, several=("n", "offset")),
        Door(
            "Lattice.mesh",
            HONEYCOMB.mesh,
            {"n": Numbers(np.array([2, 3])), "offset": Numbers(np.array([0.5, 0.25]))},
            "two numbers",
        ),
        Door("Lattice.supercell", CELL.supercell, {"counts": 2}, several=("counts",)),
        Door("Lattice.supercell", CELL.supercell, {"counts": Numbers(np.array([[2, 1], [0, 3]]))}, "a matrix"),
        Door("Lattice.scaled", CELL.scaled, {"factor": 1.5}),
        Door("Lattice.ribbon", HONEYCOMB.ribbon, {"width": 2, "edge": "zigzag", "shift": 0.5}),
        Door("Lattice.ribbon", HONEYCOMB.ribbon, {"width": 2, "edge": Numbers(np.array([1, 0]))}, "two integers"),
        Door("Lattice.patch", HONEYCOMB.patch, {"shape": Numbers(np.array([2, 3])), "prune": False, "size": 4}),
        Door("Lattice.patch", HONEYCOMB.patch, {"shape": lp.lattice.disk(2.0), "size": 4}, "a shape"),
        Door("Lattice.without", HONEYCOMB.supercell(2).without, {"sites": Numbers(np.array([1, 3]))}),
        Door("Lattice.site_disorder", HONEYCOMB.site_disorder, {"width": 0.5, "rng": 1, "law": "normal"}, aside=SEED),
        Door("Lattice.bond_disorder", HONEYCOMB.bond_disorder, {"width": 0.5, "rng": 1, "law": "uniform"}, aside=SEED),
        Door("Lattice.replace", HONEYCOMB.replace, {"strengths": Numbers(np.array([0.5, 1.0, 2.0]))}),
        Door("pumps.uniform", lp.pumps.uniform, {"strength": AMPLITUDE}, read=on_grid),
        Door("pumps.gaussian", lp.pumps.gaussian, {"strength": AMPLITUDE, "fwhm": 2.0, "center": centre}, read=on_grid),
        Door(
            "pumps.supergaussian",
            lp.pumps.supergaussian,
            {"strength": AMPLITUDE, "fwhm": 4.0, "order": 2, "center": centre},
            read=on_grid,
        ),
        Door(
            "pumps.ring",
            lp.pumps.ring,
            {"strength": AMPLITUDE, "radius": 1.0, "fwhm": 2.0, "center": centre},
            read=on_grid,
        ),
        Door(
            "pumps.profile",
            lp.pumps.profile,
            {"function": Numbers(halves((6, 8)), "y x", complex=True, called="profile")},
            read=on_grid,
        ),
        Door(
            "pumps.profile",
            lp.pumps.profile,
            {"function": lambda x, y: x * y, "reach": Numbers(1.0, inf=True)},
            "a function",
            read=on_grid,
        ),
        Door(
            "pumps.on_sites",
            lp.pumps.on_sites,
            {"pump": spot, "lattice": CELL, "weights": Numbers(np.array([1.5]))},
            read=on_grid,
        ),
        Door("pumps.cosines", lp.pumps.cosines, {"strength": AMPLITUDE, "lattice": CELL, "shells": 2}, read=on_grid),
        Door("pumps.ramp", lp.pumps.ramp, {"start": 0.5, "end": 2.0}, read=in_time),
        Door("pumps.pulse", lp.pumps.pulse, {"center": 1.0, "fwhm": 0.5}, read=in_time),
        Door("pumps.envelope", lp.pumps.envelope, {"function": lambda t: 1 + t}, read=in_time),
        Door("pumps.Pump", lp.pumps.Pump, {"spots": wide.spots}, read=on_grid),
        Door("pumps.Pump.circular", wide.circular, {"c": 0.25}, read=on_grid),
        Door(
            "pumps.Pump.__mul__",
            wide.__mul__,
            {"factor": Numbers(0.25, complex=True)},
            read=on_grid,
            passes={("factor", "a text"): "Python says of * that it knows no Pump and str"},
            several=("factor",),  # of which Python says the same
        ),
        Door("potentials.sinusoidal", lp.potentials.sinusoidal, {"depth": 1.5, "lattice": CELL}, read=on_potential),
        Door(
            "potentials.pillars",
            lp.potentials.pillars,
            {"depth": 1.5, "lattice": CELL, "radius": 0.375, "edge": 0.3125},
            read=on_potential,
        ),
        Door(
            "potentials.traps",
            lp.potentials.traps,
            {"height": 1.5, "lattice": CELL, "radius": 0.25, "fwhm": 0.375},
            read=on_potential,
        ),
    ]


def on_potential(pump):
    return lp.SpinorGPE(SUPERCELL, [lp.Potential(pump)]).rhs(np.ones((2, *SUPERCELL.shape), complex))[0]


def _cuts(**arrays):
    return HONEYCOMB.replace(cuts=lp.lattice.Cuts(**arrays))
