"""Populations, spectra and coherence of fields that are known in closed form."""

import warnings

import numpy as np
import pytest
from known_fields import EXACT, GRIDS, OBLIQUE, RECTANGLE, dataset, mode, smooth

import latticepol as lp
from latticepol.observables import fourier
from latticepol.observables.fourier import amplitudes

pytestmark = pytest.mark.numeric


# momentum space


@pytest.mark.parametrize("grid", GRIDS)
def test_momentum_density_of_a_plane_wave_and_parseval(grid):
    wave, k = mode(grid, -3, 2)
    psi = np.stack([2 * wave, wave])
    out = lp.momentum_density(dataset(psi, grid))
    here = np.hypot(out.kx - k[0], out.ky - k[1]) < 1e-9
    assert int(here.sum()) == 1
    population = out.momentum_density.where(here).sum(("ky", "kx"))
    np.testing.assert_allclose(population, [4 * grid.area, grid.area], rtol=EXACT)
    total = out.momentum_density.sum(("ky", "kx"))
    np.testing.assert_allclose(total, grid.integrate(np.abs(psi) ** 2), rtol=EXACT)


@pytest.mark.parametrize("grid", GRIDS)
def test_spectrum_of_a_tone_has_its_frequency_sign_and_population(grid):
    (wave, k), (_, other) = mode(grid, 2, -1), mode(grid, -2, 1)
    w0, time = -2 * np.pi * 7 / 32, 0.5 * np.arange(64)
    psi = np.exp(-1j * w0 * time)[:, None, None, None] * np.stack([3 * wave, 0 * wave])
    out = lp.spectrum(dataset(psi, grid, time), np.stack([k, other]))
    line = out.spectral_density.sel(spin="+").isel(k=0)
    assert abs(float(line.omega[line.argmax("omega")]) - w0) < 1e-9
    population = out.spectral_density.sum("omega") * float(out.omega[1] - out.omega[0])
    np.testing.assert_allclose(population, [[9 * grid.area, 0], [0, 0]], atol=1e3 * EXACT)


@pytest.mark.parametrize("grid", GRIDS)
def test_amplitudes_at_any_k_are_the_integral(grid):
    psi = smooth(grid, np.random.default_rng(3))
    x, y = grid.points
    k = np.array([[0.123, -1.7], [2.2, 0.4]])
    field = psi * np.exp(1j * (grid.q[0] * x + grid.q[1] * y))
    direct = [grid.integrate(field * np.exp(-1j * (kx * x + ky * y))) / np.sqrt(grid.area) for kx, ky in k]
    np.testing.assert_allclose(amplitudes(psi, grid, k), np.transpose(direct), atol=EXACT)


