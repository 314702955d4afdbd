"""Potentials of lattices, and which band a gain selects in them."""

import itertools

import numpy as np
import pytest

import latticepol as lp

#: Sums of tens of numbers of order one.
ROUNDING = 1e-13
#: Eigenvalues of matrices of some hundred rows whose largest entry is of order 100.
EIGEN = 1e-10
#: Two hundred transforms, and light that grows by e^(W t/2) = 50 from what is symmetric to rounding.
SYMMETRIC = 1e-10
HONEYCOMB, SQUARE = lp.lattice.honeycomb(), lp.lattice.square()
CELL = lp.Grid.cell(HONEYCOMB, 12)
WELLS = lp.potentials.sinusoidal(30.0, HONEYCOMB)
SPOTS = lp.pumps.on_sites(lp.pumps.gaussian(1.0, fwhm=0.5), HONEYCOMB)


def on(profile, grid):
    return sum(array for array, _ in profile.parts(grid))


def nearest(lat, grid):
    """Distance of every point to the nearest site."""
    x, y = grid.points
    moves = np.array(list(itertools.product(range(-4, 5), repeat=2))) @ lat.vectors
    places = (moves[:, None] + lat.basis).reshape(-1, 2)
    return np.min([np.hypot(x - px, y - py) for px, py in places], axis=0)


def hamiltonian(grid, *terms):
    """H of i dpsi/dt = H psi for one spin: what the equation does to a field that is one at one point."""
    n = grid.counts[0] * grid.counts[1]
    unit = np.zeros((n, 2, n), complex)
    unit[range(n), 0, range(n)] = 1
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), *terms])
    return 1j * model.rhs(unit.reshape(n, 2, *grid.shape))[0][:, 0].reshape(n, n).T


def growth(W, V=WELLS, grid=CELL, nu=0.0):
    """2 Im E, the growth rates of the populations of the Bloch states at k = 0 with Gamma = 1, by Re E."""
    damping = lp.Kinetic(1e12, nu=1e12 * nu)  # nothing but -i nu k^2/2
    energies = np.linalg.eigvals(hamiltonian(grid, lp.Potential(V), lp.Gain(W, 1.0, 0.0), damping))
    return 2 * energies[np.argsort(energies.real)].imag


@pytest.mark.parametrize("radius", [0.45, 0.7])  # apart, and with discs that overlap
def test_pillars_are_the_union_of_discs(radius):
    grid = lp.Grid.cell(HONEYCOMB, 36)
    V = on(lp.potentials.pillars(5.0, HONEYCOMB, radius, edge=0.2), grid)
    r = nearest(HONEYCOMB, grid)
    assert np.abs(V + 5 / (1 + np.exp(4 * (r - radius) / 0.2))).max() < ROUNDING
    assert V.min() > -5
    assert (V[r < radius] < -2.5).all()
    assert (V[r > radius] > -2.5).all()


def test_pillars_of_a_patch_in_a_box():
    patch = HONEYCOMB.patch(lp.lattice.hexagon(1.5))
    grid = lp.Grid.rectangle((8.0, 8.0), (80, 80))
    V = on(lp.potentials.pillars(5.0, patch, 0.5, edge=0.3), grid)
    r = np.min([np.hypot(grid.points[0] - x, grid.points[1] - y) for x, y in patch.basis], axis=0)
    assert len(patch.basis) == 6
    assert np.abs(V + 5 / (1 + np.exp(4 * (r - 0.5) / 0.3))).max() < ROUNDING


@pytest.mark.parametrize("lat", [HONEYCOMB, SQUARE, lp.lattice.triangular()], ids=lambda lat: lat.name)
def test_sinusoidal_is_deepest_on_the_sites_and_only_there(lat):
    grid = lp.Grid.cell(lat, 24)
    V = on(lp.potentials.sinusoidal(9.0, lat), grid)
    assert (V.min(), V.max()) == pytest.approx((-9.0, 0.0), abs=1e2 * ROUNDING)
    deepest = V < -9 + 1e-9
    assert deepest.sum() == len(lat.basis)
    assert nearest(lat, grid)[deepest].max() < 1e-9


