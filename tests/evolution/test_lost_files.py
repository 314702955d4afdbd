"""Files of a run that are removed, replaced or in the way; folders, links, plans."""

import hashlib
import shutil

import numpy as np
import pyfftw
import pytest
import xarray as xr
from lost_case import case, checkpoints, contents, same
from resume_case import run

import latticepol as lp
from latticepol.numerics import fft

pytestmark = pytest.mark.usefixtures("whole")  # plans are made before another process makes them


def removed(folder):
    (folder / "run.nc").unlink()


def replaced(folder):
    lp.save(lp.load(folder / "run.nc").assign_attrs(run="another"), folder / "run.nc")


def overwritten(folder):
    (folder / "run.nc").write_bytes(b"not netCDF")


def shortened(folder):
    lp.save(lp.load(folder / "run.nc").isel(time=slice(0, 1)), folder / "run.nc")


def cleaned(folder):
    shutil.rmtree(folder / "run.nc.parts")


DEEDS = {removed: "run.nc was removed", replaced: "run.nc was replaced", overwritten: "run.nc was replaced",
         shortened: "run.nc was replaced", cleaned: ".nc was removed"}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_a_file_that_goes_away_ends_the_run(tmp_path, written_at_once, deed):
    """And put back, it goes on."""
    kept = tmp_path.with_name(tmp_path.name + "-kept")

    def act(frame):
        if frame.time[0] == 0.6 and not kept.exists():
            shutil.copytree(tmp_path, kept)
            deed(tmp_path)

    # at t = 0.6 there are a file of two frames and a part of one
    options = {"dt": 0.05, "callbacks": [(lp.every(0.3), act)], "checkpoint_every": 0.0}
    with pytest.raises(OSError, match=rf"{DEEDS[deed]} by something else while the run wrote to it"):
        case(tmp_path, **options)
    if deed is not cleaned:
        shutil.copy(kept / "run.nc", tmp_path / "run.nc")
    else:
        shutil.copytree(kept / "run.nc.parts", tmp_path / "run.nc.parts", dirs_exist_ok=True)
    same(case(tmp_path, **options), run("noise", t_end=1.2, dt=0.05))


def test_a_checkpoint_that_goes_away_comes_again(tmp_path):
    """Its folder; with the file in it as well, the run ends."""

    def remove(frame):
        shutil.rmtree(tmp_path / "checkpoint")

    options = {"dt": 0.05, "callbacks": [(lp.at_times([0.6]), remove)], "checkpoint_every": 0.0}
    same(case(tmp_path, **options), run("noise", t_end=1.2, dt=0.05))
    assert len(checkpoints(tmp_path)) == 2
    shutil.rmtree(tmp_path / "checkpoint")
    with pytest.raises(OSError, match=r"folder .* was removed while this process wrote into it"):
        case(tmp_path, out=None, **options)


def test_what_was_there_stays_until_a_frame_comes(tmp_path):
    def fails(frame):
        if calls:
            raise ZeroDivisionError
        calls.append(1)  # the trial before the run

    calls = []
    run("noise", t_end=0.3, out=tmp_path / "run.nc")
    before = contents(tmp_path)
    with pytest.raises((ZeroDivisionError, TypeError)):
        run("noise", t_end=0.3, out=tmp_path / "run.nc", variables=["psi", fails])
    assert contents(tmp_path) == before


def test_a_folder_for_a_file_and_a_file_for_a_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match=r"out = .* is a folder; give the name of a file"):
        case(tmp_path, out=tmp_path)
    for path in ("file", "file/checkpoint"):
        with pytest.raises(ValueError, match=r"checkpoint = .* is a file, or in one; give a folder"):
            case(tmp_path, checkpoint=tmp_path / path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_out_and_checkpoint_in_the_way_of_each_other(tmp_path):
    """Refused before anything is made; a file of another name may lie in the folder."""
    folder = tmp_path / "checkpoint"
    for out in (folder, folder / "checkpoint-0.nc", folder / "checkpoint-1.nc", folder / "lock", folder / "lock.guard",
                folder / "frames.nc.parts", folder / "frames.nc.lock"):  # fmt: skip
        with pytest.raises(ValueError, match=r"must not be files of each other; give out= another name"):
            case(tmp_path, out=out)
    for inside in ("run.nc", "run.nc/checkpoint", "run.nc.parts", "run.nc.parts/a", "run.nc.lock", "run.nc.lock.guard"):
        with pytest.raises(ValueError, match=r"must not be files of each other; give out= another name"):
            case(tmp_path, checkpoint=tmp_path / inside)
    assert not list(tmp_path.iterdir())
    same(case(tmp_path, 0.3, out=folder / "mine.nc"), case(tmp_path, 0.3, out=None, checkpoint=tmp_path / "other"))


def test_what_no_file_can_hold_is_refused_at_the_start(tmp_path):
    def odd(frame):
        return frame.psi.real.rename("odd").assign_attrs(phase=1j)

    with pytest.raises(TypeError, match=r"attribute 'phase' of 'odd' is 1j, which no netCDF file can hold"):
        case(tmp_path, variables=["psi", odd])
    assert not list(tmp_path.iterdir())
    assert run("noise", t_end=0.3, variables=["psi", odd]).odd.attrs["phase"] == 1j


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (lambda t: xr.DataArray([t or 0], dims="time"), r"float64 along \(time: 1\), and was int64 along"),
        (lambda t: xr.DataArray([t + (1j if t else 0)], dims="time"), "complex128 along .*, and was float64"),
        (lambda t: xr.DataArray([np.float64(t) if t else np.float32(0)], dims="time"), "float64 .*, and was float32"),
        (lambda t: xr.DataArray(np.zeros((1, 3 if t else 2)), dims=("time", "a")), r".*a: 3\), and was .*a: 2"),
    ],
)
def test_what_changes_its_form_is_refused(tmp_path, made, what):
    """A file would cut its numbers to the type of the first; in memory they find a common one."""

    def odd(frame):
        return made(float(frame.time[0])).assign_coords(time=frame.time).rename("odd")

    with pytest.raises(TypeError, match=rf"variable 'odd' is {what}.*; let the function in variables return the same"):
        case(tmp_path, variables=["psi", odd])
    assert lp.load(tmp_path / "run.nc").sizes["time"] == 1


