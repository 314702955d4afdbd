"""The lattices of this experiment and the places where they are looked at."""

import numpy as np

import latticepol as lp

LATTICE = lp.lattice.honeycomb()
#: Hopping and TE-TM hopping in units of the linear splitting.
J, DJ = 3.0, 0.9
A = 2.28
SEED = 20240501

#: Name -> (g, a2). The paper's set, and one with a stable ferromagnetic honeycomb; a2 as in the sample, or none.
SETS = {
    "stable": (1.0, 0.0),
    "stable_a2": (1.0, -0.28),
    "paper": (0.1, 0.0),
    "paper_a2": (0.1, -0.28),
}
#: What is shown in detail, and all that a quick run looks at.
MAIN, UNSTABLE = "stable", "paper"
#: A state counts as aligned with certainty from this probability on.
CERTAIN = 0.99
#: Field and distance from p_c of the bands, the Berry curvature and the ribbons.
FIELD, BELOW, ABOVE = 0.01, -0.1, 0.1


def sets(quick: bool) -> list[str]:
    """Names of the parameter sets."""
    return [MAIN, UNSTABLE] if quick else list(SETS)


def network(name: str) -> lp.Network:
    """The honeycomb with the parameters of a set, at its p_c."""
    g, a2 = SETS[name]
    site = lp.Site(p=0.0, a=A, g=g, a2=a2)
    return lp.Network(LATTICE, site.replace(p=float(lp.pitchfork(site).p_c)), J=J, dJ=DJ)


def pumps(p_c: float, quick: bool) -> np.ndarray:
    """Pumps on both sides of p_c, dense next to it where the fold of a weak field lies."""
    if quick:
        return p_c + np.array([-0.2, -0.035, 0.0, 0.1])
    u = np.linspace(0, 1, 13)[1:]
    return np.concatenate([(p_c - 0.2 * u**2.5)[::-1], [p_c], p_c + 0.6 * u**2.5])


def fields(quick: bool) -> np.ndarray:
    """Zeeman splittings."""
    return np.geomspace(1e-4, 0.3, 3 if quick else 15)
