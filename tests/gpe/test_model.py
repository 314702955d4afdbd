"""The model as an object: replace, print, what it refuses; profiles and pumps."""

import numpy as np
import pytest

import latticepol as lp
from latticepol.state import InitialState

GRID = lp.Grid.rectangle((8.0, 6.0), (16, 12))
X, Y = GRID.points
MODEL = lp.SpinorGPE(
    GRID, [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Zeeman(0.1), lp.Potential(X), lp.Gain(1.5, 1.0, 0.5)]
)
SWITCHED = 90 * lp.pumps.uniform(1.0) * lp.pumps.ramp(2.0, 3.0) * lp.pumps.pulse(5.0, fwhm=1.0)
RESERVOIR = lp.SpinorGPE(GRID, [lp.Reservoir(1.0, 1.0, 1.0)])
WIDE = lp.SpinorGPE(lp.Grid.rectangle((16.0, 6.0), (16, 12)), [])
FINE = lp.Grid.rectangle((8.0, 6.0), (32, 24))
LATER = lp.pumps.profile(lambda x, y: 100 * np.cos(x)) * lp.pumps.ramp(0.0, 1.0)
PSI = np.ones((2, 12, 16), complex)
#: A few products and transforms of numbers of order ten.
ROUNDING = 1e-13
THREE, FOUR = np.ones((3, 1, 1)), np.ones((4, 2, 12, 16), complex)


def test_replace_reaches_the_term_that_owns_the_name():
    changed = MODEL.replace(gamma=0.3, dtype="complex64")
    assert changed.terms[1].gamma == 0.3
    assert changed.dtype == "complex64"
    assert MODEL.terms[1].gamma == 0.1
    with pytest.raises(TypeError, match=r"no parameter 'pump'; it has .*'W'"):
        MODEL.replace(pump=1)
    with pytest.raises(TypeError, match=r"'V' is ambiguous: terms\[3\] \(Potential\), terms\[5\] \(Potential\) own"):
        MODEL.replace(terms=[*MODEL.terms, lp.Potential(1.0)]).replace(V=2)


def test_repr():
    assert repr(MODEL) == (
        "SpinorGPE, complex128: i dpsi_s/dt =\n"
        "├── Grid(8 x 6, 16 x 12 points)\n"
        "├── Kinetic(mass=1.0, nu=0.0)                 + (1 - i nu) k^2/2m psi_s\n"
        "├── Splitting(epsilon=1.0, gamma=0.1)         - (1/2)(epsilon + i gamma) psi_-s\n"
        "├── Zeeman(Delta=0.1)                         + (s/2) Delta psi_s\n"
        "├── Potential(V=array(12, 16) in [-4, 3.5])   + V_s psi_s\n"
        "├── Gain(W=1.5, Gamma=1.0, eta=0.5)           + (i/2)(W - Gamma - eta S) psi_s\n"
        "└── default integrator: BlanesMoan()"
    )


@pytest.mark.parametrize(
    ("extra", "integrator"),
    [
        ([], "BlanesMoan"),
        ([lp.Absorber(2.0, 1.0)], "ETDRK4"),
        ([lp.Kinetic(1.0, nu=0.1)], "ETDRK4"),
        ([lp.WignerNoise()], "Strang"),
    ],
)
def test_default_integrator(extra, integrator):
    model = MODEL.replace(terms=[*MODEL.terms, *extra])
    assert type(model.default_integrator()).__name__ == integrator
    assert f"default integrator: {integrator}()" in repr(model)


def test_long_parameters_do_not_move_the_column_of_formulas():
    pump = lp.pumps.gaussian(1.0, fwhm=3.0) + lp.pumps.gaussian(1.0, fwhm=3.0, center=(1.0, 1.0))
    text = repr(MODEL.replace(terms=[lp.Kinetic(1.0), lp.Gain(pump, 1.0, 0.5)]))
    assert "├── Kinetic(mass=1.0, nu=0.0)   + (1 - i nu) k^2/2m psi_s\n" in text
    assert "eta=0.5)   + (i/2)(W - Gamma - eta S) psi_s\n" in text


