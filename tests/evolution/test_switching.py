"""Envelopes that change between two steps: no pulse is jumped over, and a switch costs no order."""

import math
import warnings

import numpy as np
import pytest
from gpe_cases import INTEGRATORS, name

import latticepol as lp

GRID = lp.Grid.rectangle((8.0, 8.0), (8, 8))
X, _ = GRID.points
PSI = np.full((2, 8, 8), 1e-3)
LIGHT = lp.pumps.uniform(1.0)
DARK = [lp.Kinetic(1.0), lp.Gain(0.0, 0.02, 0.0)]
PULSE = lp.pumps.pulse(83.1, fwhm=0.5)
#: Rounding of up to fifty steps of fields of order one.
ROUNDING = 1e-12
#: Time integral of a pulse.
AREA = 0.5 * math.sqrt(math.pi / (4 * math.log(2)))


def run(model, t_end=100.0, psi=PSI, **options):
    return lp.evolve(model, psi, t_end, progress=False, **options)


def amplitude(model, **options):
    return run(model, **options).psi.values[-1, 0, 0, 0]


def driven(envelope):
    return lp.SpinorGPE(GRID, [*DARK, lp.Drive(3 * LIGHT * envelope)])


def left(omega=0.0):
    """What the pulse of a drive leaves at t = 100: its Fourier transform at the complex frequency of the field."""
    spectrum = np.exp((0.01 - 1j * omega) ** 2 * 0.5**2 / (16 * math.log(2)) - 83.1j * omega)
    return -3j * AREA * math.exp(-0.01 * 16.9) * spectrum + 1e-3 * math.exp(-1.0)


LEFT = left()


def test_a_pulsed_drive_is_not_jumped_over():
    assert abs(abs(LEFT) - 1.3484) < 1e-4
    model = driven(PULSE)
    # of some fifty steps each has an error of tol; equal ones are exact to the square of 0.02/0.5
    for options, error in (({"tol": 1e-9}, 1e-7), ({"tol": 1e-4}, 1e-2), ({"dt": 0.02}, 1e-8)):
        assert abs(amplitude(model, **options) - LEFT) < error * abs(LEFT), options
    assert run(model, tol=1e-9).attrs["steps"] < 200


@pytest.mark.parametrize("first", [0.0, pytest.param(80.0, marks=pytest.mark.slow)])
def test_pulses_of_every_coefficient_are_seen(first):
    """Populations grow by exp(area of W), phases turn by the area of V and half that of Delta."""
    decayed = 1e-3 * math.exp(-0.01 * (100 - first))
    cases = {
        "W": ([*DARK[:1], lp.Gain(20 * LIGHT * PULSE, 0.02, 0.0)], decayed * math.exp(10 * AREA)),
        "V": ([*DARK, lp.Potential(3 * LIGHT * PULSE)], decayed * np.exp(-3j * AREA)),
        "Delta": ([*DARK, lp.Zeeman(6 * LIGHT * PULSE)], decayed * np.exp(-3j * AREA)),
        "P": ([lp.Kinetic(1.0), lp.Reservoir(9 * LIGHT * PULSE, 1.0, 1.0, 0.02)], decayed * math.exp(4.5 * AREA)),
    }
    for name_, (terms, exact) in cases.items():
        got = amplitude(lp.SpinorGPE(GRID, terms), tol=1e-8, t0=first)
        # at the end the reservoir has become gain, 9 area/2 in the exponent, less what the field took: 1e-4 of it
        assert abs(got - exact) < (1e-2 if name_ == "P" else 1e-5) * abs(exact), name_


def test_a_pulse_and_its_carrier_are_seen():
    out = run(lp.SpinorGPE(GRID, [*DARK, lp.Drive(3 * LIGHT * PULSE, omega=3.0)]), tol=1e-9)
    assert abs(out.psi.values[-1, 0, 0, 0] - left(3.0)) < 1e-7
    assert out.attrs["steps"] < 300  # when the pulse is over its carrier does not shorten the steps


