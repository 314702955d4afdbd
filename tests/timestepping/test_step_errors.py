"""What a step does that no error estimate sees: resonances with pairs of waves, shifts of driven resonances."""

import math
import re
import warnings

import numpy as np
import pytest
from gpe_cases import INTEGRATORS, name

import latticepol as lp
from latticepol.gpe import aliases
from latticepol.gpe.coefficients import SPIN_SIGNS
from latticepol.gpe.stepping import momentum
from latticepol.network.hopping import extremes
from latticepol.state import InitialState
from latticepol.timestepping import step_errors

#: Matrices 2x2 with entries of order ten.
ROUNDING = 1e-12
STRANG, BLANES_MOAN, ETDRK4 = lp.Strang(), lp.BlanesMoan(), lp.ETDRK4()


def told(call):
    """(result, texts of the warnings)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call()
    return result, [str(one.message) for one in caught]


# Resonances: a uniform condensate psi = 0.7 with the coupling 0.49, waves up to k = 2 pi sqrt(2) and E = 39.5.

GRID = lp.Grid.rectangle((32.0, 32.0), (64, 64))
TERMS = [lp.Kinetic(1.0), lp.Interaction(2.0)]
RIPPLED = 0.7 + 1e-8 * np.random.default_rng(0).standard_normal((2, 64, 64))
WIDTH, COUPLING = 39.478, 0.49
#: pi/(E_max - E_min + 2 coupling)
SAFE = 0.0776


def ripple(dt, integrator, terms=TERMS, t_end=60.0):
    model = lp.SpinorGPE(GRID, terms)
    out, texts = told(lambda: lp.evolve(model, RIPPLED, t_end, dt=dt, integrator=integrator, progress=False))
    return np.abs(np.abs(out.psi.values[-1]) - 0.7).max(), texts


def test_what_is_warned_of_heats_and_what_is_not_does_not():
    """The ripple of 1e-8 grows to 4e-8 by itself."""
    assert abs(math.pi / (WIDTH + 2 * COUPLING) - SAFE) < 1e-4
    for dt in (0.02, 0.077):
        size, texts = ripple(dt, STRANG)
        assert (size < 1e-7, texts) == (True, [])
    for dt in (0.079, 0.1):
        size, (text,) = ripple(dt, STRANG)
        assert size > 0.1
        assert "amplifies the fastest waves, exp(29.4) times" in text
        assert "give dt <= 0.0776, " in text


def test_schemes_of_fourth_order_resonate_more_weakly():
    for integrator, dt, few in ((BLANES_MOAN, 0.1, 1e-7), (ETDRK4, 0.1, 1e-7)):
        size, texts = ripple(dt, integrator)
        assert (size < few, texts) == (True, [])
    for integrator in (BLANES_MOAN, ETDRK4):
        size, (text,) = ripple(0.25, integrator)
        assert size > 1e-5
        assert repr(integrator) in text


def test_momentum_damping_of_the_resonant_waves_ends_it():
    """They decay at nu E = nu pi/dt, above the coupling."""
    damped = [lp.Kinetic(1.0, nu=0.05), TERMS[1]]
    size, texts = ripple(0.1, STRANG, damped)
    assert (size < 1e-7, texts) == (True, [])
    weakly = [lp.Kinetic(1.0, nu=0.003), TERMS[1]]
    size, texts = ripple(0.1, STRANG, weakly)
    assert size > 1e-5
    assert len(texts) == 1


def test_what_cannot_grow_is_not_told():
    short = ripple(0.1, STRANG, t_end=5.0)[1]
    alone = ripple(0.1, STRANG, [lp.Kinetic(1.0), lp.Gain(0.0, 0.0, 0.0)])[1]
    assert short == alone == []


def test_noise_is_amplified_at_once_and_the_saturated_density_counts():
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Interaction(0.02), lp.Gain(1.2, 1.0, 0.2), lp.WignerNoise()])
    empty = np.zeros((2, 64, 64))
    for dt, count in ((0.05, 0), (0.1, 1)):
        assert (
            len(told(lambda dt=dt: lp.evolve(model, empty, 200.0, dt=dt, rng=1, progress=False, callbacks=STOP))[1])
            == count
        )


STOP = [(lp.at_times([1.0]), lambda frame: True)]


def multiplier(integrator, h, E, coupling):
    """Growth of a pair of waves in a step, from the step itself: its derivative about a uniform condensate."""
    k = math.sqrt(2 * E)
    grid = lp.Grid.rectangle((2 * math.pi / k, 2 * math.pi / k), (4, 4))
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Interaction(2 * coupling), lp.Potential(-coupling)])
    wave = np.exp(1j * k * grid.points[0])
    small, columns = 1e-6, []
    engine = model.engine(InitialState(np.zeros((2, 4, 4), complex)))
    for direction in (wave, 1j * wave, wave.conj(), 1j * wave.conj()):
        ends = []
        for sign in (1, -1):
            psi = np.zeros((2, 4, 4), complex)
            psi[0] = 1 + sign * small * direction
            engine.reset(InitialState(psi))
            integrator.step(engine, 0.0, h, first=True)
            integrator.finish(engine, h)
            ends.append(engine.psi.reshape(2, 4, 4)[0].copy())
        moved = (ends[0] - ends[1]) / (2 * small)
        parts = [np.vdot(one, moved) / 16 for one in (wave, wave.conj())]
        columns.append([parts[0].real, parts[0].imag, parts[1].real, parts[1].imag])
    return np.abs(np.linalg.eigvals(np.array(columns).T)).max()


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=name)
def test_the_strength_of_every_resonance(integrator):
    """Largest growth rate near E h = n pi over the coupling; to 0.02 in these steps of the energy."""
    coupling, h = 0.05, 1.0
    for n in (1, 2, 3, 4):
        energies = n * math.pi + np.linspace(-3, 1, 21) * coupling
        rates = [math.log(multiplier(integrator, h, E, coupling)) / coupling for E in energies]
        if isinstance(integrator, lp.ETDRK4):
            assert -0.01 < integrator.resonance(n) - max(rates) < 0.08, n  # it is measured, and not told too small
        else:
            assert abs(max(rates) - integrator.resonance(n)) < 0.02, n
        assert max(rates[:3]) < 0.2 * integrator.resonance(n) + 0.02  # 2.6 couplings below there is none


def test_bands_of_the_matrix():
    grid = lp.Grid.rectangle((6.0, 4.0), (6, 4))
    terms = [lp.Kinetic(1.3, nu=0.1), lp.TETM(0.2), lp.Splitting(1.0, 0.3), lp.Zeeman(0.4)]
    energies, decay = momentum.bands(terms, grid)
    H = momentum.stacked(terms, aliases.of_grid(grid))
    hermitian = np.linalg.eigvalsh(0.5 * (H + H.conj().swapaxes(-1, -2)))
    assert np.abs(np.moveaxis(energies, 0, -1) - hermitian).max() < ROUNDING
    k2 = grid.wavevectors[0] ** 2 + grid.wavevectors[1] ** 2
    assert np.abs(decay - 0.1 * k2 / 2.6).max() < ROUNDING


NET = lp.Network(lp.lattice.square().supercell((16, 16)), lp.Site(p=0.4, a=1.0, g=0.0), J=1.0, epsilon=0.0)


def test_networks_resonate_too():
    """The band is 8 J wide, and at most (a + a2) p/2 = 0.245 of the start scatters pairs."""
    psi = 0.7 + 1e-8 * np.random.default_rng(0).standard_normal((256, 2))
    for dt, grows in ((0.36, False), (0.42, True)):
        out, texts = told(lambda dt=dt: lp.evolve(NET, psi, 60.0, dt=dt, integrator=STRANG, progress=False))
        assert (np.ptp(np.abs(out.psi.values[-1])) > 1e-6) == grows
        assert len(texts) == grows
        assert not grows or "give dt <= 0.37," in texts[0]


@pytest.mark.parametrize("lattice", [lp.lattice.chain(), lp.lattice.honeycomb().supercell((7, 7))])
def test_extremes_of_the_hopping(lattice):
    H = NET.replace(lattice=lattice, J=1.0, dJ=0.3).hopping.hermitian().sparse()
    exact = np.linalg.eigvalsh(H.toarray())[[0, -1]]
    assert np.abs(extremes(H) - exact).max() < 0.02 * np.ptp(exact)


# Driven resonances: the lowest modes of a trap; Strang splitting has sin(Omega' dt/2) = Omega dt/2.

TRAP = lp.Grid.rectangle((6.0, 6.0), (16, 16))
X, Y = TRAP.points
OMEGA = 2.0


def trap(*more, Omega=OMEGA):
    V = np.minimum(0.5 * Omega**2 * (X**2 + Y**2), 12.0)
    return lp.SpinorGPE(TRAP, [lp.Kinetic(1.0), lp.Potential(V), *more])


def test_the_mean_of_the_double_commutator_is_the_shift():
    """In the ground state exp(-Omega r^2/2): Omega' - Omega = Omega^3 dt^2/24."""
    model, dt = trap(), 0.05
    ground = np.exp(-0.5 * OMEGA * (X**2 + Y**2)) * np.ones((2, 1, 1))
    k2 = TRAP.wavevectors[0] ** 2 + TRAP.wavevectors[1] ** 2

    def linear(psi):
        return np.fft.ifft2(0.5 * k2 * np.fft.fft2(psi))

    local = model.equation.value("V", 0.0) + 0 * SPIN_SIGNS
    shift = step_errors.splitting_shift(linear, local, ground.astype(complex), dt)
    assert abs(shift / (OMEGA**3 * dt**2 / 24) - 1) < 1e-3  # waves at the edge of the cell
    exact = 2 / dt * math.asin(0.5 * OMEGA * dt) - OMEGA
    assert abs(shift / exact - 1) < 2e-3  # (Omega dt)^2 of it is the next order