def test_weak_damping_allows_short_steps_back():
    """Momentum damping nu k^2/m = 7.9 at the corner of the grid: exp(0.3) is reached at dt = 0.3/(0.15 x 7.9)."""
    model = MODEL.replace(nu=0.1)
    assert repr(model).endswith("ETDRK4(), BlanesMoan() up to dt = 0.253")
    assert model.default_integrator(0.25) == lp.BlanesMoan()
    assert model.default_integrator(0.26) == lp.ETDRK4()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lp.Kinetic(-1.0), r"mass = -1.0 must be > 0"),
        (lambda: lp.Kinetic(1.0, nu=-0.1), r"nu = -0.1 must be >= 0"),
        (lambda: lp.Gain(1.0, -1.0), r"Gamma = -1.0 must be >= 0"),
        (lambda: lp.Interaction(np.nan), r"alpha1 must be finite; got nan"),
        (lambda: lp.Splitting(np.ones((12, 16))), r"epsilon = array\(12, 16\) .* is not a number"),
        (lambda: lp.Reservoir(1.0, 1.0, 1.0, tau_s=0.0), r"tau_s = 0.0 must be > 0"),
        (
            lambda: lp.SpinorGPE(GRID, [lp.Potential(np.ones((16, 12)))]),
            r"V must be a number or have shape \(12, 16\).*; got \(16, 12\)",
        ),
        (
            lambda: lp.SpinorGPE(GRID, [lp.Gain(lp.pumps.profile(np.ones((16, 12))))]),
            r"profile\(array\) must have shape \(12, 16\), which is \(ny, nx\); got \(16, 12\)",
        ),
        (lambda: lp.SpinorGPE(GRID, [lp.Gain(np.full((12, 16), np.nan))]), r"W holds nan; give finite numbers"),
        (lambda: lp.SpinorGPE(GRID, [lp.Gain(1j)]), r"W holds complex values; give real numbers"),
        (lambda: lp.SpinorGPE(GRID, [lp.Drive(np.ones((3, 12, 16)))]), r"F must .*\(2, 12, 16\).*got \(3, 12, 16\)"),
        (lambda: lp.SpinorGPE(GRID, [lp.Potential(lambda x: x)]), r"takes 1 arguments"),
        (
            lambda: lp.SpinorGPE(GRID, [lp.Gain(lp.pumps.gaussian(1.0, fwhm=1.2))]),
            r"not resolved.*use counts >= \(20, 15\)",
        ),
        (lambda: lp.SpinorGPE(GRID, [lp.Absorber(4.0, 1.0)]), r"absorber width 4.0 is wider than half the cell, 3"),
        (
            lambda: lp.SpinorGPE(GRID, [lp.Reservoir(1, 1, 1), lp.Gain(0, 0, 1)]),
            r"Reservoir replaces the saturable gain",
        ),
        (lambda: lp.SpinorGPE(GRID, MODEL.terms, dtype="float64"), r"dtype = 'float64' is not known"),
        (lambda: MODEL.rhs(np.ones((12, 16))), r"psi has shape \(12, 16\), need \(..., 2, 12, 16\)"),
        (lambda: MODEL.rhs(np.full((2, 12, 16), np.nan)), r"psi holds nan; give finite numbers"),
        (lambda: lp.evolve(MODEL, (PSI, PSI.real), 1.0, dt=0.1), r"n has shape .*without one leave it out"),
        (lambda: lp.evolve(MODEL, PSI, 1.0, dt=0.0), r"dt must be > 0; got 0.0"),
        (
            lambda: lp.evolve(MODEL, PSI, 1.0, dt=1.0),
            r"dt = 1 is too large for the local rate V = 3.75: need dt <= 0.533",
        ),
        (lambda: lp.evolve(MODEL, PSI, 1.0), r"give either dt \(now None\) or tol \(now None\)"),
        (lambda: lp.evolve(MODEL, PSI, -1.0, dt=0.1), r"t_end = -1.0 lies before the start"),
        (lambda: lp.evolve(MODEL, PSI, 1.0, tol=2.0), r"tol = 2.0 must be between 0 and 1"),
        (
            lambda: lp.evolve(MODEL, PSI, 1.0, dt=0.1, variables=["phi"]),
            r"variable 'phi' is not known; there are \['psi'",
        ),
        (
            lambda: lp.evolve(MODEL.replace(nu=2.0), PSI, 1.0, dt=0.2, integrator=lp.BlanesMoan()),
            r"BlanesMoan\(\) steps back in time.*use dt <= 0\.0\d+ or an integrator",
        ),
        (
            lambda: lp.evolve(MODEL.replace(terms=[lp.WignerNoise()]), PSI, 1.0, dt=0.1, integrator=lp.BlanesMoan()),
            r"BlanesMoan\(\) does not carry noise; a model with noise needs lp.Strang\(\)",
        ),
        (
            lambda: lp.evolve(MODEL.replace(terms=[lp.WignerNoise()]), PSI, 1.0, dt=0.1, integrator=lp.ETDRK4()),
            r"ETDRK4\(\) does not carry noise; a model with noise needs lp.Strang\(\)",
        ),
        (
            lambda: lp.evolve(MODEL.replace(V=LATER), PSI, 1.0, dt=0.5),
            r"dt = 0.5 is too large for the local rate V = \d+",
        ),
        (
            lambda: lp.evolve(MODEL.replace(W=SWITCHED), PSI, 1.0, dt=0.5),
            r"dt = 0.5 is too large for the local rate W - Gamma = 89",
        ),
        (
            lambda: lp.evolve(lp.SpinorGPE(GRID, [lp.Interaction(2.28)]), 30 * PSI, 1.0, dt=0.05),
            r"dt = 0.05 .* \(\|alpha1\| \+ \|alpha2\|\) \|psi\|\^2/2 = 1026: need dt <= 0.00195",
        ),
        (
            lambda: lp.evolve(lp.SpinorGPE(GRID, [lp.Reservoir(1.0, 2.0, 1.0)]), 10 * PSI, 1.0, dt=0.05),
            r"dt = 0.05 is too large for the local rate R \|psi\|\^2 = 200: need dt <= 0.01",
        ),
        (lambda: RESERVOIR.rhs(FOUR, 0.0, np.ones((3, 2, 12, 16))), r"n has shape \(3, 2, 12, 16\);.*\(4, 2, 12, 16\)"),
        (lambda: RESERVOIR.rhs(PSI, 0.0, np.ones((3, 12, 16))), r"n has shape \(3, 12, 16\);.*give \(2, 12, 16\)"),
        (lambda: RESERVOIR.rhs(PSI, 0.0, np.ones((2, 2, 12, 16))), r"n has shape \(2, 2, 12, 16\)"),
        (lambda: lp.evolve(RESERVOIR, (PSI, np.nan * PSI.real), 1.0, dt=0.1), r"n holds nan; give finite numbers"),
        (
            lambda: lp.evolve(RESERVOIR, (PSI, PSI), 1.0, dt=0.1),
            r"n holds complex values.*a density",
        ),
        (lambda: lp.evolve(RESERVOIR, (PSI, -2 * PSI.real), 1.0, dt=0.1), r"n goes down to -2; .* must be >= 0"),
        (
            lambda: lp.evolve(MODEL, lp.evolve(WIDE, PSI, 0.0, dt=0.1), 1.0, dt=0.1),
            r"psi of psi0 is on 16 x 12 points, x in \[-8, 7\].*the model is on 16 x 12 points, x in \[-4, 3.5\]",
        ),
        (
            lambda: lp.evolve(lp.SpinorGPE(FINE, []), lp.evolve(MODEL, PSI, 0.0, dt=0.1), 1.0, dt=0.1),
            r"psi0 is on 16 x 12 points.*the model is on 32 x 24 points",
        ),
        (lambda: MODEL.replace(W=lp.pumps.uniform(1.0).circular(0.3)), r"W acts on both spins alike.*lp.Reservoir"),
        (
            lambda: MODEL.replace(W=PSI.real).rhs(PSI),
            r"W has batch axes \(2,\).*W for each spin is not available.*lp.Reservoir",
        ),
        (lambda: MODEL.replace(V=np.ones((3, 12, 16))), r"V must .*for a batch \(B, 1, 12, 16\).*got \(3, 12, 16\)"),
        (
            lambda: MODEL.replace(V=lambda x, y, t: x if t == 0 else PSI.real).rhs(PSI, 1.0),
            r"V is the same for both spins at t = 0 and not later; let it return \(2, ny, nx\)",
        ),
        (
            lambda: lp.evolve(MODEL.replace(W=lambda x, y, t: 90 * np.exp(-((t - 0.5) ** 2)) + x), PSI, 1.0, dt=0.5),
            r"dt = 0.5 is too large for the local rate W - Gamma = 92.5",
        ),
        (lambda: MODEL.replace(epsilon=THREE).rhs(FOUR), r"Splitting has batch axes \(3,\), the field has \(4,\)"),
        (lambda: MODEL.replace(mass=THREE).rhs(FOUR), r"Kinetic has batch axes \(3,\), the field has \(4,\)"),
        (lambda: MODEL.replace(Gamma=THREE).rhs(FOUR), r"Gamma has batch axes \(3,\), the field has \(4,\)"),
        (lambda: MODEL.replace(W=THREE).rhs(PSI), r"W has batch axes \(3,\), the field has \(\)"),
        (lambda: lp.Drive(1.0, omega=THREE), r"omega = array\(3, 1, 1\) .* must be one number for the whole batch"),
        (lambda: lp.Reservoir(1.0, 1.0, 1.0, tau_s=-THREE), r"tau_s = array\(3, 1, 1\) .* must be > 0"),
        (lambda: lp.every(0.0), r"period must be > 0; got 0.0"),
        (lambda: lp.pumps.gaussian(1.0, fwhm=-1.0), r"fwhm must be > 0; got -1.0"),
        (lambda: lp.pumps.uniform(1.0).circular(2), r"circularity must be <= 1.0; got 2.0"),
        (lambda: lp.pumps.ramp(1.0, 1.0), r"ramp from 1.0 to 1.0 takes no time"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_strangers_are_no_terms():
    with pytest.raises(TypeError, match=r"derive its class from lp.Term"):
        lp.SpinorGPE(GRID, ["gain"])


def test_a_dataset_on_an_oblique_grid_goes_on():
    model = lp.SpinorGPE(lp.Grid(((4.0, 0.0), (2.0, 3.0)), (8, 6)), [lp.Kinetic(1.0)])
    first = lp.evolve(model, np.ones((2, 6, 8), complex), 0.1, dt=0.1)
    assert float(lp.evolve(model, first, 0.2, dt=0.1).time[-1]) == 0.2


@pytest.mark.parametrize(("value", "h"), [(np.nan, 0.1), (np.nan, -0.1), (np.inf, -0.1), (1e200, -0.1)])
def test_an_overflow_is_called_so(value, h):
    engine = MODEL.engine(InitialState(PSI))
    engine.psi[0, 0, 0] = value
    with pytest.raises(lp.ConvergenceError, match=r"the amplitudes overflowed at t = 0.3; use a smaller dt"):
        engine._flow(h, 0.0, 0.3)


def test_saturation_run_back_past_infinity_is_called_so():
    engine = MODEL.engine(InitialState(10 * PSI))
    with pytest.raises(lp.ConvergenceError, match=r"substep of -0.1 back in time from t = 0.3 .*lp.ETDRK4"):
        engine._flow(-0.1, 0.0, 0.3)


def test_profiles_are_numbers_arrays_functions_or_pumps():
    wave = lambda x, y: np.cos(x) + y  # noqa: E731
    for profile in (wave, wave(X, Y), lp.pumps.profile(wave), lambda x, y, t: wave(x, y) + t):
        rate = MODEL.replace(V=profile).rhs(PSI)[0]
        assert np.abs(rate - MODEL.replace(V=wave(X, Y)).rhs(PSI)[0]).max() < ROUNDING


def test_a_potential_of_each_spin_is_a_potential_and_a_zeeman_splitting():
    plus, minus = X + 0.1 * Y, np.cos(Y)
    parts = lp.Potential((plus + minus) / 2), lp.Zeeman(plus - minus)
    exact = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), *parts]).rhs(PSI)[0]
    both = np.stack([plus, minus])
    pump = lp.pumps.profile(lambda x, y: x).circular(0.3)
    for V in (both, lambda x, y: both, lambda x, y, t: both):
        rate = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Potential(V)]).rhs(PSI)[0]
        assert np.abs(rate - exact).max() < ROUNDING
    assert np.abs(exact[0] + 1j * plus).max() < ROUNDING  # psi = 1, of k = 0
    assert np.abs(exact[1] + 1j * minus).max() < ROUNDING
    rate = lp.SpinorGPE(GRID, [lp.Potential(pump * lp.pumps.ramp(0.0, 2.0) + pump)]).rhs(PSI, 1.0)[0]
    assert np.abs(rate + 1.5j * np.stack([1.3 * X, 0.7 * X])).max() < ROUNDING


