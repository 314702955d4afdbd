"""Transforms: every installed backend, in place, unnormalised; wisdom that makes plans repeatable."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

from latticepol.numerics import fft

#: Rounding of a transform of a thousand numbers of order one, relative to its largest result.
ROUNDING = 1e-13
SINGLE = 1e-5
#: Mean change of the norm of a wave in a round trip, once what is known is taken out. In double precision there is
#: nothing to take out: the rounding of a sum of two thousand terms, in whatever order.
LEFT = {np.complex64: 1e-8, np.complex128: 1e-14}


@pytest.mark.parametrize("planning", fft.PLANNINGS)
@pytest.mark.parametrize("backend", fft.available())
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.complex128, ROUNDING), (np.complex64, SINGLE)])
def test_transforms_are_those_of_numpy(backend, planning, dtype, tolerance):
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(3, 2, 12, 20)) + 1j * rng.normal(size=(3, 2, 12, 20))).astype(dtype)
    array = fft.empty(values.shape, dtype)
    transforms = fft.Transforms(array, backend=backend, planning=planning)
    other = fft.empty(values.shape, dtype)
    for target in (array, other):
        target[...] = values
        transforms.forward(target)
        assert np.abs(target - np.fft.fft2(values)).max() < 50 * tolerance
        transforms.backward(target)
        assert np.abs(target / 240 - values).max() < tolerance


@pytest.mark.parametrize("backend", fft.available())
@pytest.mark.parametrize("shape", [(32, 32), (40, 48)])
def test_what_a_round_trip_loses_is_known(backend, shape):
    """In single precision the rounded sines of a plan lose the same part of a wave each time."""
    for dtype, left in LEFT.items():
        field = fft.empty((2, *shape), dtype)
        transforms = fft.Transforms(field, backend=backend)
        over_y, over_x = fft.gains(transforms, field, np.asarray)
        assert abs(over_y * over_x - 1).max() < 3e-7  # a few sines, each rounded to 6e-8
        rng, change = np.random.default_rng(1), []
        for _ in range(40):
            given = rng.normal(size=(2, *shape, 2)).view(complex)[..., 0].astype(dtype)
            field[...] = given
            transforms.forward(field)
            transforms.backward(field)
            back = np.fft.ifft2(np.fft.fft2(field.astype(complex)) / (over_y * over_x)) / np.prod(shape)
            exact = given.astype(complex)
            change.append(np.vdot(exact, back).real / np.vdot(exact, exact).real - 1)
        assert abs(np.mean(change)) < left


@pytest.mark.parametrize("planning", fft.PLANNINGS)
def test_wisdom_makes_the_same_plan(planning):
    array = fft.empty((2, 36, 60), complex)
    fft.Transforms(array, planning=planning)
    known = fft.wisdom()
    fft.restore_wisdom(known)
    fft.Transforms(array, planning=planning)
    assert sorted(fft.wisdom().split("\\n")) == sorted(known.split("\\n"))


@pytest.mark.skipif("pyfftw" not in fft.available(), reason="only FFTW has plans")
def test_what_is_known_is_planned_without_a_look_at_all_that_is_known(monkeypatch):
    """Which takes a hundred times as long, in every run and every right-hand side."""
    array = fft.empty((2, 12, 20), complex)
    fft.Transforms(array, backend="pyfftw")
    monkeypatch.setattr("pyfftw.export_wisdom", lambda: pytest.fail("looked"))
    transforms = fft.Transforms(array, backend="pyfftw")
    array[...] = values = np.random.default_rng(0).normal(size=array.shape)
    transforms.forward(array)
    assert np.abs(array - np.fft.fft2(values)).max() < 50 * ROUNDING


@pytest.mark.skipif("pyfftw" not in fft.available(), reason="only FFTW has plans")
def test_where_plans_are_kept(monkeypatch, tmp_path):
    """An empty variable is none, as for a shell: nothing is written into the working folder."""

    def folder(**given):
        for name in ("LATTICEPOL_CACHE", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return fft.wisdom_file().parent

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    home = Path.home().resolve() / ".cache" / "latticepol"
    assert folder() == folder(LATTICEPOL_CACHE="") == folder(LATTICEPOL_CACHE="", XDG_CACHE_HOME="") == home
    assert folder(XDG_CACHE_HOME="caches") == home  # by the XDG rules a relative one means nothing
    assert folder(XDG_CACHE_HOME=str(tmp_path / "x")) == tmp_path.resolve() / "x" / "latticepol"
    assert folder(LATTICEPOL_CACHE=str(tmp_path / "x")) == tmp_path.resolve() / "x"


def test_bad_input():
    array = fft.empty((2, 8, 8), complex)
    with pytest.raises(ValueError, match="threads = 0 is not a positive integer"):
        fft.Transforms(array, threads=0)
    with pytest.raises(ValueError, match="backend 'fftpack' is not installed"):
        fft.Transforms(array, backend="fftpack")
    with pytest.raises(ValueError, match="planning = 'exhaustive' is not known; use 'measure' or 'patient'"):
        fft.Transforms(array, planning="exhaustive")


def test_measured_threads():
    assert fft.Transforms(fft.empty((2, 8, 8), complex), threads="measured").threads >= 1


def _threads(_):
    return fft.Transforms(fft.empty((2, 8, 8), complex), threads=2).threads


def test_one_thread_in_workers():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_threads, [0]) == [1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.skipif("pyfftw" not in fft.available(), reason="only FFTW keeps threads")
def test_after_a_fork():
    """A plan of several threads refuses to run in the child, where they are not; a new plan there has one thread."""
    array = fft.empty((2, 64, 64), complex)
    transforms = fft.Transforms(array, threads=2, backend="pyfftw")
    array[...] = 1.0
    transforms.forward(array)
    child = os.fork()
    if child == 0:
        try:
            transforms.forward(array)
        except RuntimeError as error:
            again = fft.Transforms(array, threads=2, backend="pyfftw").threads
            os._exit(0 if "spawn" in str(error) and again == 1 else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
