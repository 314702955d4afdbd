"""Units: the printed constants, the factors of hbar, refused dimensions, a field next to the single condensate."""

import subprocess
import sys

import numpy as np
import pint
import pytest
import xarray as xr

import latticepol as lp
from latticepol import units

#: A product of a few factors of CODATA.
ROUNDING = 1e-13
#: The digits of hbar that are printed.
PRINTED = 1e-10
#: The field is in a stationary state of the site to the accuracy of its fixed points.
STATIONARY = 1e-12
#: Two integrators over a few times 1/epsilon.
INTEGRATORS = 1e-6

PHYSICAL = {
    "W": 0.13, "Gamma": 0.1, "eta": 0.005, "alpha1": 0.01, "alpha2": -0.0014, "epsilon": 0.06, "gamma": 0.006,
    "Delta": 0.003,
}  # fmt: skip


def test_constants_are_those_of_the_text():
    """docs/physics.md, section 7, to the digits printed there."""
    assert f"{units.hbar:.10f}" == "0.6582119570"
    assert units.hbar == pytest.approx(0.6582119569, abs=PRINTED)
    assert f"{units.m_e:.2f}" == "5685.63"
    assert f"{units.mu_B:.7f}" == "0.0578838"


def test_constants_agree_with_those_of_pint():
    """Another table of CODATA, another arithmetic."""
    registry = pint.UnitRegistry()
    found = [(1 * unit).to(to).m for unit, to in
             ((registry.hbar, "meV ps"), (registry.m_e, "meV ps^2/um^2"), (registry.mu_B, "meV/T"))]  # fmt: skip
    np.testing.assert_allclose([units.hbar, units.m_e, units.mu_B], found, rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "function", "number"),
    [
        ("40 ueV", units.rate, 0.040 / 0.6582119569),
        ("40 µeV", units.rate, 0.040 / 0.6582119569),
        ("0.1/ps", units.rate, 0.1),
        ("0.1 ps-1", units.rate, 0.1),
        ("0.1 rad/ps", units.rate, 0.1),
        ("2 um", units.length, 2.0),
        ("500 nm", units.length, 0.5),
        ("0.2 ns", units.time, 200.0),
        ("5e-5 m_e", units.mass, 5e-5 * 5685.63 / 0.6582119569),
        ("0.43 ps/um^2", units.mass, 0.43),
        ("5 ueV um^2", units.interaction, 0.005 / 0.6582119569),
        ("5 ueV um2", units.interaction, 0.005 / 0.6582119569),
        ("0.005 um2 ps-1", units.interaction, 0.005),
        ("0.1 meV um^2", units.tetm, 0.1 / 0.6582119569),
    ],
)
def test_texts(text, function, number):
    assert function(text) == pytest.approx(number, rel=1e-7)


def test_bare_numbers_are_in_the_unit_of_the_docstring():
    assert units.rate(0.06) == 0.06
    assert units.length(2) == 2.0
    assert units.time(3) == 3.0
    for bare, text, function in (
        (0.04, "0.04 meV", units.meV),
        (40.0, "40 ueV", units.ueV),
        (5e-5, "5e-5 m_e", units.mass),
        (0.1, "0.1 meV um^2", units.tetm),
        (0.005, "0.005 meV um^2", units.interaction),
    ):
        assert function(bare) == pytest.approx(function(text), rel=1e-9)


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (units.meV, units.to_meV),
        (units.ueV, units.to_ueV),
        (units.mass, units.to_electron_masses),
        (units.interaction, units.to_meV_um2),
        (units.tetm, units.to_meV_um2),
        (lambda B: units.zeeman(B, -0.7, 0.3), lambda Delta: units.tesla(Delta, -0.7, 0.3)),
    ],
)
def test_there_and_back(there, back):
    x = np.array([0.03, -1.2, 7.0])
    np.testing.assert_allclose(back(there(x)), x, rtol=ROUNDING)
    assert isinstance(there(0.5), float)


def test_quantities_of_any_registry():
    registry = pint.UnitRegistry()
    np.testing.assert_allclose(units.rate(registry.Quantity(np.array([1.0, 2.0]), "meV")), units.meV([1.0, 2.0]))
    assert units.length(2 * registry.um) == 2.0


