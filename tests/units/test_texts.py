"""Texts with units in models: the numbers that they are, units that a model may have, numbers that no cavity has."""

import dataclasses
import itertools
import warnings
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import pint
import pytest

import latticepol as lp
from latticepol import units

#: A text is read to fifteen digits, 5e-15, and multiplied by a few constants, in another order than here.
ROUNDING = 1e-13
#: Points of a batch are transformed by another plan than alone: five steps of fields of order one.
PLANS = 1e-13

GRID = lp.Grid.rectangle((20.0, 20.0), (16, 16))
HBAR = units.hbar
#: One text for every parameter of a term that has a dimension, its value in ps and um, and powers of length and time.
TEXTS = {
    "mass": ("5e-5 m_e", 5e-5 * units.m_e / HBAR, (-2, 1)),
    "nu": ("0.1", 0.1, (0, 0)),
    "epsilon": ("40 ueV", 0.04 / HBAR, (0, -1)),
    "gamma": ("4 ueV", 0.004 / HBAR, (0, -1)),
    "beta": ("0.1 meV um^2", 0.1 / HBAR, (2, -1)),
    "Delta": ("-0.4 * 0.5 * mu_B * 3 T", -0.6 * units.mu_B / HBAR, (0, -1)),
    "V": ("-3 meV", -3 / HBAR, (0, -1)),
    "W": ("0.2 /ps", 0.2, (0, -1)),
    "Gamma": ("0.1 ps-1", 0.1, (0, -1)),
    "eta": ("5 ueV um^2", 0.005 / HBAR, (2, -1)),
    "alpha1": ("0.006 meV um2", 0.006 / HBAR, (2, -1)),
    "alpha2": ("-600 neV um^2", -0.0006 / HBAR, (2, -1)),
    "P": ("3 /um^2/ps", 3.0, (-2, -1)),
    "R": ("0.01 um^2/ps", 0.01, (2, -1)),
    "Gamma_R": ("0.5 /ns", 5e-4, (0, -1)),
    "g_R": ("10 ueV um^2", 0.01 / HBAR, (2, -1)),
    "g_cross": ("-1 ueV um^2", -0.001 / HBAR, (2, -1)),
    "tau_s": ("1 ns", 1000.0, (0, 1)),
    "F": ("0.3 /um/ps", 0.3, (-1, -1)),
    "omega": ("1 meV", 1 / HBAR, (0, -1)),
    "width": ("6000 nm", 6.0, (1, 0)),
    "strength": ("1 /ps", 1.0, (0, -1)),
}
KINDS = (lp.Kinetic, lp.Splitting, lp.TETM, lp.Zeeman, lp.Potential, lp.Gain, lp.Interaction, lp.Drive, lp.Absorber)


def model(names=units.PS_UM, **changes):
    given = {name: text for name, (text, _, _) in TEXTS.items()} | changes
    terms = [kind(**{f.name: given[f.name] for f in fields(kind) if f.name in given}) for kind in KINDS]
    return lp.SpinorGPE(GRID, terms, units=names)


def reservoir(names=units.PS_UM):
    given = {f.name: TEXTS[f.name][0] for f in fields(lp.Reservoir) if f.name in TEXTS}
    return lp.SpinorGPE(GRID, [lp.Kinetic("5e-5 m_e"), lp.Reservoir(**given)], units=names)


def values(made):
    return {f.name: getattr(term, f.name) for term in made.terms for f in fields(term) if f.name in TEXTS}


@pytest.mark.parametrize(
    ("length", "time"), [("um", "ps"), ("µm", "ns"), ("micrometer", "fs"), ("nm", "ps"), ("m", "s")]
)
def test_texts_become_numbers_in_the_units_of_the_model(length, time):
    sizes = {"um": 1.0, "µm": 1.0, "micrometer": 1.0, "nm": 1e-3, "m": 1e6, "ps": 1.0, "ns": 1e3, "fs": 1e-3, "s": 1e12}
    names = {"time": time, "length": length}
    grid = dataclasses.replace(GRID, vectors=np.array(GRID.vectors) / sizes[length])
    seen = {}
    for made in (model, reservoir):
        texts = [
            dataclasses.replace(t, **{f.name: TEXTS[f.name][0] for f in fields(t) if f.name in TEXTS})
            for t in made().terms
        ]
        seen |= values(lp.SpinorGPE(grid, texts, units=names))
    assert set(seen) == set(TEXTS)
    for name, (_, value, (of_length, of_time)) in TEXTS.items():
        expected = value / (sizes[length] ** of_length * sizes[time] ** of_time)
        assert isinstance(seen[name], float)
        assert seen[name] == pytest.approx(expected, rel=1e-9), name  # CODATA of pint and of scipy