def test_texts_of_other_lengths_are_of_one_form(tmp_path):
    def word(frame):
        return xr.DataArray(["ab" * int(10 * frame.time[0])], dims="time").rename("word")

    result = case(tmp_path, variables=["psi", word])
    assert result.word.values.tolist() == ["", "ab" * 3, "ab" * 6, "ab" * 9, "ab" * 12]


def plans():
    """Two plans of one transform whose last bits differ."""
    found = {}
    psi = np.random.default_rng(0).normal(size=(2, *LARGE.shape, 2)).view(complex)[..., 0]
    for _ in range(40):
        pyfftw.forget_wisdom()
        array = fft.empty(psi.shape, complex)
        transforms = fft.Transforms(array)
        array[...] = psi
        transforms.forward(array)
        found[hashlib.sha256(array.tobytes()).hexdigest()] = fft.wisdom()
        if len(found) > 1:
            return list(found.values())
    pytest.skip("FFTW finds one plan only")


LARGE = lp.Grid.rectangle((8.0, 8.0), (256, 256))


@pytest.mark.slow  # it plans until two plans differ, which takes seconds
def test_a_run_keeps_its_plans(tmp_path, monkeypatch):
    """FFTW plans by measuring: in another process, or when its cache is lost, the last bits may be others."""
    monkeypatch.setattr(fft, "_save_wisdom", lambda: None)
    model = lp.SpinorGPE(LARGE, [lp.Kinetic(1.0), lp.Gain(1.5, 1.0, 1.0), lp.Interaction(2.0, 0.1)])
    psi = np.stack([1 + 0.3 * np.cos(LARGE.points[0]), 0.4 * np.sin(LARGE.points[1])]) * (1 + 0.1j)
    before, (own, other) = fft.wisdom(), plans()

    def go(wisdom, t_end, **options):
        fft.restore_wisdom(wisdom)
        options |= {"dt": 0.02, "integrator": lp.Strang(), "save": lp.every(0.1), "progress": False}
        return lp.evolve(model, psi, t_end, **options)

    straight = go(own, 0.2)
    go(own, 0.1, checkpoint=tmp_path, callbacks=[(lp.every(0.1), lambda frame: fft.restore_wisdom(other))])
    resumed, elsewhere = go(other, 0.2, checkpoint=tmp_path), go(other, 0.2)
    fft.restore_wisdom(before)
    assert not np.array_equal(elsewhere.psi.values, straight.psi.values)
    same(resumed, straight)


def test_measured_threads_are_measured_once(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(fft, "_fastest", lambda *_: 2)
    case(tmp_path, 0.3, threads="measured")
    monkeypatch.setattr(fft, "_fastest", lambda *_: pytest.fail("measured again"))
    real = fft.Transforms.__init__
    monkeypatch.setattr(
        fft.Transforms, "__init__", lambda self, *a, **o: (asked.append(o["threads"]), real(self, *a, **o))[1]
    )
    case(tmp_path, 0.6, threads="measured")
    assert asked == [2]


def test_home_and_links(tmp_path, whole, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "disk").mkdir()
    (tmp_path / "link.nc").symlink_to(tmp_path / "disk" / "run.nc")
    (tmp_path / "checkpoint").symlink_to(tmp_path / "disk" / "checkpoint")
    (tmp_path / "disk" / "checkpoint").mkdir()
    for t_end in (0.6, 1.2):
        result = case(tmp_path, t_end, out="~/link.nc", checkpoint="~/checkpoint")
    same(result, whole)
    assert (tmp_path / "link.nc").is_symlink()
    assert (tmp_path / "checkpoint").is_symlink()
    assert sorted(path.name for path in (tmp_path / "disk").iterdir()) == ["checkpoint", "run.nc"]
