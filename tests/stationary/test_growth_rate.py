"""The largest growth rate that is found against exact ones: no state that grows may be called stable."""

from functools import partial

import numpy as np
import pytest
from condensates import CELLS, compared, network, problem_of, sample, scanned, uniform, wave_matrices
from locked_modes import SQUARE, LockedModes, fastest
from routh_hurwitz import exact_growth

import latticepol as lp
from latticepol import topology
from latticepol.gpe.linear_response.problem import local
from latticepol.linear_problem import NEUTRAL, GrowthSearch
from latticepol.stationary.growth import growth_rate

#: The site of docs/physics.md, section 4, and its largest rate.
SITE = {"a": 1.6872, "g": 0.3895, "a2": 0.4493, "delta": 0.001459, "p": 1.3829}
#: The condition of an eigenvalue next to the exceptional points at the ends of a resonance: rates to 1e-10.
RATE = 1e-6
#: Of waves far above the condensate u is taken alone.
ALONE = 5e-3
#: Errors of steps are the same in all cells, and do not grow.
STEPS = 1e-7


def judged(cases, certified=0.99):
    """Check a sample: nothing that grows is stable, rates are right, what is stable is certified. The share of narrow
    resonances."""
    cases = list(cases)
    growing = [case for case in cases if case.grows]
    resting = [case for case in cases if not case.grows]
    assert [case for case in growing if case.stable is not False] == []
    assert [case for case in growing if abs(case.found.rate / case.rate - 1) > RATE] == []
    assert [case for case in resting if case.stable is False] == []
    assert sum(case.stable is True for case in resting) >= certified * len(resting)
    return sum(case.share < 0.1 for case in growing) / len(cases)


def test_random_condensates_on_four_lattices():
    assert judged(sample(0, 100)) > 0.05


def test_with_hopping_reversed():
    """J < 0: the waves are below the condensate."""
    judged(sample(1, 8, sign=-1))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 11))
def test_ten_thousand_random_condensates(seed):
    assert judged(sample(seed, 1000)) > 0.05


def test_a_resonance_next_to_which_nothing_warns():
    """Printed numbers: growth for 2.2804 < x < 2.4653 alone, of a band to 12."""
    case = compared("square", SITE, J=1.5)
    assert case.found.rate == pytest.approx(0.028893, abs=1e-6)
    assert case.x == pytest.approx(2.3729, abs=1e-3)
    assert case.share * 12 == pytest.approx(2.4653 - 2.2804, abs=2e-4)
    assert case.stable is False


def test_a_resonance_with_te_tm_splitting():
    """Printed numbers, confirmed by an evolution of 32 x 32 cells: there, and not less elsewhere."""
    net = lp.Network(lp.lattice.triangular(), lp.Site(**SITE), J=1.7339, dJ=0.0911)
    state = lp.steady_state(net)
    k = np.array([30, 3]) @ net.lattice.reciprocal / 32
    problem = net.linear_problem(state.psi.values, float(state.mu))
    assert problem.spectrum(k[None]).imag.max() == pytest.approx(0.0323749, abs=1e-6)
    assert float(state.growth_rate) > 0.0323749
    assert not state.stable


# triangular: both modes are damped at the place where the search first meets them, and grow further along
WIDE = [
    ({"a": 1.5512938484162015, "g": 2.727721102992189, "a2": 0.7130462064255818, "delta": 0.0005972267529223219,
      "p": 4.162709195863737}, 7.556626271651842, 0.000410859210476924),
    ({"a": 1.255351912232134, "g": 0.4231954298976217, "a2": -0.23474265114011073, "delta": 0.03701045081167802,
      "p": 1.2541750552141273}, 6.736846959575033, 0.010113072545398512),
]  # fmt: skip


@pytest.mark.parametrize(("site", "J", "rate"), WIDE)
def test_growth_in_part_of_a_wide_piece_where_two_modes_have_locked(site, J, rate):
    case = compared("triangular", site, J)
    assert case.rate == pytest.approx(rate, rel=RATE)
    assert case.found.rate == pytest.approx(rate, rel=RATE)
    assert case.stable is False