def test_spectrum_without_k_runs_along_the_first_reciprocal_vector():
    psi = np.stack([smooth(OBLIQUE, np.random.default_rng(seed)) for seed in range(8)])
    source = dataset(psi, OBLIQUE, np.arange(8.0))
    out = lp.spectrum(source, window="boxcar")
    mean = out.spectral_density.sum("omega") * float(out.omega[1] - out.omega[0])
    row = lp.momentum_density(source).momentum_density.mean("time")[:, OBLIQUE.shape[0] // 2]
    np.testing.assert_allclose(mean, row, atol=EXACT)


def test_spectrum_refuses_unequal_times_and_a_wrong_k():
    psi = np.ones((5, 2, *RECTANGLE.shape))
    with pytest.raises(ValueError, match=r"steps from 1 to 2; save with lp.every"):
        lp.spectrum(dataset(psi, RECTANGLE, [0.0, 1.0, 2.0, 4.0, 5.0]))
    with pytest.raises(ValueError, match=r"k must have shape \(nk, 2\).*got \(3,\)"):
        lp.spectrum(dataset(psi, RECTANGLE, np.arange(5.0)), [1.0, 2.0, 3.0])


TONE, TONE_K = mode(RECTANGLE, 2, -1)


def tone(time, omega=0.7):
    psi = np.exp(-1j * omega * np.asarray(time))[:, None, None, None] * np.stack([TONE, 0 * TONE])
    return dataset(psi, RECTANGLE, time)


@pytest.mark.parametrize(
    ("time", "part", "frames"),
    [
        ([*np.arange(34) * 0.3, 10.0], slice(0, 34), "34 of 35, t = 0 to 9.9"),  # lp.every(.3) to t = 10
        ([0.0, *0.1 + np.arange(20) * 0.3], slice(1, 21), "20 of 21, t = 0.1 to 5.8"),
        ([*np.arange(5) * 0.1, *1 + np.arange(9) * 0.3, 9.0], slice(5, 14), "9 of 15, t = 1 to 3.4"),
        ([*np.arange(8.0), *20 + np.arange(8.0)], slice(0, 8), "8 of 16, t = 0 to 7"),
        (np.arange(16) * 0.3, slice(0, 16), "16 of 16, t = 0 to 4.5"),
    ],
)
def test_a_spectrum_takes_the_longest_equally_spaced_part(time, part, frames):
    whole = lp.spectrum(tone(time), TONE_K[None])
    alone = lp.spectrum(tone(time).isel(time=part), TONE_K[None])
    np.testing.assert_array_equal(whole.spectral_density, alone.spectral_density)
    np.testing.assert_array_equal(whole.omega, alone.omega)
    assert whole.attrs["frames"] == frames
    by_amplitudes = lp.spectrum(lp.amplitudes(tone(time), TONE_K[None]))
    np.testing.assert_array_equal(by_amplitudes.spectral_density, alone.spectral_density)


def test_a_run_whose_end_is_no_multiple_of_its_period_has_a_spectrum():
    model = lp.SpinorGPE(RECTANGLE, [lp.Kinetic(1.0)])
    out = lp.evolve(model, np.stack([TONE, 0 * TONE]), 10.0, dt=0.1, save=lp.every(0.3))
    assert out.time[-1] == 10.0
    assert lp.spectrum(out, TONE_K[None]).attrs["frames"] == "34 of 35, t = 0 to 9.9"


def test_too_few_equal_steps_have_no_spectrum():
    for time in ([0.0, 1.0, 2.0, 4.0, 5.0, 6.0], [3.0, 2.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]):
        with pytest.raises(ValueError, match=r"at least 4 equally spaced times, there are \d in a row among"):
            lp.spectrum(tone(time), TONE_K[None])


def test_waves_faster_than_the_frames_are_warned_of():
    """A wave of k^2/2m = w needs a step of pi/w; one that is not populated does not."""
    fast = TONE_K @ TONE_K / 2
    model = lp.SpinorGPE(RECTANGLE, [lp.Kinetic(1.0)])
    other = TONE_K * 3  # not populated

    def spectrum(step, ks, **more):
        psi0 = np.stack([TONE, 0 * TONE])
        out = lp.evolve(model, psi0, 40 * step, dt=step, save=lp.every(step))
        return lp.spectrum(out, np.array(ks), **more)

    with pytest.warns(
        UserWarning, match=r"tell frequencies up to pi/.* it folds back to another one. Save at least"
    ) as w:
        folded = spectrum(1.1 * np.pi / fast, [TONE_K, other])
    assert f"every {np.pi / fast:.3g}" in str(w[0].message)
    line = folded.spectral_density.sel(spin="+").isel(k=0)
    assert float(line.omega[line.argmax("omega")]) < 0  # the wave is at fast > 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line = spectrum(0.9 * np.pi / fast, [TONE_K, other]).spectral_density.sel(spin="+").isel(k=0)
        assert abs(float(line.omega[line.argmax("omega")]) - fast) < 0.05 * fast
        lp.spectrum(tone(np.arange(8.0), 0.0), TONE_K[None])  # of a model that is not known


def test_the_free_edges_are_those_of_the_bands():
    k = np.array([[0.3, 0.2], [-0.1, 0.35]])
    grid = lp.Grid.rectangle((4.0, 4.0), (8, 8))
    cases = [
        [lp.Splitting(0.5), lp.TETM(0.2)], [lp.Zeeman(0.7)], [lp.TETM(-0.3)], [lp.Splitting(0.4)], [],
        [lp.Potential(0.3), lp.Zeeman(-0.2)],
    ]  # fmt: skip
    for number, terms in enumerate(cases):
        model = lp.SpinorGPE(grid, [lp.Kinetic(0.8), *terms])
        omega = np.sort(lp.bands(model, k=k).omega.values.real, axis=-1)[:, :2]
        low, high = fourier.free_edges(np.hypot(*k.T), model.record)
        assert (low <= omega[:, 0] + EXACT).all()
        assert (high >= omega[:, 1] - EXACT).all()
        if number:  # one splitting alone: its edge is reached
            np.testing.assert_allclose(high, omega[:, 1], atol=100 * EXACT)


# coherence


@pytest.mark.parametrize("grid", GRIDS)
def test_g1_of_two_incoherent_waves(grid):
    (first, k1), (second, k2) = mode(grid, 2, 1), mode(grid, -1, 3)
    turns = np.exp(2j * np.pi * np.arange(8) / 8)[:, None, None]
    field = first + turns * second
    source = dataset(np.stack([field, field], axis=1), grid, np.arange(8.0))

    def expected(d_x, d_y):
        return sum(np.exp(1j * (k[0] * d_x + k[1] * d_y)) for k in (k1, k2)) / 2

    separations = lp.g1(source)
    np.testing.assert_allclose(separations.g1[0], expected(*_two_dimensional(separations, "dx", "dy")), atol=EXACT)
    x, y = grid.points
    point = lp.g1(source, (x[3, 5], y[3, 5]))
    np.testing.assert_allclose(point.g1[1], expected(x - x[3, 5], y - y[3, 5]), atol=EXACT)


def _two_dimensional(ds, name_x, name_y):
    if ds[name_x].ndim == 2:
        return ds[name_x].values, ds[name_y].values
    return np.meshgrid(ds[name_x], ds[name_y])


def test_g1_of_a_point_without_an_average_has_modulus_one():
    source = dataset(smooth(RECTANGLE, np.random.default_rng(4)), RECTANGLE)
    np.testing.assert_allclose(np.abs(lp.g1(source, (0.0, 0.0)).g1), 1, atol=EXACT)
