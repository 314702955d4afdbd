"""Sweeps: the same numbers as single calls, whoever computes them, in whatever order, after whatever went wrong."""

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest
import sweep_case
import xarray as xr

import latticepol as lp
from latticepol.processes import Process
from latticepol.solve import keys, sweeping
from latticepol.solve import store as store_module

#: A batch is as many runs up to the rounding of sums in another order.
ROUNDING = 1e-12

SITE = lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01)
P, DELTA = [0.3, 0.4, 0.8], [0.01, 0.1]
NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
GRID = lp.Grid.rectangle((8.0, 8.0), (12, 16))
C = np.cos(2 * np.pi * GRID.points[0] / 8)
FIELD = lp.SpinorGPE(
    GRID,
    [
        lp.Kinetic(2.0), lp.Splitting(1.0, 0.2), lp.TETM(0.1), lp.Interaction(2.0, -0.3), lp.Potential(-C),
        lp.Zeeman(0.3), lp.Gain(1.2 + 0.2 * C, 1.0, 0.8), lp.Drive(0.3),
    ],
    units={"time": "ps", "length": "um"},
)  # fmt: skip
PSI = 0.4 * np.stack([1 + 0.3 * C, 0.2j - 0.1 * C])


def same(one, other):
    xr.testing.assert_equal(one, other)
    assert getattr(one, "sizes", None) == getattr(other, "sizes", None)


def pump(site):
    """A point that costs nothing."""
    return site.p + 10 * site.delta


def counting(site, calls):
    calls.append((site.p, site.delta))
    return {"value": site.p * site.delta}


# The same numbers, point by point and together.


@pytest.mark.parametrize("door", [lp.g_eff, lp.fixed_points, lp.precession, lp.pitchfork])
def test_a_door_with_keyword_axes(door):
    swept = lp.sweep(door, SITE, p=P, delta=DELTA)
    direct = door(SITE, p=P, delta=DELTA)
    for name in direct.variables:
        same(swept[name].variable, direct[name].variable)
        assert swept[name].attrs == direct[name].attrs
        assert swept[name].dtype.kind == direct[name].dtype.kind
    same(lp.sweep(lambda site: door(site), SITE, p=P, delta=DELTA, executor="serial"), swept)
    assert (swept.status == "finished").all()
    assert set(swept.attrs) == set(direct.attrs) | {"function"}


def test_an_ensemble_is_the_same_in_any_part_of_a_map(monkeypatch):
    monkeypatch.setattr("latticepol.solve.work.FIRST", 2)
    probability = partial(lp.alignment_probability, realizations=20)
    swept = lp.sweep(probability, SITE, rng=3, p=P, delta=DELTA)
    assert len(np.unique(swept.probability)) > 1
    same(swept.probability, lp.alignment_probability(SITE, realizations=20, rng=3, p=P, delta=DELTA).probability)
    part = lp.sweep(probability, SITE, rng=3, delta=DELTA[::-1], p=P[1:2])
    same(part.probability.transpose("p", "delta").sortby("delta"), swept.probability.sel(p=P[1:2]))
    assert swept.attrs["seed"] == 3


def test_points_in_a_list():
    """Axes with a common dimension vary together, in a function with a batch and in one without."""
    p, delta = xr.DataArray([0.3, 0.4], dims="run"), xr.DataArray([0.1, 0.01], dims="run")
    whole = lp.g_eff(SITE, p=[0.3, 0.4], delta=[0.1, 0.01], g=[0.1, 0.2])
    for function in (lp.g_eff, lambda site: lp.g_eff(site)):
        points = lp.sweep(function, SITE, p=p, delta=delta, g=[0.1, 0.2], executor="serial")
        assert points.g_eff.dims == ("run", "g")
        same(points.g_eff.drop_vars(["p", "delta"]), whole.g_eff.sel(p=p, delta=delta).drop_vars(["p", "delta"]))
        same(points.delta.variable, delta.variable)


def test_a_bare_value_replaces_and_a_parameter_that_is_no_axis_of_the_door_is_swept_as_well():
    assert lp.sweep(lp.g_eff, SITE, p=P, delta=0.1).g_eff.dims == ("p",)
    same(lp.sweep(lp.g_eff, SITE, p=P, delta=0.1).g_eff, lp.g_eff(SITE, p=P, delta=0.1).g_eff)
    assert (lp.sweep(lp.g_eff, SITE, a2=[0.0, 0.5], executor="serial").g_eff == lp.g_eff(SITE).g_eff).all()
    assert lp.sweep(pump, SITE, executor="serial").pump.item() == pytest.approx(0.5)


CASES = {
    **{f"net {name}": (NET, {name: [0.05, 0.2, 0.3]}) for name in ("p", "delta", "a2", "a")},
    "net p and delta": (NET, {"p": [0.1, 0.2], "delta": [0.0, 0.1]}),
    **{
        f"field {name}": (FIELD, {name: [0.8, 1.1]})
        for name in ("mass", "epsilon", "gamma", "beta", "Delta", "W", "Gamma", "eta", "alpha1", "alpha2", "V", "F")
    },
    "reservoir": (FIELD.replace(terms=[lp.Kinetic(2.0), lp.Reservoir(2.0, 1.0, 1.5, 1.0, 0.2, 0.1, tau_s=2.0)]), {}),
}
RESERVOIR = ("P", "R", "Gamma_R", "Gamma", "g_R", "g_cross", "tau_s")
CASES |= {f"reservoir {name}": (CASES["reservoir"][0], {name: [0.8, 1.1]}) for name in RESERVOIR}
del CASES["reservoir"]


@pytest.mark.parametrize("case", CASES)
def test_evolution_of_many_parameter_sets_as_one_array(case):
    model, axes = CASES[case]
    psi0 = ("aligned",) if model is NET else (PSI,)
    if case.startswith("reservoir"):
        psi0 = ((PSI, np.full(PSI.shape, 0.3)),)
    options = {"dt": 0.02, "variables": ["psi", "number"], "save": lp.every(0.1)}
    values = {name: np.asarray(given) for name, given in axes.items()}
    assert lp.evolve.batch(lp.evolve, model, values, (*psi0, 0.3), options) is not None
    together = lp.sweep(lp.evolve, model, *psi0, 0.3, options=options, **axes)
    first = [values[0] for values in axes.values()]
    last = [values[-1] for values in axes.values()]
    for point in (first, last):
        where = dict(zip(axes, point, strict=True))
        alone = lp.evolve(model.replace(**where), *psi0, 0.3, **options)
        assert abs(together.psi.sel(where) - alone.psi).max() < ROUNDING
        assert abs(together.number.sel(where) - alone.number).max() < ROUNDING * alone.number.max()
    assert abs(together.psi.sel(dict(zip(axes, first, strict=True))) - alone.psi).max() > 1e-6
    assert together.psi.dims == (*axes, *alone.psi.dims)
    assert together.attrs["steps"] == alone.attrs["steps"]