def cosine(k):
    return np.cos(k[..., 0]) - 5.3


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("width", [1e-2, 1e-6])
def test_a_resonance_far_narrower_than_the_mesh(d, width):
    """The rate is that in closed form, and what does not quite grow is not said to."""
    step = 2 * np.pi / 24
    for above in (1.2, 1.0001, 0.9999, 0.8):
        kappa = (width * step, 3 * width * step)
        c = above * np.sqrt(kappa[0] * kappa[1])
        problem = LockedModes(cosine, 5.0, kappa, lambda k, c=c: c, SQUARE[:d])
        found = growth_rate(problem)
        assert found.rate == pytest.approx(fastest(kappa, c), abs=1e-4 * sum(kappa))
        assert (found.rate > 0) == (above > 1)
        assert found.certified
        assert abs(np.cos(found.k[0]) - 0.3) < 3 * width * step


def test_growth_on_a_piece_of_a_line_is_found_by_climbing_along_it():
    """The coupling depends on the place along the line on which two modes meet."""

    def coupling(k):
        return 2e-6 * (1 + 0.1 * np.cos(k[..., 1] - 1))

    problem = LockedModes(cosine, 5.0, (2.19e-6, 2.19e-6), coupling)
    found = growth_rate(problem)
    assert found.rate == pytest.approx(0.01e-6, rel=1e-3)
    both = np.cos(found.k[1] + np.array([1, -1]))  # the partner is at -k
    assert both.max() > 1 - 1e-4


def test_amplified_modes_grow_faster_where_they_meet():
    problem = LockedModes(cosine, 5.0, (-1.0, -1.0), lambda k: 1e-3)
    assert growth_rate(problem).rate == pytest.approx(1.001, abs=1e-8)


def against_mesh(seed, count, points=192):
    rng = np.random.default_rng([seed, 4])
    for _ in range(count):
        problem, mu = problem_of(*network(rng))
        found = growth_rate(problem)
        mesh = topology.on_mesh(problem.spectrum, problem.reciprocal, points, paired=True).imag.max()
        none = NEUTRAL * (1 + abs(mu))
        assert found.rate >= mesh * (1 - RATE) - none
        assert found.stable(mu) is not True or mesh <= none


def test_networks_with_te_tm_splitting_against_a_fine_mesh():
    against_mesh(0, 20)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_fifty_networks_with_te_tm_splitting_against_a_fine_mesh(seed):
    against_mesh(seed, 50)


def test_the_search_of_large_matrices_agrees_with_that_of_small_ones():
    """Resonances told from the modes on the mesh, in cells where both can be asked."""
    rng = np.random.default_rng(7)
    for _ in range(12):
        problem, mu = problem_of(*network(rng))
        one, other = growth_rate(problem), growth_rate(problem, GrowthSearch(whole=0))
        assert other.stable(mu) in (one.stable(mu), None)
        if other.certified:
            assert other.rate == pytest.approx(one.rate, rel=RATE, abs=NEUTRAL * (1 + abs(mu)))


def test_a_supercell_grows_as_its_cell():
    """Eight sites, 32 rows."""
    net = lp.Network(lp.lattice.square(), lp.Site(**SITE), J=1.5)
    small, large = (lp.steady_state(n) for n in (net, net.replace(lattice=lp.lattice.square().supercell((4, 2)))))
    assert large.growth_rate == pytest.approx(float(small.growth_rate), rel=RATE)
    assert not large.stable


def fields(seed, count, nu=0.0, reservoir=False):
    """Uniform fields against a scan of all waves: never stable where one grows."""
    rng = np.random.default_rng([seed, 3])
    certified = 0
    for i in range(count):
        model, site, state = uniform(rng, list(CELLS)[i % 3], nu=nu, reservoir=reservoir)
        psi, mu = state.psi.values, float(state.mu)
        L = local(model, psi).blocks()[:, :, 0, 0]
        if nu or reservoir:
            rate, _ = scanned(partial(wave_matrices, L, site, mu, nu=nu))
        else:
            L0 = wave_matrices(L, site, mu, 0.0)[0]
            rate = max(exact_growth(L0, width)[0] for width in (10.0, 100.0))
        found = growth_rate(model.linear_problem(psi, mu))
        if rate > NEUTRAL * (1 + abs(mu)) + found.phase_mode:
            assert found.stable(mu) is not True
            high = found.certificate.get("fastest", {}).get("kind") == "high wave"
            assert found.rate < rate * (1 + (ALONE if high else 1e-5))
        else:
            assert found.stable(mu) is not False
        certified += found.certified
    return certified