def test_pumps_add_scale_and_switch():
    pump = 2 * lp.pumps.gaussian(1.0, fwhm=2.0, center=(1.0, 0.0)) + lp.pumps.ring(
        0.5, radius=2.0, fwhm=2.0
    ) * lp.pumps.ramp(0, 2)
    spot = 2 * np.exp(-4 * np.log(2) * ((X - 1) ** 2 + Y**2) / 4)
    ring = 0.5 * np.exp(-4 * np.log(2) * (np.hypot(X, Y) - 2) ** 2 / 4)
    W = MODEL.replace(W=pump).equation.coefficients["W"]
    for t, factor in ((0.0, 0.0), (1.0, 0.5), (3.0, 1.0)):
        assert np.abs(W.at(t) - spot - factor * ring).max() < ROUNDING
    assert repr(pump) == (
        "2 * gaussian(1, fwhm=2, order=1, center=(1.0, 0.0)) + "
        "ring(0.5, radius=2, fwhm=2, center=(0.0, 0.0)) * ramp(0, 2)"
    )


def test_circular_pump_and_pulse():
    pump = lp.pumps.supergaussian(1.0, fwhm=6.0, order=2).circular(0.5) * lp.pumps.pulse(1.0, fwhm=2.0)
    P = lp.SpinorGPE(GRID, [lp.Reservoir(pump, 1.0, 1.0)]).equation.coefficients["P"].at(2.0)
    top = np.exp(-np.log(2) * (2 * np.hypot(X, Y) / 6) ** 4) * 0.5
    assert np.abs(P - np.stack([1.5 * top, 0.5 * top])).max() < ROUNDING


