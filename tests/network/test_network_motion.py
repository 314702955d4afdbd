"""Evolution of networks: exact solutions, the single site, orders, noise, batches, checkpoints."""

import numpy as np
import pytest
from network_cases import complex_normal, honeycomb, oblique, random_network, single
from scipy.linalg import expm

import latticepol as lp
from latticepol.network.equation import pseudospin, spinor
from latticepol.state import InitialState

STILL = {"progress": False}
#: Amplitudes at which saturation and interaction are below rounding.
TINY = 1e-8
#: Rounding of 200 steps at most of networks of order one: a few dozen operations each, which add up like a random walk.
ROUNDING = 1e-12
#: Error of the fourth-order steps where there is one, or of the relative tolerance of a trajectory: 1e-12 of ten steps.
STEP = 1e-10
#: What Newton's method leaves: well above the rounding of the forces, 1e-15, at which it stops.
RESIDUAL = 1e-12
#: The mean of psi^2 over 80,000 phases of |psi|^2 = 2e-12 or less: their standard error is 2e-12 (2/80,000)^(1/2).
PHASES = 2e-12 * (2 / 80_000) ** 0.5
#: Standard errors allowed to a mean of random numbers.
SIGMA = 5


def evolved(net, psi, t, **options):
    options = {"dt": 0.01, **STILL, **options}
    return lp.evolve(net, psi, t, **options).psi.isel(time=-1).values


def linear(lat, J, dJ=0.0, *, epsilon=0.0, **site):
    return lp.Network(lat, lp.Site(**{"p": 0.0, "a": 1.0, "g": 0.0, **site}), J, dJ, epsilon)


@pytest.mark.parametrize("a", [2.28, [2.28, 2.3]])
def test_interactions_are_of_one_type_for_the_compiled_flow(a):
    """A read-only array is of another, for which it would be compiled anew."""
    net = honeycomb(a=a)
    engine = net.engine(net.read_start(np.ones((2, 2))))
    assert not any(array.flags.writeable for array in engine.interaction)


def test_one_site_is_the_trajectory():
    site, s0 = lp.Site(p=0.6, a=2.28, g=0.3, delta=0.1, a2=-0.4), np.array([-0.2, 0.1, 0.15])
    expected = lp.trajectory(site, s0, np.linspace(0, 2, 3), tol=1e-12).pseudospin.values
    out = lp.evolve(
        single(site), spinor(s0[None]), 2.0, dt=0.005, save=lp.every(1.0), variables=["pseudospin"], **STILL
    )
    assert out.pseudospin.dims == ("time", "site", "axis")
    assert abs(out.pseudospin.values[:, 0] - expected).max() < STEP


def test_noise_feeds_the_vacuum_as_that_of_a_trajectory():
    """ds/dt = D and <|psi_s|^2> = D t from the vacuum without pump; every site has its own strength."""
    lat, count = lp.lattice.Lattice(np.empty((0, 2)), [[0, 0], [1, 0]], np.empty((0, 2), int)), 20_000
    D = np.array([1e-12, 4e-12])
    net = linear(lat, 0.0).replace(noise=D)
    psi = evolved(net, np.zeros((count, 2, 2)), 0.5, dt=0.05, rng=1)
    mean, error = (abs(psi) ** 2).mean(axis=0), 0.5 / count**0.5
    assert (abs(mean / (0.5 * D[:, None]) - 1) < SIGMA * 2 * error).all()
    assert abs((psi**2).mean()) < SIGMA * PHASES


@pytest.mark.parametrize("where", ["one of all sites", "one per site"])
def test_noise_is_correlated_as_its_covariance_says(where):
    """<psi_s psi_s'^*> = D_ss' t from the vacuum, dichroic loss and a phase included, and a singular one."""
    lat, count = lp.lattice.Lattice(np.empty((0, 2)), [[0, 0], [1, 0]], np.empty((0, 2), int)), 20_000
    D = 1e-12 * np.array([[[3.0, 1.0 + 2.0j], [1.0 - 2.0j, 4.0]], [[1.0, -1.0], [-1.0, 1.0]]])
    D = D if where == "one per site" else D[:1].repeat(2, axis=0)
    net = linear(lat, 0.0).replace(noise=D if where == "one per site" else D[0])
    psi = evolved(net, np.zeros((count, 2, 2)), 0.5, dt=0.05, rng=1)
    found = np.einsum("bns,bnt->nst", psi, psi.conj()) / count
    error = 0.5 * np.sqrt(np.einsum("nss,ntt->nst", D, D).real / count)
    assert (abs(found - 0.5 * D) < SIGMA * error).all()
    assert (abs(np.einsum("bns,bnt->nst", psi, psi)) / count < SIGMA * 2 * error).all()