def test_the_numbers_are_those_of_the_converters():
    """The two ways to give a parameter are one equation."""
    made = model()
    assert values(made)["mass"] == pytest.approx(units.mass(5e-5), rel=1e-9)
    assert values(made)["epsilon"] == pytest.approx(units.ueV(40.0), rel=ROUNDING)
    assert values(reservoir())["tau_s"] == 1000.0  # not 1000.0000000000001
    assert "m_e" not in repr(made)
    assert model(epsilon=units.ueV(40.0)).replace(epsilon="40 ueV").terms[1].epsilon == values(made)["epsilon"]
    quantity = pint.UnitRegistry().Quantity(40.0, "ueV")
    assert model(epsilon=quantity).terms[1].epsilon == pytest.approx(units.ueV(40.0), rel=ROUNDING)


def test_texts_as_the_axis_of_a_sweep():
    psi = 0.3 * np.ones((2, 16, 16), complex)
    options = {"dt": "0.1 ps", "progress": False}
    swept = lp.sweep(
        lp.evolve, model(), psi, "0.5 ps", options=options, epsilon=["30 ueV", "60 ueV"], executor="serial"
    )
    assert swept.epsilon.attrs == {"long_name": "linear splitting epsilon"}
    for text in ("30 ueV", "60 ueV"):
        alone = lp.evolve(model(epsilon=lp.units.rate(text)), psi, 0.5, dt=0.1, progress=False)
        assert np.abs(swept.psi.sel(epsilon=text).values - alone.psi.values).max() < PLANS


NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=0.1), J=0.2, units={"time": "ps"})
DIMENSIONLESS = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Splitting(1.0)])


def test_a_network_with_units_takes_texts():
    bonds = ["0.1 meV", "0.2 meV", "100 ueV"]
    net = NET.replace(
        J=bonds, dJ="10 ueV", epsilon="40 ueV", noise="1e-6 /ps^2", p="20 ueV", delta="0.01 /ps", onsite=["1 ueV", 0]
    )
    np.testing.assert_allclose(net.J, np.array([0.1, 0.2, 0.1]) / HBAR, rtol=ROUNDING)
    assert net.dJ == pytest.approx(0.01 / HBAR, rel=ROUNDING)
    assert (net.epsilon, net.site.p) == pytest.approx((0.04 / HBAR, 0.02 / HBAR), rel=ROUNDING)
    assert (net.noise, net.site.delta) == (1e-6, 0.01)
    np.testing.assert_allclose(net.onsite, [0.001 / HBAR, 0], rtol=ROUNDING)
    slow = lp.Network(NET.lattice, NET.site, J="0.1 meV", noise="1e-6 /ps^2", units={"time": "ns"})
    assert pytest.approx(100 / HBAR, rel=ROUNDING) == slow.J
    assert slow.noise == pytest.approx(1.0, rel=ROUNDING)
    assert net.replace(J=0.3).J == 0.3


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: DIMENSIONLESS.replace(mass="5e-5 m_e"),
            "mass = '5e-5 m_e' is a text, and the model has no units .*PS_UM",
        ),
        (
            lambda: NET.replace(units=None).replace(J="1 meV"),
            "J = '1 meV' is a text, and the model has no units .*PS_UM",
        ),
        (
            lambda: NET.replace(units=None).replace(p="1 meV"),
            "p = '1 meV' is a text, and the model has no units .*PS_UM",
        ),
        (lambda: model(mass="2 um"), "mass = 2 µm is a length, and must be a mass: give '5e-5 m_e'"),
        (lambda: model(mass="-5e-5 m_e"), "mass = -0.43.* must be > 0"),
        (lambda: model(Gamma="-1 ueV"), "Gamma = -0.0015.* must be >= 0"),
        (lambda: model(epsilon="10 GHz"), "epsilon = .* in hertz"),
        (lambda: model(epsilon="0.06"), "epsilon = 0.06 is a pure number, and must be a rate"),
        (lambda: model(V_scale="3 meV"), "V_scale = 3 meV is a rate or an energy, and must be a pure number"),
        (lambda: model(Delta="3 T"), "Delta = 3 T is a magnetic field, .*lp.units.zeeman.*0.4 . 0.5 . mu_B . 3 T"),
        (lambda: NET.replace(p="2 um"), "p = 2 µm is a length, and must be a rate"),
        (lambda: NET.replace(noise="1 meV"), "noise = 1 meV is a rate or an energy, and must be a rate squared"),
        (lambda: model({"time": "1/epsilon", "length": "um"}), "cannot be converted to the units .*1/epsilon.*PS_UM"),
        (lambda: model({"time": "ps"}), "mass = .* cannot be converted to the units {'time': 'ps'} .*PS_UM"),
        (lambda: model({**units.PS_UM, "rate": "meV"}), "name units of time and of length only"),
        (lambda: model({"time": "um", "length": "ps"}), "cannot be converted to the units"),
        (lambda: lp.Potential(lp.pumps.gaussian("1 meV", fwhm=3.0)), "strength = '1 meV' is a text"),
    ],
)
def test_what_cannot_be_converted_says_why(call, text):
    with pytest.raises(ValueError, match=text):
        call()


