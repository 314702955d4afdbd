"""Fields on cells for the tests of stationary states and spectra."""

import numpy as np

import latticepol as lp

HONEYCOMB = lp.lattice.honeycomb()


def cosines(grid):
    """The three shortest cosines of the honeycomb: lowest on its sites."""
    x, y = grid.points
    b1, b2 = HONEYCOMB.reciprocal
    return sum(np.cos(q[0] * x + q[1] * y) for q in (b1, b2, b1 + b2))


def honeycomb(n=12, depth=11.2, delta=0.01, beta=0.2, gain=-0.38, **changes):
    """A lattice of pumped sites with J/epsilon of 2 to 3 and g = 1, whose ferromagnetic state is stable."""
    grid = lp.Grid.cell(HONEYCOMB, n)
    c = cosines(grid)
    terms = [
        lp.Kinetic(1 / 2.8),
        lp.Splitting(1.0, 1.0),
        lp.TETM(beta),
        lp.Zeeman(delta),
        lp.Potential(depth * c),
        lp.Gain(1 + gain - 2 * c / 3, 1.0, 1.0),
        lp.Interaction(2.28, 0.0),
    ]
    return lp.SpinorGPE(grid, terms).replace(**changes)


def ferromagnet(model):
    """A field close to its aligned state."""
    c = cosines(model.grid)
    return 0.5 * np.exp(-c / 3) * np.array([1.2, -0.7])[:, None, None] * (1 + 0j)


#: An oblique cell with a Bloch phase, on which every term is resolved and all matrices are small.
OBLIQUE = lp.Grid(((4.0, 0.5), (-0.7, 3.0)), (10, 8), q=(0.13, -0.21))


def smooth(grid, seed):
    """A random spinor (2, ny, nx) of order one, made of the 5 x 5 longest waves."""
    rng = np.random.default_rng(seed)
    amplitudes = rng.normal(size=(2, *grid.shape, 2)).view(complex)[..., 0]
    amplitudes[:, 3:-2] = amplitudes[:, :, 3:-2] = 0
    psi = np.fft.ifft2(amplitudes, norm="ortho")
    return psi / np.abs(psi).max()


def matrices_on_grid(model, k=(0.0, 0.0)):
    """H at the wavevectors of the grid plus k, (ny, nx, 2, 2): the mean over the shortest of all that are the same
    wave."""
    grid = model.grid
    steps = np.stack(np.meshgrid(*[np.arange(-6, 7)] * 2), axis=-1).reshape(-1, 2)
    waves = np.stack(grid.wavevectors, axis=-1)[..., None, :] + k
    waves = waves + (steps * grid.counts) @ grid.reciprocal
    length = np.linalg.norm(waves, axis=-1)
    shortest = length <= length.min(axis=-1, keepdims=True) * (1 + 1e-9)
    return np.einsum("yxa,yxaij->yxij", shortest / shortest.sum(axis=-1, keepdims=True), model.k_matrix(waves))
