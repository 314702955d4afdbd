"""Refined gaps against known ones and brute force; Berry fluxes against hand-made curvature and known integers."""

from itertools import pairwise

import numpy as np
import pytest

from latticepol import topology
from latticepol.topology import parabola

#: what the refined minimum promises, and what a closed gap may leave
VALUE, CLOSED = 1e-8, 1e-9
#: products and sums of a few thousand numbers of order one
ROUNDING = 1e-10
SQUARE = 2 * np.pi * np.eye(2)
SX, SY, SZ = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
BONDS = np.array([[0, 1], [3**0.5 / 2, -0.5], [-(3**0.5) / 2, -0.5]])
HONEYCOMB = 2 * np.pi * np.linalg.inv([[3**0.5, 0], [3**0.5 / 2, 1.5]]).T


def pauli(dx, dy, dz):
    return dx[..., None, None] * SX + dy[..., None, None] * SY + dz[..., None, None] * SZ


def honeycomb(J, dJ, delta):
    """H = -sum over bonds e^{ik.b} [J + dJ (cos 2 phi sx + sin 2 phi sy)] + delta/2 sz; sites A, B of spins +, -."""
    phi = np.arctan2(BONDS[:, 1], BONDS[:, 0])
    hopping = [J * np.eye(2) + dJ * (np.cos(2 * p) * SX + np.sin(2 * p) * SY) for p in phi]

    def matrix(k):
        h = np.zeros((*k.shape[:-1], 4, 4), dtype=complex)
        h[..., :2, 2:] = -np.tensordot(np.exp(1j * k @ BONDS.T), hopping, 1)
        h[..., 2:, :2] = h[..., :2, 2:].conj().swapaxes(-1, -2)
        return h + delta / 2 * np.kron(np.eye(2), SZ)

    return matrix


def qwz(u, loss=0.0):
    """Qi, Wu, Zhang, with an imaginary d_x."""
    return lambda k: pauli(
        np.sin(k[..., 0]) + 1j * loss, np.sin(k[..., 1]) + 0j, u + np.cos(k[..., 0]) + np.cos(k[..., 1]) + 0j
    )


def random_model(seed, bands, loss):
    """Random hoppings to the neighbours of a square lattice, shifted by a random k; anti-Hermitian part ``loss``."""
    rng = np.random.default_rng(seed)
    hops = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    t = rng.normal(size=(9, bands, bands)) + 1j * rng.normal(size=(9, bands, bands))
    t *= np.exp(-0.7 * abs(hops).sum(axis=1))[:, None, None]
    back = t[::-1].conj().swapaxes(-1, -2)
    t = (t + back) / 2 + loss * (t - back) / 2
    shift = rng.uniform(0, 2 * np.pi, 2)
    return lambda k: np.tensordot(np.exp(1j * (k - shift) @ hops.T), t, 1) + np.diag(np.arange(bands))


def spectrum(matrix, hermitian=False):
    return lambda k: topology.sorted_modes(matrix(k), hermitian=hermitian)


def refined(function, **options):
    return topology.minimise(function, SQUARE, root=2, floor=CLOSED, **options)


def brute(function, reciprocal, n):
    """The lowest of n x n points, the lowest dozen local minima zoomed into."""
    points = topology.mesh_points(reciprocal, n)
    f = function(points.reshape(-1, 2)).real.reshape(n, n)
    lowest = np.min([np.roll(f, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)], axis=0)
    start = np.flatnonzero(f == lowest)
    start = start[np.argsort(f.ravel()[start])[:12]]
    k, best, side = points.reshape(-1, 2)[start], f.ravel()[start], np.linspace(-1, 1, 7)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2) @ (reciprocal / n)
    for step in range(45):
        tried = k[:, None] + 0.6**step * grid
        f = function(tried.reshape(-1, 2)).real.reshape(len(k), -1)
        k = tried[np.arange(len(k)), f.argmin(axis=-1)]
        best = np.minimum(best, f.min(axis=-1))
    return best.min()


def modes_above(matrix, reciprocal, above, mesh, hermitian=True):
    k = topology.mesh_points(reciprocal, mesh, closed=True)
    _, left, right = topology.biorthogonal_modes(matrix(k), hermitian=hermitian)
    return topology.upper(left, above), topology.upper(right, above)


def below(matrix, reciprocal, above, mesh=24, hermitian=True):
    """Chern number of everything below the gap."""
    return -topology.chern_number(topology.fluxes(*modes_above(matrix, reciprocal, above, mesh, hermitian)))


# modes