@dataclass(frozen=True, repr=False, eq=False)
class Trap(lp.Term):
    """A harmonic trap (1/2) m omega^2 r^2, with fields of its own."""

    dimensions: ClassVar = {"frequency": "rate", "m": "mass"}
    frequency: float
    m: float
    kind: str = "2d"

    def local(self, grid):
        x, y = grid.points
        return {"V": 0.5 * self.m * self.frequency**2 * (x**2 + y**2)}


def test_a_term_of_ones_own_says_which_of_its_fields_have_a_dimension():
    made = lp.SpinorGPE(GRID, [Trap("0.1 /ps", "5e-5 m_e")], units=units.PS_UM)
    assert (made.terms[0].frequency, made.terms[0].kind) == (0.1, "2d")
    x, y = GRID.points
    expected = 0.5 * units.mass(5e-5) * 0.01 * (x**2 + y**2)
    np.testing.assert_allclose(made.equation.value("V", 0.0), expected, rtol=1e-9)
    Trap.dimensions = {"frequency": "rte"}
    try:
        with pytest.raises(ValueError, match=r"Trap.dimensions must name any of .*'rate'.*; got \['rte'\]"):
            lp.SpinorGPE(GRID, [Trap(0.1, 0.4)])
    finally:
        Trap.dimensions = {"frequency": "rate", "m": "mass"}


# Times.


@pytest.mark.parametrize("names", [units.PS_UM, {"time": "ns", "length": "um"}], ids=["ps", "ns"])
def test_times_of_a_run_are_those_of_the_numbers(names):
    """t_end, dt, t0, schedules and those of callbacks, bit for bit; a text and its number are one run."""
    made, ps = model(names), 1.0 if names["time"] == "ps" else 1e-3
    psi, seen = 0.3 * np.ones((2, 16, 16), complex), []
    calls = [(lp.at_times(["500 fs", "1 ps"]), lambda frame: seen.append(float(frame.time[-1])))]
    texts = {"dt": "0.1 ps", "save": lp.every("300 fs"), "t0": "0.1 ps", "callbacks": calls}
    out = lp.evolve(made, psi, "0.001 ns", **texts, progress=False)
    numbers = {"dt": 0.1 * ps, "save": lp.every(0.3 * ps), "t0": 0.1 * ps}
    same = lp.evolve(made, psi, 1.0 * ps, **numbers, progress=False)
    np.testing.assert_allclose(out.time, np.array([0.1, 0.4, 0.7, 1.0]) * ps, rtol=ROUNDING)
    np.testing.assert_allclose(sorted(set(seen)), np.array([0.5, 1.0]) * ps, rtol=ROUNDING)
    assert np.abs(out.psi.values[-1] - same.psi.values[-1]).max() < 1e-7  # steps end at 0.5 too
    assert out.time.attrs["units"] == names["time"]


def test_a_checkpoint_of_texts_is_that_of_the_numbers(tmp_path):
    made, psi = model(), 0.3 * np.ones((2, 16, 16), complex)
    first = lp.evolve(made, psi, "0.4 ps", dt="0.1 ps", save=lp.every("0.2 ps"), checkpoint=tmp_path, progress=False)
    again = lp.evolve(made, psi, 0.4, dt=0.1, save=lp.every(0.2), checkpoint=tmp_path, progress=False)
    assert again.steps == first.steps
    assert again.psi.equals(first.psi)


def test_a_batch_of_a_sweep_takes_times_as_texts():
    net = NET.replace(site=lp.Site(p=0.1, a=2.28, g=0.1))
    options = {"dt": "0.001 ns", "save": lp.every("0.02 ns"), "t0": "10 ps", "progress": False}
    swept = lp.sweep(lp.evolve, net, "aligned", "0.05 ns", options=options, p=[0.05, 0.1])
    options = {"dt": 1.0, "save": lp.every(20.0), "t0": 10.0, "progress": False}
    assert swept.psi.equals(lp.sweep(lp.evolve, net, "aligned", 50.0, options=options, p=[0.05, 0.1]).psi)


