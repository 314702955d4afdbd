"""What a function may return, and how points of different sizes become one Dataset."""

import dataclasses
import json
from functools import partial

import numpy as np
import pytest
import xarray as xr
from sweep_models import FIELD, IN_FILES, NET, SITE, P, pump, sweep_within

import latticepol as lp
from latticepol.results.variables import VARIABLES
from latticepol.sweeps.limits import SWEEP_LIMITS


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
    assert swept.W.attrs == {"units": "ps-1", "long_name": VARIABLES["W"].long_name}
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


@pytest.mark.parametrize("limits", [SWEEP_LIMITS, IN_FILES])
def test_texts_and_attributes_of_points_stay(tmp_path, limits):
    """What differs from point to point becomes a variable: texts, numbers; what is alike stays an attribute."""

    def told(site):
        if site.p == 0.4:
            raise ValueError("four")
        attributes = {"reason": f"because p is {site.p}", "steps": round(10 * site.p), "tol": 1e-3, "message": "well"}
        attributes |= {"certificate": "yes"} if site.p < 0.2 else {}
        return xr.Dataset({"v": 1.0, "word": f"ä{site.p}"}, attrs=attributes | {"p": site.p})

    for _ in range(2):
        with pytest.warns(UserWarning, match="1 of 4 points failed"):
            swept = sweep_within(limits, told, SITE, p=[0.1, 0.2, 0.3, 0.4], store=tmp_path, executor="serial")
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
    two = sweep_within(limits, told, SITE, p=[0.1, 0.2], executor="serial")
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


def test_axes_and_results_that_look_like_the_parts_of_complex_numbers(tmp_path):
    """An axis "r" of two values: the map could not be saved."""
    axis = xr.DataArray([0.1, 0.2], dims="r")

    def found(site):
        return xr.Dataset({"v": (("x", "c"), [[site.p, 1j]]), "w": 1.0})

    expected = [[[0.1, 1j]], [[0.2, 1j]]]
    for limits in (SWEEP_LIMITS, IN_FILES):
        swept = sweep_within(limits, found, SITE, p=axis, store=tmp_path, executor="serial")
        assert swept.v.dims == ("r", "x", "c")
        np.testing.assert_array_equal(swept.v, expected)
        xr.testing.assert_equal(lp.load(lp.save(swept, tmp_path / "swept.nc")), swept)


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


@pytest.mark.parametrize("limits", [SWEEP_LIMITS, IN_FILES])
def test_results_of_different_sizes(tmp_path, limits):
    """Joined by their labels, or padded; in memory and in a file."""
    axes = {"p": [0.2, 0.3, 0.4], "g": [0.1, 0.2]}
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"2 of 6 points failed, the first at p = 0.4, .* four is too many"):
            swept = sweep_within(limits, ragged, SITE, **axes, store=tmp_path, executor="serial")
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
        assert in_memory == (limits is SWEEP_LIMITS)
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


def sometimes_known(site):
    """Whether it is stable is not known of the first point."""
    return xr.Dataset({"mu": site.p} | ({} if site.p < 0.25 else {"stable": True}), attrs={"message": "so far"})


@pytest.mark.parametrize("limits", [SWEEP_LIMITS, IN_FILES])
def test_what_a_point_does_not_know_is_false_and_its_message_says_so(tmp_path, limits):
    """A state without a certificate has no ``stable``: it does not fail, and is not called unstable in silence."""
    swept = sweep_within(limits, sometimes_known, SITE, p=[0.2, 0.3], store=tmp_path, executor="serial")
    assert swept.stable.values.tolist() == [False, True]
    assert swept.message.values.tolist() == ["so far; not known here: stable", "so far"]
    assert swept.status.values.tolist() == ["finished", "finished"]