def test_kinetic_energy_of_an_electron():
    """hbar^2 k^2/2m in meV: of an electron at 1/um 3.81e-5 meV; what lp.Kinetic makes of the mass is that over hbar."""
    energy = lp.Kinetic(units.mass(1.0)).k_matrix(np.array(1.0), np.array(0.0))[0][0]
    assert units.to_meV(energy) == pytest.approx(3.80998212e-5, rel=1e-8)


def test_beta_is_half_the_splitting():
    """The branches of "0.1 meV um^2" at k are 0.2 meV um^2 k^2 apart, the transverse-magnetic one above."""
    beta, k = units.tetm("0.1 meV um^2"), 1.7
    (_, upper), (lower, _) = lp.TETM(beta).k_matrix(np.array(k), np.array(0.0))
    along, across = (
        np.array([1, sign]) @ np.array([[0, upper], [lower, 0]]) @ np.array([1, sign]) / 2 for sign in (1, -1)
    )
    assert units.to_meV(float((along - across).real)) == pytest.approx(2 * 0.1 * k**2, rel=1e-9)
    assert units.to_meV_um2(beta) == pytest.approx(0.1, rel=1e-9)


def test_a_circular_pump_doubles_a_power_or_an_amplitude():
    """c = 1 of a pump rate is twice the rate of one spin; of a drive twice the amplitude, four times the intensity."""
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    one, psi = lp.pumps.uniform(3.0), np.zeros((2, 4, 4), complex)
    for c, degree in ((1.0, 1.0), (0.5, 0.8), (-0.5, -0.8)):
        F = lp.SpinorGPE(grid, [lp.Drive(one.circular(c))]).rhs(psi)[0][:, 0, 0]
        P = lp.SpinorGPE(grid, [lp.Reservoir(one.circular(c), 1.0, 1.0)]).rhs(psi, 0.0, psi.real)[1][:, 0, 0]
        np.testing.assert_allclose(P, [3 * (1 + c), 3 * (1 - c)])
        np.testing.assert_allclose(np.abs(F) ** 2, [9 * (1 + c) ** 2, 9 * (1 - c) ** 2])
        plus, minus = np.abs(F) ** 2
        assert (plus - minus) / (plus + minus) == pytest.approx(degree)


def test_zeeman_has_the_sign_of_field_and_factor():
    """Delta = g_X X mu_B B/hbar: 1 T, g_X = 2, all exciton: 2 mu_B."""
    assert units.to_meV(units.zeeman("1 T", 2.0, 1.0)) == pytest.approx(2 * 0.0578838, rel=1e-6)
    assert units.zeeman(-1.0, 2.0, 0.5) == pytest.approx(-units.zeeman(1.0, 1.0, 1.0))
    assert units.zeeman(1.0, -2.0, 0.5) == pytest.approx(-units.zeeman(1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: units.rate("2 um"), "rate = 2 µm is a length, and must be a rate or an energy: give '40 ueV'"),
        (lambda: units.length("40 ueV"), "is a rate or an energy, and must be a length"),
        (lambda: units.mass("5 meV"), "must be a mass"),
        (lambda: units.interaction("5 ueV"), "must be an area times"),
        (lambda: units.time("5 um/ps"), r"is of dimension \[length\] / \[time\], and must be a time"),
        (lambda: units.zeeman("1 meV", 1, 0.5), "B = 1 meV is a rate or an energy, and must be a magnetic field"),
        (lambda: units.rate("0.06"), "is a pure number, and must be a rate"),
        (lambda: units.rate("10 GHz"), "in hertz, which may or may not include 2 pi"),
        (lambda: units.rate("1,5 meV"), "a comma"),
        (lambda: units.rate("40 uuV"), "'uuV' is not defined"),
        (lambda: units.rate(""), "cannot be read"),
        (lambda: units.rate("(("), "cannot be read"),
        (lambda: units.rate(np.nan), "rate must be finite; got nan: give '40 ueV'"),
        (lambda: units.rate("nan meV"), "rate must be finite; got nan"),
        (lambda: units.rate(1j), "rate holds complex values; give real numbers, '40 ueV'"),
        (lambda: units.rate("3 T"), "magnetic field, and must be a rate .*: lp.units.zeeman.*'0.4 . 0.5 . mu_B . 3 T'"),
        (lambda: units.zeeman(1.0, 1.0, 1.5), "X = 1.5 is not an exciton fraction"),
        (lambda: units.tesla(1.0, 0.0, 0.5), "no field splits the spins"),
        (lambda: units.scales(0.0, 1.0), "epsilon = 0.0 must be > 0"),
        (lambda: units.scales(1.0, "-5 ueV um^2"), "eta = .* must be > 0"),
        (lambda: lp.presets.parameters(epsilon="2 um"), "epsilon = 2 µm is a length, and must be a rate or an energy"),
        (lambda: units.dimensionless(**PHYSICAL | {"alpha1": "10 ueV"}), "alpha1 = 10 µeV is a rate or an energy"),
    ],
)
def test_what_is_wrong_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


