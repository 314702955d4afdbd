"""Sweeps in which something goes wrong: points that fail or differ, and arguments that are refused."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray as xr
from sweep_models import IN_FILES, NET, ROUNDING, SITE, P, drawn, pump, sweep_within

import latticepol as lp
from latticepol.sweeps.limits import SWEEP_LIMITS


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
    "another dimension": ({"v": 1.0}, r"v has the dimensions \(\) here, but has the dimensions \(x\) at an earlier"),
    "a text": (xr.Dataset({"v": ("x", ["a", "b"])}), "v holds texts here, but holds numbers at an earlier point"),
    "labels": (
        xr.Dataset({"v": ("x", [1.0, 2.0])}, {"x": [0, 1]}),
        "x is a dimension with labels here, but is a dimension without",
    ),
    "a variable like a dimension": ({"v": 1.0, "x": 1.0}, "x has the dimensions|v has the dimensions"),
    "the name of an axis": ({"v": 1.0, "p": 1.0}, "returns 'p', which is the name of an axis"),
    "what a sweep adds": ({"v": 1.0, "status": 1.0}, "returns 'status', which a sweep adds itself"),
    "a dimension of that name": (xr.Dataset({"v": ("message", [1.0])}), "returns 'message', which a sweep adds itself"),
    "none of the same variables": ({"w": 1.0, "u": 2.0}, r"returns \['u', 'w'\] here, but \['v'\] at an earlier point"),
    "what no file holds": (
        xr.Dataset({"v": ("x", [1.0, 2.0])}, attrs={"a": {}}),
        "attribute 'a' is {}, which no netCDF file can hold",
    ),
}


def of_one_kind(site):
    return xr.Dataset({"v": ("x", [site.p, 2.0])})


@pytest.mark.parametrize("odd", ODD)
def test_a_point_that_differs_from_the_first_fails_alone(tmp_path, odd):
    """In memory and in a file."""
    made, message = ODD[odd]

    def v(site):
        return made if site.p == 0.3 else of_one_kind(site)

    for limits in (SWEEP_LIMITS, IN_FILES):
        with pytest.warns(UserWarning, match=rf"1 of 4 points failed, the first at p = 0.3: \w+: .*{message}"):
            swept = sweep_within(limits, v, SITE, p=[0.1, 0.2, 0.3, 0.4], store=tmp_path, executor="serial")
        good = swept.p != 0.3
        np.testing.assert_array_equal(swept.v.transpose("p", "x")[good], [[p, 2.0] for p in swept.p.values[good]])
        assert np.isnan(swept.v[~good]).all()
        assert (swept.status == np.where(good, "finished", "failed")).all()


@pytest.mark.parametrize("odd", [odd for odd in ODD if re.search("returns '|Invalid", ODD[odd][1])])
def test_what_spoils_the_first_point_for_good_ends_the_sweep_at_once(tmp_path, odd):
    made, message = ODD[odd]

    def v(site):
        return made if site.p == 0.1 else of_one_kind(site)

    with pytest.raises((TypeError, ValueError), match=rf"{message}.*\(at p = 0.1\)"):
        lp.sweep(v, SITE, p=[0.1, 0.2], store=tmp_path, executor="serial")


@pytest.mark.parametrize("before", [[], [0.4, 0.3], [0.2]])
def test_the_first_point_that_does_not_fail_fixes_what_all_return(tmp_path, before):
    """In the order of the axis, whichever was finished first, although most points return something else."""

    def v(site):
        if site.p == 0.1:
            raise ValueError("one")
        return {"v": site.p} if site.p == 0.2 else of_one_kind(site)

    if before:  # these are in the store, and therefore known first
        lp.sweep(v, SITE, p=before, store=tmp_path, executor="serial")
    for limits in (SWEEP_LIMITS, IN_FILES):
        with pytest.warns(UserWarning, match=r"3 of 4 points failed, the first at p = 0.1: ValueError: one"):
            swept = sweep_within(limits, v, SITE, p=[0.1, 0.2, 0.3, 0.4], store=tmp_path, executor="serial")
        np.testing.assert_array_equal(swept.v, [np.nan, 0.2, np.nan, np.nan])
        assert swept.status.values.tolist() == ["failed", "finished", "failed", "failed"]
        why = "v has the dimensions (x) here, but has the dimensions () at an earlier point; return the same at all"
        assert swept.message.values.tolist() == ["ValueError: one", "", *[f"ValueError: {why}"] * 2]


def test_a_result_that_says_of_itself_that_it_failed_fixes_nothing():
    def v(site):
        attrs = {"status": "failed", "message": "not yet"}
        return xr.Dataset({"v": ("y", [1.0, 2.0, 3.0])}, attrs=attrs) if site.p == 0.1 else of_one_kind(site)

    with pytest.warns(UserWarning, match=r"1 of 3 points failed, the first at p = 0.1"):
        swept = lp.sweep(v, SITE, p=[0.1, 0.2, 0.3], executor="serial")
    np.testing.assert_array_equal(swept.v, [[np.nan, np.nan], [0.2, 2.0], [0.3, 2.0]])


def test_a_variable_that_only_some_points_have_is_empty_at_the_others():
    """As ``stable`` of a steady state, which is there only where it is known; the kind of a number may differ."""

    def v(site):
        return {"v": 1 if site.p < 0.2 else 2.5} | ({"w": True} if site.p == 0.2 else {})

    swept = lp.sweep(v, SITE, p=[0.1, 0.2, 0.3], executor="serial")
    assert swept.v.values.tolist() == [1.0, 2.5, 2.5]
    assert swept.w.values.tolist() == [False, True, False]


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
        ({"p": P, "executor": 0}, TypeError, "executor must be None, a number of processes .*; got 0"),
        ({"p": P, "rng": 1}, TypeError, "rng = 1 would not be used: pump draws no random numbers"),
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
        with pytest.raises(ValueError, match=r"a lambda has none; write it as def"):
            lp.sweep(lambda site: 1.0, SITE, p=P, **more)
    with pytest.raises(TypeError, match="has no method replace"):
        lp.sweep(pump, 3.0, p=P)
    with pytest.raises(TypeError, match="function must be callable; got 3: give sweep"):
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
    with pytest.raises(TypeError, match="options hold one already"):
        lp.sweep(drawn, SITE, rng=1, options={"rng": 2}, p=P)