def test_timing_of_envelopes():
    ramp, pulse = lp.pumps.ramp(1.0, 3.0), lp.pumps.pulse(2.0, fwhm=0.5)
    assert ramp.timing.breakpoints == (1.0, 3.0)
    assert pulse.timing.marks == (0.0, 4.0)
    both = (LIGHT * pulse * ramp).spots[0][1].envelope.timing
    assert both.breakpoints == (1.0, 3.0)
    assert both.longest(1.5, 2.0) == 0.25  # of the pulse; the ramp alone would do with 0.5
    assert both.longest(4.0, 9.0) == math.inf
    assert (LIGHT * pulse * lp.pumps.ramp(5.0, 6.0)).spots[0][1].envelope.timing.spans == ()  # never both at once
    mine = lp.pumps.envelope(math.sin, breakpoints=[2.0, 1.0, 2.0], shortest=0.3).timing
    assert (mine.breakpoints, mine.longest(0.0, 9.0), mine.unknown) == ((1.0, 2.0), 0.3, ())
    assert lp.pumps.envelope(math.sin, [1.0]).timing.unknown == ("envelope(sin)",)
    assert driven(lp.pumps.ramp(1.0, 3.0)).timing.breakpoints == (1.0, 3.0)
    sides = lp.SpinorGPE(GRID, [*DARK, lp.Drive(LIGHT * ramp), lp.Potential(LIGHT * lp.pumps.ramp(2.0, 4.0))])
    assert sides.timing.breakpoints == (1.0, 2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lp.pumps.envelope(1.0), TypeError, "function is 1.0; give a function of time"),
        (lambda: lp.pumps.envelope(math.sin, ["a"]), ValueError, r"breakpoints = \['a'\] is a text"),
        (lambda: lp.pumps.envelope(math.sin, [np.nan]), ValueError, "breakpoints holds nan"),
        (lambda: lp.pumps.envelope(math.sin, [[1.0]]), ValueError, r"breakpoints has shape \(1, 1\)"),
        (lambda: lp.pumps.envelope(math.sin, shortest=0), ValueError, "shortest must be > 0"),
        (lambda: lp.pumps.envelope(math.sin, shortest=np.nan), ValueError, "shortest must be > 0"),
        (lambda: lp.pumps.pulse(1.0, fwhm=np.nan), ValueError, "fwhm must be finite; got nan"),
        (lambda: lp.pumps.pulse(None, fwhm=1.0), TypeError, "center is None"),
        (lambda: lp.pumps.ramp(0.0, np.inf), ValueError, "end must be finite; got inf"),
    ],
)
def test_envelopes_of_nonsense_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def bump(t):
    return math.exp(-4 * math.log(2) * ((t - 83.1) / 0.5) ** 2)


def test_a_function_of_which_nothing_is_known_gets_a_longest_step_and_a_word():
    with pytest.warns(UserWarning, match=r"functions of time .* at the end 0.1"):
        assert abs(amplitude(driven(lp.pumps.envelope(bump)), tol=1e-7) - LEFT) < 1e-5
    forms = {
        r"F = envelope\(bump\)": lp.Drive(3 * LIGHT * lp.pumps.envelope(bump)),
        r"F\(x, y, t\)": lp.Drive(lambda x, y, t: 3 * bump(t) + 0 * x),
        r"Kick.action": Kick(),
    }
    for text, term in forms.items():
        text = text.replace(r"F = envelope", "envelope")
        model = lp.SpinorGPE(GRID, [*DARK, term])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UserWarning, match=rf"{text}: functions of time .* at the end 0.1; give dt_max="):
                amplitude(model, tol=1e-7)
            assert abs(amplitude(model, tol=1e-7, dt_max=0.2) - LEFT) < 1e-5


class Kick(lp.Term):
    def action(self, psi, x, y, t):
        return np.full_like(psi, 3 * bump(t))


class Still(lp.Term):
    def action(self, psi, x, y, t):
        return -0.1j * psi


@pytest.mark.filterwarnings("error")
def test_what_says_when_it_changes_is_not_warned_of():
    declared = lp.pumps.envelope(bump, shortest=0.25)
    for term in (
        lp.Drive(3 * LIGHT * declared),
        lp.Drive(LIGHT * lp.pumps.ramp(1.0, 3.0)),
        lp.Drive(1.0, 0.3),
        Still(),
    ):
        run(lp.SpinorGPE(GRID, [*DARK, term]), 10.0, tol=1e-5)
    assert abs(amplitude(driven(declared), tol=1e-7) - LEFT) < 1e-5


