"""Stationary states of networks: every start, what they are, how the search fails."""

from dataclasses import fields

import numpy as np
import pytest
from scipy import sparse

import latticepol as lp
from latticepol import topology
from latticepol.linear_problem import Growth
from latticepol.network import linear_response
from latticepol.network.equation import pseudospin
from latticepol.network.linear_response import NetworkProblem

#: Residual that Newton's method is asked for; states and growth rates are off by that over the slowest rate of decay.
RESIDUAL, ROUNDING = 1e-12, 1e-9
#: A linear equation with a matrix of condition 100 and numbers of order ten.
LINEAR = 1e-11
#: Below the rounding of forces of order ten, 1e-15.
UNREACHED = 1e-17
STARTS = ["aligned", "anti-aligned", "linear"]


def honeycomb(**changes):
    site = lp.Site(p=0.4, a=2.28, g=1.0, delta=0.01)
    return lp.Network(lp.lattice.honeycomb(), site, J=3.0, dJ=0.9).replace(**changes)


@pytest.mark.parametrize("start", STARTS)
def test_uniform_states_are_those_of_the_single_site(start):
    net = honeycomb()
    state = lp.steady_state(net, start)
    assert float(state.residual) < RESIDUAL
    assert (state.status, state.message) == ("converged", "")
    fixed = lp.fixed_points(net.site)
    label = {"linear": "linear"}.get(start, start)
    s = state.pseudospin.values
    assert np.allclose(s[0], s[1], atol=1e-9)
    assert abs(fixed.pseudospin.values - s[0]).max(axis=-1)[np.isfinite(fixed.pseudospin.values[:, 0])].min() < 1e-9
    along = np.sign(s[0, 2])
    assert along == {"aligned": 1, "anti-aligned": -1, "linear": along}[label]
    if start == "linear":
        assert abs(s[0, 2]) < 0.1
        assert s[0, 0] < 0
    still = lp.evolve(net, state, 1.0, dt=0.01, progress=False).psi.values[-1]
    assert abs(still - state.psi.values * np.exp(-1j * float(state.mu))).max() < 1e-6


def test_a_list_of_starts_is_joined():
    net = honeycomb(delta=0.3)
    one = lp.steady_state(net)
    many = lp.steady_state(net, [*STARTS, one, one.psi.values])
    assert many.psi.dims == ("start", "site", "spin")
    assert many.growth_rate.dims == ("start",)
    assert many.start.values.tolist() == [*STARTS, "start 3", "start 4"]
    for i in (0, 3, 4):
        assert abs(many.pseudospin.values[i] - one.pseudospin.values).max() < 1e-9
    assert many.status[0] == "converged"
    failed = lp.steady_state(net.replace(p=0.05, delta=1.0), ["aligned", "anti-aligned"])
    assert failed.status == ["converged", "failed"]
    assert "there is no anti-aligned state of a single condensate at p = 0.05, delta = 1" in failed.message[1]
    assert np.isnan(failed.psi.values[1]).all()
    assert not failed.stable.values[1]
    chosen = lp.bogoliubov(net, many.sel(start="linear"), k=[0.0, 0.0])
    assert chosen.omega.dims == ("mode",)
    with pytest.raises(ValueError, match=r"state holds several states along \('start',\); choose one with \.sel"):
        lp.bogoliubov(net, many, k=[0.0, 0.0])


def test_a_start_of_which_it_is_not_known_is_false_and_says_so(monkeypatch):
    """What is known of the other starts stays."""
    found = iter([Growth(0.0, certified=True), Growth(0.0), Growth(0.5)])
    monkeypatch.setattr("latticepol.stationary.api.growth_rate", lambda problem: next(found))
    many = lp.steady_state(honeycomb(), STARTS)
    assert many.stable.values.tolist() == [True, False, False]
    assert many.message == ["", "not known here: stable", ""]
    assert "stable" not in lp.steady_state(honeycomb(), STARTS, stability=False)


def test_antiferro():
    """Spins of the two sublattices against each other; weak hopping, no field."""
    net = honeycomb(p=1.0, g=0.3, delta=0.0, J=0.02, dJ=0.0)
    start, state = net.start("antiferro"), lp.steady_state(net, "antiferro", stability=False)
    turned = pseudospin(start)
    assert turned[1] == pytest.approx(turned[0] * [1, -1, -1], abs=LINEAR)
    s = state.pseudospin.values
    assert float(state.residual) < RESIDUAL
    assert s[0, 2] > 0.2
    assert s[0, 0] == pytest.approx(s[1, 0], abs=1e-9)
    assert s[0, 1:] == pytest.approx(-s[1, 1:], abs=1e-9)
    square = lp.lattice.square()
    with pytest.raises(ValueError, match=r"is not bipartite in this cell; use lat\.supercell\(\(2, 2\)\)"):
        honeycomb(lattice=square).start("antiferro")
    large = lp.steady_state(net.replace(lattice=square.supercell(2)), "antiferro", stability=False)
    assert (np.sign(large.pseudospin.values[:, 2]) == square.supercell(2).bipartite).all()