@pytest.mark.parametrize(
    ("model", "axes", "options"),
    [
        (NET, {"J": [1.0, 2.0]}, {}),
        (NET.replace(noise=0.1), {"p": [0.1, 0.2]}, {}),
        (FIELD, {"W": [0.8, 1.1]}, {"dt": None, "tol": 1e-6}),
        (FIELD, {"W": [0.8, 1.1]}, {"variables": [lp.stokes]}),
        (FIELD, {"nu": [0.0, 0.1]}, {"dt": 0.05}),
    ],
)
def test_evolution_point_by_point_where_a_batch_would_not_be_the_same(model, axes, options):
    psi0 = "linear" if isinstance(model, lp.Network) else PSI
    options = {"dt": 0.05, "rng": 5} | options
    swept = lp.sweep(lp.evolve, model, psi0, 0.1, options=options, executor="serial", **axes)
    for name, values in axes.items():
        for value in values:
            alone = lp.evolve(model.replace(**{name: value}), psi0, 0.1, **options)
            for variable in alone.data_vars:
                same(swept[variable].sel({name: value}, drop=True), alone[variable])


def drawn(site, *, rng):
    return float(np.random.default_rng(rng).random())


def test_seeds_depend_on_the_point_and_not_on_the_others():
    whole = lp.sweep(drawn, SITE, rng=7, p=[0.1, 0.2], delta=[-0.0, 1.0], executor="serial")
    part = lp.sweep(drawn, SITE, rng=7, delta=[1, 0], p=[0.2], executor="serial")
    same(part.drawn.transpose("p", "delta").sortby("delta"), whole.drawn.sel(p=[0.2]))
    assert len(np.unique(whole.drawn)) == 4
    again = [drawn(SITE, rng=int(seed)) for seed in whole.seed.values.ravel()]
    np.testing.assert_array_equal(again, whole.drawn.values.ravel())
    other = lp.sweep(drawn, SITE, rng=8, p=[0.1, 0.2], executor="serial")
    assert not np.isin(other.drawn, whole.drawn).any()
    assert lp.sweep(drawn, SITE, p=[0.1], executor="serial").attrs["seed"] != lp.sweep(
        drawn, SITE, p=[0.1], executor="serial"
    ).attrs["seed"]  # fmt: skip


# What a function may return, and how points of different sizes become one.


def test_axes_have_units_where_they_are_known():
    """From the table in the units of the model; an axis of one's own has none, unless it brings them."""
    grid = lp.Grid.rectangle((8.0, 8.0), (4, 4))
    model = lp.SpinorGPE(grid, [lp.Reservoir(1.0, 0.1, 0.2)], units=lp.units.PS_UM)
    found = lp.sweep(lambda model: 1.0, model, g_R=[0.1, 0.2], Gamma_R=[0.2], tau_s=[5.0], executor="serial")
    assert [found[name].attrs["units"] for name in ("g_R", "Gamma_R", "tau_s")] == ["um2 ps-1", "ps-1", "ps"]

    @dataclasses.dataclass(frozen=True)
    class Spot:
        fwhm: float = 1.0

        def replace(self, **changes):
            return dataclasses.replace(self, **changes)

    own = lp.sweep(lambda spot: spot.fwhm, Spot(), fwhm=[1.0, 2.0], executor="serial")
    assert own.fwhm.attrs == {"long_name": "fwhm"}


@dataclasses.dataclass(frozen=True)
class Cavity:
    """A network with a width that it does not know, twice wrapped."""

    inner: object = None
    fwhm: float = dataclasses.field(default=1.0, metadata={"units": "um", "long_name": "width of the spot"})
    shape: object = np.cos

    def replace(self, **changes):
        own = {name: changes.pop(name) for name in ("fwhm", "shape") if name in changes}
        inner = self.inner.replace(**changes) if changes else self.inner
        return dataclasses.replace(self, inner=inner, **own)


class Plain:
    """The same without fields that are declared, and under another name."""

    def __init__(self, net, factor=2.0):
        self.net, self.factor, self._memory = net, factor, []

    def replace(self, power=None, **changes):
        return Plain(self.net.replace(**({} if power is None else {"p": power}), **changes), self.factor)


def test_the_record_and_the_units_of_a_model_that_is_wrapped_in_others():
    model = Cavity(Cavity(FIELD))
    swept = lp.sweep(lambda model: model.fwhm, model, W=[1.0, 1.1], fwhm=[1.0, 2.0], eta=0.7, executor="serial")
    assert swept.W.attrs == {"units": "ps-1", "long_name": lp.dataset.VARIABLES["W"].long_name}
    assert swept.fwhm.attrs == {"units": "um", "long_name": "width of the spot"}
    record = json.loads(swept.attrs["parameters"])
    assert (record["inner.inner.Kinetic.mass"], record["inner.inner.Gain.eta"]) == (2.0, 0.7)
    assert not {"inner.inner.Gain.W", "fwhm"} & set(record)
    assert record["shape"] == "numpy.cos"
    direct = lp.sweep(lambda model: 1.0, FIELD, W=[1.0, 1.1], eta=0.7, executor="serial")
    assert {f"inner.inner.{name}" for name in json.loads(direct.attrs["parameters"])} <= set(record)


def test_a_parameter_that_is_swept_under_another_name_is_not_among_those_that_are_the_same():
    swept = lp.sweep(lambda model: 1.0, Plain(NET), power=[0.1, 0.2], executor="serial")
    record = json.loads(swept.attrs["parameters"])
    assert "net.p" not in record
    assert (record["net.J"], record["factor"]) == (3.0, 2.0)
    assert not any("memory" in name for name in record)
    alone = lp.sweep(lambda model: 1.0, Plain(NET), power=[0.7], executor="serial")
    assert json.loads(alone.attrs["parameters"])["net.p"] == 0.7


def test_units_that_an_axis_brings():
    axis = xr.DataArray([1.0, 2.0], dims="fwhm", attrs={"units": "mm", "note": 1})
    swept = lp.sweep(lambda model: 1.0, Cavity(NET), fwhm=axis, executor="serial")
    assert swept.fwhm.attrs == {"units": "mm", "long_name": "width of the spot"}
    assert swept.value.attrs == {"long_name": "value"}


def test_units_of_results_stay():
    def found(model):
        mass = xr.DataArray(model.terms[0].mass, attrs={"units": "kg", "long_name": "a mass"})
        return {"weight": mass, "energy": 1.0}

    swept = lp.sweep(found, FIELD, W=[1.0, 1.1], executor="serial")
    assert swept.weight.attrs == {"units": "kg", "long_name": "a mass"}
    assert swept.energy.attrs["units"] == "ps-1"


