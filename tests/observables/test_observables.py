"""Observables of fields with known densities, flows, vortices and domains."""

import numpy as np
import pytest
import xarray as xr
from known_fields import EXACT, GRIDS, OBLIQUE, RECTANGLE, dataset, mode, smooth

import latticepol as lp
from latticepol.results.variables import VARIABLES, derived_units

BILINEAR = 0.3  # a vortex is found to a fraction of h^2/L: second order in the spacing h
ARCSINE = 0.06  # correlation length of a random field: about 400 correlated patches, so 1/sqrt(400)


# densities and polarisation


def test_stokes_parameters_of_known_polarisations():
    angle = 0.7
    one = np.ones(RECTANGLE.shape)
    for spinor, expected in [
        ((1, 0), (0.5, 0, 0, 0.5)),
        ((0, 1j), (0.5, 0, 0, -0.5)),
        ((1, np.exp(1j * angle)), (1, np.cos(angle), np.sin(angle), 0)),
    ]:
        out = lp.stokes(dataset(np.array(spinor)[:, None, None] * one, RECTANGLE))
        for name, value in zip(("S", "S_x", "S_y", "S_z"), expected, strict=True):
            np.testing.assert_allclose(out[name], value, atol=EXACT)


def test_a_pure_spinor_is_fully_polarised_and_s_is_half_the_density():
    source = dataset(smooth(OBLIQUE, np.random.default_rng(0)), OBLIQUE)
    out = lp.stokes(source)
    np.testing.assert_allclose(out.polarisation, 1, atol=EXACT)
    np.testing.assert_allclose(2 * out.S, lp.density(source).density.sum("spin"), atol=EXACT)
    np.testing.assert_allclose(np.hypot(out.linear_polarisation, out.circular_polarisation), 1, atol=EXACT)


def test_averaging_depolarises():
    psi = np.zeros((2, 2, *RECTANGLE.shape), complex)
    psi[0, 0], psi[1, 1] = np.sqrt(3), 1  # circular + with weight 3, then circular - with weight 1
    out = lp.stokes(dataset(psi, RECTANGLE, [0.0, 1.0]), average=("time", "y", "x"))
    assert out.S.dims == ()
    np.testing.assert_allclose(out.circular_polarisation, 0.5, atol=EXACT)
    np.testing.assert_allclose(out.polarisation, 0.5, atol=EXACT)


def test_degrees_are_nan_without_a_field():
    assert np.isnan(lp.stokes(dataset(np.zeros((2, *RECTANGLE.shape)), RECTANGLE)).polarisation).all()


def test_phase_includes_the_bloch_phase_and_the_relative_phase_is_that_of_minus():
    wave, k = mode(OBLIQUE, 1, -2)
    x, y = OBLIQUE.points
    out = lp.phase(dataset(np.stack([wave, wave * np.exp(0.4j)]), OBLIQUE))
    difference = out.phase.sel(spin="+") - (k[0] * x + k[1] * y)
    np.testing.assert_allclose(np.exp(1j * difference), 1, atol=EXACT)
    np.testing.assert_allclose(out.relative_phase, 0.4, atol=EXACT)


# flow


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("branch", [1, -1])
def test_current_of_a_tetm_eigenstate_is_its_group_velocity(grid, branch):
    mass, beta = 0.7, 0.3
    wave, k = mode(grid, 2, 1)
    angle = np.arctan2(k[1], k[0])
    psi = np.stack([wave, branch * np.exp(2j * angle) * wave])  # energy k^2/2m + branch beta k^2
    out = lp.currents(dataset(psi, grid), mass, beta)
    for direction, component in zip("xy", k, strict=True):
        velocity = component / mass + 2 * branch * beta * component
        np.testing.assert_allclose(out.current.sel(direction=direction), 2 * velocity, atol=20 * EXACT)
        np.testing.assert_allclose(out.kinetic_current.sel(direction=direction), component / mass, atol=20 * EXACT)


@pytest.mark.parametrize("grid", GRIDS)
def test_current_obeys_the_continuity_equation(grid):
    mass, beta = 1.3, 0.2
    psi = smooth(grid, np.random.default_rng(1))
    kx, ky = grid.wavevectors
    plus, minus = np.fft.fft2(psi)
    kinetic = (kx**2 + ky**2) / (2 * mass)
    tetm = beta * (kx - 1j * ky) ** 2 * minus, beta * (kx + 1j * ky) ** 2 * plus
    h_psi = np.fft.ifft2([kinetic * plus + tetm[0], kinetic * minus + tetm[1]])
    rate = 2 * (psi.conj() * h_psi).imag.sum(axis=0)
    current = lp.currents(dataset(psi, grid), mass, beta).current.values
    plain = kx - grid.q[0], ky - grid.q[1]
    divergence = sum(np.fft.ifft2(1j * k * np.fft.fft2(j)).real for k, j in zip(plain, current, strict=True))
    assert np.abs(rate).max() > 0.1
    np.testing.assert_allclose(divergence, -rate, atol=100 * EXACT)