def test_modes_are_sorted_and_biorthogonal():
    k = np.random.default_rng(0).uniform(0, 6, (5, 7, 2))
    matrix = random_model(1, 4, 0.4)(k)
    omega, left, right = topology.biorthogonal_modes(matrix)
    assert (np.diff(omega.real, axis=-1) >= 0).all()
    assert np.allclose(omega, topology.sorted_modes(matrix), atol=ROUNDING)
    assert np.allclose(matrix @ right, right * omega[..., None, :], atol=ROUNDING)
    assert np.allclose(left.conj().swapaxes(-1, -2) @ right, np.eye(4), atol=ROUNDING)
    assert np.array_equal(topology.upper(right, 3)[..., 0], right[..., 1])


def test_equal_real_parts_are_sorted_by_the_imaginary_ones():
    assert topology.sorted_modes(np.diag([1 + 2j, 1 - 1j, 0, 1])).tolist() == [0, 1 - 1j, 1, 1 + 2j]


def test_gaps_are_counted_from_the_top():
    omega = np.array([[0, 1, 3, 7], [0, 2.5, 3.5, 9]])
    assert topology.direct(omega, 2).tolist() == [2, 1]
    assert topology.direct(omega, 1).tolist() == [4, 5.5]
    assert topology.line(omega, 2) == 0.5
    with pytest.raises(ValueError, match="above must be 1 to 3"):
        topology.direct(omega, 4)


# minima


def dirac(mass, loss, k0):
    """A Dirac cone at k0, d = (sin kx + i loss, sin ky, mass + k^2/2 ...): the gap is 2 sqrt(mass^2 - loss^2), or 0."""

    def gap(k):
        x, y = (k - k0).T
        dz = mass + 2 - np.cos(x) - np.cos(y)
        return 2 * np.sqrt((np.sin(x) + 1j * loss) ** 2 + np.sin(y) ** 2 + dz**2)

    return gap


MORE_RATIOS = [pytest.param(ratio, marks=pytest.mark.slow) for ratio in (0.5, 1 - 1e-3, 1 + 1e-3, 1.5)]


@pytest.mark.parametrize("mass", [0.0, pytest.param(1e-6, marks=pytest.mark.slow), 1e-3, 0.1])
@pytest.mark.parametrize("ratio", [0.0, 1 - 1e-6, 1 + 1e-6, *MORE_RATIOS])
def test_a_dirac_cone_is_open_or_closed_by_the_letter(mass, ratio):
    exact = 2 * mass * max(1 - ratio**2, 0) ** 0.5
    for k0 in np.random.default_rng(3).uniform(0, 2 * np.pi, (10, 2)):
        found = refined(dirac(mass, ratio * mass, k0))
        assert abs(found.value - exact) < (VALUE if exact else CLOSED)


@pytest.mark.parametrize("n", [24, 48])
def test_exceptional_points_between_the_points_of_a_mesh_close_the_gap(n):
    gap = dirac(0.1, 0.101, np.array([1.1, 2.3]))
    on_mesh = gap(topology.mesh_points(SQUARE, n).reshape(-1, 2)).real
    assert on_mesh.min() > 0.01
    assert refined(gap, mesh=n).value < CLOSED


def test_satellites_of_K():
    """With TE-TM splitting the gap is smallest next to K, where the 24 x 24 mesh sees 0.1 instead of 0.078."""
    modes = spectrum(honeycomb(1.0, 0.3, 0.1), hermitian=True)
    omega = modes(topology.mesh_points(HONEYCOMB, 24))
    found = topology.direct_gap(modes, HONEYCOMB, 2, omega=omega)
    assert topology.direct(omega, 2).min() > 1.2 * found.value
    assert abs(found.value - brute(lambda k: topology.direct(modes(k), 2), HONEYCOMB, 200)) < VALUE
    assert abs(topology.direct_gap(modes, HONEYCOMB, 2, mesh=12).value - found.value) < VALUE
    assert abs(topology.direct(modes(found.k), 2) - found.value) < ROUNDING


def test_a_quadratic_minimum():
    def function(k):
        return 0.3 + 2 - np.cos(k[:, 0] - 0.123) - np.cos(k[:, 1] + 2)

    for root in (1, 2):
        found = topology.minimise(function, SQUARE, root=root)
        assert abs(found.value - 0.3) < VALUE
        assert np.allclose(np.exp(1j * found.k), np.exp(1j * np.array([0.123, -2])), atol=1e-4)


def test_a_cone_is_found_without_its_square():
    def function(k):
        return np.hypot(np.sin((k[:, 0] - 0.4) / 2), np.sin((k[:, 1] - 3) / 2)) - 0.5

    assert abs(topology.minimise(function, SQUARE).value + 0.5) < VALUE