@pytest.mark.parametrize("large", [False, True])
def test_texts_and_attributes_of_points_stay(tmp_path, monkeypatch, large):
    """What differs from point to point becomes a variable: texts, numbers; what is alike stays an attribute."""
    if large:
        monkeypatch.setattr(store_module, "LARGE", 0)
        monkeypatch.setattr(sweeping, "LARGE", 0)
        monkeypatch.setattr("latticepol.solve.assembly.STREAMED", 0)

    def told(site):
        if site.p == 0.4:
            raise ValueError("four")
        attributes = {"reason": f"because p is {site.p}", "steps": round(10 * site.p), "tol": 1e-3, "message": "well"}
        attributes |= {"certificate": "yes"} if site.p < 0.2 else {}
        return xr.Dataset({"v": 1.0, "word": f"ä{site.p}"}, attrs=attributes | {"p": site.p})

    for _ in range(2):
        with pytest.warns(UserWarning, match="1 of 4 points failed"):
            swept = lp.sweep(told, SITE, p=[0.1, 0.2, 0.3, 0.4], store=tmp_path, executor="serial")
        assert swept.reason.values.tolist() == [*(f"because p is {p}" for p in (0.1, 0.2, 0.3)), ""]
        np.testing.assert_array_equal(swept.steps, [1, 2, 3, np.nan])
        assert swept.certificate.values.tolist() == ["yes", "", "", ""]
        assert swept.word.values.tolist() == ["ä0.1", "ä0.2", "ä0.3", ""]
        assert swept.message.values.tolist() == ["well", "well", "well", "ValueError: four"]
        assert swept.attrs["tol"] == 1e-3
        assert not {"reason", "steps", "certificate", "p"} & set(swept.attrs)
        assert "units" not in swept.reason.attrs
        again = lp.load(lp.save(swept, tmp_path / "again.nc"))
        xr.testing.assert_equal(again, swept)
    two = lp.sweep(told, SITE, p=[0.1, 0.2], executor="serial")
    assert (two.steps.dtype.kind, two.steps.values.tolist()) == ("i", [1, 2])


def test_why_a_chern_number_is_missing():
    options = {"below": 2, "closed": "nan", "mesh": 6}
    swept = lp.sweep(lp.chern, NET, options=options, delta=[0.0, 0.2], executor="serial")
    reasons = [lp.chern(NET.replace(delta=delta), **options).attrs["message"] for delta in (0.0, 0.2)]
    assert swept.message.values.tolist() == reasons
    assert "the direct gap above 2 bands is closed" in reasons[0]
    wrapped = lp.sweep(lambda m: lp.chern(m.net, **options), Plain(NET), delta=[0.0, 0.2], executor="serial")
    assert wrapped.message.values.tolist() == reasons
    named = lp.sweep(lambda m: {"why": lp.chern(m, **options).attrs["message"]}, NET, delta=[0.0], executor="serial")
    assert named.why.values.tolist() == reasons[:1]


def test_a_function_without_a_name_makes_a_value_that_files_can_hold(tmp_path):
    class Function:
        def __call__(self, site):
            return site.p

    for function in (lambda site: site.p, partial(pump_and, 0.0), Function()):
        swept = lp.sweep(function, SITE, p=[0.1, 0.2], executor="serial")
        assert swept.value.values.tolist() == [0.1, 0.2]
        xr.testing.assert_equal(lp.load(lp.save(swept, tmp_path / "swept.nc")), swept)


def pump_and(more, site):
    return site.p + more


@pytest.mark.parametrize("name", ["a/b", "", " x", "x ", "<x>", 3])
def test_a_name_that_no_file_can_hold_ends_the_sweep_at_its_first_point(name):
    """Whether it is of a variable, a dimension or an attribute; not when all is computed and to be saved."""
    named = [{name: 1.0}, xr.Dataset({"v": (("x"), [1.0])}, attrs={name: 1.0})]
    for made in named + [xr.Dataset({"v": ((name,), [1.0])})] * isinstance(name, str):
        calls = []

        def returned(site, made=made, calls=calls):
            calls.append(site.p)
            return made

        with pytest.raises(ValueError, match=r"a name that no netCDF file can hold: .* rename it \(at p = 0.1\)"):
            lp.sweep(returned, SITE, p=[0.1, 0.2, 0.3], executor="serial")
        assert calls == [0.1]
    axis = xr.DataArray([0.1, 0.2], dims="a/b")
    with pytest.raises(ValueError, match="variable 'a/b' has a name"):
        lp.sweep(pump, SITE, p=axis, executor="serial")


def test_axes_and_results_that_look_like_the_parts_of_complex_numbers(tmp_path, monkeypatch):
    """An axis "r" of two values: the map could not be saved."""
    axis = xr.DataArray([0.1, 0.2], dims="r")

    def found(site):
        return xr.Dataset({"v": (("x", "c"), [[site.p, 1j]]), "w": 1.0})

    expected = [[[0.1, 1j]], [[0.2, 1j]]]
    for _ in range(2):
        swept = lp.sweep(found, SITE, p=axis, store=tmp_path, executor="serial")
        assert swept.v.dims == ("r", "x", "c")
        np.testing.assert_array_equal(swept.v, expected)
        xr.testing.assert_equal(lp.load(lp.save(swept, tmp_path / "swept.nc")), swept)
        monkeypatch.setattr(sweeping, "LARGE", 0)
        monkeypatch.setattr("latticepol.solve.assembly.STREAMED", 0)


def test_what_a_function_may_return():
    def array(site):
        return xr.DataArray([site.p, 2.0], dims="k", name="momentum_density")

    swept = lp.sweep(array, SITE, p=P, executor="serial")
    np.testing.assert_array_equal(swept.momentum_density, [[p, 2.0] for p in P])
    assert swept.p.attrs == {"units": "1", "long_name": "pump above threshold p"}
    swept = lp.sweep(lambda site: {"n": 3, "z": 1j, "up": site.p > 0.35, "text": "a"}, SITE, p=P, executor="serial")
    assert [swept[name].dtype.kind for name in ("n", "z", "up", "text")] == ["i", "c", "b", "U"]
    assert swept.up.values.tolist() == [False, True, True]
    assert swept.n.attrs == {"long_name": "n"}  # whose units nobody knows


@pytest.mark.parametrize("made", [None, {"x": [1, 2]}, np.ones(3), SITE])
def test_what_it_may_not_return(made):
    with pytest.raises(lp.ConvergenceError, match=r"2 of 2 .*TypeError: .* returned .*; return a Dataset") as caught:
        lp.sweep(lambda site: made, SITE, p=[0.1, 0.2], executor="serial")
    assert (caught.value.result.status == "failed").all()


def test_axes_have_the_units_of_the_model():
    swept = lp.sweep(lambda model: 1.0, FIELD, W=[1.0], eta=[1.0], mass=[1.0], executor="serial")
    assert [swept[name].attrs["units"] for name in ("W", "eta", "mass")] == ["ps-1", "um2 ps-1", "ps um-2"]
    assert "Gain.W" not in swept.attrs["parameters"]
    assert "Gain.Gamma" in swept.attrs["parameters"]


