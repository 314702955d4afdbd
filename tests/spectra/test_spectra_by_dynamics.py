"""Two ways to one spectrum: the Fourier transform of a weakly perturbed evolution, and the Bogoliubov matrix."""

from functools import partial

import numpy as np
import pytest
from scipy.signal import find_peaks

import latticepol as lp

#: Size of a perturbation relative to the field: what is of second order in it is a millionth of the intensity.
WEAK = 1e-3
#: Undamped lines are found to this part of 2 pi/T by a parabola through the logarithm of three points.
OF_A_BIN = 0.1
#: Damped lines of one mode: the sum over times is a Lorentzian up to (w dt)^2/12, and steps have errors of dt^4.
LORENTZIAN = 0.01
#: Lines of the honeycomb overlap and pull each other by less than their half width (measured 0.96 of it; 4.6 with the
#: opposite sign of the interaction).
PULLED = 1.0
#: Frequencies about the condensate below which two lines are at least as far apart as they are wide.
LOWEST = 6.0
#: Two transforms and a Bloch phase of numbers of order one.
ROUNDING = 1e-12
#: Window without side lobes down to 1e-9 of the intensity.
CLEAN = "blackmanharris"


def noise(shape, seed=0):
    """Random complex numbers of size 1."""
    return np.random.default_rng(seed).normal(size=(*shape, 2)).view(complex)[..., 0]


def peaks(line, omega, least):
    """Frequencies of all peaks above ``least`` times the highest that rise by half out of their surroundings."""
    found, _ = find_peaks(np.log(line), height=np.log(least * line.max()), prominence=np.log(1.5))
    left, top, right = (np.log(line[found + i]) for i in (-1, 0, 1))
    return omega[found] + 0.5 * (omega[1] - omega[0]) * (left - right) / (left - 2 * top + right)


def lorentzian(line, omega):
    """Centre and half width at half maximum from the highest three points of a line."""
    at = np.argmax(line) + np.arange(-1, 2)
    a, b, c = np.polyfit(omega[at] - omega[at[1]], 1 / line[at], 2)
    return omega[at[1]] - b / (2 * a), np.sqrt(c / a - (b / (2 * a)) ** 2)


# a uniform condensate that flows


MASS, ALPHA1, ALPHA2, FLOW = 0.7, 0.8, -0.3, (0.35, -0.2)


def test_lines_of_a_flowing_condensate_are_those_of_the_closed_form():
    """w = q.k/m +- sqrt(e (e + alpha1 n)), e = k^2/2m: particles and ghosts; the other spin is free above it.

    Flow tells k from -k and from its mirror images, the interaction raises the lines.
    """
    n, steps, dt = 1.5, 256, 0.25
    grid = lp.Grid.rectangle((9.0, 8.0), (8, 8), q=FLOW)
    model = lp.SpinorGPE(grid, [lp.Kinetic(MASS), lp.Interaction(ALPHA1, ALPHA2)])
    psi = np.stack([np.full(grid.shape, np.sqrt(n)), np.zeros(grid.shape)]) + 0j
    state = lp.steady_state(model, psi, relax=0.0, stability=False)
    run = lp.evolve(model, psi + WEAK * noise(psi.shape), dt * (steps - 1), dt=dt / 4, save=lp.every(dt))
    k = np.array([[1, 0], [0, 1], [2, 1], [-1, -1]]) @ grid.reciprocal
    out = lp.spectrum(run, k + FLOW, window=CLEAN, about=state)
    energy, drift = (k**2).sum(axis=1) / (2 * MASS), k @ FLOW / MASS
    root = np.sqrt(energy * (energy + ALPHA1 * n))
    expected = {"+": [drift - root, drift + root], "-": [energy + drift + 0.5 * (ALPHA2 - ALPHA1) * n]}
    for spin, lines in expected.items():
        for i, along in enumerate(np.transpose(lines)):
            found = peaks(out.spectral_density.sel(spin=spin).values[:, i], out.omega.values, 1e-5)
            assert len(found) == len(along)
            assert np.abs(found - along).max() < OF_A_BIN * 2 * np.pi / (steps * dt)