def test_noise_keeps_the_stationary_moments():
    """p < 0: <s> = D/|p| where saturation does not matter; and with a condensate the mean of lp.trajectory."""
    D, count = 1e-10, 10_000
    psi = evolved(single(lp.Site(p=-2.0, a=1.0, g=0.0), noise=D), np.zeros((count, 1, 2)), 4.0, dt=0.02, rng=2)
    assert abs((abs(psi) ** 2).sum(axis=-1).mean() / 2 / (D / 2) - 1) < SIGMA / (2 * count) ** 0.5 + 1e-3
    site, D, count = lp.Site(p=0.4, a=2.0, g=0.3, delta=0.1), 0.05, 2000
    start = np.tile([-0.3, 0.0, 0.1], (count, 1))
    paths = lp.trajectory(site, start, [0.0, 6.0], noise=D, dt=0.05, rng=1).pseudospin.values[:, -1]
    net = evolved(single(site, noise=D), spinor(start[:, None]), 6.0, dt=0.05, rng=2)
    for one, other in zip(paths.T, pseudospin(net)[:, 0].T, strict=True):
        assert abs(one.mean() - other.mean()) < SIGMA * np.hypot(one.std(), other.std()) / count**0.5
    sizes = [np.linalg.norm(s, axis=1) for s in (paths, pseudospin(net)[:, 0])]
    assert abs(sizes[0].mean() - sizes[1].mean()) < SIGMA * np.hypot(*(s.std() for s in sizes)) / count**0.5


def test_a_batch_is_as_many_runs():
    rng = np.random.default_rng(0)
    net = random_network(oblique())
    p, delta, a = rng.uniform(0, 0.5, (2, 3, 1)), rng.uniform(-1, 1, (2, 3, net.sites)), rng.uniform(1, 2, (2, 1, 1))
    psi = complex_normal(rng, (2, 3, net.sites, 2))
    together = evolved(net.replace(p=p, delta=lambda t: delta * np.cos(t), a=a), psi, 0.5)
    for i in range(2):
        for j in range(3):
            one = net.replace(p=p[i, j], delta=lambda t, d=delta[i, j]: d * np.cos(t), a=a[i, 0])
            assert abs(evolved(one, psi[i, j], 0.5) - together[i, j]).max() < ROUNDING


def test_a_drive_may_have_batch_axes():
    net = honeycomb()
    F = complex_normal(np.random.default_rng(0), (3, 2, 2))
    psi = np.tile(net.start("aligned"), (2, 3, 1, 1))
    together = evolved(net.replace(drive=lambda t: F * np.exp(-1j * t)), psi, 0.3)
    for j in range(3):
        one = evolved(net.replace(drive=lambda t, f=F[j]: f * np.exp(-1j * t)), psi[0, 0], 0.3)
        assert abs(one - together[:, j]).max() < ROUNDING


def test_epsilon_is_the_unit_of_energy():
    """t -> t/2, psi -> sqrt(2) psi where epsilon, p, delta, J, dJ, on-site terms are doubled."""
    net = random_network(oblique()).replace(epsilon=1.0)
    psi = complex_normal(np.random.default_rng(0), (net.sites, 2))
    double = net.replace(epsilon=2.0, p=2 * net.site.p, delta=2 * net.site.delta, J=2 * net.J, dJ=2 * net.dJ,
                         onsite=2 * net.onsite)  # fmt: skip
    one, two = evolved(net, psi, 1.0, dt=0.01), evolved(double, 2**0.5 * psi, 0.5, dt=0.005)
    assert abs(two - 2**0.5 * one).max() < ROUNDING * abs(one).max()


def test_epsilon_scales_the_starts():
    net = honeycomb()
    double = net.replace(epsilon=2.0, p=0.2, delta=0.1, J=6.0, dJ=1.8)
    for start in ("aligned", "linear", "anti-aligned"):
        assert np.allclose(double.start(start), 2**0.5 * net.start(start), rtol=0, atol=ROUNDING)
    assert np.allclose(double.start("noise", 1), 2**0.5 * net.start("noise", 1))