#: Every converter, as a function of one number.
CONVERTERS = {
    name: getattr(units, name)
    for name in ("meV", "ueV", "to_meV", "to_ueV", "rate", "length", "time", "mass", "to_electron_masses", "tetm",
                 "interaction", "to_meV_um2")
} | {
    "zeeman": lambda B: units.zeeman(B, -0.7, 0.3),
    "zeeman, g_X": lambda g_X: units.zeeman(2.0, g_X, 0.3),
    "zeeman, X": lambda X: units.zeeman(2.0, -0.7, X),
    "tesla": lambda Delta: units.tesla(Delta, -0.7, 0.3),
    "tesla, g_X": lambda g_X: units.tesla(2.0, g_X, 0.3),
    "tesla, X": lambda X: units.tesla(2.0, -0.7, X),
    "scales, epsilon": lambda epsilon: units.scales(epsilon, 0.3).time,
    "scales, eta": lambda eta: units.scales(0.7, eta).density,
} | {
    f"dimensionless, {name}": lambda x, n=name: sum(units.dimensionless(**PHYSICAL | {n: x}).values())
    for name in PHYSICAL
} | {
    f"physical, {name}": lambda x, n=name: sum(units.physical(**SITE | {n: x}).values())
    for name in ("p", "a", "g", "delta", "a2", "epsilon", "eta", "Gamma")
} | {name: lambda x, n=name: lp.presets.parameters(**{n: x})[n] for name in lp.presets.PARAMETERS}  # fmt: skip
SITE = {"p": 0.5, "a": 2.28, "g": 0.1, "delta": 0.05, "a2": -0.28, "epsilon": 0.06, "eta": 0.005, "Gamma": 0.1}
TWO = np.array([0.25, 0.5])


@pytest.mark.parametrize("name", CONVERTERS)
def test_what_is_no_finite_number_is_refused_by_every_converter(name):
    for strange in (np.nan, np.inf, [0.5, np.nan], np.ma.masked_array(TWO, [False, True]), xr.DataArray(np.nan)):
        with pytest.raises(ValueError, match=r"must be finite; got (nan|inf)|holds (nan|inf)|masks 1 of its 2 values"):
            CONVERTERS[name](strange)
    for strange in (None, {}, np.array(["2024-01-01"], "datetime64[D]")):
        with pytest.raises(TypeError, match="give"):
            CONVERTERS[name](strange)