def test_currents_refuse_a_mass_that_is_none():
    with pytest.raises(ValueError, match=r"mass must be > 0; got -1.0"):
        lp.currents(dataset(np.ones((2, *RECTANGLE.shape)), RECTANGLE), -1.0)


# vortices


def four_vortices(grid, x0, y0):
    """sin(B1.(r - r0)) + i sin(B2.(r - r0)): zeros at r0 and half a cell from it along either vector or both."""
    x, y = grid.points
    u, v = ((b[0] * (x - x0) + b[1] * (y - y0)) for b in grid.reciprocal)
    return np.sin(u) + 1j * np.sin(v)


@pytest.mark.parametrize("grid", GRIDS)
def test_vortices_are_where_they_were_put_with_their_charge(grid):
    r0 = np.array([0.3137, -0.2071])
    field = four_vortices(grid, *r0)
    out = lp.vortices(dataset(np.stack([field, field.conj()]), grid))
    handed = np.sign(np.linalg.det(grid.vectors))
    half = np.array(grid.vectors) / 2
    h = max(grid.spacing)
    for spin, sign in (("+", 1), ("-", -1)):
        one = out.isel(vortex=(out.spin == spin).values)
        assert one.vortex.size == 4
        for i, j in np.ndindex(2, 2):
            expected = r0 + i * half[0] + j * half[1]
            away = np.stack([one.vortex_x - expected[0], one.vortex_y - expected[1]], axis=-1)
            turns = away @ grid.reciprocal.T / (2 * np.pi)
            distance = np.linalg.norm((turns - np.rint(turns)) @ np.array(grid.vectors), axis=-1)
            assert distance.min() < BILINEAR * h**2
            assert one.charge[distance.argmin()] == sign * handed * (-1) ** (i + j)


def test_charges_of_any_field_add_up_to_zero():
    psi = np.stack([smooth(OBLIQUE, np.random.default_rng(seed)) for seed in range(5)])
    out = lp.vortices(dataset(psi, OBLIQUE, np.arange(5.0)), threshold=0)
    assert set(np.unique(out.charge)) == {-1, 1}
    assert set(np.unique(out.time)) == set(range(5))
    assert (out.charge.groupby("time").sum() == 0).all()


def test_a_vortex_on_a_grid_point_counts_once_and_noise_in_the_dark_not_at_all():
    grid = lp.Grid.rectangle((16.0, 16.0), (64, 64))
    x, y = grid.points
    noise = np.random.default_rng(2).normal(size=(2, 2, *grid.shape))
    spot = (x + 1j * y) * np.exp(-(x**2 + y**2) / 4)
    psi = np.stack([spot, spot.conj()]) + 1e-6 * (noise[0] + 1j * noise[1]) * (np.hypot(x, y) > 1)
    out = lp.vortices(dataset(psi, grid))
    np.testing.assert_array_equal(out.charge, [1, -1])
    np.testing.assert_allclose(np.hypot(out.vortex_x, out.vortex_y), 0, atol=1e-6)
    assert lp.vortices(dataset(psi, grid), threshold=0).vortex.size > 20


# domains


def polarised(s_z):
    """A field of unit S with the given sign of S_z."""
    return np.stack([np.sqrt(1 + s_z), np.sqrt(1 - s_z)]) + 0j


def test_domains_join_across_the_edges_of_the_cell():
    i2, i1 = np.indices(RECTANGLE.shape)
    corner = ((i1 + 3) % 32 < 6) & ((i2 + 2) % 24 < 5)  # a block around the corner of the cell
    island = (np.abs(i1 - 15) < 2) & (np.abs(i2 - 12) < 2)
    out = lp.spin_domains(dataset(polarised(np.where(corner | island, 0.5, -0.5)), RECTANGLE))
    dv = RECTANGLE.point_area
    assert int(out.domain_number) == 3
    np.testing.assert_allclose(out.up_fraction, (30 + 9) / 768, rtol=EXACT)
    np.testing.assert_allclose(out.largest_domain, (768 - 39) * dv, rtol=EXACT)
    np.testing.assert_allclose(out.domain_area, 768 * dv / 3, rtol=EXACT)