@pytest.fixture(scope="module")
def spinor():
    """A flowing condensate with everything that distinguishes directions and spins: model, state, supercell."""
    cell = lp.Grid.rectangle((1.5, 1.6), (2, 2), q=FLOW)
    terms = [lp.Kinetic(MASS), lp.TETM(0.1), lp.Zeeman(0.3), lp.Splitting(0.5, 0.5), lp.Gain(1.0, 0.6, 0.4)]
    model = lp.SpinorGPE(cell, [*terms, lp.Interaction(0.8, 0.2)])
    psi = np.array([1.2, -0.5])[:, None, None] * np.ones(cell.shape) + 0j
    return model, lp.steady_state(model, psi, stability=False), lp.Grid.rectangle((9.0, 8.0), (12, 10), q=FLOW)


def excited(model, state, grid, k, modes, duration, dt, step):
    """The spectrum about a state, at k and at -k, after each of the ``modes`` at k was excited alone."""
    found = lp.bogoliubov(model, state, k=k, basis=None, vectors=True)
    right = np.moveaxis(found.right.isel(mode=modes).values, -1, 0)  # (mode, nambu, spin, y, x)
    x, y = grid.points
    wave = np.exp(1j * (k[0] * x + k[1] * y))
    u, v = (lp.tiled(_as_field(state, right[:, i]), grid).psi.values for i in (0, 1))
    large = lp.tiled(state, grid)
    size = WEAK * np.abs(large.psi.values).max() / np.abs(right).max()
    psi = large.psi.values + size * (u * wave + (v * wave).conj())
    q = np.array(model.grid.q)
    save = partial(lp.amplitudes, k=np.stack([q + k, q - k]))
    big = model.replace(grid=grid)
    run = lp.evolve(big, psi, duration - step, dt=dt, save=lp.every(step), variables=[save])
    out = lp.spectrum(run, window="boxcar", about=large).spectral_density
    return found.omega.values[modes], out.sum("spin").transpose("k", "batch", "omega")


def _as_field(state, psi):
    """Vectors as the field of a Dataset; they are stored without the Bloch phase, as psi is."""
    return state[["x", "y", "spin"]].assign(psi=(("batch", "spin", "y", "x"), psi)).assign_attrs(state.attrs)


def assert_lines(expected, lines, spread):
    """One mode each: at k a line at Re w, at -k its ghost at -Re w, both of the half width |Im w|."""
    for sign, of_one_k in zip((1, -1), lines, strict=True):
        for w, line in zip(expected, of_one_k, strict=True):
            centre, width = lorentzian(line.values, line.omega.values)
            assert abs(centre - sign * w.real) < spread * -w.imag
            assert width == pytest.approx(-w.imag, rel=spread)


@pytest.mark.slow  # of a lattice: below
def test_each_mode_of_a_flowing_spinor_is_a_line_as_wide_as_its_damping(spinor):
    model, state, grid = spinor
    k = np.array([2, 1]) @ grid.reciprocal
    found = lp.bogoliubov(model, state, k=k, basis=None, vectors=True)
    uniform = np.abs(found.right.mean(("y", "x"))).sum(("nambu", "spin")) > 0.1  # the others are those of k + G
    modes = np.flatnonzero(uniform)
    expected, lines = excited(model, state, grid, k, modes, 40.0, 0.05, 0.1)
    assert len(modes) == 4
    assert (expected.imag < 0).all()
    assert_lines(expected, lines, LORENTZIAN)
    for other in (-k, k * [1, -1], k * [-1, 1]):  # the test would see a k of the wrong sign, or mirrored
        wrong = lp.bogoliubov(model, state, k=other, basis=None).omega.values
        assert np.abs(np.subtract.outer(expected, wrong)).min(axis=1).max() > 0.2