def test_sinusoidal_of_a_chain_is_a_standing_wave():
    grid = lp.Grid.rectangle((3.0, 2.0), (30, 16))
    V = on(lp.potentials.sinusoidal(9.0, lp.lattice.chain()), grid)
    assert np.abs(V + 9 * np.cos(np.pi * grid.points[0]) ** 2).max() < 1e2 * ROUNDING


def test_the_saddle_between_honeycomb_sites_is_a_ninth_of_the_depth_up():
    V = on(lp.potentials.sinusoidal(9.0, HONEYCOMB), lp.Grid.cell(HONEYCOMB, 24))
    assert V[12, 12] == pytest.approx(-8.0)  # (A1 + A2)/2, in the middle of a bond
    assert V[0, 0] == pytest.approx(0.0, abs=1e2 * ROUNDING)  # of a hexagon


def test_traps_are_rings_and_the_blueshift_of_their_pump():
    light = lp.pumps.on_sites(lp.pumps.ring(2.0, radius=0.4, fwhm=0.5), HONEYCOMB)
    model = lp.SpinorGPE(CELL, [lp.Gain(light, 1.0, 1.0), lp.Potential(3 * light)])
    W, V = (model.equation.coefficients[name].at(0.0) for name in "WV")
    assert W.max() > 2  # rings of neighbours add
    assert np.abs(V - 3 * W).max() < ROUNDING
    assert np.array_equal(on(lp.potentials.traps(2.0, HONEYCOMB, 0.4, 0.5), CELL), W.reshape(CELL.shape))


def test_a_doubled_cell_has_the_bands_of_two_bloch_phases():
    """Of the primitive cell at q = 0 and q = B1/2: the potential does not depend on q, and both cells hold the same."""
    V = lp.potentials.pillars(20.0, HONEYCOMB, 0.5, edge=0.45)
    halves = [lp.Grid.cell(HONEYCOMB, 12, q=tuple(q)) for q in (np.zeros(2), HONEYCOMB.reciprocal[0] / 2)]
    double = lp.Grid.cell(HONEYCOMB.supercell((2, 1)), (24, 12))
    energies = [np.linalg.eigvalsh(hamiltonian(grid, lp.Potential(V))) for grid in (*halves, double)]
    assert np.abs(np.sort(np.concatenate(energies[:2])) - energies[2]).max() < EIGEN


def test_uniform_gain_makes_all_bands_grow_alike():
    assert np.abs(growth(lp.pumps.uniform(1.5)) - 0.5).max() < EIGEN


def test_growth_in_a_localised_gain_is_its_mean_over_the_density():
    """Perturbation theory: 2 Im E = <W> - Gamma up to third order in W, without nu and for states that stand alone."""
    energies, states = np.linalg.eigh(hamiltonian(CELL, lp.Potential(WELLS)))
    alone = np.array([0, 1])
    mean = (on(SPOTS, CELL).ravel()[:, None] * np.abs(states) ** 2).sum(axis=0)[alone]
    assert np.diff(energies)[:2].min() > 1
    errors = [np.abs(growth(s * SPOTS)[alone] + 1 - s * mean).max() for s in (0.5, 1.0)]
    assert errors[0] < 1e-3 * mean.min()
    assert np.log2(errors[1] / errors[0]) == pytest.approx(3, abs=0.05)