@pytest.mark.parametrize(("Omega", "level"), [(1.5, 1), (2.0, 1), (2.0, 2), (2.0, 3)])
def test_the_estimate_knows_the_shift(Omega, level):
    """Within a factor of two of level Omega^3 dt^2/24."""
    terms = [lp.Gain(0.0, 1e-4), lp.Drive(1e-3, omega=level * Omega)]
    _, (text,) = told(
        lambda: lp.evolve(trap(*terms, Omega=Omega), EMPTY, 0.1, dt=0.05, integrator=STRANG, progress=False)
    )
    found = float(re.search(r"driven resonances by about ([\d.e-]+),", text)[1])
    assert 0.5 < found / (level * Omega**3 * 0.05**2 / 24) < 2


EMPTY = np.zeros((2, 16, 16), complex)


def test_strang_ends_on_the_wrong_branch_and_says_so():
    """A drive 2.5 widths above a resonance, ramped to 0.93 of the fold: the field stays weak, and Strang, for which the
    resonance lies 0.24 widths higher, jumps."""
    Gamma, alpha, dt = 0.02, 0.1, 0.12
    detuning = 2.5 * Gamma
    ground = np.exp(-0.5 * OMEGA * (X**2 + Y**2))
    ground /= np.linalg.norm(ground)
    beta = 0.5 * alpha * (ground**4).sum()
    fold = (2 * detuning - math.sqrt(detuning**2 - 0.75 * Gamma**2)) / (3 * beta)
    F = math.sqrt(fold * ((beta * fold - detuning) ** 2 + 0.25 * Gamma**2)) / ground.sum()
    light = 0.93 * F * lp.pumps.uniform(1.0).circular(1.0) * lp.pumps.ramp(0.0, 1000.0)
    model = trap(lp.Gain(0.0, Gamma), lp.Interaction(alpha), lp.Drive(0.5 * light, omega=OMEGA + detuning))
    found, told_of = {}, {}
    for integrator in (STRANG, BLANES_MOAN):
        out, told_of[integrator] = told(
            lambda integrator=integrator: lp.evolve(model, EMPTY, 1600.0, dt=dt, integrator=integrator, progress=False)
        )
        found[integrator] = float((np.abs(out.psi.values[-1]) ** 2).sum()) / fold
    assert found[BLANES_MOAN] < 1 < 2 < found[STRANG]
    assert told_of[BLANES_MOAN] == []
    assert re.search(
        r"Strang\(\) with dt = 0.12 shifts driven resonances by about .* of their width 0.02", told_of[STRANG][0]
    )


def test_a_driven_network_is_told_too():
    """delta/2 on the sites and epsilon/2 between the spins do not commute: epsilon delta^2 dt^2/48 of X and Y."""
    net = NET.replace(epsilon=2.0, delta=1.0, drive=1e-3 * np.ones((256, 2)))
    texts = [
        told(lambda p=p: lp.evolve(net.replace(p=p), 0 * net.drive, 0.2, dt=0.1, integrator=STRANG, progress=False))[1]
        for p in (-5e-4, -0.5)
    ]
    assert [len(some) for some in texts] == [1, 0]
    shift = float(re.search(r"by about ([-\d.e]+),", texts[0][0])[1])
    assert abs(abs(shift) - 2.0 * 0.1**2 / 48) < 1e-5


def test_a_matrix_that_overflows_is_refused():
    grid = lp.Grid.rectangle((8.0, 8.0), (8, 8))
    for term in (lp.Kinetic(1.0, nu=1e308), lp.Kinetic(1e-308), lp.TETM(1e300), lp.Splitting(1e200)):
        with pytest.raises(
            ValueError, match=r"at the largest wavevector of the grid, \|k\| = 4.443, .*smaller parameters"
        ):
            lp.SpinorGPE(grid, [term])
