"""Doors of units, and the samples that come in them."""

from dataclasses import replace

import numpy as np
import xarray as xr
from guises.doors import GRID, PSI, Door, itself
from guises.table import Numbers

import latticepol as lp

VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 0.5, 0.25]])
#: What a result holds is converted back: it may be complex, and padded with NaN.
ENERGY = Numbers(VALUES, complex=True, nan=True)
BACK = Numbers(VALUES, nan=True, called="interaction")
SAMPLE = {
    "mass": 0.5,
    "beta": 0.125,
    "epsilon": 0.0625,
    "gamma": 0.0078125,
    "Gamma": 0.125,
    "eta": 0.0625,
    "alpha1": 0.015625,
    "alpha2": -0.03125,
    "g_X": 1.0,
    "X": 0.5,
}
RATES = {"W": 0.25, "Gamma": 0.125, "eta": 0.0625, "alpha1": 0.125, "alpha2": -0.03125}
SPLIT = {"epsilon": 0.0625, "gamma": 0.03125, "Delta": 0.0625}
PURE = {"p": 0.5, "a": 2.25, "g": 0.125, "delta": 0.0625, "a2": -0.25}


def doors() -> list[Door]:
    """A DataArray stays one: its numbers are compared. All takes arrays."""
    made = [replace(door, several=door.given) for door in _doors()]
    return [replace(door, read=bare) if door.read is itself else door for door in made]


def bare(result):
    """Numbers without names of dimensions."""
    if isinstance(result, xr.DataArray):
        return result.values if result.ndim else result.item()
    if isinstance(result, dict):
        return {name: bare(value) for name, value in result.items()}
    return [bare(value) for value in result] if isinstance(result, tuple) else result


def _doors() -> list[Door]:
    units = lp.units
    called = {name: name for name in ("rate", "length", "time", "mass", "interaction")}
    called |= {"meV": "energy", "ueV": "energy", "tetm": "beta"}

    def of_x(name, values):
        return {"x": Numbers(values, complex=name in ("meV", "ueV"), called=called[name])}

    back = {"to_meV": {"rate": ENERGY}, "to_ueV": {"rate": ENERGY}}
    back |= {"to_electron_masses": {"mass": BACK}, "to_meV_um2": {"x": BACK}}
    arrays = {name: Numbers(np.full(2, value)) for name, value in (RATES | SPLIT).items()}
    pure = {name: Numbers(np.full(2, value)) for name, value in PURE.items()}
    sample = lp.presets.Sample(**SAMPLE)
    return [
        *(Door(f"units.{name}", getattr(units, name), of_x(name, VALUES), "an array") for name in called),
        *(Door(f"units.{name}", getattr(units, name), of_x(name, 0.5)) for name in called),
        *(Door(f"units.{name}", getattr(units, name), given) for name, given in back.items()),
        Door("units.zeeman", units.zeeman, {"B": Numbers(VALUES), "g_X": 0.5, "X": 0.5}),
        Door("units.tesla", units.tesla, {"Delta": Numbers(VALUES), "g_X": 0.5, "X": 0.5}),
        Door(
            "presets.parameters",
            lp.presets.parameters,
            SAMPLE | {"J": Numbers(VALUES, complex=True), "B": 2.0, "P": 4.0},
        ),
        Door("units.scales", units.scales, {"epsilon": 0.0625, "eta": 0.125}),
        Door("units.dimensionless", units.dimensionless, RATES | SPLIT),
        Door("units.dimensionless", units.dimensionless, arrays, "arrays"),
        Door("units.physical", units.physical, PURE | {"epsilon": 0.0625, "eta": 0.125, "Gamma": 0.25}),
        Door("units.physical", units.physical, pure | {"epsilon": 0.0625, "eta": 0.125, "Gamma": 0.25}, "arrays"),
        Door("presets.Sample", lp.presets.Sample, SAMPLE),
        Door("presets.Sample.replace", sample.replace, {"mass": 0.25, "beta": 0.5, "X": 0.25}),
        Door("presets.Sample.zeeman", sample.zeeman, {"B": Numbers(VALUES)}),
        Door("presets.Sample.site", sample.site, {"W": 0.25, "B": 2.0}),
        Door(
            "presets.Sample.terms",
            sample.terms,
            {"W": Numbers(np.arange(48.0).reshape(6, 8) / 4, "y x"), "B": 2.0},
            read=lambda terms: lp.SpinorGPE(GRID, terms, units=lp.units.PS_UM).rhs(PSI),
        ),
    ]