@pytest.mark.parametrize(("nu", "reservoir"), [(0.0, False), pytest.param(0.0, True, marks=pytest.mark.slow)])
def test_uniform_fields(nu, reservoir):
    fields(0, 3, nu, reservoir)


@pytest.mark.slow
@pytest.mark.parametrize(("nu", "reservoir"), [(0.0, False), (0.1, False), (0.0, True), (0.1, True)])
def test_a_hundred_uniform_fields(nu, reservoir):
    fields(1, 100, nu, reservoir)


def evolved(net, state, k, rate, duration):
    """The mean rate of growth of the wave k in 32 x 32 cells of one site, over the second half of an evolution that
    starts with noise of all wavelengths."""
    large = net.replace(lattice=net.lattice.supercell((32, 32)))
    psi = np.tile(state.psi.values, (1024, 1))
    noise = np.random.default_rng(0).normal(size=(2, *psi.shape))
    out = lp.evolve(
        large,
        psi + 1e-6 * (noise[0] + 1j * noise[1]),
        duration,
        save=lp.every(duration / 400),
        tol=STEPS,
        progress=False,
    )
    wave = np.exp(-1j * large.lattice.basis @ k)
    size = np.linalg.norm(np.einsum("n,tns->ts", wave, out.psi.values[200:]), axis=1)
    return np.polyfit(out.time.values[200:], np.log(size), 1)[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_waves_of_a_supercell_grow_and_decay_as_they_should(seed):
    rng = np.random.default_rng([seed, 5])
    for grows in (True, False):
        while True:
            net, state = network(rng, ("square", "triangular"))
            problem, mu = problem_of(net, state)
            found = growth_rate(problem)
            mesh = topology.mesh_points(problem.reciprocal, 32).reshape(-1, 2)[1:]
            rates = problem.spectrum(mesh).imag
            fastest_there = rates.max(axis=1)
            if grows == bool(fastest_there.max() > 0.05) == (found.stable(mu) is False):
                break
        k = mesh[fastest_there.argmax()]
        rate = fastest_there.max()
        assert found.rate >= rate * (1 - RATE)
        measured = evolved(net, state, k, rate, 6 / abs(rate) if grows else min(12 / abs(rate), 40))
        assert measured == pytest.approx(rate, rel=0.1) if grows else measured < 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_deviations_of_a_field_grow_as_they_should(seed):
    """Noise of all wavelengths on 5 x 5 cells: what differs among them grows as the fastest of their waves."""
    rng = np.random.default_rng([seed, 6])
    rate = 0.0
    while rate < 0.05:
        model, _, state = uniform(rng, list(CELLS)[seed % 3], points=4, nu=0.02, reservoir=seed % 2 > 0)
        psi, mu = state.psi.values, float(state.mu)
        problem = model.linear_problem(psi, mu, basis=None)
        k = topology.mesh_points(problem.reciprocal, 5).reshape(-1, 2)[1:]
        rate = problem.spectrum(problem.folded(k)[0]).imag.max()
    found = growth_rate(problem)
    assert found.rate >= rate * (1 - ALONE)
    assert found.stable(mu) is False
    large = model.supercell(5)
    at_rest = np.tile(psi, (1, 5, 5))
    noise = rng.normal(size=(2, *at_rest.shape))
    start = large.with_steady_reservoir(at_rest + 1e-7 * (noise[0] + 1j * noise[1]))
    out = lp.evolve(large, start, 11 / rate, save=lp.every(0.1 / rate), tol=STEPS, progress=False)
    cells = out.psi.values[-30:].reshape(30, 2, 5, 4, 5, 4)
    size = np.linalg.norm((cells - cells.mean(axis=(2, 4), keepdims=True)).reshape(30, -1), axis=1)
    assert np.polyfit(out.time.values[-30:], np.log(size), 1)[0] == pytest.approx(rate, rel=0.05)
