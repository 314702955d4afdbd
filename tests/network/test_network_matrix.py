"""Bogoliubov matrices against the equation of motion, and the spectra that are known in closed form."""

import numpy as np
import pytest
from network_cases import complex_normal, honeycomb, oblique, random_network, single

import latticepol as lp
from latticepol import topology
from latticepol.pseudospin import equations

#: Central differences with steps of 1e-6: rounding 1e-16/1e-6 times the size of the forces.
DIFFERENCES = 1e-7
#: Eigenvalues of matrices of order ten; Newton's residual 1e-12.
ROUNDING = 1e-10
#: A pair of exponents that meet is off by the root of rounding, its mean by rounding; the larger is not below the mean.
MEAN = 1e-12


def difference(net, psi, d, mu):
    """The derivative of i dpsi/dt - mu psi along d."""
    step = 1e-6

    def force(x):
        return 1j * net.rhs(x) - mu * x

    return (force(psi + step * d) - force(psi - step * d)) / (2 * step)


@pytest.mark.parametrize("seed", range(3))
def test_matrix_is_the_derivative_of_the_motion(seed):
    """At wavevectors of a supercell: psi + u e^{ikr} + v^* e^{-ikr} there is (u, v) at k in the primitive cell."""
    rng = np.random.default_rng(seed)
    net, counts, mu = random_network(oblique(), seed), (3, 2), 0.37
    large = net.on(net.lattice.supercell(counts))
    psi, u, v = complex_normal(rng, (3, net.sites, 2))
    copies = np.arange(large.sites) % net.sites
    for i in range(3):
        for j in range(2):
            k = (np.array([i, j]) / counts) @ net.lattice.reciprocal
            wave = np.exp(1j * large.lattice.basis @ k)[:, None]
            d = u[copies] * wave + v[copies].conj() / wave
            upper, lower = (net.bogoliubov_matrix(psi, mu)(k) @ np.concatenate([u.ravel(), v.ravel()])).reshape(
                2, -1, 2
            )
            expected = upper[copies] * wave - lower[copies].conj() / wave
            assert np.allclose(difference(large, psi[copies], d, mu), expected, atol=DIFFERENCES * 30)


def test_sparse_matrix_is_that_at_k_0():
    net = random_network(oblique())
    psi = complex_normal(np.random.default_rng(1), (net.sites, 2))
    dense = net.bogoliubov_matrix(psi, 0.2)(np.zeros(2))
    assert np.allclose(net.jacobian(psi, 0.2).toarray(), dense, atol=ROUNDING)


def test_equation_of_motion_term_by_term():
    """Two sites and one bond, written out as in docs/physics.md, section 3."""
    lat = lp.lattice.Lattice(np.empty((0, 2)), [[0, 0], [0.6, 0.8]], [[0, 1]])
    p, a, g, delta, a2, J, dJ, epsilon = 0.3, 1.7, 0.4, 0.2, -0.3, 1.1, 0.6, 0.8
    net = lp.Network(lat, lp.Site(p=p, a=a, g=g, delta=delta, a2=a2), J, dJ, epsilon)
    psi = complex_normal(np.random.default_rng(0), (2, 2))
    phi = np.arctan2(0.8, 0.6)
    expected = np.zeros((2, 2), complex)
    for n in range(2):
        S = (abs(psi[n]) ** 2).sum() / 2
        for s, sign in ((0, 1), (1, -1)):
            local = 0.5j * (p - S) + 0.5 * ((a + a2) * abs(psi[n, s]) ** 2 + a2 * abs(psi[n, 1 - s]) ** 2)
            hop = J * psi[1 - n, s] + dJ * np.exp(-2j * sign * phi) * psi[1 - n, 1 - s]
            expected[n, s] = (local + sign * delta / 2) * psi[n, s] - 0.5 * epsilon * (1 + 1j * g) * psi[n, 1 - s] - hop
    assert np.allclose(1j * net.rhs(psi), expected, atol=ROUNDING)


