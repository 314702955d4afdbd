"""Units that DataArrays and Datasets carry in their attrs are read, or refused; none is dropped."""

import numpy as np
import pytest
import xarray as xr

import latticepol as lp

ROUNDING = 1e-13  # a unit is read to fifteen digits, 5e-15, and multiplied by a few constants


def one(unit: str) -> xr.DataArray:
    """The number 1 with a unit."""
    return xr.DataArray(1.0, attrs={"units": unit})


@pytest.mark.parametrize(
    ("function", "unit", "expected", "becomes"),
    [
        (lp.units.to_meV, "ns-1", lp.units.hbar * 1e-3, "meV"),
        (lp.units.to_meV, "ps-1", lp.units.hbar, "meV"),
        (lp.units.rate, "meV", 1 / lp.units.hbar, "ps-1"),
        (lp.units.meV, "ueV", 1e-3 / lp.units.hbar, "ps-1"),
        (lp.units.meV, "", 1 / lp.units.hbar, "ps-1"),
        (lp.units.meV, "1", 1 / lp.units.hbar, "ps-1"),
        (lp.units.time, "ns", 1000.0, "ps"),
        (lp.units.interaction, "um2 ps-1", 1.0, "um2 ps-1"),
        (lp.units.mass, "kg", lp.units.mass("1 kg"), "ps um-2"),
        (lp.units.mass, "ps um-2", 1.0, "ps um-2"),
    ],
)
def test_a_dataarray_is_read_in_its_own_unit(function, unit, expected, becomes):
    """As a text with that unit; as a plain number where there is none."""
    found = function(one(unit))
    assert float(found) == pytest.approx(expected, rel=ROUNDING)
    assert found.attrs["units"] == becomes


def test_a_mass_survives_the_way_there_and_back():
    """What a conversion returns can be given to its inverse."""
    assert float(lp.units.mass(lp.units.to_electron_masses(one("ps um-2")))) == pytest.approx(1.0, rel=ROUNDING)


@pytest.mark.parametrize(("unit", "why"), [("um", "is a length, and must be a rate"), ("nonsense", "cannot be read")])
def test_a_wrong_unit_is_refused(unit, why):
    """With the unit in the message."""
    with pytest.raises(ValueError, match=f"attrs\\['units'\\] = '{unit}'.*{why}"):
        lp.units.rate(one(unit))


GRID = lp.Grid.rectangle((8.0, 8.0), (8, 8))


def potential(unit: str, units=lp.units.PS_UM) -> np.ndarray:
    """V on the grid, of a DataArray with 1 everywhere."""
    V = xr.DataArray(np.ones((8, 8)), dims=("y", "x"), attrs={"units": unit})
    return np.asarray(lp.SpinorGPE(GRID, [lp.Potential(V)], units=units).terms[0].V)


@pytest.mark.parametrize(
    ("unit", "expected"), [("meV", lp.units.meV(1.0)), ("ps-1", 1.0), ("1", 1.0), ("", 1.0), ("1/ns", 1e-3)]
)
def test_a_profile_is_read_in_its_own_unit(unit, expected):
    """As the text "1 meV" is."""
    assert potential(unit) == pytest.approx(expected, rel=ROUNDING)


def test_a_profile_in_units_of_another_model():
    """A model in ns and um has its rates in 1/ns; one with names of its own takes these."""
    assert potential("1/ps", {"time": "ns", "length": "um"}) == pytest.approx(1e3)
    assert potential("E0", {"rate": "E0"}) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("unit", "units", "why"),
    [
        ("um", lp.units.PS_UM, "V is a DataArray.*is a length, and must be a rate"),
        ("meV", None, "the model has no units.*PS_UM"),
        ("meV", {"time": "tau"}, "cannot be converted"),
    ],
)
def test_a_profile_in_a_wrong_unit_is_refused(unit, units, why):
    """As a text would be."""
    with pytest.raises(ValueError, match=why):
        potential(unit, units)