def test_sites_differ():
    """Without bonds every site goes its own way."""
    lat = lp.lattice.Lattice(np.empty((0, 2)), [[0, 0], [1, 0], [2, 0]], np.empty((0, 2), int))
    values = {"p": [0.1, 0.5, -0.2], "a": [1.0, 2.0, 3.0], "g": [0.1, 0.2, 0.9], "delta": [0.0, -0.3, 0.4],
              "a2": [0.0, 0.2, -0.3]}  # fmt: skip
    psi = complex_normal(np.random.default_rng(0), (3, 2))
    together = evolved(lp.Network(lat, lp.Site(**values), 1.0), psi, 1.0)
    for n in range(3):
        alone = evolved(single(lp.Site(**{name: v[n] for name, v in values.items()})), psi[n : n + 1], 1.0)
        assert abs(alone[0] - together[n]).max() < ROUNDING


def test_p_and_delta_follow_the_time():
    """Tiny amplitudes, epsilon = 0: psi_s = psi_s(0) exp(int (p - i s delta)/2 dt)."""
    net = linear(lp.lattice.square().patch((1, 1)), 0.0, p=lambda t: 0.3 * np.sin(2 * t), delta=lambda t: t)
    t = 2.0
    grown, turned = 0.15 * (1 - np.cos(2 * t)), t * t / 2
    expected = TINY * np.exp(0.5 * (grown - 1j * np.array([1, -1]) * turned))
    assert abs(evolved(net, TINY * np.ones((1, 2)), t, dt=0.02)[0] / expected - 1).max() < 1e-8


def test_a_drive_from_the_vacuum():
    """psi = -(1 - e^{-iht}) h^-1 F for one linear site, and the steady state -h^-1 F with mu = 0."""
    p, g, delta, F = -0.6, 0.2, 0.3, TINY * np.array([1.0, 0.4j])
    net = single(lp.Site(p=p, a=1.0, g=g, delta=delta), drive=F[None])
    h = 0.5j * p * np.eye(2) + 0.5 * delta * np.diag([1, -1]) - 0.5 * (1 + 1j * g) * np.array([[0, 1], [1, 0]])
    t = 3.0
    expected = -(np.eye(2) - expm(-1j * h * t)) @ np.linalg.solve(h, F)
    assert abs(evolved(net, np.zeros((1, 2)), t, dt=0.02)[0] - expected).max() < 1e-8 * TINY
    state = lp.steady_state(net, np.zeros((1, 2)))
    assert state.mu == 0
    assert abs(state.psi.values[0] + np.linalg.solve(h, F)).max() < ROUNDING * TINY
    assert float(state.growth_rate) == pytest.approx(np.linalg.eigvals(h).imag.max())
    assert bool(state.stable)


def test_a_strong_drive_is_stationary():
    drive = np.array([[0.8, 0.1], [0.3, -0.2j]])
    net = honeycomb(J=0.3, dJ=0.1, p=-0.5, drive=drive)
    state = lp.steady_state(net, np.zeros((2, 2)), relax=50.0)
    assert float(state.residual) < RESIDUAL
    assert state.mu == 0
    assert abs(evolved(net, state, 1.0) - state.psi.values).max() < 1e-9


@pytest.mark.parametrize("J", [0.7j, -0.3j, 0.5 + 0.4j])
def test_dissipative_hopping(J):
    """The symmetric mode of a pair has the energy -J, the antisymmetric one +J: Im J > 0 damps the symmetric one."""
    net = linear(lp.lattice.chain().patch((2,)), J, p=0.2)
    for sign in (1, -1):
        psi = evolved(net, TINY * np.array([[1, 0], [sign, 0]]), 1.0)
        assert abs(psi[0, 0] / TINY - np.exp(0.1 + 1j * sign * J)) < ROUNDING
        assert abs(psi[1, 0] - sign * psi[0, 0]) < ROUNDING * TINY


def test_number_is_conserved_without_gain():
    net = linear(lp.lattice.honeycomb().supercell(3), 1.3, 0.4, epsilon=1.0, delta=0.3)
    psi = TINY * complex_normal(np.random.default_rng(0), (net.sites, 2))
    number = lp.evolve(net, psi, 2.0, dt=0.05, variables=["number"], save=lp.every(0.5), **STILL).number.values
    assert abs(number / number[0] - 1).max() < ROUNDING