def test_noise_leads_to_a_stable_state():
    net = honeycomb(delta=0.1, noise=0.01)
    state = lp.steady_state(net, "noise", rng=3, relax=400.0)
    again = lp.steady_state(net, "noise", rng=int(state.seed), relax=400.0)
    assert state.seed == 3
    assert np.array_equal(state.psi, again.psi)
    assert bool(state.stable)
    assert float(state.residual) < RESIDUAL
    assert abs(state.pseudospin.values - lp.steady_state(net).pseudospin.values).max() < 1e-9
    assert isinstance(lp.steady_state(net, "noise", relax=400.0).seed, int)


def test_a_dataset_is_a_start():
    net = honeycomb()
    state = lp.steady_state(net)
    near = lp.steady_state(net.replace(p=0.41), state)
    assert abs(near.pseudospin.values - lp.steady_state(net.replace(p=0.41)).pseudospin.values).max() < 1e-9
    frames = lp.evolve(net, state.psi.values * 1.01, 1.0, dt=0.01, save=lp.every(0.5), progress=False)
    assert abs(lp.steady_state(net, frames).pseudospin.values - state.pseudospin.values).max() < 1e-9
    batch = lp.evolve(net, np.tile(state.psi.values, (3, 1, 1)), 0.1, dt=0.1, progress=False)
    with pytest.raises(
        ValueError, match=r"psi0 has the batch axes \('batch',\); a state is searched for from one start"
    ):
        lp.steady_state(net, batch)
    with pytest.raises(ValueError, match=r"psi0 has the batch axes \('batch',\)"):
        lp.steady_state(net, np.ones((3, 2, 2)))


def test_newton_step():
    """L (d, d^*) - (psi, -psi^*) dmu = -(F, -F^*) and Im <psi, d> = 0."""
    net, mu = honeycomb(), -8.0
    rng = np.random.default_rng(0)
    psi = rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2))
    F = 1j * net.rhs(psi) - mu * psi
    d, dmu = net.newton_step(psi, mu, F, [])
    both = net.jacobian(psi, mu) @ np.concatenate([d.ravel(), d.ravel().conj()])
    left = both - dmu * np.concatenate([psi.ravel(), -psi.ravel().conj()])
    assert abs(left + np.concatenate([F.ravel(), -F.ravel().conj()])).max() < LINEAR
    assert abs((psi.conj() * d).sum().imag) < LINEAR


def test_failures_carry_what_was_reached():
    net = honeycomb(p=-3.0)
    with pytest.raises(
        lp.ConvergenceError, match=r"fell to the vacuum: below threshold nothing else is there.* raise the gain"
    ) as e:
        lp.steady_state(net, 1e-3 * np.ones((2, 2)), relax=50.0)
    assert e.value.result.status == "failed"
    assert e.value.result.message in str(e.value)
    lat = lp.lattice.honeycomb().supercell(2)  # sites that differ: the rounding of one alone may be zero
    several = honeycomb(lattice=lat, p=0.4 + lat.site_disorder(0.1, rng=1))
    with pytest.raises(
        lp.ConvergenceError, match=rf"stopped at the residual .*, need {UNREACHED:g}; start closer, or give"
    ) as e:
        lp.steady_state(several, tol=UNREACHED)
    assert UNREACHED < float(e.value.result.residual) < RESIDUAL
    assert e.value.result.psi.shape == (8, 2)


def test_parts_without_a_bond_keep_their_phases():
    """Newton's matrix is singular there."""
    net = honeycomb(J=0.0, dJ=0.0)
    state = lp.steady_state(net, net.start("aligned") * [[1.0], [1.0j]])
    assert float(state.residual) < RESIDUAL
    assert np.allclose(state.psi.values[1], 1j * state.psi.values[0], atol=1e-9)


def test_bad_arguments_are_refused():
    net = honeycomb()
    with pytest.raises(ValueError, match=r"tol must be > 0; got 0\.0: give a residual to be reached"):
        lp.steady_state(net, tol=0)
    for starts in ("alined", ["aligned", "alined"]):
        with pytest.raises(
            ValueError,
            match=r"must be 'aligned', 'anti-aligned', 'linear', 'antiferro', 'noise' or .* \(2, 2\); got 'alined'",
        ):
            lp.steady_state(net, starts)
    with pytest.raises(ValueError, match=r"epsilon = 0\.0: the start 'aligned' needs a splitting > 0; give an array"):
        lp.steady_state(net.replace(epsilon=0.0))
    with pytest.raises(ValueError, match=r"no stable aligned state .* p = -2, .* pump above the threshold p = -1"):
        lp.steady_state(net.replace(p=-2.0, delta=0.0))
    with pytest.raises(TypeError, match=r"model is a Lattice; give a lp\.Network or a lp\.SpinorGPE"):
        lp.steady_state(net.lattice)


