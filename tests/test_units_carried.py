"""Units that DataArrays and Datasets carry in their attrs are read, or refused; none is dropped."""

import numpy as np
import pytest
import xarray as xr

import latticepol as lp


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
    assert float(found) == pytest.approx(expected, rel=1e-14)
    assert found.attrs["units"] == becomes


def test_a_mass_survives_the_way_there_and_back():
    """What a conversion returns can be given to its inverse."""
    assert float(lp.units.mass(lp.units.to_electron_masses(one("ps um-2")))) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(("unit", "why"), [("um", "is a length, need a rate"), ("nonsense", "cannot be read")])
def test_a_wrong_unit_is_refused(unit, why):
    """With the unit in the message."""
    with pytest.raises(ValueError, match=f"attrs\\['units'\\] = '{unit}'.*{why}"):
        lp.units.rate(one(unit))