# the honeycomb


@pytest.fixture(scope="module")
def honeycomb():
    """The lattice with the giant gap, its stable ferromagnet, and the grid of 3 x 3 cells, on whose mesh K lies."""
    lat = lp.lattice.honeycomb()
    grid, shape = lp.Grid.cell(lat, 8), lp.pumps.cosines(1.0, lat)
    terms = [lp.Kinetic(1 / 2.8), lp.Splitting(1.0, 1.0), lp.TETM(0.2), lp.Zeeman(0.01), lp.Potential(11.2 * shape)]
    gain = lp.Gain(lp.pumps.uniform(0.62) + (-2 / 3) * shape, 1.0, 1.0)
    model = lp.SpinorGPE(grid, [*terms, gain, lp.Interaction(2.28, 0.0)])
    (cosines, _) = shape.parts(grid)[0]
    psi = 0.5 * np.exp(-cosines / 3) * np.array([1.0, -0.9])[:, None, None] * (1 + 0j)
    state = lp.steady_state(model, psi, relax=20.0, stability=False)
    return model, state, lp.Grid.cell(lat.supercell(3), 24)


def test_each_mode_of_the_honeycomb_at_k_is_a_line_as_wide_as_its_damping(honeycomb):
    model, state, grid = honeycomb
    corner = np.array([2, 1]) / 3 @ model.reciprocal
    modes = slice(128, 132)  # the four particle bands of the lowest orbitals
    expected, lines = excited(model, state, grid, corner, modes, 16.0, 0.02, 0.1)
    assert (expected.real > 4).all()
    assert_lines(expected, lines, LORENTZIAN)


@pytest.mark.slow  # mode by mode: above
def test_peaks_of_a_shaken_honeycomb_lie_on_its_bands(honeycomb):
    """From a random perturbation: every peak, of particles and of ghosts, on a line within the width of that line.

    Saved so often that higher orbitals, which such noise excites too, do not fold back onto these lines.
    """
    model, state, grid = honeycomb
    large = lp.tiled(state, grid)
    fractions = np.array([[1, 0], [1, 1], [2, 1], [0, 1], [1, 2]]) / 3
    k = fractions @ model.reciprocal
    save = partial(lp.amplitudes, k=np.concatenate([k, k - model.reciprocal[0]]))  # in two zones
    psi = large.psi.values + WEAK * noise((4, *large.psi.shape))
    run = lp.evolve(model.replace(grid=grid), psi, 15.95, dt=0.025, save=lp.every(0.05), variables=[save])
    out = lp.spectrum(run, window="boxcar", about=large).spectral_density.mean("batch").sum("spin")
    omega = lp.bogoliubov(model, state, k=k, basis=None).omega.values
    inside, bin_ = np.abs(out.omega.values) < LOWEST, float(out.omega[1] - out.omega[0])
    seen = 0
    for i, line in enumerate(out.values[inside].T):
        bands = omega[i % len(k)]
        for found in peaks(line, out.omega.values[inside], 1e-2):
            off = np.abs(found - bands.real)
            assert off.min() < PULLED * -bands[off.argmin()].imag + 0.5 * bin_, (i, found)
            seen += 1
    assert seen >= 12


# what they are made of


@pytest.fixture
def source():
    """A field on an oblique cell with a Bloch wavevector."""
    cell = lp.Grid(((2.0, 0.3), (-0.5, 1.7)), (4, 6), q=(0.7, -0.4))
    model = lp.SpinorGPE(cell, [lp.Kinetic(1.0)], units={"time": "ps", "length": "um"})
    return cell, lp.evolve(model, noise((2, *cell.shape)), 0.0, dt=0.1)