@pytest.mark.parametrize("name", CONVERTERS)
def test_the_same_numbers_are_converted_to_the_same(name):
    """Whatever holds them: lists, other byte orders, strides, objects, a mask that masks nothing, a DataArray."""
    guises = {
        "list": TWO.tolist(), "byte order": TWO.astype(">f8"), "single": TWO.astype("f4"), "object": TWO.astype(object),
        "stride": np.repeat(TWO, 3)[::3], "mask": np.ma.masked_array(TWO, [False, False]), "read-only": TWO.copy(),
        "DataArray": xr.DataArray(TWO, dims="x"),
    }  # fmt: skip
    guises["read-only"].flags.writeable = False
    for what, given in guises.items():
        found = CONVERTERS[name](given)
        alone = [CONVERTERS[name](x) for x in TWO.tolist()]
        np.testing.assert_allclose(np.asarray(found), alone, rtol=ROUNDING, err_msg=what)
        assert hasattr(found, "dims") == (what == "DataArray")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("meV", "ps-1"), ("ueV", "ps-1"), ("to_meV", "meV"), ("to_ueV", "ueV"), ("rate", "ps-1"), ("length", "um"),
        ("time", "ps"), ("mass", "ps um-2"), ("to_electron_masses", "m_e"), ("tetm", "um2 ps-1"),
        ("interaction", "um2 ps-1"), ("to_meV_um2", "meV um2"), ("zeeman", "ps-1"), ("zeeman, X", "ps-1"),
        ("tesla", "T"), ("scales, epsilon", "ps"), ("scales, eta", "um-2"), ("W", "ps-1"), ("nu", "1"), ("B", "T"),
    ],
)  # fmt: skip
def test_a_data_array_stays_one(name, unit):
    """Dims, coordinates and name are kept, the unit is the new one, and the given array is as it was."""
    given = xr.DataArray(TWO, {"x": [3.0, 4.0]}, "x", "omega", {"units": "1", "long_name": "frequency"})
    before = given.copy(deep=True)
    found = CONVERTERS[name](given)
    assert (found.dims, found.name, found.attrs["units"]) == (("x",), "omega", unit)
    assert found.x.equals(given.x)
    assert np.array_equal(found.values, CONVERTERS[name](TWO))
    assert given.identical(before)
    assert found.attrs.get("long_name", "frequency") == "frequency"


def test_the_energies_of_bands_with_losses():
    """-2 Im w of an empty cell is its loss Gamma, in meV as in 1/ps; Re w of k = 0 without splitting is V."""
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    terms = [lp.Kinetic(units.mass(5e-5)), lp.Potential(units.meV(3.0)), lp.Gain(0.0, units.meV(0.2))]
    omega = lp.bands(lp.SpinorGPE(grid, terms, units=units.PS_UM), k=[[0.0, 0.0]], basis=1).omega
    for energy, size in ((units.to_meV(omega), 1.0), (units.to_ueV(omega), 1e3)):
        assert energy.dims == omega.dims
        np.testing.assert_allclose(energy.values[0, :2], (3.0 - 0.1j) * size, rtol=STATIONARY)
        back = {1.0: units.meV, 1e3: units.ueV}[size](energy)
        np.testing.assert_allclose(back.values, omega.values, rtol=ROUNDING)
    with pytest.raises(ValueError, match="B holds complex"):
        units.zeeman(1j, 1.0, 0.5)


def test_lists_of_texts():
    np.testing.assert_allclose(units.rate(["40 ueV", "0.1/ps"]), [units.ueV(40), 0.1], rtol=ROUNDING)
    np.testing.assert_allclose(units.zeeman(np.array(["1 T", "500 mT"]), 2.0, 0.5), units.zeeman([1.0, 0.5], 2.0, 0.5))


def test_a_field_in_tesla_with_the_numbers_of_the_sample_is_an_energy():
    assert units.rate("-0.4 * 0.5 * mu_B * 3 T") == pytest.approx(units.zeeman(3.0, -0.4, 0.5), rel=1e-9)


def test_unknown_names_are_refused():
    with pytest.raises(TypeError, match="did you mean 'epsilon'"):
        lp.presets.parameters(epsilonn=1.0)
    with pytest.raises(TypeError, match="there are"):
        lp.presets.parameters(q="1 um")


def test_parameters_convert_once():
    """Numbers pass as they are, so converting twice is converting once."""
    once = lp.presets.parameters(
        epsilon="40 ueV", mass="5e-5 m_e", beta="0.1 meV um^2", P="10 /um^2/ps", B="2000 mT", nu=0.1
    )
    assert lp.presets.parameters(**once) == once
    assert once["P"] == 10.0
    assert once["B"] == pytest.approx(2.0)
    assert once["mass"] == pytest.approx(units.mass(5e-5), rel=1e-9)