def test_a_relaxation_takes_a_text():
    net = NET.replace(site=lp.Site(p=0.1, a=2.28, g=0.1), J=0.05)
    states = [lp.steady_state(net, "aligned", relax=relax, progress=False) for relax in ("0.02 ns", 20.0)]
    assert states[0].psi.equals(states[1].psi)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: lp.every("1 um"), "time = 1 µm is a length, and must be a time"),
        (lambda: lp.every("-1 ps"), "period must be > 0; got -1.0"),
        (lambda: lp.at_times(["1 ps", "2 meV"]), "time = 2 meV is a rate or an energy, and must be a time"),
        (lambda: lp.every("1 ps").times(0.0, 5.0), r"every\('1 ps'\) has a unit, and without a model"),
        (lambda: lp.evolve(NET, "aligned", "1 um", dt=0.1), "t_end = 1 µm is a length, and must be a time"),
        (lambda: lp.evolve(NET, "aligned", 1.0, dt="1 meV"), "dt = 1 meV is a rate or an energy, and must be a time"),
    ],
)
def test_what_is_no_time_says_so(call, text):
    with pytest.raises(ValueError, match=text):
        call()


# Numbers that no cavity has.


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (
            [lp.Kinetic(5e-5)],
            r"mass = 5e-05 ps/um\^2 is 5.8e-09 electron masses.*did you mean the text '5e-05 m_e'\?",
        ),
        ([lp.Kinetic(5685 * 0.4)], "mass = 2274 ps/um.2 is 0.26 electron masses, more than any polariton has"),
        ([lp.Kinetic(4.5e-35)], "mass = 4.5e-35 ps/um.2 is .* electron masses, less .*'5e-5 m_e'"),
        ([lp.Splitting(6.4e-24)], "epsilon = 6.4e-24 1/ps is less than in any cavity: is it in joules"),
        ([lp.Gain(0.0, 1e11)], "Gamma = 1e.11 1/ps is 0.66 eV or more"),
        ([lp.Interaction(1e3)], "alpha1 = 1000 um.2/ps is more than a mean field"),
        ([lp.TETM(-500.0)], "beta = 500 um.2/ps is more"),
        (
            [lp.Reservoir(1.0, 0.01, 0.5, tau_s=1e-11)],
            "tau_s = 1e-11 ps is less than a period of the light: is it",
        ),
        ([lp.Gain(0.0, np.full((2, 1, 1), 1e11))], "Gamma = 1e.11"),
        ([lp.Drive(0.1, 2279.0)], "omega = 2279 1/ps is 0.66 eV or more, as the photon itself"),
    ],
)
def test_numbers_that_no_cavity_has_are_warned_of(terms, text):
    for names in ({"length": "um", "time": "ps"}, {"time": "ps", "length": "micrometer"}):
        with pytest.warns(UserWarning, match=text) as caught:
            lp.SpinorGPE(GRID, terms, units=names)
        assert caught[0].filename == __file__
        assert len(caught) == 1


def test_they_are_judged_in_the_units_of_the_model():
    """5e-4 ns/um^2 is a polariton, 0.43 ns/um^2 is none."""
    ns = {"time": "ns", "length": "um"}
    with pytest.warns(UserWarning, match="mass = 430 ps/um.2 is 0.05 electron masses, more"):
        lp.SpinorGPE(GRID, [lp.Kinetic(0.43)], units=ns)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lp.SpinorGPE(GRID, [lp.Kinetic(4.3e-4), lp.Gain(0.0, 1e5)], units=ns)


def test_a_network_too():
    with pytest.warns(UserWarning, match="J = 100000 1/ps is 0.66 eV or more"):
        NET.replace(J=1e5)
    with pytest.warns(UserWarning, match="p = 5000 1/ps"):
        NET.replace(p=np.array([0.1, 5000.0]))


def test_what_cavities_have_is_not_warned_of():
    """Typical and extreme ones: GaAs, metals, liquid crystals; seeds, hard walls, models without known units."""
    quiet = [
        [lp.Kinetic("1e-5 m_e"), lp.Kinetic("1e-3 m_e"), lp.Splitting(0.0), lp.Splitting(1e-12)],
        [lp.Gain(200.0, 150.0, 1e-7), lp.Zeeman("100 meV"), lp.TETM("10 meV um^2"), lp.Interaction("2 meV um^2")],
        [lp.Potential(np.where(GRID.points[0] > 5, 1e5, 0.0)), lp.Reservoir(1e9, 0.01, 1e-6, tau_s=np.inf)],
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for terms, names in itertools.product(quiet, (units.PS_UM, {"time": "ps", "length": "µm"})):
            lp.SpinorGPE(GRID, terms, units=names)
        for names in (None, {"time": "1/epsilon"}, {"time": "tau", "length": "a"}):
            lp.SpinorGPE(GRID, [lp.Kinetic(5e-5), lp.Interaction(1e4)], units=names)
            lp.Network(NET.lattice, NET.site, J=9e3, units=names)
        for sample in (lp.presets.gaas(),):
            lp.SpinorGPE(GRID, sample.terms(W=0.13, B=5.0), units=units.PS_UM)
        NET.replace(J=0.1 + 0.01j)
