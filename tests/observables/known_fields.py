"""Fields whose observables are known, on a rectangle and in oblique cells."""

import numpy as np

import latticepol as lp
from latticepol.results.dataset import wrap

EXACT = 1e-12  # band-limited fields: rounding of a few transforms of numbers of order 1
RECTANGLE = lp.Grid.rectangle((8.0, 6.0), (32, 24))
OBLIQUE = lp.Grid(((4.0, 0.5), (-1.0, 3.0)), (24, 20), q=(0.3, -0.2))
LEFT_HANDED = lp.Grid(((0.5, 4.0), (3.0, -1.0)), (21, 25))
GRIDS = [RECTANGLE, OBLIQUE, LEFT_HANDED]


def dataset(psi, grid, time=None):
    dims = ("time",) * (time is not None) + ("spin", "y", "x")
    coords = {"spin": ["+", "-"], **grid.coords} | ({} if time is None else {"time": time})
    return wrap({"psi": (dims, psi)}, coords, {"grid": {"q": grid.q}}, title="test")


def mode(grid, m1, m2):
    """The stored field and the wavevector (q included) of one plane wave."""
    x, y = grid.points
    k = m1 * grid.reciprocal[0] + m2 * grid.reciprocal[1]
    return np.exp(1j * (k[0] * x + k[1] * y)), k + grid.q


def smooth(grid, rng, modes=3):
    """A random spinor of few plane waves, so that products of three are still resolved."""
    waves = [mode(grid, m1, m2)[0] for m1 in range(-modes, modes + 1) for m2 in range(-modes, modes + 1)]
    weights = rng.normal(size=(2, 2, len(waves)))
    return np.tensordot(weights[0] + 1j * weights[1], waves, 1) / len(waves)