def brute_force(net, state, mesh):
    k = topology.mesh_points(net.lattice.reciprocal, mesh).reshape(-1, 2)
    return np.linalg.eigvals(net.bogoliubov_matrix(state.psi.values, float(state.mu))(k)).imag.max()


@pytest.mark.parametrize(("changes", "stable"), [({}, True), ({"g": 0.1}, False), ({"J": -0.5, "dJ": 0.1}, False)])
def test_growth_rate_is_the_largest_of_all(changes, stable):
    net = honeycomb(**changes)
    state = lp.steady_state(net)
    growth, brute = float(state.growth_rate), brute_force(net, state, 60)
    assert growth >= brute - ROUNDING
    assert growth <= brute + 0.02 * abs(brute) + ROUNDING
    assert bool(state.stable) is stable


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_growth_rate_of_supercells_and_chains(count):
    """A supercell is as unstable as its crystal; a chain against all its modes."""
    net = honeycomb(g=0.1)
    crystal = float(lp.steady_state(net).growth_rate)
    large = float(lp.steady_state(net.on(net.lattice.supercell(count))).growth_rate)
    assert large == pytest.approx(crystal, rel=0.05)
    chain = lp.Network(lp.lattice.chain(), net.site, J=0.6)
    state = lp.steady_state(chain)
    k = np.linspace(-np.pi, np.pi, 801)[:, None] * [1.0, 0.0]
    brute = lp.bogoliubov(chain, state, k=k).omega.values.imag.max()
    assert float(state.growth_rate) == pytest.approx(brute, rel=1e-3)
    assert brute > 0.01


@pytest.mark.parametrize("dense", [300, 0])
def test_a_step_whose_phase_cannot_be_fixed_is_refused(dense):
    """L x = (-psi, psi^*) has an x of no phase, x = (1, -2, -1, 2): any multiple of it may be added to a step."""
    psi = np.array([[1.0, 0.5]], complex)
    L = sparse.csc_array(np.diag([-1, 0.25, -1, 0.25]).astype(complex))
    with pytest.raises(np.linalg.LinAlgError, match="phase of a step"):
        linear_response.correction(L, psi, psi, False, dense)


class Sparse(lp.Network):
    """A network whose steps of Newton's method are those of a large one."""

    def newton_step(self, psi, mu, F, memory):
        return linear_response.correction(self.jacobian(psi, mu), psi, F, self.drive is not None, dense=0)


def test_large_patches_agree_with_dense_ones(monkeypatch):
    net = honeycomb(delta=0.05, p=0.1)
    for patch, g in ((net.lattice.patch(lp.lattice.hexagon(4.0)), 1.0), (net.lattice.patch((4, 5)), 0.2)):
        piece = net.replace(g=g).on(patch)
        dense = lp.steady_state(piece)
        with monkeypatch.context() as patched:
            patched.setattr(NetworkProblem, "dense", 0)
            large = lp.steady_state(Sparse(**{field.name: getattr(piece, field.name) for field in fields(piece)}))
        assert float(large.residual) < RESIDUAL
        assert abs(large.pseudospin.values - dense.pseudospin.values).max() < 1e-9
        assert float(large.growth_rate) == pytest.approx(float(dense.growth_rate), abs=1e-7)
        assert bool(large.stable) is bool(dense.stable)


def test_sites_may_differ():
    lat = lp.lattice.honeycomb().supercell(2)
    net = honeycomb(lattice=lat, p=0.4 + lat.site_disorder(0.1, rng=1), delta=0.1 + lat.site_disorder(0.05, rng=2))
    net = net.replace(lattice=lat.replace(strengths=lat.bond_disorder(0.1, rng=3)))
    state = lp.steady_state(net)
    assert float(state.residual) < RESIDUAL
    assert np.ptp(state.pseudospin.values[:, 2]) > 1e-3


def test_results_survive_a_file(tmp_path):
    state = lp.steady_state(honeycomb(), ["aligned", "linear"])
    loaded = lp.load(lp.save(state, tmp_path / "state.nc"))
    assert loaded.drop_attrs().equals(state.drop_attrs())
    alone = lp.load(lp.save(state.sel(start="aligned"), tmp_path / "one.nc"))
    assert float(lp.steady_state(honeycomb(), alone).residual) < RESIDUAL
