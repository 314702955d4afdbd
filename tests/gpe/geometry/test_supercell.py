"""The same model on a larger cell: the same points, the same motion, folded bands; what is refused."""

from dataclasses import dataclass

import numpy as np
import pytest

import latticepol as lp
from latticepol.gpe.terms.base import Term

#: Values copied and values computed; spectra of matrices of some hundred rows with entries of order 100.
ROUNDING, SPECTRUM = 1e-12, 1e-8
#: Lowest bands in 16 x 8 points whose plane waves end elsewhere; in twice 24 and in 48 scalar modes.
WAVES, MODES = 5e-6, 2e-3
HONEYCOMB = lp.lattice.honeycomb()
#: no mirror maps it on itself
VECTORS = np.array([[1.1, 0.1], [0.3, 1.4]])
#: (points of the small cell, matrix) whose points are those of a grid
FITTING = [((4, 4), [[2, 0], [0, 3]]), ((5, 3), [[1, 0], [0, 2]]), ((4, 4), [[1, 1], [-3, 0]]),
           ((6, 6), [[-1, 2], [-2, 2]]), ((8, 4), [[1, 0], [-1, 2]]), ((4, 8), [[1, 0], [2, 1]]),
           ((4, 4), [[2, 0], [1, 1]])]  # fmt: skip


def series(points, seed=0):
    """A complex function with the translations of VECTORS and no other symmetry."""
    x, y = points
    B = 2 * np.pi * np.linalg.inv(VECTORS).T
    rng = np.random.default_rng(seed)
    total = 0
    for m in range(-1, 2):
        for n in range(-1, 2):
            a = rng.normal(size=2) @ [1, 1j]
            total = total + a * np.exp(1j * ((m * B[0, 0] + n * B[1, 0]) * x + (m * B[0, 1] + n * B[1, 1]) * y))
    return total


def model_on(grid, **changes):
    """Everything that may be an array is one."""
    V, W, Delta = (series(grid.points, seed).real for seed in (1, 2, 3))
    terms = [lp.Kinetic(0.6, nu=0.1), lp.TETM(0.2), lp.Splitting(1.0, 0.4), lp.Zeeman(Delta), lp.Potential(V),
             lp.Gain(W, 1.0, 0.7), lp.Interaction(2.3, -0.2)]  # fmt: skip
    return lp.SpinorGPE(grid, terms).replace(**changes)


def field(grid):
    return np.stack([series(grid.points, seed) for seed in (4, 5)])


@pytest.mark.parametrize(("counts", "matrix"), FITTING)
@pytest.mark.parametrize("origin", [(0, 0), (2, 1)])
def test_each_point_is_one_of_the_small_cell(counts, matrix, origin):
    grid = lp.Grid(VECTORS, counts, origin=origin)
    model = model_on(grid)
    large = model.supercell(matrix)
    assert np.allclose(large.grid.vectors, np.array(matrix) @ VECTORS)
    assert large.grid.point_area == pytest.approx(grid.point_area, rel=ROUNDING)
    assert abs(model.tile(field(grid), matrix) - field(large.grid)).max() < ROUNDING
    for name, seed in (("V", 1), ("W", 2), ("Delta", 3)):
        assert abs(large.equation.value(name, 0.0) - series(large.grid.points, seed).real).max() < ROUNDING


def test_the_tiled_field_moves_as_the_small_one():
    """dpsi/dt of the copy is the copy of dpsi/dt: on odd counts the plane waves of both cells are the same."""
    grid = lp.Grid(VECTORS, (5, 7), q=(0.3, -0.2))
    model = model_on(grid)
    moved = model.supercell((3, 1)).rhs(model.tile(field(grid), (3, 1)))[0]
    assert abs(moved - model.tile(model.rhs(field(grid))[0], (3, 1))).max() < SPECTRUM