def test_step_is_checked_for_each_element_of_a_batch():
    """The strong interaction of one element and the strong field of the other do not meet."""
    model = lp.SpinorGPE(GRID, [lp.Interaction(np.array([0.01, 1.0]).reshape(2, 1, 1))])
    psi = np.array([10.0, 1.0]).reshape(2, 1, 1, 1) * PSI
    model.check_step(InitialState(psi), lp.Strang(), 1.0)
    with pytest.raises(ValueError, match=r"\|psi\|\^2/2 = 50"):
        model.check_step(InitialState(psi[::-1]), lp.Strang(), 1.0)


def test_spin_relaxation_may_differ_in_a_batch():
    taus, n = np.array([0.5, np.inf]), np.stack([3 * np.ones((12, 16)), np.ones((12, 16))])
    model = lp.SpinorGPE(GRID, [lp.Reservoir(1.0, 1.0, 1.0, tau_s=taus.reshape(2, 1, 1))])
    together = model.rhs(np.stack([PSI, PSI]), 0.0, np.stack([n, n]))[1]
    for i, tau in enumerate(taus):
        assert np.array_equal(together[i], model.replace(tau_s=tau).rhs(PSI, 0.0, n)[1])


def test_absorber_takes_out_what_leaves():
    grid = lp.Grid.rectangle((24.0, 12.0), (96, 48))
    x, y = grid.points
    packet = np.exp(-(x**2 + y**2) / 4 + 3j * x)
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Absorber(4.0, 4.0)])
    out = lp.evolve(
        model, np.stack([packet, packet]), 6.0, dt=0.02, progress=False, variables=["number"], save=lp.every(6.0)
    )
    assert float(out.number[-1]) < 0.02 * float(out.number[0])