def ragged(site):
    n = round(10 * site.p)
    if n == 4:
        raise ValueError("four is too many")
    variables = {
        "mu": ("time", np.arange(n) + 0.5), "number": ("mode", np.arange(n)), "stable": ((), True),
        "psi": (("time", "site"), np.full((n, 2), n * 1j)), "label": ("mode", np.full(n, f"{n}")),
    }  # fmt: skip
    coords = {
        "time": 2.0 * np.arange(n),
        "energy": ("time", np.full(n, site.p)),
        "site": ["A", "B"],
        "x": ("site", [1, 2]),
    }
    return xr.Dataset(variables, coords)


@pytest.mark.parametrize("large", [False, True])
def test_results_of_different_sizes(tmp_path, monkeypatch, large):
    """Joined by their labels, or padded; in memory and in a file."""
    if large:
        monkeypatch.setattr(store_module, "LARGE", 0)
        monkeypatch.setattr(sweeping, "LARGE", 0)
        monkeypatch.setattr("latticepol.solve.assembly.STREAMED", 0)
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"2 of 6 points failed, the first at p = 0.4, .* four is too many"):
            swept = lp.sweep(ragged, SITE, p=[0.2, 0.3, 0.4], g=[0.1, 0.2], store=tmp_path, executor="serial")
        assert swept.time.values.tolist() == [0, 2, 4]
        expected = [[0.5, 1.5, np.nan], [0.5, 1.5, 2.5], [np.nan] * 3]
        np.testing.assert_array_equal(swept.mu.isel(g=1), expected)
        np.testing.assert_array_equal(swept.number.isel(g=0), [[0, 1, np.nan], [0, 1, 2], [np.nan] * 3])
        np.testing.assert_array_equal(swept.stable.isel(g=0), [True, True, False])
        np.testing.assert_array_equal(swept.psi.isel(g=0, time=1, site=0), [2j, 3j, np.nan])
        assert swept.label.isel(g=0).values.tolist() == [["2", "2", ""], ["3", "3", "3"], [""] * 3]
        assert swept.energy.dims == ("p", "g", "time")
        assert swept.x.dims == ("site",)
        assert (swept.stable.dtype.kind, swept.psi.dtype) == ("b", complex)
        in_memory = all(variable._in_memory for variable in swept.variables.values())
        assert in_memory != large
        assert swept.psi.attrs["long_name"] == "psi" or swept.psi.attrs["long_name"] == "field psi"
        lp.save(swept, tmp_path / "again.nc")


def test_labels_that_come_later_or_are_missing():
    def part(site):
        return xr.Dataset({"mu": ("time", [site.p])}, {"time": [site.p]}).reindex(
            time=[site.p, 0.5][: 1 + (site.p > 0.2)]
        )

    swept = lp.sweep(part, SITE, p=[0.3, 0.1, 0.2], executor="serial")
    assert swept.time.values.tolist() == [0.1, 0.2, 0.3, 0.5]
    nan = np.nan
    np.testing.assert_array_equal(swept.mu, [[nan, nan, 0.3, nan], [0.1, nan, nan, nan], [nan, 0.2, nan, nan]])

    def turned(site):
        order = ["A", "B"] if site.p > 0.2 else ["B", "A"]
        return xr.Dataset({"mu": ("site", [1.0 if name == "A" else 2.0 for name in order])}, {"site": order})

    swept = lp.sweep(turned, SITE, p=[0.3, 0.1], executor="serial")
    np.testing.assert_array_equal(swept.mu.sel(site=["A", "B"]), [[1, 2], [1, 2]])


# The store.


def test_only_what_is_missing_is_computed(tmp_path):
    calls = []
    run = partial(lp.sweep, lambda_free(calls), SITE, store=tmp_path, executor="serial")
    first = run(p=P, delta=DELTA)
    assert len(calls) == 6
    same(run(p=P, delta=DELTA), first)
    assert len(calls) == 6
    more = run(delta=[0.2, *DELTA], p=[*P, 0.9])
    assert len(calls) == 12
    same(more.value.transpose("p", "delta").sel(p=P, delta=DELTA), first.value)
    same(run(p=0.3, delta=[0.1]).value.variable, first.value.sel(p=0.3, delta=[0.1]).variable)
    assert len(calls) == 12
    files = list(tmp_path.rglob("*.nc"))
    assert len(files) == 12
    files[0].write_bytes(b"half a file")
    left = files[0].parent / f".left.nc.{Process.here()._replace(born='an earlier boot.7').short}-00"
    left.mkdir()
    same(run(p=P, delta=DELTA), first)
    assert not left.exists()
    assert "counted" in (files[0].parent / "about.json").read_text()


def test_what_others_keep_in_a_store_stays(tmp_path):
    """However old it is, and whatever it looks like."""
    run = partial(lp.sweep, pump, SITE, store=tmp_path, executor="serial")
    run(p=[0.1])
    (folder,) = tmp_path.iterdir()
    names = (".mine.nc.d/a", ".claims/notes.json", ".claims/0123456789abcdef.json", ".claims/mine.alive", "notes.txt")
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")
        os.utime((folder / name).parent, (0, 0))
    run(p=[0.1, 0.2])
    assert {(folder / name).read_text() for name in names} == {"mine"}
    shutil.rmtree(folder / ".claims")
    (folder / ".claims").write_text("mine")
    with pytest.raises(
        FileExistsError, match=r".claims must be a folder, for what the sweeps .*, and is a file; rename"
    ):
        run(p=[0.3])
    assert (folder / ".claims").read_text() == "mine"


def lambda_free(calls):
    """A function with a name that counts its calls; what it counts in is no part of its key."""

    def counted(site):
        counting(site, CALLS.now)
        return {"value": site.p * site.delta}

    CALLS.now = calls
    return counted


class Calls:
    """Where functions count their calls, which is no part of what they are."""

    def __init__(self):
        self.now = []

    def __getstate__(self):
        return None


CALLS = Calls()


def test_batches_are_kept_and_only_missing_points_are_computed(tmp_path, monkeypatch):
    seen = []
    original = lp.g_eff.batch

    def plan(*given):
        batch = original(*given)
        return batch._replace(call=lambda values, rng: (seen.append(len(values["p"])), batch.call(values, rng))[1])

    monkeypatch.setattr(lp.g_eff, "batch", plan)
    first = lp.sweep(lp.g_eff, SITE, store=tmp_path, p=P, delta=DELTA)
    same(lp.sweep(lp.g_eff, SITE, store=tmp_path, p=P, delta=DELTA), first)
    more = lp.sweep(lp.g_eff, SITE, store=tmp_path, p=[*P, 0.9], delta=[*DELTA, 0.2])
    assert seen == [6, 6]
    same(more.g_eff, lp.g_eff(SITE, p=[*P, 0.9], delta=[*DELTA, 0.2]).g_eff)
    lp.sweep(lp.g_eff, SITE, store=tmp_path, options={"select": "smallest"}, p=P)
    lp.sweep(lp.g_eff, SITE.replace(g=0.2), store=tmp_path, p=P)
    assert seen == [6, 6, 3, 3]