def test_budget_of_the_number():
    """dN/dt = sum_n 2 (p - S) S - 2 epsilon g S_x for real hopping."""
    net = honeycomb(p=[0.3, -0.1], g=[0.2, 0.6], epsilon=1.4)
    psi = complex_normal(np.random.default_rng(0), (2, 2))
    s = pseudospin(psi)
    S = np.linalg.norm(s, axis=-1)
    expected = (2 * (net.site.p - S) * S - 2 * 1.4 * net.site.g * s[:, 0]).sum()
    assert 2 * (psi.conj() * net.rhs(psi)).sum().real == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize(
    "integrator", [pytest.param(lp.Strang(), marks=pytest.mark.slow), lp.BlanesMoan()], ids=["Strang", "BlanesMoan"]
)
def test_order(integrator):
    """With gain, a drive and parameters that depend on time."""
    F = 0.3 * complex_normal(np.random.default_rng(1), (8, 2))
    net = lp.Network(
        lp.lattice.honeycomb().supercell(2),
        lp.Site(p=lambda t: 0.8 + 0.3 * np.sin(t), a=2.28, g=0.5, delta=lambda t: 0.3 * np.cos(t)),
        J=1.0, dJ=0.3, drive=lambda t: F * np.exp(-0.7j * t),
    )  # fmt: skip
    psi = complex_normal(np.random.default_rng(0), (8, 2))
    exact = evolved(net, psi, 1.0, dt=1 / 320)
    errors = [abs(evolved(net, psi, 1.0, dt=1 / n, integrator=integrator) - exact).max() for n in (10, 20, 40)]
    assert abs(np.log2(errors[0] / errors[1]) - integrator.order) < 0.25
    assert abs(np.log2(errors[1] / errors[2]) - integrator.order) < 0.15


def test_a_large_network_is_many_small_ones():
    """800 sites, all cells alike: the sparse engine against the dense one of the primitive cell."""
    net = honeycomb()
    large = net.on(net.lattice.supercell(20))
    psi = complex_normal(np.random.default_rng(0), (2, 2))
    assert large.sites == 800
    assert abs(evolved(large, np.tile(psi, (400, 1)), 0.5) - np.tile(evolved(net, psi, 0.5), (400, 1))).max() < ROUNDING


CHECKPOINTED = {
    "gain": (honeycomb(), {"dt": 0.01}),
    "noise": (honeycomb(noise=0.1), {"dt": 0.01, "rng": 3}),
    "moving": (
        honeycomb(p=lambda t: 0.3 + 0.1 * np.sin(t), drive=lambda t: np.full((2, 2), t)),
        {"tol": 1e-9, "dt_max": 0.02},
    ),
}


@pytest.mark.parametrize("case", CHECKPOINTED)
def test_resume_is_bit_for_bit(case, tmp_path, monkeypatch):
    net, options = CHECKPOINTED[case]
    options = {**options, **STILL, "save": lp.every(0.25)}
    psi = complex_normal(np.random.default_rng(0), (3, 2, 2))
    whole = lp.evolve(net, psi, 1.0, **options)
    files = {"out": tmp_path / "run.nc", "checkpoint": tmp_path / "checkpoint"}
    steps = 0

    def broken(self, t):
        nonlocal steps
        steps += 1
        if steps == 12:
            self.write_checkpoint()
        if steps == 20:
            raise InterruptedError

    monkeypatch.setattr("latticepol.evolution.run.Run._between", broken)
    with pytest.raises(InterruptedError):
        lp.evolve(net, psi, 1.0, **options, **files)
    monkeypatch.undo()
    resumed = lp.evolve(net, psi, 1.0, **options, **files)
    assert np.array_equal(resumed.time, whole.time)
    assert np.array_equal(resumed.psi.values, whole.psi.values)
    assert np.array_equal(lp.load(tmp_path / "run.nc").psi.values, whole.psi.values)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    net = honeycomb(drive=np.ones((2, 2)))
    options = {"dt": 0.01, **STILL, "checkpoint": tmp_path}
    lp.evolve(net, np.ones((2, 2)), 0.1, **options)
    changed = {
        "J is 3.0 there, 2.0 here": {"J": 2.0},
        "dJ is ": {"dJ": [0.1, 0.2, 0.3]},
        "p is 0.1 there, 0.2 here": {"p": 0.2},
        "drive is array": {"drive": None},
        "epsilon is 1.0 there, 0.5 here": {"epsilon": 0.5},
        "noise is None there, 0.1 here": {"noise": 0.1, "integrator": lp.BlanesMoan()},
        "lattice.vectors is array": {"lattice": net.lattice.replace(vectors=net.lattice.vectors * 1.1)},
    }
    for message, changes in changed.items():
        changes = dict(changes)
        changes.pop("integrator", None)
        with pytest.raises(ValueError, match=f"of another run: .*{message}"):
            lp.evolve(net.replace(**changes), np.ones((2, 2)), 0.2, **options)