def test_bands_fold():
    """All modes of three cells at k are those of one cell at k, k + B/3, k - B/3, with B of the small cell."""
    grid = lp.Grid(VECTORS, (5, 3))
    model, psi, mu = model_on(grid), field(grid), 0.4
    large = model.supercell((3, 1))
    k = np.array([0.31, 0.17])
    small = [model.bogoliubov_matrix(psi, mu, None).matrix(k + j / 3 * grid.reciprocal[0]) for j in (-1, 0, 1)]
    shifted = [
        model.replace(grid=lp.Grid(VECTORS, (5, 3), q=tuple(j / 3 * grid.reciprocal[0])))
        .bloch_hamiltonian(True, None)
        .matrix(k)
        for j in (-1, 0, 1)
    ]
    folded = large.bogoliubov_matrix(model.tile(psi, (3, 1)), mu, None).matrix(k)
    _same(np.linalg.eigvals(folded), np.linalg.eigvals(small).ravel(), SPECTRUM)
    _same(
        np.linalg.eigvals(large.bloch_hamiltonian(True, None).matrix(k)), np.linalg.eigvals(shifted).ravel(), SPECTRUM
    )


def _same(first, second, tolerance):
    assert len(first) == len(second)
    distance = abs(first[:, None] - second)
    assert max(distance.min(axis=0).max(), distance.min(axis=1).max()) < tolerance


def honeycomb(grid, **changes):
    V = lp.pumps.cosines(6.0, HONEYCOMB)
    return lp.SpinorGPE(grid, [lp.Kinetic(0.5), lp.TETM(0.1), lp.Zeeman(0.3), lp.Potential(V)]).replace(**changes)


@pytest.mark.parametrize(("points", "basis", "tolerance"), [((16, 8), None, WAVES), ((24, 12), 24, MODES)])
def test_a_rectangle_holds_the_bands_of_the_oblique_cell(points, basis, tolerance):
    """Twice the primitive cell of the honeycomb: the same wavevectors modulo B1, and those next to them."""
    matrix = [[1, 0], [-1, 2]]
    small = honeycomb(lp.Grid.cell(HONEYCOMB, points))
    large = small.supercell(matrix)
    assert np.allclose(large.grid.vectors, [[np.sqrt(3), 0], [0, 3]])
    k = np.array([[0.4, 0.3]])
    extra = np.array([[0.0, 2 * np.pi / 3]])  # a reciprocal vector of the rectangle that the oblique cell has not
    two = np.concatenate([k, k + extra])
    separate = lp.bands(small, k=two, basis=basis, losses=False).omega.values.ravel()
    together = lp.bands(large, k=k, basis=basis and 2 * basis, losses=False).omega.values.ravel()
    assert abs(np.sort(separate)[:12] - together[:12]).max() < tolerance


def test_functions_and_pumps_are_evaluated_and_arrays_copied():
    grid = lp.Grid.cell(HONEYCOMB, (16, 8))
    spots = lp.pumps.on_sites(lp.pumps.gaussian(1.0, fwhm=0.7), HONEYCOMB)
    P = spots.circular(0.3) * lp.pumps.ramp(0.0, 1.0)
    B = HONEYCOMB.reciprocal

    def wave(x, y, t):
        return np.cos(B[1, 0] * x + B[1, 1] * y - t)

    terms = [lp.Kinetic(1.0), lp.Potential(wave), lp.Reservoir(P, 1.0, 1.0), lp.Zeeman(0.2)]
    for matrix in ((2, 3), [[1, 0], [-1, 2]]):
        large = lp.SpinorGPE(grid, terms).supercell(matrix)
        x, y = large.grid.points
        assert abs(large.equation.value("V", 0.7) - wave(x, y, 0.7)).max() < ROUNDING
        assert large.equation.value("P", 2.0).shape == (2, *large.grid.shape)
        copied = model_on(grid, terms=[lp.Potential(spots.parts(grid)[0][0])]).supercell(matrix)
        evaluated = model_on(grid, terms=[lp.Potential(spots)]).supercell(matrix)
        assert abs(copied.equation.value("V", 0.0) - evaluated.equation.value("V", 0.0)).max() < ROUNDING


