"""Parameters with folds of all kinds, and where states appear."""

import numpy as np

import latticepol as lp

EXPLICIT = 1e-14  # a dozen operations without cancellation; none at all between a field and its mirror image
DOUBLE_ROOT = 1e-7  # growth rate at a fold, where an exponent is zero: its derivative there is infinite
PAPER = {"a": 2.28, "g": 0.1}
SUBCRITICAL = {"a": 1.0, "g": 3.0}


def real(values):
    return values[~np.isnan(values)]


def thresholds(g, delta):
    """Pumps at which a mode of the linear spinor equation neither grows nor decays: there s grows from zero."""
    coupling = 0.5j * (1 + 1j * g)
    return -2 * np.linalg.eigvals([[-0.5j * delta, coupling], [coupling, 0.5j * delta]]).real


def number_of_states(site, **axes):
    return lp.fixed_points(site, **axes).number_of_states.values


FOLD_SETS = [
    lp.Site(p=0.8, delta=0.1, **PAPER),
    lp.Site(p=0.36, delta=1e-3, **PAPER),
    lp.Site(p=3.0, delta=-2.0, **PAPER),
    lp.Site(p=6.0, delta=0.1, **SUBCRITICAL),
    lp.Site(p=5.0, delta=1e-4, **SUBCRITICAL),
    lp.Site(p=8.0, delta=4.0, **SUBCRITICAL),
    lp.Site(p=-1.0, delta=0.3, a=40, g=3),
    lp.Site(p=1.5, delta=0.2, a=2.28, g=-0.4),
    lp.Site(p=12.0, delta=0.5, a=1.0, g=-3.0),
    lp.Site(p=0.5, delta=0.2, a=3.0, g=0.0),
    lp.Site(p=7.0, delta=0.3, **SUBCRITICAL),  # at the pitchfork in round numbers, where P(c = 1) = 0 exactly
    lp.Site(p=3.0, delta=0.05, a=1.0, g=-1.0),
]