@pytest.mark.parametrize(("value", "h"), [(np.nan, 0.1), (np.nan, -0.1), (np.inf, -0.1), (1e200, -0.1)])
def test_an_overflow_is_called_so(value, h):
    engine = honeycomb().engine(InitialState(np.ones((2, 2))))
    engine.psi[0, 0, 0] = value
    with pytest.raises(lp.ConvergenceError, match=r"the amplitudes overflowed at t = 0.3; use a smaller dt"):
        engine._flow(h, 0.0, 0.3)


def test_the_same_seed_gives_the_same_noise():
    net = honeycomb(noise=0.1)
    one, two, other = (evolved(net, np.ones((2, 2)), 0.2, rng=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.allclose(one, other)


def test_what_cannot_be_integrated_is_refused():
    net = honeycomb()
    with pytest.raises(ValueError, match=r"a model with noise needs lp\.Strang"):
        evolved(net.replace(noise=0.1), np.ones((2, 2)), 1.0, integrator=lp.BlanesMoan())
    with pytest.raises(ValueError, match=r"tol needs a smooth solution, which noise is not; give dt"):
        evolved(net.replace(noise=0.1), np.ones((2, 2)), 1.0, dt=None, tol=1e-6)
    with pytest.raises(ValueError, match=r"is not for networks; use lp\.BlanesMoan"):
        evolved(net, np.ones((2, 2)), 1.0, integrator=lp.ETDRK4())
    with pytest.raises(ValueError, match=r"dt = 1 is too large for the local rate p = 5: need dt <= 0\.4"):
        evolved(net.replace(p=5.0), np.ones((2, 2)), 1.0, dt=1.0)
    with pytest.raises(ValueError, match=r"psi has shape \(3, 2\), need \(\.\.\., 2, 2\)"):
        evolved(net, np.ones((3, 2)), 1.0)
    with pytest.raises(
        ValueError, match=r"variable 'density' is not known; there are \['psi', 'pseudospin', 'number'\]"
    ):
        evolved(net, np.ones((2, 2)), 1.0, variables=["density"])
    with pytest.raises(
        ValueError, match=r"parameters have the batch axes \(5,\), psi has \(\); give psi of the shape \(5, 2, 2\)"
    ):
        evolved(net.replace(p=np.ones((5, 2))), np.ones((2, 2)), 1.0)
    with pytest.raises(ValueError, match=r"psi0 must hold the psi of a network, .*; it holds \['mu'\]"):
        evolved(net, lp.steady_state(net)[["mu"]], 1.0)


def test_the_result_continues():
    net = honeycomb()
    half = lp.evolve(net, net.start("noise", 1), 1.0, dt=0.01, **STILL)
    whole = evolved(net, net.start("noise", 1), 2.0)
    assert abs(evolved(net, half, 2.0) - whole).max() < ROUNDING
    assert half.psi.dims == ("time", "site", "spin")
    assert half.sublattice.values.tolist() == [0, 1]
    batch = lp.evolve(net, np.ones((3, 2, 2)), 0.1, dt=0.05, variables=["psi", "number"], **STILL)
    assert batch.psi.dims == ("time", "batch", "site", "spin")
    assert batch.number.dims == ("time", "batch")
    several = lp.evolve(net, np.ones((3, 1, 2, 2)), 0.1, dt=0.05, variables=["number"], **STILL)
    assert several.number.dims == ("time", "batch_0", "batch_1")


@pytest.mark.parametrize("p", [0.0, 5e-324, 1e-322, 1e-310, -1e-320, 1e-200])
def test_gain_below_every_normal_number_saturates(p):
    """S = S0/(1 + S0 t) at p = 0."""
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=p, a=0.1, g=0.0), J=0.0, epsilon=0.0)
    psi = evolved(net, np.full((2, 2), 1.0 + 0j), 10.0)
    assert abs(abs(psi) ** 2 - 1 / 11).max() < ROUNDING


def test_a_pulse_of_gain_ends_in_saturation():
    """1/S' = 1/S + t far from the pulse, whose tails pass through all small numbers."""
    net = lp.Network(
        lp.lattice.honeycomb(), lp.Site(p=lp.pumps.pulse(83.1, fwhm=0.5), a=0.1, g=0.0), J=0.0, epsilon=0.0
    )
    out = lp.evolve(net, np.full((2, 2), 1.0 + 0j), 77.0, t0=73.0, dt=0.02, progress=False)
    assert abs(abs(out.psi.values[-1]) ** 2 - 1 / 5).max() < STEP