def shaped(x, y):
    return 0.1 * np.cos(x)


def other_shape(x, y):
    return 0.2 * np.cos(x)


def scaled(factor):
    return lambda x: factor * x


def kerr(power):
    """A term of one's own; the two have the same name and parameters."""

    class Kerr(lp.Term):
        if power == 2:

            def action(self, psi, x, y, t):
                return np.abs(psi) ** 2 * psi

        else:

            def action(self, psi, x, y, t):
                return np.abs(psi) ** 4 * psi

    return Kerr()


STATE = xr.Dataset({"psi": (("spin", "y", "x"), PSI)})
OFFSET = 1.0


def constant():
    return 1.0


def other_constant():
    return 3.0


def sized(model, *args, scale=1.0):
    CALLS.now.append(1)
    return OFFSET * constant() * scale * float(abs(STATE.psi[0, 0, 0]))


CHANGES = {
    "one element of an array": {"model": FIELD.replace(W=1.2 + 0.2 * C + 1e-9 * (C.max() == C))},
    "a profile": {"model": FIELD.replace(V=shaped)},
    "another profile": {"model": FIELD.replace(V=other_shape)},
    "units": {"model": FIELD.replace(units=None)},
    "a Dataset": {"args": (STATE,)},
    "another Dataset": {"args": (STATE + (abs(STATE.psi) == abs(STATE.psi).max()),)},
    "an option": {"options": {"scale": 2.0}},
    "an object": {"args": (lp.every(1.0),)},
    "a closure": {"args": (scaled(1.0),)},
    "another closure": {"args": (scaled(2.0),)},
    "a term": {"model": FIELD.replace(terms=[*FIELD.terms, kerr(2)])},
    "another term": {"model": FIELD.replace(terms=[*FIELD.terms, kerr(4)])},
    "a pump": {"args": (lp.pumps.gaussian(1.0, fwhm=2.0),)},
    "another pump": {"args": (lp.pumps.gaussian(1.0, fwhm=2.000000001),)},
    "another object": {"args": ({"when": [lp.every(2.0)]},)},
}


def test_what_a_stored_point_is_known_by(tmp_path, monkeypatch):
    CALLS.now = []

    def run(model=FIELD, args=(), options=None):
        lp.sweep(sized, model, *args, options=options, mass=[1.0], store=tmp_path, executor="serial")
        return len(CALLS.now)

    assert (run(), run(), run(model=FIELD.replace(mass=3.0, planning="patient"))) == (1, 1, 1)
    for count, change in enumerate(CHANGES, start=2):
        assert (run(**CHANGES[change]), run(**CHANGES[change])) == (count, count), change
    count = len(CALLS.now)
    for name, value in (
        ("OFFSET", 2.0),
        ("constant", FunctionType(other_constant.__code__, globals(), "constant")),
        ("RESULTS_VERSION", 0),
    ):
        module = "latticepol.solve.keys" if name == "RESULTS_VERSION" else __name__
        monkeypatch.setattr(f"{module}.{name}", value)
        count += 1
        assert (run(), run()) == (count, count), name


def test_the_home_and_a_link_as_store(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path / "points", target_is_directory=True)
    (tmp_path / "points").mkdir()
    lp.sweep(pump, SITE, p=[0.1, 0.2], store="~/points", executor="serial")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("points/*/*.nc")}
    assert len(before) == 2
    lp.sweep(pump, SITE, p=[0.1, 0.2], store=tmp_path / "link", executor="serial")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("points/*/*.nc")} == before
    with pytest.raises(TypeError, match="store is 3; give a path"):
        lp.sweep(pump, SITE, p=[0.1], store=3, executor="serial")


def test_a_seed_belongs_to_the_key_and_drawn_ones_are_kept(tmp_path):
    run = partial(lp.sweep, drawn, SITE, store=tmp_path, executor="serial", p=[0.1, 0.2])
    assert not np.isin(run(rng=1).drawn, run(rng=2).drawn).any()
    first = run()
    more = lp.sweep(drawn, SITE, store=tmp_path, executor="serial", p=[0.1, 0.2, 0.3])
    same(more[["drawn", "seed"]].isel(p=slice(2)), first[["drawn", "seed"]])


def test_points_of_several_commits_are_told_apart(tmp_path, monkeypatch):
    """They are kept, and named; what an older version stored says nothing of its commit, but can be read."""

    def run(p, commit):
        monkeypatch.setattr("latticepol.dataset.commit", lambda: commit)
        monkeypatch.setattr(store_module, "commit", lambda: commit)
        return lp.sweep(pump, SITE, p=p, store=tmp_path, executor="serial").attrs["git_commit"]

    assert run([0.1], "one") == "one"
    assert run([0.1], "two") == "one"
    with pytest.warns(
        UserWarning, match=r"^the points .* of latticepol: one \(1 points\), two \(2 points\); .*"
    ) as caught:
        assert run([0.1, 0.2, 0.3], "two") == "one, two"
    assert len(caught) == 1
    assert run([0.2, 0.3], "three") == "two"
    for path in tmp_path.glob("*/*.nc"):
        old = lp.load(path)
        lp.save(old.drop_vars("p").drop_attrs(deep=False), path)
    with pytest.warns(UserWarning, match=r"unknown \(3 points\), three \(1 points\)"):
        assert run([0.1, 0.2, 0.3, 0.4], "three") == "unknown, three"


def test_a_file_of_the_store_says_what_it_holds(tmp_path):
    """Parameters and origin are for the reader only: a sweep with other axes takes the point without them."""
    swept = lp.sweep(pump, SITE, p=[0.1, 0.2], delta=[0.01], g=0.2, store=tmp_path, executor="serial")
    points = xr.concat([lp.load(path) for path in tmp_path.glob("*/*.nc")], "swept_point").sortby("p")
    np.testing.assert_array_equal([points.p, points.delta, points.g], [[0.1, 0.2], [0.01, 0.01], [0.2, 0.2]])
    np.testing.assert_array_equal(points.pump, swept.pump[:, 0])
    origin = {name.removeprefix("sweep_"): text for name, text in points.attrs.items() if name.startswith("sweep_")}
    assert origin.pop("axes") == '["p", "delta", "g"]'
    assert origin.pop("parameters") == swept.attrs["parameters"]
    assert origin == {name: swept.attrs[name] for name in ("function", "source", "git_commit", "versions")}
    again = lp.sweep(pump, SITE.replace(g=0.2), p=[0.1, 0.2], store=tmp_path, executor="serial")
    assert set(again.coords) == {"p"}
    assert not any(name.startswith("sweep_") for name in again.attrs)
    lp.sweep(lp.g_eff, SITE, p=P, store=tmp_path)
    np.testing.assert_array_equal(lp.load(next(tmp_path.glob("g_eff*/chunk*"))).p, P)