@pytest.mark.parametrize("mesh", [(6, 5), (5, 4)])
def test_half_of_a_mesh_of_excitations_tells_the_rest(mesh):
    """w_k <-> -w_-k^* on a lattice without any symmetry."""
    net = random_network(oblique())
    what = net.linear_problem(complex_normal(np.random.default_rng(2), (net.sites, 2)), 0.1)
    assert what.mirrored
    assert not net.linear_problem().mirrored
    solved = []

    def spectrum(k):
        solved.append(len(k))
        return what.spectrum(k)

    half, whole = (topology.on_mesh(spectrum, net.reciprocal, mesh, paired=paired) for paired in (True, False))
    np.testing.assert_allclose(half, whole, atol=ROUNDING)
    assert solved == [(mesh[0] // 2 + 1) * mesh[1], mesh[0] * mesh[1]]


def test_particles_and_holes():
    """w_k <-> -w_-k^*."""
    net = random_network(oblique())
    psi = complex_normal(np.random.default_rng(2), (net.sites, 2))
    k = np.array([0.3, -0.8])
    here, there = (np.linalg.eigvals(net.bogoliubov_matrix(psi, 0.1)(q)) for q in (k, -k))
    distance = abs(here[:, None] + there.conj())
    assert distance.min(axis=1).max() < ROUNDING
    assert distance.min(axis=0).max() < ROUNDING


def test_phase_mode():
    net = honeycomb()
    state = lp.steady_state(net)
    psi = state.psi.values.ravel()
    L = net.bogoliubov_matrix(state.psi.values, float(state.mu))(np.zeros(2))
    assert abs(L @ np.concatenate([psi, -psi.conj()])).max() < ROUNDING
    assert abs(np.linalg.eigvals(L)).min() < ROUNDING


@pytest.mark.parametrize("start", ["aligned", "anti-aligned", "linear"])
def test_one_site_has_the_exponents_of_the_pseudospin(start):
    site = lp.Site(p=0.6, a=2.28, g=0.1, delta=0.02, a2=-0.3)
    net = single(site)
    state = lp.steady_state(net, start)
    found = -1j * np.linalg.eigvals(net.bogoliubov_matrix(state.psi.values, float(state.mu))(np.zeros(2)))
    s = state.pseudospin.values[0]
    expected = np.append(np.linalg.eigvals(equations.jacobian(s, site.p, site.a, site.g, site.delta)), 0)
    assert abs(found[:, None] - expected).min(axis=1).max() < ROUNDING
    assert abs(found[:, None] - expected).min(axis=0).max() < ROUNDING


def test_a_state_in_phase_is_exact_and_its_frequency_shifted_by_zJ():
    site = lp.Site(p=0.6, a=2.28, g=0.1, delta=0.02, a2=-0.3)
    alone = float(lp.steady_state(single(site)).mu)
    for lat, z in ((lp.lattice.honeycomb(), 3), (lp.lattice.square(), 4), (lp.lattice.triangular(), 6)):
        net = lp.Network(lat, site, J=0.3, dJ=0.1)
        psi, mu = net.start("aligned"), alone - 0.3 * z
        assert abs(1j * net.rhs(psi) - mu * psi).max() < ROUNDING
    kagome = lp.Network(lp.lattice.kagome(), site, J=0.3, dJ=0.1)
    psi = kagome.start("aligned")
    assert abs(1j * kagome.rhs(psi) - (alone - 1.2) * psi).max() > 0.05


def spin_wave_growth(net, S):
    """docs/physics.md, section 3: -g + sqrt(a s e - e^2), e = 1 - J (z - l_k), over a mesh."""
    k = net.lattice.mesh(24).values.reshape(-1, 2)
    f = abs(np.exp(1j * k @ net.lattice.bond_vectors.T).sum(axis=-1))
    e = 1 - float(net.J) * (3 - np.concatenate([f, -f]))
    return (-net.site.g + np.sqrt(net.site.a * S * e - e * e + 0j)).real.max()


@pytest.mark.parametrize(("g", "p"), [(0.3, 0.0), (0.3, 0.2), (1.0, -0.3)])
def test_spin_waves_of_the_linear_state(g, p):
    net = honeycomb(g=g, p=p, delta=0.0, J=0.4, dJ=0.0)
    state = lp.steady_state(net, "linear")
    S = float(np.linalg.norm(state.pseudospin.values[0]))
    assert abs(S - (p + g)) < ROUNDING
    w = lp.bogoliubov(net, state, k=net.lattice.mesh(24)).omega.values.imag
    growth = spin_wave_growth(net, S)
    assert growth < 0 or abs(w.max() - growth) < 1e-7
    assert abs(w - growth).min() < 1e-7  # square roots of rounding where two modes meet
    assert float(state.growth_rate) >= growth - MEAN


def test_spin_waves_set_in_at_s_equal_to_2_g_over_a_or_at_the_pitchfork():
    """g < 1: at s = 2 g/a, below p_c; the two meet at g = 1."""
    a = 2.28
    for g in (0.3, 0.6):
        unstable = [
            bool(lp.steady_state(honeycomb(g=g, p=2 * g / a - g + dp, delta=0.0, dJ=0.0), "linear").stable)
            for dp in (-0.01, 0.01)
        ]
        assert unstable == [True, False]
        assert 2 * g / a - g < float(lp.pitchfork(lp.Site(p=0, a=a, g=g)).p_c) - 0.05
    assert float(lp.pitchfork(lp.Site(p=0, a=a, g=1.0)).p_c) == pytest.approx(2 / a - 1)
    pitchfork = float(lp.pitchfork(lp.Site(p=0, a=a, g=1.5)).p_c)
    stable = [bool(lp.steady_state(honeycomb(g=1.5, p=pitchfork + dp, delta=0.0, dJ=0.0), "linear").stable)
              for dp in (-0.01, 0.01)]  # fmt: skip
    assert stable == [True, False]