def test_a_pump_of_a_dataarray_in_another_unit_is_refused():
    """Its numbers are within a function; in the units of the model it is as it was."""
    V = xr.DataArray(np.ones((8, 8)), dims=("y", "x"), attrs={"units": "meV"})
    with pytest.raises(ValueError, match=r"the pump V .*'meV'.* multiply its values by 1.519"):
        lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Potential(lp.pumps.profile(V))], units=lp.units.PS_UM)
    own = lp.pumps.profile(V.assign_attrs(units="ps-1"))
    lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Potential(own)], units=lp.units.PS_UM)


NM_NS = {"time": "ns", "length": "nm"}


def field_run(units) -> xr.Dataset:
    """Five times of a free field."""
    model = lp.SpinorGPE(GRID, [lp.Gain(0.0, 0.1)], units=units)
    return lp.evolve(model, np.ones((2, 8, 8)), t_end=2.0, dt=0.5, save=lp.every(0.5))


def test_a_start_with_its_time_in_another_unit_is_refused():
    """Of a field, as its lengths are; a model or a start without units takes any."""
    ns = {"time": "ns", "length": "um"}
    start = field_run(ns)
    model = lp.SpinorGPE(GRID, [lp.Gain(0.0, 0.1)], units=lp.units.PS_UM)
    for given in (start, start.psi):
        with pytest.raises(ValueError, match=r"time of psi0 .*'ns'.*'ps'"):
            lp.evolve(model, given, t_end=3.0, dt=0.5)
    assert lp.evolve(model.replace(units=ns), start, t_end=3.0, dt=0.5).time[-1] == 3.0
    assert lp.evolve(model.replace(units=None), start, t_end=3.0, dt=0.5).time[-1] == 3.0


def test_a_network_refuses_a_start_with_its_time_in_another_unit():
    """As a field does."""
    lattice = lp.lattice.square().patch((2, 2))
    model = lp.Network(lattice, lp.Site(p=0.1, a=1.0, g=0.0), 0.1, units=lp.units.PS_UM)
    start = lp.evolve(model, np.ones(model.state_shape), t_end=1.0, dt=0.5)
    with pytest.raises(ValueError, match=r"time of psi0 .*'ps'.*'ns'"):
        lp.evolve(model.replace(units={"time": "ns", "length": "um"}), start, t_end=2.0, dt=0.5)


@pytest.mark.parametrize(
    ("units", "density", "rate", "wavevector"),
    [(NM_NS, "nm-2", "ns-1", "nm-1"), (lp.units.PS_UM, "um-2", "ps-1", "um-1"), (None, "1", "1", "1")],
)
def test_observables_have_the_units_of_their_dataset(units, density, rate, wavevector):
    """Not ps and um whatever the model has."""
    run = field_run(units)
    spectrum = lp.spectrum(run, k=[[0.0, 0.0]])
    assert spectrum.omega.attrs["units"] == rate
    assert spectrum.kx.attrs["units"] == wavevector
    assert lp.density(run).density.attrs["units"] == density


def test_without_a_time_micrometres_go_with_picoseconds():
    """And nothing is made up for other lengths."""
    frames = [field_run(units).isel(time=-1, drop=True) for units in (lp.units.PS_UM, NM_NS)]
    assert [lp.currents(frame, 1.0).current.attrs["units"] for frame in frames] == ["um-1 ps-1", "nm-1"]


def test_an_axis_in_another_unit_is_refused():
    """A DataArray in meV is no list of rates; one in the units of the model, or without any, is."""
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    model = lp.SpinorGPE(grid, [lp.Kinetic(0.4), lp.Zeeman(0.1)], units=lp.units.PS_UM)

    def splitting(model):
        return model.terms[1].Delta

    for unit in ({}, {"units": "ps-1"}):
        axis = xr.DataArray([0.1, 0.2], dims="Delta", attrs=unit)
        assert lp.sweep(splitting, model, Delta=axis, executor="serial").splitting.values.tolist() == [0.1, 0.2]
    axis = xr.DataArray([0.1, 0.2], dims="Delta", attrs={"units": "meV"})
    with pytest.raises(ValueError, match="axis Delta must be in the units of the model, ps-1; its DataArray is in meV"):
        lp.sweep(splitting, model, Delta=axis, executor="serial")