def test_the_last_digits_of_a_parameter_do_not_count(tmp_path):
    """Neither for what is stored nor for the seed; the values stay as they are."""
    CALLS.now = []

    def noisy(site, *, rng):
        CALLS.now.append(site.p)
        return float(np.random.default_rng(rng).random())

    few = np.linspace(0.1, 0.5, 5)
    more = np.append(np.nextafter(few, 1.0), 0.6)
    first = lp.sweep(noisy, SITE, rng=1, p=few, store=tmp_path, executor="serial")
    swept = lp.sweep(noisy, SITE, rng=1, p=more, store=tmp_path, executor="serial")
    assert CALLS.now == [*few, more[-1]]
    np.testing.assert_array_equal(swept.p, more)
    np.testing.assert_array_equal(swept.noisy[:5], first.noisy)
    alone = lp.sweep(noisy, SITE, rng=1, p=more, executor="serial")
    assert CALLS.now[6:] == more.tolist()
    np.testing.assert_array_equal(alone.noisy, swept.noisy)
    other = lp.sweep(noisy, SITE, rng=1, p=[few[-1] * (1 + 1e-10)], store=tmp_path, executor="serial")
    assert other.noisy != first.noisy[-1]
    assert keys.rounded(1 / 3 - 2j / 3) == 0.333333333333 - 0.666666666667j
    assert repr(keys.rounded(-0.0)) == "0.0"


def test_labels_are_the_same_to_the_digits_that_count():
    def v(site):
        x = np.linspace(0.1, 0.5, 5)
        if site.p >= 0.2:
            x = np.append(np.nextafter(x, 1.0), [0.6] if site.p < 0.5 else [])
        if site.p == 0.3:  # tells apart what others do not
            x = np.array([0.5, 0.5 + 1e-14])
        if site.p == 0.4:
            x = x[4::-1]
        return xr.Dataset({"v": ("x", np.arange(len(x)))}, {"x": x})

    run = partial(lp.sweep, v, SITE, executor="serial")
    swept = run(p=[0.1, 0.2])
    np.testing.assert_allclose(swept.x, np.linspace(0.1, 0.6, 6))
    np.testing.assert_array_equal(swept.v, [[0, 1, 2, 3, 4, np.nan], [0, 1, 2, 3, 4, 5]])
    assert run(p=[0.1, 0.5]).v.values.tolist() == [[0, 1, 2, 3, 4]] * 2
    swept = run(p=[0.4, 0.1])
    np.testing.assert_array_equal(swept.v.sortby("x"), [[4, 3, 2, 1, 0], [0, 1, 2, 3, 4]])
    swept = run(p=[0.1, 0.2, 0.3])
    np.testing.assert_allclose(swept.x, [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.6])
    nan = np.nan
    np.testing.assert_array_equal(swept.v[2], [nan, nan, nan, nan, 0, 1, nan])
    np.testing.assert_array_equal(swept.v[1].dropna("x"), [0, 1, 2, 3, 4, 5])


# What goes wrong.


def moody(site, folder):
    """Fails while the file is there; at 0.3 for want of memory."""
    with open(f"{folder}/calls", "a") as calls:
        calls.write(".")
    if os.path.exists(f"{folder}/broken") and site.p > 0.15:
        raise MemoryError("too large") if site.p == 0.3 else ValueError("not today")
    return site.p


def test_failing_points(tmp_path):
    def run(**more):
        swept = lp.sweep(moody, SITE, str(tmp_path), store=tmp_path, p=[0.1, 0.2, 0.3], executor="serial", **more)
        return swept.moody.values, swept.status.values.tolist(), swept.message.values.tolist(), calls()

    def calls():
        return (tmp_path / "calls").stat().st_size

    (tmp_path / "broken").touch()
    with pytest.warns(UserWarning, match=r"^2 of 3 points failed, the first at p = 0.2: ValueError: not today$"):
        value, status, message, count = run()
    np.testing.assert_array_equal(value, [0.1, np.nan, np.nan])
    assert status == ["finished", "failed", "lost"]
    assert message == ["", "ValueError: not today", "MemoryError: too large"]
    assert count == 3
    (tmp_path / "broken").unlink()
    with pytest.warns(UserWarning, match=r"1 of 3 points failed"):
        value, status, _, count = run()
    np.testing.assert_array_equal(value, [0.1, np.nan, 0.3])
    assert count == 4
    value, status, message, count = run(retry=True)
    np.testing.assert_array_equal(value, [0.1, 0.2, 0.3])
    assert (status, message, count) == (["finished"] * 3, [""] * 3, 5)
    assert run()[-1] == 5


def test_a_point_that_the_model_refuses_fails_alone(tmp_path):
    for _ in range(2):
        with pytest.warns(
            UserWarning, match=r"1 of 2 points failed, the first at a = -1.0: ValueError: a = -1.0 is not"
        ):
            swept = lp.sweep(lp.g_eff, SITE, a=[2.0, -1.0], store=tmp_path, executor="serial")
        assert np.isfinite(swept.g_eff.values).tolist() == [True, False]
        assert swept.g_eff[0] == lp.g_eff(SITE.replace(a=2.0)).g_eff


def test_one_point_of_a_batch_blows_up():
    options = {"dt": 0.5, "variables": ["number"]}
    with pytest.warns(UserWarning, match=r"1 of 2 points failed.*p = 9.0: ValueError: dt = 0.5 is too large"):
        swept = lp.sweep(lp.evolve, NET, "aligned", 1.0, options=options, p=[0.1, 9.0], executor="serial")
    alone = lp.evolve(NET, "aligned", 1.0, **options)
    assert abs(swept.number.isel(p=0) - alone.number).max() < ROUNDING
    assert np.isnan(swept.number.isel(p=1)).all()


def test_the_status_of_a_solve_is_that_of_the_point():
    with pytest.warns(
        UserWarning, match=r"1 of 2 points failed, the first at p = -2.0: ValueError: there is no stable"
    ):
        swept = lp.sweep(lp.steady_state, NET, p=[0.1, -2.0], executor="serial")
    assert swept.status.values.tolist() == ["converged", "failed"]
    assert swept.psi.dims == ("p", "site", "spin")
    assert "pump above the threshold" in str(swept.message[1].values)
    assert "status" not in swept.attrs


