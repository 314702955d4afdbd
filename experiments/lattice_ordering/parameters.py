"""The systems and how long they are followed: one energy unit, as docs/physics.md, section 3, has it."""

import numpy as np

import latticepol as lp

SEED = 7

#: A ferromagnetic honeycomb is stable here over most of the plane of pump and hopping.
STABLE = lp.Site(p=0.0, a=2.28, g=1.0)
#: The set of the paper, whose large lattices are unstable.
PAPER = lp.Site(p=0.0, a=2.28, g=0.1)
#: TE-TM hopping over J.
TETM = 0.3
J = 3.0

#: Step of the evolution; halving it moves no fraction of the table by more than its standard error.
DT = 0.1


def honeycomb(n: int) -> lp.lattice.Lattice:
    """n x n cells that close upon themselves."""
    return lp.lattice.honeycomb().supercell(n)


def seeds(rng: np.random.Generator, realizations: int, sites: int, mean_s: float = 0.1) -> np.ndarray:
    """Isotropic complex Gaussian spinors (realizations, sites, 2) with that mean of s, as for the single condensate."""
    return np.sqrt(mean_s / 2) * rng.normal(size=(realizations, sites, 4)).view(complex)