@pytest.mark.parametrize("bands", [2, 4])
@pytest.mark.parametrize("loss", [0.0, 0.1, 0.3])
@pytest.mark.parametrize(
    ("seeds", "n"), [(range(2), 120), pytest.param(range(100, 200), 400, marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_random_models_against_brute_force(bands, loss, seeds, n):
    """One in a hundred may be missed: a narrow valley between the points of the 24 x 24 mesh."""
    missed = []
    for seed in seeds:
        modes = spectrum(random_model(seed, bands, loss), hermitian=loss == 0)
        found = topology.direct_gap(modes, SQUARE, bands // 2).value
        exact = brute(lambda k, modes=modes: topology.direct(modes(k), bands // 2), SQUARE, n)
        if found > exact + VALUE:
            missed.append((seed, found, exact))
    assert len(missed) <= len(seeds) // 100, missed


def nearly_free(seed):
    """The gap between the second and third band of polaritons with TE-TM splitting in a weak random potential."""
    rng = np.random.default_rng(seed)
    B = np.array([[2.0, -rng.uniform(0, 1.2)], [0, rng.uniform(1.4, 2.4)]])
    m = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    V, G, waves = np.zeros((9, 9), complex), m @ B, np.arange(9)
    for step in ((1, 0), (0, 1), (1, 1)):
        pairs = (m[None] - m[:, None] == step).all(axis=-1)
        V[pairs] = 0.1 * rng.normal(size=2).view(complex)[0]
    V, beta, delta = V + V.conj().T, rng.uniform(-0.2, 0.2), 0.2

    def gap(k):
        K = k[:, None] + G
        free, tetm = (K**2).sum(axis=-1), beta * (K[..., 0] - 1j * K[..., 1]) ** 2
        H = np.zeros((len(k), 2, 9, 2, 9), complex)
        H[:, 0, :, 0] = H[:, 1, :, 1] = V
        H[:, 0, waves, 0, waves] += free + delta / 2
        H[:, 1, waves, 1, waves] += free - delta / 2
        H[:, 0, waves, 1, waves], H[:, 1, waves, 0, waves] = tetm, tetm.conj()
        omega = np.linalg.eigvalsh(H.reshape(len(k), 18, 18))
        return omega[:, 2] - omega[:, 1]

    return gap, B


@pytest.mark.parametrize("seed", [2, pytest.param(38, marks=pytest.mark.slow), 52])
def test_the_lowest_minimum_along_a_narrow_valley(seed):
    """38 and 52 have higher ones that are found first: a promise from outside the points is no promise."""
    gap, B = nearly_free(seed)
    found = topology.minimise(gap, B, root=2)
    assert found.value == pytest.approx(topology.minimise(gap, B, root=2, mesh=72).value, rel=1e-5)


def test_line_gap():
    """Bands -1.5 + 0.5 cos(kx - 1) and 1 + cos(ky - 2), which decay and grow."""

    def modes(k):
        low = -1.5 + 0.5 * np.cos(k[..., 0] - 1) + 0.1j * np.cos(k[..., 0])
        return np.stack([low, 1 + np.cos(k[..., 1] - 2) + 1j * (0.2 * np.sin(k[..., 1] - 0.3) - 0.05)], axis=-1)

    gap = topology.line_gap(modes, SQUARE, 1)
    assert abs(gap.value - 1) < VALUE
    assert abs(np.cos(gap.top[0] - 1) - 1) < VALUE
    assert abs(np.cos(gap.bottom[1] - 2) + 1) < VALUE


def test_what_is_not_finite_or_too_coarse_is_refused():
    with pytest.raises(ValueError, match="not finite everywhere"):
        topology.minimise(lambda k: np.full(len(k), np.nan), SQUARE)
    with pytest.raises(ValueError, match="mesh = 2 is too coarse"):
        topology.mesh_points(SQUARE, 2)


# Berry flux


def smooth_spinor(k, mass):
    """Upper mode (cos th/2, sin th/2 e^{i phi}) of kx sx + ky sy + mass sz, smooth at k = 0 for mass > 0."""
    r = np.hypot(k[..., 0], k[..., 1])
    half, phi = np.arctan2(r, mass) / 2, np.arctan2(k[..., 1], k[..., 0])
    return np.stack([np.cos(half) + 0j, np.sin(half) * np.exp(1j * phi)], axis=-1)


def test_the_sign_is_that_of_A_integrated_around_a_plaquette():
    """flux = closed integral of i <u|du>, counter-clockwise, and curvature = -mass/(2 E^3), of the upper Dirac mode."""
    mass, side = 0.4, np.array([0.2, 0.21])
    k = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1)
    _, left, right = topology.biorthogonal_modes(pauli(k[..., 0], k[..., 1], mass + 0 * k[..., 0]), hermitian=True)
    flux = topology.fluxes(topology.upper(left, 1), topology.upper(right, 1))[0, 0]
    walk = np.linspace(0, 1, 2000)[:, None]
    corners = np.array([k[0, 0], k[1, 0], k[1, 1], k[0, 1], k[0, 0]])
    path = np.concatenate([a + walk * (b - a) for a, b in pairwise(corners)])
    u = smooth_spinor(path, mass)
    connection = (1j * (u[1:] + u[:-1]).conj() / 2 * np.diff(u, axis=0)).sum().real
    assert abs(flux - connection) < 1e-4 * abs(flux)
    energy = np.sqrt(mass**2 + 2 * 0.205**2)
    assert abs(flux / 0.01**2 + mass / (2 * energy**3)) < 1e-3 * abs(flux / 0.01**2)
    assert np.isclose(topology.berry_curvature(np.full((5, 4), 0.1), SQUARE)[0, 0], 0.1 * 20 / (2 * np.pi) ** 2)


@pytest.mark.parametrize(("u", "chern"), [(1, -1), (-1, 1), (3, 0), (-3, 0)])
def test_qwz(u, chern):
    """Upper band: -1/2 sum of chirality x sign of mass over the four Dirac points; the lower one has the opposite."""
    for mesh in (9, 16, (20, 31)):
        assert below(qwz(u), SQUARE, 1, mesh) == chern
    flux = topology.fluxes(*modes_above(qwz(u), SQUARE, 1, 16))
    assert abs(topology.berry_curvature(flux, SQUARE).mean() * (2 * np.pi) ** 2 + 2 * np.pi * chern) < ROUNDING


@pytest.mark.parametrize(
    ("dJ", "delta", "chern"),
    [
        (0.3, 0.1, -2),
        (0.3, -0.1, 2),
        (0.45, 0.1, -2),
        (0.3, 1.59, -2),
        (0.3, 1.61, 1),
        (0.6, 0.1, 1),
        (0.6, -0.1, -1),
        (0.3, 5.95, 1),
        (0.3, 6.05, 0),
        (0.6, -5.95, -1),
        (0.6, -6.05, 0),
    ],
)
def test_honeycomb(dJ, delta, chern):
    """C = -2 up to delta/2 = sqrt(J^2 - 4 dJ^2), which is 0.8 for dJ = 0.3, and +1 beyond it or for dJ > J/2 up to
    delta/2 = 3 J, and 0 beyond that."""
    matrix = honeycomb(1.0, dJ, delta)
    assert topology.direct_gap(spectrum(matrix, hermitian=True), HONEYCOMB, 2).value > 1e-3
    assert below(matrix, HONEYCOMB, 2, 24) == below(matrix, HONEYCOMB, 2, 50) == chern


def test_honeycomb_closes_where_it_should():
    gap = topology.direct_gap(spectrum(honeycomb(1.0, 0.3, 1.6), hermitian=True), HONEYCOMB, 2)
    assert gap.value == 0


@pytest.mark.parametrize(("mesh", "delta"), [(25, 0.01), (49, 0.01), (32, 0.001), (13, 0.0001)])
def test_a_mesh_that_misses_K_is_divided_there(mesh, delta):
    """A small gap with four Dirac cones around each K: these meshes alone give the clean and wrong integer 0."""
    matrix = honeycomb(1.0, 0.02, delta)
    k = topology.mesh_points(HONEYCOMB, mesh, closed=True)

    def modes(points):
        _, left, right = topology.biorthogonal_modes(matrix(points), hermitian=True)
        return topology.upper(left, 2), topology.upper(right, 2)

    left, right = (x.reshape(*k.shape[:2], 4, 2) for x in modes(k.reshape(-1, 2)))
    gap = topology.direct(topology.sorted_modes(matrix(k[:-1, :-1]), hermitian=True), 2)
    assert topology.chern_number(topology.fluxes(left, right)) == 0
    resolved = topology.resolved_fluxes(modes, (left, right), k, gap=gap)
    assert topology.chern_number(resolved, tol=topology.FluxSearch().rough) == 2  # of the modes above
    assert topology.resolution(*modes_above(qwz(1), SQUARE, 1, 48)).min() > 0.9


@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_any_gauge_and_any_fixed_basis_give_the_same_fluxes(loss):
    rng = np.random.default_rng(5)
    matrix, basis = random_model(7, 4, loss), rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    left, right = modes_above(matrix, SQUARE, 2, 12, hermitian=False)
    flux = topology.fluxes(left, right)
    scale = rng.normal(size=(2, 13, 13, 1, 2)) + 1j * rng.normal(size=(2, 13, 13, 1, 2))
    assert np.allclose(topology.fluxes(left * scale[0], right * scale[1]), flux, atol=ROUNDING)
    assert np.allclose(
        topology.resolution(left * scale[0], right * scale[1]), topology.resolution(left, right), atol=ROUNDING
    )
    assert np.allclose(
        topology.fluxes(*modes_above(lambda k: basis @ matrix(k) @ np.linalg.inv(basis), SQUARE, 2, 12, False)),
        flux,
        atol=ROUNDING,
    )
    wrapped = topology.fluxes(left[:-1, :-1], right[:-1, :-1], wrap=True)
    assert np.allclose(wrapped, flux, atol=ROUNDING)


@pytest.mark.parametrize("loss", [0.0, 0.05])
def test_all_bands_together_are_trivial(loss):
    k = topology.mesh_points(SQUARE, 60, closed=True)
    _, left, right = topology.biorthogonal_modes(random_model(2, 4, loss)(k))
    assert abs(topology.fluxes(left, right)).max() < ROUNDING
    single = [topology.chern_number(topology.fluxes(left[..., [i]], right[..., [i]])) for i in range(4)]
    assert sum(single) == 0
    assert any(single)


def test_a_lossy_chern_insulator_keeps_its_integer_until_exceptional_points_close_the_gap():
    """For u = 1 the gap 2 Re sqrt(d.d) closes at loss = 1, where kx = 0 or pi reaches |(d_y, d_z)| = 1."""
    for loss in (0.1, 0.5, 0.9, 0.99):
        assert topology.direct_gap(spectrum(qwz(1, loss)), SQUARE, 1).value > 0.1
        assert below(qwz(1, loss), SQUARE, 1, 50, hermitian=False) == -1
    for loss in (1.001, 1.2):
        assert topology.direct_gap(spectrum(qwz(1, loss)), SQUARE, 1).value == 0


def test_a_mesh_that_does_not_close_is_refused():
    left, right = modes_above(qwz(1), SQUARE, 1, 16)
    with pytest.raises(ValueError, match=r"add up to .* turns, which must be an integer"):
        topology.chern_number(topology.fluxes(left[:-1], right[:-1]))
    with pytest.raises(ValueError, match="must have one shape"):
        topology.fluxes(left, right[..., 0])


def test_newton_reaches_the_bottom_of_a_bowl_at_once():
    bowl = np.array([[1.0, 0.2, -0.1, 2.0, 0.5, 3.0]])
    offset, bottom = parabola.lowest(bowl, 1, newton=1)
    place = np.linalg.solve([[2.0, 0.5], [0.5, 3.0]], [-0.2, 0.1])
    np.testing.assert_allclose(offset[0], place, atol=1e-8)
    assert bottom[0] == pytest.approx(1 + 0.5 * place @ [0.2, -0.1])
    again, same = parabola.lowest(bowl, 1)
    np.testing.assert_array_equal(again, offset)
    np.testing.assert_array_equal(same, bottom)


def test_the_lowest_point_of_a_cone_of_random_parabolas():
    """f = Re sqrt Z has valleys and cones: no point of a fine mesh is lower than what is found, but for its spacing."""
    rng = np.random.default_rng(4)
    c = rng.standard_normal((60, 6)) + 1j * rng.standard_normal((60, 6))
    offset, bottom = parabola.lowest(c, 2)
    u, v = np.meshgrid(np.linspace(-1.5, 1.5, 301), np.linspace(-1.5, 1.5, 301), indexing="ij")
    powers = np.stack([np.ones_like(u), u, v, u * u / 2, u * v, v * v / 2])
    fine = np.sqrt(np.tensordot(c, powers, 1)).real
    assert (bottom <= fine.min(axis=(1, 2)) + 1e-3).mean() > 0.9  # else another valley, which 13 x 13 points prefer
    x, y = offset.T
    there = np.sqrt((c * np.stack([np.ones_like(x), x, y, x * x / 2, x * y, y * y / 2], axis=-1)).sum(axis=-1)).real
    np.testing.assert_allclose(there, bottom, rtol=0, atol=1e-7)  # a root of rounding where Z is zero