ODD = {
    "another dimension": ({"v": 1.0}, r"v has the dimensions \(\) here, but has the dimensions \(x\) at other points"),
    "a text": (xr.Dataset({"v": ("x", ["a", "b"])}), "v holds texts here, but holds numbers at other points"),
    "labels": (
        xr.Dataset({"v": ("x", [1.0, 2.0])}, {"x": [0, 1]}),
        "x is a dimension with labels here, but is a dimension without",
    ),
    "a variable like a dimension": ({"v": 1.0, "x": 1.0}, "x has the dimensions|v has the dimensions"),
    "the name of an axis": ({"v": 1.0, "p": 1.0}, "returns 'p', which is the name of an axis"),
    "what a sweep adds": ({"v": 1.0, "status": 1.0}, "returns 'status', which a sweep adds itself"),
    "a dimension of that name": (xr.Dataset({"v": ("message", [1.0])}), "returns 'message', which a sweep adds itself"),
    "what no file holds": (
        xr.Dataset({"v": ("x", [1.0, 2.0])}, attrs={"a": {}}),
        "attribute 'a' is {}, which no netCDF file can hold",
    ),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("where", [0.1, 0.3])
def test_a_point_that_differs_from_most_fails_alone(tmp_path, odd, where, monkeypatch):
    """In memory and in a file, first or later; what spoils a first point for good ends the sweep at once."""
    made, message = ODD[odd]

    def v(site):
        return made if site.p == where else xr.Dataset({"v": ("x", [site.p, 2.0])})

    run = partial(lp.sweep, v, SITE, p=[0.1, 0.2, 0.3, 0.4], store=tmp_path, executor="serial")
    if where == 0.1 and re.search("returns|no netCDF file", message):
        with pytest.raises((TypeError, ValueError), match=rf"{message}.*\(at p = 0.1\)"):
            run()
        return
    for _ in range(2):
        with pytest.warns(UserWarning, match=rf"1 of 4 points failed, the first at p = {where}: \w+: .*{message}"):
            swept = run()
        good = swept.p != where
        np.testing.assert_array_equal(swept.v.transpose("p", "x")[good], [[p, 2.0] for p in swept.p.values[good]])
        assert np.isnan(swept.v[~good]).all()
        assert (swept.status == np.where(good, "finished", "failed")).all()
        monkeypatch.setattr(store_module, "LARGE", 0)
        monkeypatch.setattr(sweeping, "LARGE", 0)
        monkeypatch.setattr("latticepol.solve.assembly.STREAMED", 0)


def test_what_is_empty_goes_with_everything():
    def v(site):
        texts = ["a", "b"][: round(10 * site.p) - 1]
        return xr.Dataset({"v": ("x", texts), "w": ("y", np.ones(len(texts)))}, {"y": texts})

    swept = lp.sweep(v, SITE, p=[0.1, 0.2, 0.3], executor="serial")
    assert swept.v.values.tolist() == [["", ""], ["a", ""], ["a", "b"]]
    np.testing.assert_array_equal(swept.w.sel(y=["a", "b"]), [[np.nan] * 2, [1, np.nan], [1, 1]])


def test_labels_that_are_there_twice_fail_where_they_differ():
    def v(site):
        return xr.Dataset({"v": ("x", [1.0, 2.0])}, {"x": [0, 0] if site.p == 0.3 else [0, 1]})

    with pytest.warns(UserWarning, match=r"1 of 2 points failed, the first at p = 0.3: .* x has a label twice"):
        lp.sweep(v, SITE, p=[0.2, 0.3], executor="serial")


def test_a_coordinate_that_is_a_variable_elsewhere():
    def v(site):
        if site.p == 0.4:
            raise ValueError("four")
        made = xr.Dataset({"v": ("x", [1.0, 2.0]), "w": ("x", [1, round(10 * site.p)])})
        return made if site.p == 0.3 else made.set_coords("w")

    with pytest.warns(UserWarning, match="four"):
        swept = lp.sweep(v, SITE, p=[0.2, 0.3, 0.4], executor="serial")
    np.testing.assert_array_equal(swept.w, [[1, 2], [1, 3], [np.nan, np.nan]])


def test_a_long_message_is_cut(tmp_path):
    def talkative(site):
        raise ValueError("ab" * 50_000)

    with pytest.raises(lp.ConvergenceError, match=r"^1 of 1 points .*: ValueError: (ab)+a?\.\.\.$") as caught:
        lp.sweep(talkative, SITE, p=[0.1], store=tmp_path, executor="serial")
    assert len(str(caught.value)) < 600
    assert len(lp.load(next(tmp_path.glob("*/*.nc"))).message.item()) == 500


def test_ctrl_c_says_how_to_go_on(tmp_path):
    def interrupted(site):
        if site.p > 0.2:
            raise KeyboardInterrupt
        return site.p

    with pytest.raises(KeyboardInterrupt, match=r"2 of 3 points are finished, in .*; the same call goes on"):
        lp.sweep(interrupted, SITE, p=[0.1, 0.2, 0.3], store=tmp_path, executor="serial")
    assert len(list(tmp_path.rglob("*.nc"))) == 2


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dleta": [1.0]}, TypeError, r"no parameter \['dleta'\]; it has .* of pump go into options=\{...\}"),
        ({"p": []}, ValueError, "axis p is empty"),
        ({"p": [0.1, np.inf]}, ValueError, "axis p holds inf"),
        ({"p": [0.1, 0.2, 0.1]}, ValueError, "axis p holds 0.1 twice"),
        (
            {"p": [0.5, 0.5000000000000001]},
            ValueError,
            "p holds 0.5 and 0.5000000000000001, the same to 12 digits; give",
        ),
        ({"p": [[0.1, 0.2]]}, ValueError, "axis p has 2 dimensions"),
        ({"p": [SITE]}, ValueError, "does not hold numbers, texts"),
        ({"p": [[1], [1, 2]]}, ValueError, "does not hold numbers, texts"),
        (
            {"p": xr.DataArray([1, 2], dims="r"), "a": xr.DataArray([1], dims="r")},
            ValueError,
            "a has 1 values along r, .* 2",
        ),
        ({"p": P, "executor": 0}, TypeError, "executor = 0 is none; give None, a number of processes"),
        ({"p": P, "rng": 1}, TypeError, "rng = 1 has no use: pump draws no random numbers"),
        (
            {"p": P, "options": {"x": 1}},
            TypeError,
            r"args and options do not fit pump: no argument or axis \['x'\]; there are",
        ),
        ({"p": P, "options": 3}, TypeError, "options is 3; give the keyword arguments"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        lp.sweep(pump, SITE, **arguments)


def test_further_bad_arguments(tmp_path):
    for more in ({"store": tmp_path}, {"executor": 2}):
        with pytest.raises(ValueError, match=r"function is a lambda.*write it as def"):
            lp.sweep(lambda site: 1.0, SITE, p=P, **more)
    with pytest.raises(TypeError, match="has no method replace"):
        lp.sweep(pump, 3.0, p=P)
    with pytest.raises(TypeError, match="function is of the class int; give sweep"):
        lp.sweep(3, SITE, p=P)
    with pytest.raises(ValueError, match=r"returns 'p', which is the name of an axis.*dims='name'"):
        lp.sweep(lambda site: {"p": 1.0}, SITE, p=P, executor="serial")
    with pytest.raises(ValueError, match=r"returns 'message', which a sweep adds itself"):
        lp.sweep(lambda site: {"message": "a"}, SITE, p=P, executor="serial")
    axis = xr.DataArray([0.1, 0.2], dims="status")
    with pytest.raises(ValueError, match=r"axis status has the name of what a sweep adds itself"):
        lp.sweep(lambda site: 1.0, SITE, p=axis, executor="serial")
    with pytest.raises(ValueError, match=r"out = 'run.nc' would be used by every point; give store="):
        lp.sweep(lp.evolve, NET, "aligned", 1.0, options={"dt": 0.1, "out": "run.nc"}, p=P)
    with pytest.raises(
        TypeError, match=r"no argument or axis \['realisations'\]; did you mean realizations\? There are"
    ):
        lp.sweep(lp.alignment_probability, SITE, p=[0.6], options={"realisations": 50})
    assert lp.sweep(lambda site, **more: more["x"], SITE, p=P, options={"x": 1.0}, executor="serial").p.size == 3
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(ValueError, match=r"store = .*/file is a file; give a folder"):
            lp.sweep(pump, SITE, p=P, store=path)
    with ThreadPoolExecutor(1) as executor:
        pass
    with pytest.raises(
        ValueError, match=r"executor, a ThreadPoolExecutor, takes no tasks: cannot .* shutdown; give one that is not"
    ):
        lp.sweep(pump, SITE, p=P, executor=executor)
    with pytest.raises(TypeError, match="options hold one too"):
        lp.sweep(drawn, SITE, rng=1, options={"rng": 2}, p=P)


# Who computes.


def test_any_executor():
    serial = lp.sweep(lp.g_eff, SITE, p=P, delta=DELTA)
    with ThreadPoolExecutor(2) as threads:
        same(lp.sweep(lp.g_eff, SITE, p=P, delta=DELTA, executor=threads), serial)
        same(lp.sweep(pump, SITE, p=P, executor=threads), lp.sweep(pump, SITE, p=P, executor="serial"))


class Breaking(Executor):
    """Breaks at the second task."""

    def __init__(self):
        self.tasks = 0

    def submit(self, function, *args):
        self.tasks += 1
        if self.tasks == 3:
            raise BrokenProcessPool("no more")
        future = Future()
        if self.tasks == 2:
            future.set_exception(BrokenProcessPool("a worker died"))
        else:
            future.set_result(function(*args))
        return future


def test_an_executor_that_breaks_loses_no_finished_point(tmp_path):
    with pytest.warns(UserWarning, match=r"2 of 3 points failed"):
        swept = lp.sweep(pump, SITE, p=P, executor=Breaking(), store=tmp_path)
    assert swept.status.values.tolist() == ["finished", "lost", "lost"]
    assert str(swept.message[1].values) == "the executor failed with BrokenProcessPool: a worker died"
    same(
        lp.sweep(pump, SITE, p=P, executor="serial", store=tmp_path).pump,
        lp.sweep(pump, SITE, p=P, executor="serial").pump,
    )


class Closing(Breaking):
    """Is shut down after the first task."""

    def submit(self, function, *args):
        if self.tasks:
            raise RuntimeError("cannot schedule new futures after shutdown")
        return super().submit(function, *args)


def test_an_executor_that_is_shut_down_midway_loses_no_finished_point():
    with pytest.warns(UserWarning, match=r"2 of 3 points failed.*RuntimeError: cannot schedule"):
        swept = lp.sweep(pump, SITE, p=P, executor=Closing())
    assert swept.status.values.tolist() == ["finished", "lost", "lost"]


def script(folder, seconds, executor):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, sweep_case.__file__, str(folder), str(seconds), str(executor)],
        env=environment,
        stderr=subprocess.PIPE,
    )


