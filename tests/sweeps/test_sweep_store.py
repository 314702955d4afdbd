"""The store of a sweep: what is computed again, and what a stored point is known by."""

import os
import re
import shutil
import warnings
from functools import partial
from types import FunctionType

import numpy as np
import pytest
import xarray as xr
from sweep_models import DELTA, FIELD, PSI, SITE, C, P, drawn, pump, same

import latticepol as lp
from latticepol.disk.files import seal
from latticepol.disk.processes import Process
from latticepol.sweeps import keys
from latticepol.sweeps import store as store_module


def counting(site, calls):
    calls.append((site.p, site.delta))
    return {"value": site.p * site.delta}


def test_only_what_is_missing_is_computed(tmp_path):
    calls = []
    run = partial(lp.sweep, lambda_free(calls), SITE, store=tmp_path, executor="serial")
    first = run(p=P, delta=DELTA)
    assert len(calls) == 6
    same(run(p=P, delta=DELTA), first)
    assert len(calls) == 6
    (broken, *_) = tmp_path.rglob("*.nc")
    more = run(delta=[0.2, *DELTA], p=[*P, 0.9])
    assert len(calls) == 12
    same(more.value.transpose("p", "delta").sel(p=P, delta=DELTA), first.value)
    same(run(p=0.3, delta=[0.1]).value.variable, first.value.sel(p=0.3, delta=[0.1]).variable)
    assert len(calls) == 12
    assert len(list(tmp_path.rglob("*.nc"))) == 12
    broken.write_bytes(b"half a file")
    left = broken.parent / f".left.nc.{Process.here()._replace(born='an earlier boot.7').short}-00"
    left.mkdir()
    with pytest.warns(UserWarning, match="Points that were in it are computed again"):
        same(run(p=P, delta=DELTA), first)
    assert not left.exists()
    assert "counted" in (broken.parent / "about.json").read_text()


@pytest.mark.parametrize("function", [pump, lp.g_eff], ids=["a file each", "one file"])
def test_a_flipped_bit_costs_the_points_of_its_file(function, tmp_path):
    """Wherever it is: some bits make HDF5 fail in its own ways, others change a number, or nothing."""
    run = partial(lp.sweep, function, SITE, store=tmp_path, executor="serial", p=P)
    first, rng = run(), np.random.default_rng(7)
    (path, *_) = sorted(tmp_path.rglob("*.nc"))
    for _ in range(12):
        held = bytearray(path.read_bytes())
        held[rng.integers(len(held))] ^= 1 << rng.integers(8)
        path.write_bytes(held)
        with pytest.warns(UserWarning, match=re.escape(str(path))) as warned:
            same(run(), first)
        assert len(warned) == 1
        assert warned[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            same(run(), first)  # the file is whole again


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
        module = "latticepol.sweeps.keys" if name == "RESULTS_VERSION" else __name__
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
        monkeypatch.setattr("latticepol.results.dataset.commit", lambda: commit)
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
        seal(path)
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
    assert repr(keys.rounded(complex(-0.0, -0.0))) == "0j"
    assert keys.rounded(np.float32(0.1)) == 0.100000001490  # twelve digits of what float32 makes of 0.1
    assert keys.rounded(np.complex64(0.1j)) == 0.100000001490j
    assert [keys.rounded(value) for value in (3, True, "text", None)] == [3, True, "text", None]


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
