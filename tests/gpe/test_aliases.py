"""Waves that a grid cannot tell apart: the operator has all symmetries of the points, whatever cell they belong to."""

from dataclasses import dataclass

import numpy as np
import pytest

import latticepol as lp
from latticepol.gpe import aliases

#: Rounding of a matrix with entries of order 100, and of 100 steps with it.
ROUNDING, STEPS = 1e-11, 1e-11
HEXAGONAL = ((3**0.5, 0.0), (3**0.5 / 2, 1.5))
SKEW = ((1.1, 0.1), (0.3, 1.4))
TERMS = [lp.Kinetic(1.0), lp.TETM(0.2)]


@dataclass(frozen=True, repr=False, eq=False)
class Drift(lp.Term):
    """An odd function of k, the same for both spins: real fields stay real."""

    power: int = 1

    def k_matrix(self, kx, ky):
        odd = kx**self.power + 0.3 * ky * kx**2
        return (odd, 0.0), (0.0, odd)


def white(grid, seed=0):
    return np.random.default_rng(seed).normal(size=(2, *grid.shape, 2)).view(complex)[..., 0]


def evolved(grid, terms, psi, t_end=1.0):
    return lp.evolve(lp.SpinorGPE(grid, terms), psi, t_end, dt=0.01, progress=False).psi.values[-1]


def mirror(psi, axis):
    """psi_s(-x, y) or psi_s(x, -y) on a box, spins exchanged: TE-TM changes nothing else."""
    return np.roll(np.flip(psi, axis), 1 - psi.shape[axis] % 2, axis=axis)[::-1]


@pytest.mark.parametrize("counts", [(16, 16), (16, 10), (15, 16), (9, 7)])
@pytest.mark.parametrize("axis", [-1, -2])
def test_a_mirror_of_a_box_commutes_with_the_motion(counts, axis):
    grid = lp.Grid.rectangle((8.0, 6.0), counts)
    psi = white(grid)
    assert np.abs(mirror(evolved(grid, TERMS, psi), axis) - evolved(grid, TERMS, mirror(psi, axis))).max() < STEPS


@pytest.mark.parametrize("n", [6, 7, 8, 9, 12])
def test_a_rotation_of_a_hexagonal_cell_commutes_with_the_motion(n):
    """By 60 degrees, u A1 + v A2 -> -v A1 + (u + v) A2; TE-TM turns the spins by as much the other way."""
    grid = lp.Grid(HEXAGONAL, (n, n))
    v, u = np.indices(grid.shape)
    spins = np.exp(-1j * np.pi / 3 * np.array([1, -1]))[:, None, None]

    def rotated(psi):
        out = np.empty_like(psi)
        out[:, (u + v) % n, -v % n] = spins * psi
        return out

    psi = white(grid)
    assert np.abs(rotated(evolved(grid, TERMS, psi)) - evolved(grid, TERMS, rotated(psi))).max() < STEPS


@pytest.mark.parametrize("vectors", [((4.0, 0.0), (0.0, 3.0)), HEXAGONAL, SKEW])
@pytest.mark.parametrize("counts", [(8, 8), (6, 7), (5, 8)])
@pytest.mark.parametrize("power", [1, 3])
def test_odd_functions_of_k_keep_real_fields_real(vectors, counts, power):
    grid = lp.Grid(vectors, counts)
    psi = white(grid).real
    assert np.abs(evolved(grid, [Drift(power)], psi, 0.1).imag).max() < STEPS
    assert np.abs(lp.SpinorGPE(grid, [Drift(power)]).rhs(psi + 0j)[0].imag).max() < ROUNDING * np.pi**3 * 1e3


@pytest.mark.parametrize("q", [(0.0, 0.0), (0.3, -0.2)])
@pytest.mark.parametrize(("counts", "matrix"), [((4, 6), [[2, 0], [0, 3]]), ((6, 6), [[-1, 2], [-2, 2]]),
                                                ((8, 4), [[1, 0], [-1, 2]]), ((4, 4), [[1, 1], [-3, 0]])])  # fmt: skip
def test_a_white_field_moves_as_its_copy_on_any_larger_cell(counts, matrix, q):
    model = lp.SpinorGPE(lp.Grid(SKEW, counts, q=q), [*TERMS, lp.Splitting(1.0, 0.4), Drift()])
    psi = white(model.grid)
    large = model.supercell(matrix).rhs(model.tile(psi, matrix))[0]
    small = model.tile(model.rhs(psi)[0], matrix)
    assert np.abs(small).max() > 10
    assert np.abs(large - small).max() < ROUNDING * np.abs(small).max()


@pytest.mark.parametrize("vectors", [((2.0, 0.0), (0.0, 1.5)), HEXAGONAL, SKEW])
def test_motion_and_spectra_have_the_same_matrix(vectors):
    """Plane waves at k are those of a grid with the Bloch phase k, at 0 as well as between the wavevectors."""
    terms = [*TERMS, lp.Splitting(1.0, 0.4), Drift()]
    for k in (np.zeros(2), np.array([0.3, -0.2])):
        on_cell = lp.SpinorGPE(lp.Grid(vectors, (6, 4)), terms).bloch_hamiltonian(True, None).matrix(k)
        model = lp.SpinorGPE(lp.Grid(vectors, (6, 4), q=tuple(k)), terms)
        columns = np.eye(48, dtype=complex).reshape(48, 2, 4, 6)
        moved = np.stack([1j * model.rhs(column)[0] for column in columns]).reshape(48, 48).T
        assert _apart(np.linalg.eigvals(on_cell), np.linalg.eigvals(moved)) < 1e-9
        back = model.bogoliubov_matrix(white(model.grid), 0.4, None)
        assert _apart(np.linalg.eigvals(back.matrix(k)), -np.linalg.eigvals(back.matrix(-k)).conj()) < 1e-9


def _apart(first, second):
    distance = np.abs(first[:, None] - second)
    return max(distance.min(axis=0).max(), distance.min(axis=1).max())


def test_the_shortest_aliases():
    """Against all aliases within reach: as short as any, and all that are."""
    for vectors, counts in ((HEXAGONAL, (4, 4)), (SKEW, (4, 6)), (((1.0, 0.0), (7.3, 0.9)), (6, 4))):
        grid = lp.Grid(vectors, counts)
        K = grid.reciprocal * np.array(counts)[:, None]
        steps = np.stack(np.meshgrid(*[np.arange(-12, 13)] * 2), axis=-1).reshape(-1, 2)
        waves = np.stack([np.stack(wave, axis=-1) for wave in aliases.of_grid(grid)])
        for place in np.ndindex(grid.shape):
            every = np.array([k[place] for k in grid.wavevectors]) + steps @ K
            length = np.linalg.norm(every, axis=-1)
            best = every[length <= length.min() * (1 + 1e-9)]
            got = waves[:, *place]
            assert np.abs(got.mean(axis=0) - best.mean(axis=0)).max() < ROUNDING
            assert len({tuple(k) for k in got.round(6) + 0.0}) == len(best)


def test_a_wave_at_the_end_of_the_band_has_no_slope():
    grid = lp.Grid.rectangle((4.0, 4.0), (8, 8))
    x, _ = grid.points
    psi = np.stack([np.cos(np.pi * 2 * x), 0 * x]) + 0j
    out = lp.evolve(lp.SpinorGPE(grid, TERMS[:1]), psi, 0.0, dt=0.1, progress=False)
    assert np.abs(lp.currents(out, 1.0).to_array()).max() < ROUNDING  # one of the two would give -2 pi |psi|^2
