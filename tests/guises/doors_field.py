"""Doors of fields: terms, grids, models, evolution."""

import numpy as np
from guises.doors import FIELD, GRID, HONEYCOMB, PSI, TERMS, Door, halves, spinor
from guises.table import Numbers

import latticepol as lp

SEED = {"rng": "a seed"}
#: Of one value along x, so that it may come without strides.
RAISED = Numbers(np.repeat(np.arange(6.0)[:, None], 8, axis=1), "y x")
PROFILE = Numbers(halves((6, 8)), "y x")
OF_SPINS = Numbers(halves((2, 6, 8)), "spin y x")
FIELD_OF_BOTH = Numbers(PSI, "spin y x", complex=True, called="psi")
LIGHT = Numbers(spinor((2, 6, 8), 5), "spin y x", complex=True)
BATCH = Numbers(np.array([0.5, 1.0]).reshape(2, 1, 1))
K = Numbers(np.array([[0.0, 0.0], [0.5, 0.25], [1.0, -0.5]]), "k axis")


def acts(term):
    """i dpsi/dt of the term, next to a kinetic one, at two times; psi has the batch of the term."""
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), *(term if isinstance(term, list) else [term])])
    psi = np.broadcast_to(PSI, (2, 2, 6, 8))
    n = np.ones((2, 2, 6, 8)) if "n" in repr(term.formula if not isinstance(term, list) else "") else None
    return [model.rhs(psi, t, n if isinstance(term, lp.Reservoir) else None) for t in (0.0, 0.5)]


def alone(term):
    return lp.SpinorGPE(GRID, [term]).rhs(np.broadcast_to(PSI, (2, 2, 6, 8)))


def of_grid(grid):
    return [grid.points, grid.wavevectors, grid.area]


def terms() -> list[Door]:
    light = {
        "P": OF_SPINS,
        "R": 0.5,
        "Gamma_R": 2.0,
        "Gamma": 1.0,
        "g_R": 0.25,
        "g_cross": 0.125,
        "tau_s": Numbers(2.0, inf=True),
    }
    return [
        Door("Kinetic", lp.Kinetic, {"mass": 0.5, "nu": 0.125}, read=alone),
        Door("Kinetic", lp.Kinetic, {"mass": BATCH, "nu": BATCH}, "a batch", read=alone),
        Door("Splitting", lp.Splitting, {"epsilon": 0.5, "gamma": 0.125}, read=alone),
        Door("Splitting", lp.Splitting, {"epsilon": BATCH, "gamma": BATCH}, "a batch", read=alone),
        Door("TETM", lp.TETM, {"beta": 0.5}, read=alone),
        Door("TETM", lp.TETM, {"beta": BATCH}, "a batch", read=alone),
        Door("Zeeman", lp.Zeeman, {"Delta": 0.5}, read=acts, several=("Delta",)),
        Door("Zeeman", lp.Zeeman, {"Delta": PROFILE}, "a profile", read=acts),
        Door("Potential", lp.Potential, {"V": 0.5}, read=acts, several=("V",)),
        Door("Potential", lp.Potential, {"V": RAISED}, "a profile", read=acts),
        Door("Gain", lp.Gain, {"W": 1.5, "Gamma": 1.0, "eta": 0.5}, read=acts, several=("W",)),
        Door("Gain", lp.Gain, {"W": RAISED, "Gamma": BATCH, "eta": BATCH}, "a profile and a batch", read=acts),
        Door("Interaction", lp.Interaction, {"alpha1": 0.5, "alpha2": -0.25}, read=acts),
        Door("Interaction", lp.Interaction, {"alpha1": BATCH, "alpha2": BATCH}, "a batch", read=acts),
        Door("Drive", lp.Drive, {"F": Numbers(0.5, complex=True), "omega": 0.25}, read=acts, several=("F",)),
        Door("Drive", lp.Drive, {"F": LIGHT, "omega": 0.25}, "a profile", read=acts),
        Door("Absorber", lp.Absorber, {"width": 1.5, "strength": 0.5}, read=acts),
        Door("Reservoir", lp.Reservoir, light, read=acts, several=("tau_s",)),
    ]