def test_points_without_field_belong_to_no_domain():
    i2, i1 = np.indices(RECTANGLE.shape)
    psi = polarised(np.where(i1 < 16, 0.5, -0.5)) * np.where(i2 < 12, 1.0, 0.01)
    out = lp.spin_domains(dataset(psi, RECTANGLE), threshold=0.1)
    np.testing.assert_allclose(out.largest_domain, 16 * 12 * RECTANGLE.point_area, rtol=EXACT)
    assert int(out.domain_number) == 2


def test_one_sign_has_no_correlation_length():
    assert np.isnan(lp.spin_domains(dataset(polarised(np.full(RECTANGLE.shape, 0.3)), RECTANGLE)).correlation_length)


@pytest.mark.parametrize("vectors", [((40.0, 0.0), (0.0, 40.0)), ((40.0, 0.0), (20.0, 34.64))])
def test_correlation_length_of_a_gaussian_random_field_follows_the_arcsine_law(vectors):
    """<f f'> = exp(-d^2/2) gives <sign f sign f'> = (2/pi) asin exp(-d^2/2), which is 1/e at d = 1.0997."""
    grid = lp.Grid(vectors, (160, 160))
    kx, ky = grid.wavevectors
    noise = np.random.default_rng(5).normal(size=(4, *grid.shape))
    f = np.fft.ifft2(np.fft.fft2(noise) * np.exp(-(kx**2 + ky**2) / 4)).real
    psi = np.stack([polarised(np.where(g > 0, 0.2, -0.2)) for g in f])
    out = lp.spin_domains(dataset(psi, grid, np.arange(4.0)))
    expected = np.sqrt(-2 * np.log(np.sin(np.pi / (2 * np.e))))
    assert abs(float(out.correlation_length.mean()) - expected) < ARCSINE * expected


# the doors


def test_every_dimension_of_a_field_has_a_unit():
    fields = {VARIABLES[name].dimension for name in VARIABLES} - {"dimensionless"}
    units = derived_units({"time": "ps", "length": "um"})
    assert fields <= set(units)
    assert units["current"] == "um-1 ps-1"
    assert derived_units({"time": "fs", "length": "nm", "rate": "PHz"})["rate"] == "PHz"
    assert derived_units(None) is None


def test_results_keep_coordinates_have_units_and_survive_the_disk(tmp_path):
    psi = np.stack([smooth(OBLIQUE, np.random.default_rng(seed)) for seed in range(4)])
    source = dataset(psi, OBLIQUE, np.arange(4.0))
    source.x.attrs["units"] = source.y.attrs["units"] = "um"
    results = [
        (lp.density(source), {"density": "um-2"}),
        (lp.stokes(source), {"S_z": "um-2", "polarisation": "1"}),
        (lp.phase(source), {"phase": "1"}),
        (lp.currents(source, 1.0), {"current": "um-1 ps-1"}),
        (lp.vortices(source), {"vortex_x": "um", "charge": "1"}),
        (lp.momentum_density(source), {"momentum_density": "1", "kx": "um-1"}),
        (lp.spectrum(source), {"spectral_density": "ps", "omega": "ps-1"}),
        (lp.g1(source), {"g1": "1", "dx": "um"}),
        (lp.spin_domains(source), {"domain_area": "um2", "correlation_length": "um"}),
    ]
    for result, units in results:
        assert {name: result[name].attrs["units"] for name in units} == units
        again = lp.load(lp.save(result, tmp_path / "result.nc"))
        for name in result.variables:
            np.testing.assert_array_equal(again[name].values, result[name].values)
    assert "time" in results[0][0].coords


def test_the_output_of_evolve_is_understood():
    """A plane wave in an oblique cell with a Bloch phase: its momentum, its frequency, and units from the model."""
    mass, (wave, k) = 0.8, mode(OBLIQUE, 1, 0)
    model = lp.SpinorGPE(OBLIQUE, [lp.Kinetic(mass)], units={"time": "ps", "length": "um"})
    out = lp.evolve(model, np.stack([wave, 0 * wave]), 32.0, dt=0.5, save=lp.every(0.5))
    flow = lp.currents(out, mass)
    np.testing.assert_allclose(flow.current.sel(direction="x"), k[0] / mass, atol=100 * EXACT)
    np.testing.assert_allclose(flow.current.sel(direction="y"), k[1] / mass, atol=100 * EXACT)
    assert flow.current.attrs["units"] == "um-1 ps-1"
    line = lp.spectrum(out, k[None]).spectral_density.sel(spin="+").isel(k=0)
    resolution = float(line.omega[1] - line.omega[0])
    assert abs(float(line.omega[line.argmax("omega")]) - k @ k / (2 * mass)) < resolution


def test_the_order_of_dimensions_does_not_matter():
    psi = np.stack([smooth(RECTANGLE, np.random.default_rng(seed)) for seed in range(4)])
    source = dataset(psi, RECTANGLE, np.arange(4.0))
    turned = source.transpose("x", "spin", "time", "y")
    np.testing.assert_array_equal(lp.spectrum(turned).spectral_density, lp.spectrum(source).spectral_density)