def test_equal_steps_longer_than_a_pulse_are_told():
    with pytest.warns(
        UserWarning, match=r"dt = 1 is too long for an envelope that needs steps of 0.25: pulses are jum"
    ):
        run(driven(PULSE), dt=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(driven(PULSE), 70.0, dt=1.0)  # before the pulse
        run(driven(PULSE), dt=0.25)


# A switch between two steps.

WAVE = lp.pumps.profile(lambda x, y: 1 + 0.3 * np.cos(2 * np.pi * x / 8))
SWITCHES = {
    "at": lp.pumps.envelope(lambda t: float(t >= 3.3), [3.3], math.inf),
    "after": lp.pumps.envelope(lambda t: float(t > 3.3), [3.3], math.inf),
    "third": lp.pumps.envelope(lambda t: float(t >= 10 / 3), [10 / 3], math.inf),  # not a time of twelve digits
    "off": lp.pumps.envelope(lambda t: float(t < 3.3), [3.3], math.inf),
    "ramp": lp.pumps.ramp(3.1, 4.7),
}
BASE = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Interaction(1.0, 0.1)]
SWITCHED = {
    "F": lambda e: [lp.Gain(0.5, 1.0, 0.1), lp.Drive(0.7 * WAVE * e)],
    "W": lambda e: [lp.Gain(WAVE + WAVE * e, 1.0, 0.5)],
    "V": lambda e: [lp.Gain(1.2, 1.0, 0.5), lp.Potential(WAVE * e)],
    "P": lambda e: [lp.Reservoir(WAVE + WAVE * e, 1.0, 1.0, 1.0)],
}
#: What the fast suite switches: a drive at a stop, off it and by a ramp; the rest less often.
FEW = {"F": {"at", "third", "ramp"}, "W": {"third", "off"}, "V": {"ramp"}, "P": {"ramp"}}
START = np.ones((2, 8, 8)) * (0.5 + 0.1 * np.cos(2 * np.pi * X / 8))
#: Slopes scatter by this much at these steps, of which none divides a switch; a jump inside a step leaves a slope below
#: 1, a value from beyond the jump at the end of one below 2. At these counts the last step ends above 3.3, by rounding.
SLOPE = 0.5


def slope(model, psi, integrator, exact, t_end=6.0, counts=(42, 96)):
    runs = [run(model, t_end, psi, dt=t_end / n, integrator=integrator) for n in counts]
    errors = [np.linalg.norm(out.psi.values[-1] - exact) for out in runs]
    return np.log(errors[0] / errors[1]) / np.log(runs[1].attrs["steps"] / runs[0].attrs["steps"])


def exactly(model, psi, t_end=6.0):
    return run(model, t_end, psi, dt=0.02, integrator=lp.BlanesMoan()).psi.values[-1]


@pytest.mark.parametrize(
    ("where", "switch"),
    [
        pytest.param(where, switch, marks=() if switch in FEW[where] else pytest.mark.slow)
        for where in SWITCHED
        for switch in SWITCHES
    ],
)
def test_a_switch_inside_a_step_costs_no_order(where, switch):
    model = lp.SpinorGPE(GRID, [*BASE, *SWITCHED[where](SWITCHES[switch])])
    exact = exactly(model, START)
    for integrator in INTEGRATORS:
        assert abs(slope(model, START, integrator, exact) - integrator.order) < SLOPE


def test_a_switched_run_is_two_runs():
    """The same as a run without light up to the switch, and one with light from there; to rounding."""
    without, lit = (lp.SpinorGPE(GRID, [*BASE, lp.Gain(0.5, 1.0, 0.1), lp.Drive(0.7 * f * WAVE)]) for f in (0, 1))
    for integrator in INTEGRATORS:
        options = {"dt": 0.13, "integrator": integrator}
        switched = lp.SpinorGPE(GRID, [*BASE, *SWITCHED["F"](SWITCHES["at"])])
        once = run(switched, 6.0, START, **options).psi.values[-1]
        first = run(without, 3.3, START, save=lp.at_times([3.3]), **options)
        assert np.abs(run(lit, 6.0, first, **options).psi.values[-1] - once).max() < ROUNDING, name(integrator)


