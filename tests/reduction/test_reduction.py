"""From a field on a lattice of wells to a network: hopping, overlaps, bands, stationary states, excitations."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from field_cases import honeycomb

import latticepol as lp
from latticepol.reduction.wannier import Wannier, ZoneModes
from latticepol.stationary.api import newton

#: Plane waves are added to 1e-9 of the energies, which are a thousand times the hopping.
WAVES = 1e-6
#: First order in the nonlinear terms over the spacing of the levels of a well, and densities between wells.
FIRST_ORDER = 0.06
#: What Newton's method is asked for.
RESIDUAL = 1e-10
MESH = 6


@cache
def model(name="square", depth=200, beta=0.05, n=12, eps=0.2, delta=0.002, alpha2=-0.06, pump=0.05, size=1.0):
    """1/2m = 1; a gain that is stronger in the wells; ``size`` multiplies all rates but the wells and beta."""
    lat = getattr(lp.lattice, name)()
    V = lp.potentials.sinusoidal(depth, lat)
    terms = [
        lp.Kinetic(0.5),
        lp.TETM(beta),
        lp.Splitting(size * eps, 0.8 * size * eps),
        lp.Zeeman(size * delta),
        lp.Potential(V),
        lp.Gain((-size * pump / depth) * V, 0.6 * size * pump, 0.2 * size),
        lp.Interaction(0.4 * size, alpha2 * size),
    ]
    return lp.SpinorGPE(lp.Grid.cell(lat, n), terms)


@cache
def reduced(name="square", estimate="overlaps", **changes):
    lat = getattr(lp.lattice, name)()
    return lp.to_network(model(name, **changes), lat, mesh=MESH, estimate=estimate)


def one_dimension(depth, beta, n=21, points=MESH):
    """J and dJ of the square lattice from the chain V = -(depth/4)(1 + cos 2 pi x) - ... along x, J from its band and
    dJ from the kinetic energy in it; in this lattice w(x, y) = w(x) w(y)."""
    G, k = 2 * np.pi * np.arange(-(n // 2), n // 2 + 1), 2 * np.pi * np.arange(points) / points
    H = np.array([np.diag((q + G) ** 2) - depth / 8 * (np.eye(n, k=1) + np.eye(n, k=-1)) for q in k])
    energies, u = np.linalg.eigh(H)
    kinetic = (u[:, :, 0] ** 2 * (k[:, None] + G) ** 2).sum(axis=1)
    return -(energies[:, 0] * np.cos(k)).mean(), -beta * (kinetic * np.cos(k)).mean()


@pytest.mark.parametrize("beta", [1e-3, -1e-3])
def test_hopping_of_the_square_lattice_is_that_of_a_chain(beta):
    net, report = reduced(depth=60, beta=beta, n=14, eps=0.0)
    J, dJ = one_dimension(60, beta)
    assert net.J.real == pytest.approx(J, rel=1e-5)
    assert report.dJ.sel(estimate="overlaps").values.real == pytest.approx([dJ, dJ], rel=1e-4)


@pytest.mark.parametrize(("name", "n", "depths", "largest"), [
    ("square", 12, (50, 100, 200), (70, 25, 5)),
    pytest.param("honeycomb", 15, (200, 400, 800), (60, 23, 5), marks=pytest.mark.slow),
])  # fmt: skip
def test_the_bands_meet_in_the_deep_lattice(name, n, depths, largest):
    """Below 5 percent of J from a depth of 200 (square) and 800 (honeycomb, whose barrier is a ninth of the depth)."""
    errors = []
    for depth in depths:
        net, report = reduced(name, depth=depth, n=n, size=0.3)
        k = net.lattice.mesh(2, offset=-1)  # Gamma and the middles of edges, part of the mesh of the report
        off = (
            lp.bands(net, k=k, losses=False).omega
            - lp.bands(model(name, depth, n=n, size=0.3), k=k, losses=False).omega
        )
        percent = 100 * float(abs(off[..., : 2 * net.sites]).max()) / net.J
        errors.append(float(report.band_error.sel(estimate="overlaps")))
        assert 0.3 * errors[-1] < percent < 1.01 * errors[-1]
    assert (np.array(errors) < largest).all()
    assert (np.diff(errors) < 0).all()
    assert float(report.separation) > 10 * net.J


@pytest.mark.parametrize("name", ["square", "honeycomb"])
@pytest.mark.parametrize("beta", [0.05, -0.05])
def test_tetm_hopping_has_the_sign_of_beta_and_all_bonds_are_equal(name, beta):
    net, report = reduced(name, depth=200, beta=beta)
    for which in ("overlaps", "fit"):
        J, dJ = (report[name].sel(estimate=which).values for name in ("J", "dJ"))
        assert (dJ.real * beta > 0).all()
        assert np.ptp(J.real) < 1e-3 * net.J  # epsilon has a direction, which in second order the bonds feel
        assert np.ptp(dJ.real) < 1e-3 * net.J
    assert float(report.remainder) < 1e-3 * net.J
    assert np.ndim(net.J) == np.ndim(net.dJ) == 0


def test_all_hoppings_together_are_the_bands():
    """Also between the points of the mesh."""
    field, lat = model("honeycomb", 400), lp.lattice.honeycomb()
    functions = Wannier.of(ZoneModes.of(field.bloch_hamiltonian(True, 16), (8, 8)), lat.basis)
    T, k = functions.elements, np.array([[0.31, 0.77], [1.9, -0.4]])
    n = np.stack(np.meshgrid(*(np.fft.fftfreq(8, 1 / 8),) * 2, indexing="ij"), axis=-1)
    phase = np.exp(1j * k @ (n @ lat.vectors).reshape(-1, 2).T)
    H = np.einsum("kR,Risjt->kisjt", phase, T.reshape(-1, *T.shape[2:])).reshape(2, 4, 4)
    found = np.linalg.eigvalsh(0.5 * (H + H.conj().swapaxes(-1, -2)))
    wanted = lp.bands(field, k=k, losses=False).omega.values[:, :4]
    assert abs(found - wanted).max() < 2e-3
    nearest = lp.bands(reduced("honeycomb", depth=400)[0], k=k, losses=False).omega.values
    assert abs(nearest - wanted).max() > 10 * abs(found - wanted).max()


def test_wannier_functions_are_orthonormal_and_gain_is_their_mean():
    """p = <w|W - Gamma|w>, Im J = -<w_n|W|w_m>/2, E and J from the whole of H; without TE-TM exactly."""
    net, report = reduced(beta=0.0, depth=60, pump=1.0)
    field, w = model(beta=0.0, depth=60, pump=1.0), report.wannier.values[0]
    n, area = field.grid.counts[0], field.grid.point_area
    aside = np.roll(w, n, axis=-1)
    W = np.tile(field.equation.value("W", 0.0), (MESH, MESH))
    assert (w * w).sum() * area == pytest.approx(1, abs=1e-9)
    assert (w * aside).sum() * area == pytest.approx(0, abs=1e-9)
    assert net.site.p == pytest.approx((w * W * w).sum() * area - 0.6, rel=WAVES)
    assert net.J.imag == pytest.approx(-0.5 * (w * W * aside).sum() * area, rel=1e-5)
    assert abs(net.J.imag) > 1e-3 * net.J.real
    assert report.overlap.item() == pytest.approx((w**4).sum() * area, rel=WAVES)
    assert report.saturation.item() == pytest.approx(0.2 * report.overlap.item())
    y, x = np.unravel_index(abs(w).argmax(), w.shape)
    assert (report.x[x], report.y[y]) == (0.0, 0.0)


@pytest.mark.parametrize("depth", [11.2, 100])
def test_no_field_is_no_field(depth):
    """Differences of energies of -100 leave 1e-10, whose signs would tell "aligned" where to point."""
    net, _ = lp.to_network(honeycomb(14, depth=depth, delta=0.0), mesh=MESH)
    assert net.site.delta == 0
    net, _ = lp.to_network(honeycomb(14, depth=depth, delta=1e-7), mesh=MESH)
    assert net.site.delta == pytest.approx(1e-7, rel=0.05)


@pytest.mark.parametrize("delta", [0.002, -0.002])
def test_uniform_terms_are_those_of_the_site(delta):
    net, _ = reduced(beta=0.0, depth=100, delta=delta)
    assert net.epsilon == pytest.approx(0.2, rel=WAVES)
    assert net.site.g == pytest.approx(0.8, rel=WAVES)
    assert net.site.delta == pytest.approx(delta, rel=1e-5)
    assert (net.site.a, net.site.a2) == (pytest.approx(2.3), pytest.approx(-0.3))


def trap(places=((0.1, -0.2),), box=(2.0, 2.0), n=(16, 16), beta=0.0, size=0.1):
    """Gaussian wells in a box; ``size`` multiplies all rates but the well and beta."""
    bonds = [[0, 1]] if len(places) == 2 else []
    lat = lp.lattice.Lattice(np.empty((0, 2)), places, bonds)
    V = lp.pumps.on_sites(lp.pumps.gaussian(-60.0, fwhm=1.0), lat)
    rates = [lp.Splitting(size, 0.8 * size), lp.Zeeman(0.1 * size), lp.Gain(0.9 * size, 0.3 * size, size)]
    terms = [lp.Kinetic(0.5), lp.TETM(beta), *rates, lp.Interaction(2.0 * size, -0.3 * size), lp.Potential(V)]
    return lp.SpinorGPE(lp.Grid.rectangle(box, n), terms), lat


def test_amplitudes_of_a_trap():
    """With Psi = c w and psi = sqrt(eta int w^4) c the projected equation of the field is that of the network, term by
    term."""
    field, lat = trap()
    net, report = lp.to_network(field, lat)
    w, scale, area = report.wannier.values[0], np.sqrt(report.saturation.item()), field.grid.point_area
    psi = np.array([[0.9 + 0.3j, -0.4 + 0.5j]])
    moved = field.rhs(psi[0, :, None, None] * w / scale)[0]
    assert abs(scale * (moved * w).sum(axis=(-2, -1)) * area - net.rhs(psi)).max() < 1e-7
    assert net.J == net.dJ == 0
    assert np.isinf(report.band_error).all()
    assert (report.band_difference < 1e-7).all()


def test_a_trap_is_a_single_condensate():
    """Size and s_z differ from those of the Site in first order of the rates over the spacing of the levels."""
    off = []
    for size in (1.0, 0.5):
        field, lat = trap(size=size)
        net, report = lp.to_network(field, lat)
        unit = net.site.replace(p=net.site.p / net.epsilon, delta=net.site.delta / net.epsilon)
        states = lp.fixed_points(unit)
        aligned = states.pseudospin.values[(states.label.values == "aligned") & states.stable.values][0] * net.epsilon
        c = np.sqrt(np.linalg.norm(aligned) + aligned[2] * np.array([1, -1]))
        c = c * np.array([1, np.exp(1j * np.angle(aligned[0] + 1j * aligned[1]))])
        w, scale = report.wannier.values[0], np.sqrt(report.saturation.item())
        psi, _, residual = newton(field, c[:, None, None] * w / scale, RESIDUAL)
        assert residual < RESIDUAL
        got = scale * (psi * w).sum(axis=(-2, -1)) * field.grid.point_area
        z = 0.5 * (abs(got[0]) ** 2 - abs(got[1]) ** 2)
        off.append([0.5 * (abs(got) ** 2).sum() / np.linalg.norm(aligned) - 1, z / aligned[2] - 1])
    assert (np.abs(off) < FIRST_ORDER).all()
    assert np.array(off[0]) / off[1] == pytest.approx([2, 2], rel=0.1)


def test_two_traps():
    """Bonding and antibonding mode are 2 J apart; of a patch nothing else is left out."""
    field, lat = trap(((-0.6, 0.1), (0.6, 0.1)), box=(3.0, 2.0), n=(24, 16), beta=0.02)
    net, report = lp.to_network(field, lat)
    omega = lp.bands(field, k=[0.0, 0.0], losses=False).omega.values
    assert net.J.real == pytest.approx(np.diff(omega[:4].reshape(2, 2).mean(axis=1))[0] / 2, rel=1e-3)
    assert net.dJ > 0
    assert (report.band_error < 0.1).all()


def lifted(net, report, psi, cell):
    """sum_n psi_n w_n/sqrt(eta_n) over all cells, and the functions summed over all cells."""
    ny, nx = cell
    w = report.wannier.values.reshape(net.sites, MESH, ny, MESH, nx).sum(axis=(1, 3))
    scale = np.sqrt(report.saturation.values)
    return np.einsum("ns,nyx->syx", psi / scale[:, None], w), w


@cache
def condensed(name, depth):
    """The stationary states of the network and of the field that begins from it, and the amplitudes of the latter."""
    options = {"depth": depth, "n": 15 if name == "honeycomb" else 12, "size": 0.3}
    field, (net, report) = model(name, **options), reduced(name, **options)
    state = lp.steady_state(net)
    start, w = lifted(net, report, state.psi.values, field.grid.shape)
    psi, mu, residual = newton(field, start, RESIDUAL)
    assert residual < RESIDUAL
    amplitudes = np.einsum("nyx,syx->ns", w, psi) * field.grid.point_area * np.sqrt(report.saturation.values)[:, None]
    return field, net, state, psi, mu, amplitudes


@pytest.mark.parametrize(("name", "depth"), [("square", 200), pytest.param("honeycomb", 800, marks=pytest.mark.slow)])
def test_the_condensate_of_the_lattice_is_that_of_the_network(name, depth):
    _, net, state, _, mu, amplitudes = condensed(name, depth)
    number = np.abs(amplitudes) ** 2
    s, s_z = number.sum(axis=1) / 2, (number[:, 0] - number[:, 1]) / 2
    expected = state.pseudospin.values
    assert s == pytest.approx(np.linalg.norm(expected, axis=1), rel=FIRST_ORDER)
    assert s_z == pytest.approx(expected[:, 2], rel=FIRST_ORDER)
    assert (s_z > 0.1 * s).all()
    assert mu == pytest.approx(float(state.mu), abs=FIRST_ORDER * net.J)


@pytest.mark.parametrize(("name", "depth"), [("square", 200), ("honeycomb", 800)])
def test_the_excitations_of_the_lattice_are_those_of_the_network(name, depth):
    field, net, state, psi, mu, _ = condensed(name, depth)
    k = net.lattice.path("G K M" if name == "honeycomb" else "G X M", 5)
    there = xr.Dataset({"psi": (("spin", "y", "x"), psi), "mu": mu, "growth_rate": np.nan})
    found, expected = lp.bogoliubov(field, there, k=k), lp.bogoliubov(net, state, k=k)
    found, expected = (spectrum.omega.values[:, spectrum.sizes["mode"] // 2 :] for spectrum in (found, expected))
    assert abs(found[1:, : 2 * net.sites].real - expected[1:].real).max() < FIRST_ORDER * net.J


def test_the_wells_are_found_where_the_lattice_is_not_given():
    """Also between the points of the grid, and on a grid whose origin is in its middle."""
    lat = lp.lattice.honeycomb()
    net, report = lp.to_network(model("honeycomb", 200, n=10), mesh=MESH)
    assert net.lattice.basis == pytest.approx(lat.basis, abs=1e-3)
    assert len(net.lattice.bonds) == 3
    assert abs(net.J - reduced("honeycomb", depth=200)[0].J) < 1e-3 * abs(net.J)
    field = model(depth=100)
    centred = field.replace(grid=lp.Grid.rectangle((1.0, 1.0), (12, 12)))
    net, report = lp.to_network(centred, mesh=MESH)
    assert net.lattice.basis == pytest.approx(np.zeros((1, 2)), abs=1e-6)
    # 16 modes end among degenerate ones, of which rounding chooses
    assert abs(net.J - reduced(depth=100)[0].J) < 1e-5 * abs(net.J)
    assert abs(report.wannier.values[0]).max() == abs(report.wannier.sel(x=0.0, y=0.0, method="nearest")).max()


def test_a_lattice_may_stand_anywhere():
    """Off the symmetric points of the cell, where Bloch modes are complex."""
    found = []
    for place in ([0.0, 0.0], [0.25, 1 / 12]):
        lat = lp.lattice.square().replace(basis=[place])
        wells = lp.pumps.on_sites(lp.pumps.gaussian(-60.0, fwhm=0.7), lat)
        net, report = lp.to_network(model().replace(V=wells, W=-0.001 * wells), mesh=4)
        assert net.lattice.basis == pytest.approx(np.array([place]), abs=1e-6)
        found.append([net.J.item(), net.dJ.item(), net.site.p, *report.band_error.values, *report.saturation.values])
    assert found[1] == pytest.approx(found[0], rel=1e-5)


def test_the_fit_is_nearer_in_the_mean_square():
    overlaps, fitted = (reduced("honeycomb", estimate, depth=200)[0] for estimate in ("overlaps", "fit"))
    k = overlaps.lattice.mesh(MESH)
    wanted = lp.bands(model("honeycomb", 200), k=k, losses=False).omega.values[..., :4]
    square = [((lp.bands(net, k=k, losses=False).omega.values - wanted) ** 2).mean() for net in (overlaps, fitted)]
    assert square[1] < square[0]
    for change in ({"J": fitted.J * 1.01}, {"J": fitted.J * 0.99}, {"dJ": fitted.dJ * 1.1}, {"dJ": fitted.dJ * 0.9}):
        near = fitted.replace(**change)
        assert ((lp.bands(near, k=k, losses=False).omega.values - wanted) ** 2).mean() > square[1]


def test_results_survive_a_file(tmp_path):
    _, report = reduced(depth=100)
    assert lp.load(lp.save(report, tmp_path / "report.nc")).drop_attrs().equals(report.drop_attrs())


def test_what_has_no_network_is_refused():
    lat, field = lp.lattice.square(), model(depth=100)
    honeycomb, bare = lp.lattice.honeycomb(), model("honeycomb", 100)
    moving = field.replace(grid=lp.Grid(field.grid.vectors, field.grid.counts, q=(0.1, 0.0)))
    driven = field.replace(terms=[*field.terms, lp.Drive(0.1, omega=1.0)])
    for one, there, options, message in (
        (field, honeycomb, {}, r"is not the cell of Lattice\(honeycomb.*; use lp\.Grid\.cell\(lattice, n\), or"),
        (field.replace(grid=lp.Grid.cell(lat.supercell(2), 24)), lat, {}, r"is not the cell of Lattice\(square"),
        (bare, honeycomb.replace(basis=honeycomb.basis + np.array([0.4, 0.3])), {}, r"are not those of the 2 sites"),
        (bare.replace(V=0.0), honeycomb, {}, r"gap above the lowest 2 scalar bands is closed: .* a deeper potential"),
        (bare.replace(V=0.0), None, {}, r"the potential is uniform and has no wells"),
        (field, lat, {"basis": 1}, r"basis = 1 Bloch modes for 1 sites; give more"),
        (field, lat, {"mesh": 3}, r"mesh must be an integer from 4 .*; got 3"),
        (field, lat, {"estimate": "best"}, r"estimate = 'best' is not known; use 'overlaps' or 'fit'"),
        (field.replace(eta=0.0), lat, {}, r"eta = 0, and a network is in units of the saturation"),
        (field.replace(alpha1=-0.1), lat, {}, r"a = .* is not positive"),
        (moving, lat, {}, r"the grid has the Bloch phase q = \(0\.1, 0\.0\)"),
        (driven, lat, {}, r"the model has a Drive, which has no place in the overlaps; .* drive=\.\.\. to the network"),
    ):
        with pytest.raises(ValueError, match=message):
            lp.to_network(one, there, **options)
    with pytest.raises(TypeError, match=r"model is a Network; give a lp\.SpinorGPE"):
        lp.to_network(reduced(depth=100)[0])
    uneven = lp.pumps.on_sites(lp.pumps.gaussian(-25.0, fwhm=0.4), lat.supercell((2, 1)), weights=[1.0, 0.0])
    wide = field.replace(grid=lp.Grid.cell(lat.supercell((2, 1)), (24, 12)), V=field.terms[4].V + uneven)
    with pytest.raises(ValueError, match=r"int w\^4, and with it the saturation, goes from .* make the wells alike"):
        lp.to_network(wide, lat.supercell((2, 1)), mesh=4)