def test_gain_on_the_sites_selects_the_s_bands():
    """One band on the square lattice, the lowest; two on the honeycomb, and of these the upper one at k = 0: its
    density vanishes between the sites."""
    square = lp.pumps.on_sites(lp.pumps.gaussian(1.0, fwhm=0.5), SQUARE)
    assert growth(square, lp.potentials.sinusoidal(30.0, SQUARE), lp.Grid.cell(SQUARE, 12)).argmax() == 0
    rates = growth(SPOTS)
    resolved = rates[: len(rates) // 2]  # waves at the end of the band of the grid may stand on a few of its points
    assert list(np.argsort(-resolved)[:2]) == [1, 0]
    assert resolved[2:].max() < rates[0] - 0.02


@pytest.mark.parametrize("W", [lp.pumps.uniform(1.0), SPOTS], ids=["uniform", "sites"])
def test_momentum_damping_selects_the_lowest_band(W):
    assert growth(W, nu=0.05).argmax() == 0


def test_a_finite_lattice_in_a_box_that_absorbs():
    """A patch of 3 x 3 cells: light stays on the pumped pillars, is symmetric about the middle, and none comes back."""
    patch = HONEYCOMB.patch((3, 3))
    patch = patch.replace(basis=patch.basis - patch.basis.mean(axis=0))
    grid = lp.Grid.rectangle((16.0, 14.0), (128, 112))
    model = lp.SpinorGPE(
        grid,
        [
            lp.Kinetic(1.0, nu=0.02),
            lp.Potential(lp.potentials.pillars(20.0, patch, 0.55, edge=0.4)),
            lp.Gain(lp.pumps.on_sites(lp.pumps.gaussian(4.0, fwhm=0.6), patch), 1.0, 0.5),
            lp.Interaction(1.0, -0.1),
            lp.Absorber(2.0, 10.0),
        ],
    )
    seed = 0.1 * np.ones((2, *grid.shape), complex)
    out = lp.evolve(model, seed, 2.0, dt=0.02, save=lp.every(2.0), progress=False)
    density = (np.abs(out.psi.values[-1]) ** 2).sum(axis=0)
    mirrored = np.roll(density[::-1, ::-1], (1, 1), axis=(0, 1))
    assert np.abs(density - mirrored).max() < SYMMETRIC * density.max()
    on_pillars = on(lp.potentials.pillars(1.0, patch, 0.55, edge=0.4), grid) < -0.5
    assert density[on_pillars].min() > 5 * density[0].max()  # the rim of the box
    assert density[on_pillars].mean() > 20 * density[~on_pillars].mean()
    assert "on_sites(gaussian(4" in out.attrs["parameters"]
    assert "pillars(1, honeycomb, patch" in out.attrs["parameters"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lp.potentials.sinusoidal(1.0, lp.lattice.kagome()), r"kagome.* are not the minima .* is 3, -1, -1 on"),
        (lambda: lp.potentials.sinusoidal(1.0, lp.lattice.lieb()), r"is 2, 0, 0 on them and goes from -2 to 2; use"),
        (lambda: lp.potentials.sinusoidal(1.0, HONEYCOMB.supercell(2)), r"honeycomb, 2 x 2.* are not the minima"),
        (lambda: lp.potentials.sinusoidal(1.0, HONEYCOMB.without([0])), r"is -1.5 on them and goes from -1.5 to 3"),
        (lambda: lp.potentials.sinusoidal(1.0, SQUARE.supercell((2, 1))), r"make stripes, not a lattice.*shells=2"),
        (lambda: lp.potentials.sinusoidal(1.0, HONEYCOMB.patch((2, 2))), r"is a finite patch and has no waves"),
        (lambda: lp.potentials.pillars(1.0, HONEYCOMB, 0.4, edge=0.5), r"edge = 0.5 must be at most the radius, 0.4"),
        (lambda: lp.potentials.pillars(1.0, HONEYCOMB, -0.4, edge=0.5), r"radius must be > 0; got -0.4"),
        (
            lambda: on(lp.potentials.pillars(1.0, HONEYCOMB, 0.4, edge=0.2), CELL),
            r"radius=0.4, edge=0.2\): the length 0.2 is not resolved: .*use counts >= \(26, 26\)",
        ),
        (lambda: lp.potentials.traps(1.0, HONEYCOMB, 0.4, 0.0), r"fwhm must be > 0; got 0.0"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