def test_a_tiled_field_is_the_field_of_the_cell_with_its_bloch_phase(source):
    """psi e^{i q.r} at r and at r + A, on an oblique supercell whose own q differs by one of its wavevectors."""
    cell, field = source
    rows = np.array([[2, 1], [-1, 3]]) @ cell.vectors
    wave = 2 * np.pi * np.linalg.inv(rows)[:, 0]
    grid = lp.Grid(tuple(map(tuple, rows)), (2, 2), q=tuple(np.array(cell.q) - wave), origin=(1, 0))
    out = lp.tiled(field, grid)
    u, v = np.indices(grid.shape)[::-1] - np.array([1, 0])[:, None, None]
    steps = u[..., None] * np.array([2, 1]) / 2 + v[..., None] * np.array([-1, 3]) / 2  # in A1 and A2 of the cell
    i1, i2 = np.moveaxis(np.rint(steps * cell.counts).astype(int) % cell.counts, -1, 0)
    x, y = grid.points
    bloch = [np.exp(1j * (q[0] * x + q[1] * y)) for q in (grid.q, cell.q)]
    np.testing.assert_allclose(out.psi.values * bloch[0], field.psi.values[..., i2, i1] * bloch[1], atol=ROUNDING)
    assert out.attrs["seed"] == field.attrs["seed"]
    assert out.x.attrs["units"] == "um"
    same = lp.tiled(out.assign_attrs(), grid)  # and it says what grid it is on
    np.testing.assert_array_equal(same.psi.values, out.psi.values)


def test_tiling_refuses_other_cells_points_and_phases(source):
    cell, field = source
    a1, a2 = np.array(cell.vectors)
    with pytest.raises(
        ValueError, match=r"its vectors are 1\.5 A1 \+ 0 A2; 0 A1 \+ 1 A2 of the cell, which must be whole"
    ):
        lp.tiled(field, lp.Grid((1.5 * a1, a2), (6, 6), q=cell.q))
    with pytest.raises(ValueError, match=r"\(9, 6\) points has some .* \(4, 6\) does not .* use counts = \(8, 6\)"):
        lp.tiled(field, lp.Grid((2 * a1, a2), (9, 6), q=cell.q))
    with pytest.raises(ValueError, match=r"differ by 0\.\d+ and -0\.\d+ turns .* must be whole numbers"):
        lp.tiled(field, lp.Grid((2 * a1, a2), (8, 6)))


def test_amplitudes_of_a_run_give_the_spectrum_of_its_field(spinor):
    """All that a long run has to keep; a path keeps its names; what does not fit is refused."""
    model, state, grid = spinor
    k = lp.lattice.square().path("G X M", 5)
    start = lp.tiled(state, grid).psi.values * (1 + WEAK * noise(grid.shape))
    save = lp.every(0.25)
    big = model.replace(grid=grid)
    whole = lp.evolve(big, start, 4.0, dt=0.05, save=save)
    waves = lp.evolve(big, start, 4.0, dt=0.05, save=save, variables=[partial(lp.amplitudes, k=k)])
    assert "psi" not in waves
    large = lp.tiled(state, grid)
    ours = lp.spectrum(waves, about=large)
    np.testing.assert_allclose(ours.spectral_density, lp.spectrum(whole, k, about=large).spectral_density, rtol=1e-9)
    assert ours.point.values.tolist() == k.point.values.tolist()
    population = np.abs(lp.amplitudes(whole).amplitude.isel(time=0)) ** 2
    row = lp.momentum_density(whole).momentum_density.isel(time=0, ky=grid.shape[0] // 2)
    np.testing.assert_allclose(population, row.values, atol=ROUNDING * float(row.max()))
    with pytest.raises(ValueError, match="holds amplitudes at its own wavevectors; leave out k"):
        lp.spectrum(waves, k)
    with pytest.raises(ValueError, match=r"the field is on .*; give about=lp\.tiled\(state, grid\)"):
        lp.spectrum(waves, about=state)