def test_dimensionless_and_back():
    site = lp.Site(**units.dimensionless(**PHYSICAL))
    assert site.parameters() == pytest.approx({"p": 0.5, "a": 2.28, "g": 0.1, "delta": 0.05, "a2": -0.28})
    back = units.physical(**site.parameters(), epsilon=0.06, eta=0.005, Gamma=0.1)
    assert back == pytest.approx(PHYSICAL, rel=ROUNDING)


def _field(psi_plus, psi_minus):
    """The equation with the physical parameters, uniform on a few points, and a uniform field."""
    v = PHYSICAL
    terms = [
        lp.Kinetic(units.mass(5e-5)), lp.Splitting(v["epsilon"], v["gamma"]), lp.TETM(0.15), lp.Zeeman(v["Delta"]),
        lp.Gain(v["W"], v["Gamma"], v["eta"]), lp.Interaction(v["alpha1"], v["alpha2"]),
    ]  # fmt: skip
    model = lp.SpinorGPE(lp.Grid.rectangle((4.0, 4.0), (4, 4)), terms, units=units.PS_UM)
    return model, np.array([psi_plus, psi_minus])[:, None, None] * np.ones((2, 4, 4))


def _spinor(s, density):
    """A spinor with the pseudospin s in units of ``density``: S_x + i S_y = psi_+^* psi_-."""
    S_x, S_y, S_z = density * np.asarray(s)
    plus = np.sqrt(np.sqrt(S_x**2 + S_y**2 + S_z**2) + S_z)
    return plus, (S_x + 1j * S_y) / plus


def test_stationary_states_of_the_site_are_those_of_the_field():
    """Every fixed point, scaled by epsilon/eta, is stationary in the equation in ps and um but for its phase."""
    states = lp.fixed_points(lp.Site(**units.dimensionless(**PHYSICAL)))
    density = units.scales(PHYSICAL["epsilon"], PHYSICAL["eta"]).density
    assert states.number_of_states >= 3
    for s in states.pseudospin.dropna("state").values:
        model, psi = _field(*_spinor(s, density))
        rate, _ = model.rhs(psi)
        frequency = 1j * rate / psi
        assert np.ptp(frequency) == pytest.approx(0, abs=STATIONARY)
        assert frequency.imag == pytest.approx(0, abs=STATIONARY)


def test_time_is_in_units_of_one_over_epsilon():
    site = lp.Site(**units.dimensionless(**PHYSICAL))
    scales = units.scales(PHYSICAL["epsilon"], PHYSICAL["eta"])
    s0, tau = [0.05, 0.1, -0.15], np.linspace(0, 3, 4)
    path = lp.trajectory(site, s0, tau)
    model, psi = _field(*_spinor(s0, scales.density))
    out = lp.evolve(model, psi, 3 * scales.time, dt=0.5, save=lp.at_times(tau * scales.time), progress=False)
    found = lp.stokes(out, average=("y", "x"))
    for i, name in enumerate(("S_x", "S_y", "S_z")):
        expected = path.pseudospin.isel(axis=i).values
        np.testing.assert_allclose(found[name].values / scales.density, expected, atol=INTEGRATORS)


def test_numbers_alone_do_not_load_pint():
    code = "import sys, latticepol as lp; lp.units.mass(5e-5); print('pint' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_arrays_of_one_call_go_together():
    """Numbers that are DataArrays go with arrays; arrays of other shapes are named."""
    field = np.array([[1.0, 2.0, 3.0]])
    number = xr.DataArray(0.5)
    np.testing.assert_array_equal(units.zeeman(field, number, 0.5), units.zeeman(field, 0.5, 0.5))
    np.testing.assert_array_equal(units.tesla(field, number, 0.5), units.tesla(field, 0.5, 0.5))
    with pytest.raises(ValueError, match=r"B \(1, 3\), moment \(4,\)"):
        units.zeeman(field, np.ones(4), 0.5)
    with pytest.raises(ValueError, match=r"epsilon \(2,\), eta \(3,\)"):
        units.scales(np.ones(2), np.ones(3))