def test_a_stationary_state_stays_one():
    grid = lp.Grid.rectangle((2.0, 1.0), (6, 2))
    V = -2 * np.cos(np.pi * grid.points[0])
    terms = [lp.Kinetic(1.0), lp.Splitting(1.0, 1.0), lp.Potential(V), lp.Gain(2.0, 1.0, 1.0), lp.Interaction(0.5, 0.0)]
    model = lp.SpinorGPE(grid, terms)
    state = lp.steady_state(model, np.exp(-V / 2) * np.array([1, -1])[:, None, None], relax=0.0)
    for counts in (2, (3, 1)):
        large, copy = model.supercell(counts), model.tile(state, counts)
        assert copy.psi.shape == (2, *large.grid.shape)
        assert abs(large.stationary_residual(copy.psi.values, float(copy.mu))).max() < 1e-9
        for name in ("mu", "residual", "growth_rate", "phase_mode", "stable"):
            assert copy[name].item() == state[name].item()


def test_a_reservoir_is_tiled_with_the_field():
    grid = lp.Grid.rectangle((0.5, 1.0), (2, 6))
    P = 3 + 0.2 * np.cos(2 * np.pi * grid.points[1])
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Splitting(1.0, 0.3), lp.Reservoir(P, 1.0, 1.0, 1.0, tau_s=0.5)])
    state = lp.steady_state(model, 1.8 * np.ones((2, 6, 2)) * np.array([1.0, -1.0])[:, None, None], relax=0.0)
    copy = model.tile(state, (1, 2))
    assert np.array_equal(copy.reservoir.values, np.tile(state.reservoir.values, (1, 2, 1)))
    assert np.array_equal(copy.psi.values, np.tile(state.psi.values, (1, 2, 1)))


@dataclass(frozen=True, repr=False, eq=False)
class Tilt(Term):
    """An action that grows with x."""

    strength: float = 1.0

    def action(self, psi, x, y, t):
        return self.strength * x * psi


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([lp.Potential(lambda x, y: x)], r"V is not the same in every cell, it differs .* as an array \(ny, nx\)"),
        ([lp.Potential(lambda x, y, t: t * x)], r"V is not the same in every cell"),
        ([lp.Gain(lp.pumps.gaussian(1.0, fwhm=0.9))], r"W is not the same in every cell"),
        ([lp.Absorber(0.5, 1.0)], r"Gamma is not the same .* a lp.Absorber is never periodic: leave it out"),
        ([Tilt()], r"Tilt is not the same in every cell"),
    ],
)  # fmt: skip
def test_what_is_not_periodic_is_refused(terms, message):
    model = lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 12), terms)
    with pytest.raises(ValueError, match=message):
        model.supercell((2, 1))
    lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 12), [Tilt(0.0)]).supercell((2, 1))


def test_points_that_do_not_fit_are_refused_with_the_fix():
    matrix = [[1, 0], [-1, 2]]
    model = honeycomb(lp.Grid.cell(HONEYCOMB, 12))
    message = r"there would be \(12, 12\) of 288 points; use \(24, 12\) points in the small cell"
    with pytest.raises(ValueError, match=message):
        model.supercell(matrix)
    honeycomb(lp.Grid.cell(HONEYCOMB, (24, 12))).supercell(matrix)
    for counts in (0, (1.5, 2), [[1, 0], [0, -1]], (1, 2, 3)):
        with pytest.raises(ValueError, match="counts"):
            model.supercell(counts)


def test_what_is_no_field_of_the_cell_is_refused():
    model = model_on(lp.Grid(VECTORS, (4, 4)))
    with pytest.raises(ValueError, match=r"the field must have shape \(\.\.\., \*\(4, 4\)\).*got \(2, 5, 4\)"):
        model.tile(np.ones((2, 5, 4)), 2)
    out = lp.evolve(model, np.ones((2, 4, 4)), 0.01, dt=0.01)
    with pytest.raises(TypeError, match=r"state must be a stationary state"):
        model.tile(out, 2)