def test_what_is_no_field_is_refused():
    source = dataset(np.ones((2, *RECTANGLE.shape)), RECTANGLE)
    with pytest.raises(ValueError, match=r"must have psi with the dimensions"):
        lp.density(source.drop_vars("psi"))
    with pytest.raises(ValueError, match=r"must have psi .* there is \('spin', 'x'\)"):
        lp.density(source.isel(y=0))
    with pytest.raises(ValueError, match="not the points of a periodic grid; keep all of them"):
        lp.density(source.isel(x=[0, 1, 5]))
    with pytest.raises(ValueError, match=r"average = 'time' is not a list of dimensions"):
        lp.stokes(source, average="time")


RUN = dataset(
    np.stack([smooth(RECTANGLE, np.random.default_rng(seed)) for seed in range(5)]), RECTANGLE, np.arange(5.0)
)


@pytest.mark.parametrize(
    ("door", "text"),
    [
        (lambda: lp.currents(RUN, np.nan), "mass must be finite"),
        (lambda: lp.currents(RUN, 1.0, beta=np.nan), "beta must be finite"),
        (lambda: lp.spin_domains(RUN, threshold=np.nan), "threshold must be finite"),
        (lambda: lp.spin_domains(RUN, threshold=-0.1), "threshold must be >= 0"),
        (lambda: lp.vortices(RUN, threshold=np.nan), "threshold must be finite"),
        (lambda: lp.vortices(RUN, threshold=2.0), "threshold must be <= 1"),
        (lambda: lp.vortices(RUN, reach=1.5), "reach must be an integer"),
        (lambda: lp.vortices(RUN, reach=-1), "reach must be an integer"),
        (lambda: lp.amplitudes(RUN, [[np.nan, 0.0]]), "k holds nan"),
        (lambda: lp.amplitudes(RUN, np.ma.masked_array([[0.0, 1.0]], mask=[[False, True]])), "k masks 1"),
        (lambda: lp.spectrum(RUN, [[np.inf, 0.0]]), "k holds inf"),
        (lambda: lp.spectrum(RUN, window=("kaiser", np.nan)), "window holds nan"),
        (lambda: lp.g1(RUN, (np.nan, 0.0)), "point holds nan"),
        (lambda: lp.g1(RUN, (0.0, 1.0, 2.0)), r"point has shape \(3,\)"),
        (lambda: lp.density(RUN.drop_vars("x")), "x and y must be coordinates"),
        (lambda: lp.density(RUN.isel(y=[0])), "x and y must be coordinates"),
        (lambda: lp.stokes(RUN.isel(spin=[1])), r"labels .* along spin; got \['-'\]"),
    ],
)
def test_numbers_that_are_none_are_refused(door, text):
    with pytest.raises(ValueError, match=text):
        door()


@pytest.mark.parametrize("about", [RUN, 1.0])
def test_about_is_a_stationary_state(about):
    with pytest.raises(TypeError, match=r"about is .*; give a stationary state"):
        lp.spectrum(RUN, about=about)


def test_numbers_of_any_kind_are_the_same_numbers():
    k = np.array([[0.5, 0.25], [1.0, -0.5]])
    exact = lp.amplitudes(RUN, k)
    for given in (
        k.tolist(),
        k.copy(order="F"),
        k.astype(">f4"),
        k.astype(object),
        xr.DataArray(k.T, dims=("axis", "k")),
    ):
        xr.testing.assert_identical(lp.amplitudes(RUN, given), exact)
    single = RUN.assign(psi=RUN.psi.astype(np.complex64))
    double = RUN.assign(psi=single.psi.astype(complex))
    for other in (single, RUN.assign(psi=single.psi.astype(">c8"))):
        assert lp.stokes(other).equals(lp.stokes(double))
        assert lp.currents(other, np.float32(1.5), np.array(0.5)).equals(lp.currents(double, 1.5, 0.5))


def test_a_reach_beyond_the_cell_is_all_of_it():
    """A window of 10^8 points is none to wait for."""
    psi = mode(RECTANGLE, 1, 0)[0] + mode(RECTANGLE, 0, 1)[0] + 1e-9
    one = dataset(np.stack([psi, psi]), RECTANGLE)
    everywhere = lp.vortices(one, threshold=1.0, reach=16)
    assert everywhere.sizes["vortex"] > 0
    for reach in (17, 100_000_000, 1e8):
        assert lp.vortices(one, threshold=1.0, reach=reach).drop_attrs().equals(everywhere.drop_attrs())