def test_stops_at_breakpoints_save_nothing():
    model = lp.SpinorGPE(GRID, [*BASE, *SWITCHED["F"](SWITCHES["ramp"])])
    for options in ({"dt": 0.13}, {"tol": 1e-6}):
        seen = []
        out = run(model, 6.0, START, save=lp.every(2.0), callbacks=[(lp.every(3.0), seen.append)], **options)
        assert out.time.values.tolist() == [0.0, 2.0, 4.0, 6.0]
        assert [float(frame.time[0]) for frame in seen] == [0.0, 3.0, 6.0]


NETWORK = lp.Network(lp.lattice.honeycomb().supercell((2, 2)), lp.Site(p=0.1, a=1.0, g=0.2), J=0.7, dJ=0.2)
AMPLITUDES = 0.4 + 0.1 * np.random.default_rng(0).standard_normal((8, 2))


@pytest.mark.parametrize(
    ("integrator", "switch"),
    [
        (lp.Strang(), "at"),
        *(
            pytest.param(*pair, marks=pytest.mark.slow)
            for pair in (
                (lp.BlanesMoan(), "ramp"),
                (lp.Strang(), "after"),
                (lp.Strang(), "ramp"),
                (lp.BlanesMoan(), "at"),
                (lp.BlanesMoan(), "after"),
            )
        ),
    ],
)
def test_a_switch_in_a_network_costs_no_order(integrator, switch):
    on = SWITCHES[switch]

    def scaled(*values):
        return lp.pumps.envelope(lambda t: values[0] + values[1] * on(t), on.timing.breakpoints, math.inf)

    def drive(t):
        return 0.3 * on(t) * np.ones((8, 2))

    drive.timing = on.timing
    models = [
        NETWORK.replace(p=scaled(0.1, 0.4)),
        NETWORK.replace(delta=scaled(0.0, 0.5)),
        NETWORK.replace(drive=drive),
    ]
    for model in models:
        exact = exactly(model, AMPLITUDES)
        assert abs(slope(model, AMPLITUDES, integrator, exact) - integrator.order) < SLOPE


@pytest.mark.slow  # of a field: above
def test_a_pulse_in_a_network_is_not_jumped_over():
    """Each spin alone: |psi| grows by exp(area of p/2)."""
    net = lp.Network(lp.lattice.chain(), lp.Site(p=0.0, a=1.0, g=0.0), J=0.1, epsilon=0.0)
    weak = np.array([[1e-6, 0.0]])
    for p, options in ((LIGHT_PULSE, {}), (lambda t: 10 * bump(t), {"dt_max": 0.2, "t0": 70.0})):
        out = run(net.replace(p=p), 100.0, weak, tol=1e-8, **options)
        assert abs(abs(out.psi.values[-1, 0, 0]) / (1e-6 * math.exp(5 * AREA)) - 1) < 1e-6
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the run ends there, whose 1500 steps would tell nothing more
        with pytest.raises(UserWarning, match=r"p = <lambda>: functions of time may change .* at the end 0.1;"):
            run(net.replace(p=lambda t: 10 * bump(t)), 100.0, weak, tol=1e-8)


LIGHT_PULSE = lp.pumps.envelope(lambda t: 10 * bump(t), shortest=0.25)


def test_the_longest_step_belongs_to_the_run(tmp_path):
    model = lp.SpinorGPE(GRID, [*DARK, lp.Drive(lambda x, y, t: 3 * bump(t) + 0 * x)])
    run(model, 2.0, tol=1e-6, dt_max=0.1, checkpoint=tmp_path)
    with pytest.raises(ValueError, match=r"of another run: dt_max is 0.1 there, 0.2 here"):
        run(model, 2.0, tol=1e-6, dt_max=0.2, checkpoint=tmp_path)


def test_a_time_with_a_default_is_a_time():
    """f(x, y, t=0.0) moves; other defaults are values that a function brings along."""
    grid = lp.Grid.rectangle((8.0, 8.0), (8, 8))
    finals = []
    for F in (lambda x, y, t: t + 0 * x, lambda x, y, t=0.0: t + 0 * x, lambda x, y, t, w=1.0: w * t + 0 * x):
        model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Drive(F)])
        finals.append(lp.evolve(model, np.zeros((2, 8, 8)), 1.0, dt=0.1, progress=False).psi.values[-1])
    np.testing.assert_allclose(finals[0], -0.5j, atol=ROUNDING)  # -i t^2/2, exact for a symmetric scheme
    np.testing.assert_array_equal(finals[0], finals[1])
    np.testing.assert_array_equal(finals[0], finals[2])