def calls(folder):
    """(p, process) of every call."""
    path = folder / "calls"
    return (
        [(float(p), int(pid)) for p, pid in (line.split() for line in path.read_text().splitlines())]
        if path.exists()
        else []
    )


@pytest.mark.slow
def test_a_worker_that_is_killed(tmp_path):
    """In a script without a guard: the point that kills its worker always is given up, the others are computed."""
    process = script(tmp_path, 0, 2)
    assert process.wait(60) == 0, process.stderr.read().decode()
    process.stderr.close()
    swept = lp.load(tmp_path / "out.nc")
    lost = swept.p == sweep_case.DEADLY
    np.testing.assert_array_equal(swept.value, np.where(lost, np.nan, 2 * swept.p**2))
    assert swept.status.values.tolist() == ["lost" if here else "finished" for here in lost]
    assert "its worker process died" in str(swept.message.sel(p=sweep_case.DEADLY).values)
    assert len(list((tmp_path / "store").rglob("*.nc"))) == 5
    assert os.getpid() not in {pid for _, pid in calls(tmp_path)}


@pytest.mark.parametrize("executor", ["serial", pytest.param(2, marks=pytest.mark.slow)])
def test_a_sweep_that_is_killed_and_started_again(tmp_path, executor):
    process = script(tmp_path, 0.1, executor)
    stored = lambda: list((tmp_path / "store").glob("*/*.nc"))  # noqa: E731
    while process.poll() is None and len(stored()) < 2:
        time.sleep(0.01)
    process.kill()
    process.wait()
    process.stderr.close()
    before = {path: path.stat().st_mtime_ns for path in stored()}
    assert 2 <= len(before) < 6
    workers = {pid for _, pid in calls(tmp_path)}
    deadline = time.monotonic() + 30
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, workers))  # none outlives the sweep
    (tmp_path / "calls").unlink()
    swept = sweep_case.run(tmp_path, 0.1, "serial")
    np.testing.assert_allclose(swept.value, 2 * swept.p**2, rtol=ROUNDING)
    assert len(calls(tmp_path)) == 6 - len(before)
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


@pytest.mark.slow
def test_dask(tmp_path):
    """A cluster of dask, a worker of which is killed midway."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        executor = client.get_executor()
        same(lp.sweep(lp.g_eff, SITE, p=P, executor=executor), lp.sweep(lp.g_eff, SITE, p=P))
        swept = lp.sweep(sweep_case.point, SITE, str(tmp_path), 0, p=[0.1, 0.2, 0.5, 0.6], executor=executor)
        np.testing.assert_allclose(swept.value, 2 * swept.p**2)
        with pytest.warns(UserWarning, match=r"1 of 2 points failed.*KilledWorker"):
            swept = lp.sweep(sweep_case.point, SITE, str(tmp_path), 0, p=[0.1, 0.3], executor=executor)
        assert swept.status.values.tolist() == ["finished", "lost"]


@pytest.mark.slow
def test_processes_give_the_same_as_one(tmp_path):
    """Noise, failures, and a sweep killed by Ctrl-C in the middle."""
    options = {"dt": 0.05, "save": lp.every(1.0)}
    run = partial(lp.sweep, lp.evolve, NET.replace(noise=0.1), "linear", 5.0, options=options, rng=1, p=[0.1, 0.2, 0.3])
    same(run(), run(executor="serial"))
    process = script(tmp_path, 0.5, 2)
    while process.poll() is None and not calls(tmp_path):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=60)[1].decode()
    assert re.search(r"KeyboardInterrupt: \d of 6 points are finished, in .*the same call goes on", message)
    assert not any(alive(pid) for _, pid in calls(tmp_path))