#: What else a tuple is.
PAIR = {("psi0", "a tuple of tuples"): "a tuple of two is (psi, n)"}


def doors() -> list[Door]:
    short = {"model": FIELD, "psi0": FIELD_OF_BOTH, "t_end": 0.125, "t0": 0.0, "progress": False, "rng": 0}
    noisy = FIELD.replace(terms=(*TERMS, lp.WignerNoise()))
    reservoir = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Reservoir(1.0, 0.5, 2.0, 1.0), lp.Interaction(1.0)])
    pair = {"model": reservoir, "t_end": 0.125, "dt": 0.0625, "progress": False}
    return [
        *terms(),
        Door(
            "Grid",
            lp.Grid,
            {
                "vectors": Numbers(np.array([[4.0, 0.5], [0.0, 3.0]])),
                "counts": Numbers(np.array([8, 6])),
                "q": Numbers(np.array([0.125, -0.25])),
                "origin": Numbers(np.array([1, 2])),
            },
            read=of_grid,
        ),
        Door(
            "Grid.rectangle",
            lp.Grid.rectangle,
            {
                "lengths": Numbers(np.array([4.0, 3.0])),
                "counts": Numbers(np.array([8, 6])),
                "q": Numbers(np.array([0.125, -0.25])),
            },
            read=of_grid,
        ),
        Door(
            "Grid.cell",
            lp.Grid.cell,
            {"lattice": HONEYCOMB, "n": 6, "q": Numbers(np.array([0.125, -0.25]))},
            read=of_grid,
        ),
        Door(
            "Grid.cell",
            lp.Grid.cell,
            {"lattice": HONEYCOMB, "n": Numbers(np.array([6, 8]))},
            "two counts",
            read=of_grid,
        ),
        Door(
            "Grid.integrate",
            GRID.integrate,
            {"values": PROFILE},
            aside={"values": "an array of numpy by its docstring"},
        ),
        Door(
            "SpinorGPE", lp.SpinorGPE, {"grid": GRID, "terms": TERMS, "dtype": "complex128"}, read=lambda m: m.rhs(PSI)
        ),
        Door("SpinorGPE.replace", FIELD.replace, {"W": PROFILE, "alpha1": 0.5, "mass": 2.0}, read=lambda m: m.rhs(PSI)),
        Door("SpinorGPE.rhs", FIELD.rhs, {"psi": FIELD_OF_BOTH, "t": 0.5}),
        Door("SpinorGPE.derivatives", FIELD.derivatives, {"psi": FIELD_OF_BOTH, "t": 0.5}),
        Door("SpinorGPE.k_matrix", FIELD.k_matrix, {"k": K}),
        Door(
            "SpinorGPE.supercell",
            FIELD.supercell,
            {"counts": Numbers(np.array([2, 1]))},
            read=lambda m: of_grid(m.grid),
        ),
        Door(
            "evolve", lp.evolve, short | {"dt": 0.0625, "save": lp.every(0.0625)}, "of a field", aside=SEED, passes=PAIR
        ),
        Door("evolve", lp.evolve, short | {"tol": 2.0**-14}, "of a field, adaptive", aside=SEED, passes=PAIR),
        Door(
            "evolve",
            lp.evolve,
            short | {"model": noisy, "dt": 0.0625, "integrator": lp.Strang()},
            "of a field with noise",
            aside=SEED,
            passes=PAIR,
        ),
        Door(
            "evolve",
            lambda psi, n, **options: lp.evolve(psi0=(psi, n), **options),
            pair | {"psi": FIELD_OF_BOTH, "n": Numbers(np.abs(OF_SPINS.values), "spin y x")},
            "of a reservoir",
        ),
        Door(
            "steady_state",
            lp.steady_state,
            {
                "model": FIELD,
                "psi0": Numbers(_near(), "spin y x", complex=True, called="psi"),
                "tol": 2.0**-20,
                "stability": False,
                "progress": False,
                "rng": 0,
            },
            "of a field",
            slow=True,
            aside=SEED,
            passes=PAIR,
        ),
    ]


def _near() -> np.ndarray:
    return np.array([1.125, -1.125])[:, None, None] * np.ones((2, 6, 8)) + 0j
