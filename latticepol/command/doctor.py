"""What may be wrong with an installation, and how to mend it: ``latticepol doctor``."""

import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from packaging.requirements import Requirement
from packaging.version import Version

from latticepol.command.information import information
from latticepol.disk.processes import processors
from latticepol.numerics import fft

#: Of the source tree, where latticepol runs from one.
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
#: The newest versions that the developers have run the tests with; newer ones mostly work.
TESTED = {
    "numpy": "2.5",
    "scipy": "1.18",
    "numba": "0.68",
    "pyfftw": "0.15",
    "xarray": "2026.9",
    "netcdf4": "1.7",
    "matplotlib": "3.11",
    "threadpoolctl": "3.8",
    "pint": "0.25",
}
#: Variables that choose kernels, and what happens then.
KERNELS = {"OPENBLAS_CORETYPE": "BLAS", "NUMBA_CPU_NAME": "numba", "NUMBA_CPU_FEATURES": "numba", "MKL_CBWR": "MKL"}
#: What a look that fails needs, if more than latticepol.
NEEDED = {
    "_blas": "threadpoolctl scipy", "_transforms": "pyfftw scipy", "_compiled": "numba", "_netcdf": "netCDF4 xarray"
}  # fmt: skip
#: Variables with the numbers of threads.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
#: Those of them that keep a library from being loaded where they are wrong.
SETTINGS = {"_compiled": ("NUMBA_NUM_THREADS",)}
#: Free space in GiB below which a long run is likely to end early.
ROOM = 1.0


class Finding(NamedTuple):
    """One thing that was looked at. ``note``: worth knowing; ``problem``: mend it."""

    what: str
    verdict: Literal["fine", "note", "problem"]
    text: str
    fix: str = ""


def findings(needed: Mapping[str, str] = NEEDED) -> Iterator[Finding]:
    """Look at everything, one after the other; a look that fails is a problem itself, and ``needed`` says what it
    needs."""
    # _wisdom first: other looks plan, and so replace a damaged file
    for look in (_wisdom, _here, _versions, _threads, _blas, _transforms, _compiled, _netcdf, _disk, _gpu):
        try:
            yield from look()
        except Exception as error:
            missing = error.name if isinstance(error, ModuleNotFoundError) else None
            text, libraries = f"{type(error).__name__}: {error}", missing or needed.get(look.__name__, "latticepol")
            wrong = [name for name in SETTINGS.get(look.__name__, ()) if _wrong(name)]
            fix = f"unset {' '.join(wrong)}" if wrong else f"pip install --force-reinstall {libraries}"
            yield Finding(look.__name__.strip("_"), "problem", text, fix)


def _here() -> Iterator[Finding]:
    known = information()
    for label in ("latticepol", "Python", "processors"):
        yield Finding(label, "fine", known[label])


def _requirements(project: Path = PROJECT) -> list[str]:
    """Return the requirements of the source tree, which may be newer than its installation; without a tree those that
    were installed."""
    try:
        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    except FileNotFoundError:
        return list(requires("latticepol") or ())


def _versions(project: Path = PROJECT) -> Iterator[Finding]:
    for text in _requirements(project):
        requirement = Requirement(text)
        if requirement.marker is not None:
            continue
        name = requirement.name
        try:
            there = Version(version(name))
        except PackageNotFoundError:
            yield Finding(name, "problem", "not installed", f"pip install '{requirement}'")
            continue
        tested = TESTED.get(name.lower())
        if there not in requirement.specifier:
            yield Finding(name, "problem", f"{there}, need {requirement.specifier}", f"pip install '{requirement}'")
        elif tested and there.release[:2] > Version(tested).release[:2]:
            yield Finding(name, "note", f"{there}, tested up to {tested}", f"pip install '{name}<={tested}.*' in doubt")
        else:
            yield Finding(name, "fine", str(there))


def _threads() -> Iterator[Finding]:
    mine = processors()
    for name in filter(_wrong, THREADS):
        yield Finding("threads", "problem", f"{name} = {os.environ[name]} on {mine} processors", f"unset {name}")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > mine + 0.5:
        text = f"the load is {load:.1f} on {mine} processors; timings mean little"
        yield Finding("threads", "note", text, "use fewer workers, or wait")
    else:
        yield Finding("threads", "fine", f"{mine} for this process")


def _wrong(name: str) -> bool:
    """Return whether a variable asks for a number of threads that cannot be, or is more than there are processors."""
    text = os.environ.get(name, "")
    return bool(text) and not (text.isdecimal() and 0 < int(text) <= processors())


def _blas() -> Iterator[Finding]:
    import scipy.linalg  # noqa: F401 - brings its own library
    from threadpoolctl import threadpool_info

    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    for library in found:
        kernels, threads = library.get("architecture") or "an unknown processor", library["num_threads"]
        text = f"{library['internal_api']} {library['version']}, kernels of {kernels}, {threads} threads by default"
        yield Finding("BLAS", "fine", text)
    if not found:
        yield Finding("BLAS", "note", "not recognised: it may use several threads", "set OMP_NUM_THREADS=1")
    for name, whose in KERNELS.items():
        if os.environ.get(name):
            text = f"{name} = {os.environ[name]} chooses the kernels of {whose}, in place of the processor"
            yield Finding("kernels", "note", text, f"unset {name}")


def _transforms() -> Iterator[Finding]:
    there = fft.available()
    if there == ("scipy",):
        text = "scipy.fft alone: steps take twice as long"
        yield Finding("FFT", "note", text, "pip install pyfftw")
    buffer = fft.empty((2, 64, 64), complex)
    transforms = fft.Transforms(buffer)
    values = np.exp(1j * np.arange(buffer.size)).reshape(buffer.shape)
    buffer[...] = values
    transforms.forward(buffer)
    transforms.backward(buffer)
    error = float(np.abs(buffer / 64**2 - values).max())
    if error > 1e-13:  # of a transform of 2^12 points, whose rounding is below 1e-15
        yield Finding("FFT", "problem", f"{transforms} is wrong by {error:.1e}", "pip install --force-reinstall pyfftw")
    else:
        yield Finding("FFT", "fine", f"{transforms}, of {', '.join(there)}")


def _wisdom() -> Iterator[Finding]:
    if "pyfftw" not in fft.available():
        return
    fix = "set LATTICEPOL_CACHE to a folder that can be written; until then every process plans anew"
    try:
        file = fft.wisdom_file()
    except RuntimeError as error:  # nobody knows where the home is
        yield Finding("FFTW wisdom", "note", str(error), fix)
        return
    reason = _unwritable(file.parent)
    if reason:
        yield Finding("FFTW wisdom", "note", f"{file.parent}: {reason}", fix)
    elif damage := fft.damage():
        yield Finding("FFTW wisdom", "problem", f"{file} {damage}", "delete this file: plans are measured anew")
    else:
        yield Finding("FFTW wisdom", "fine", str(file))


def _compiled() -> Iterator[Finding]:
    from latticepol.gpe.stepping import flow

    if not hasattr(flow.number, "py_func"):
        text = "nothing is compiled: NUMBA_DISABLE_JIT is set; everything takes a hundred times longer"
        yield Finding("numba", "problem", text, "unset NUMBA_DISABLE_JIT")
        return
    _, processor, _ = flow.number.targetctx.codegen().magic_tuple()  # by which numba tells its caches apart
    yield Finding("numba", "fine", f"compiles for {processor}")
    if type(flow.number._cache).__name__ == "NullCache":
        fix = "set NUMBA_CACHE_DIR to a folder that can be written; until then every process compiles for a minute"
        yield Finding("numba cache", "note", "no folder can be written", fix)
        return
    folder = Path(flow.number._cache.cache_path)
    reason = _unwritable(folder)
    verdict: Literal["fine", "note"] = "note" if reason else "fine"
    yield Finding("numba cache", verdict, f"{folder} {reason}".strip(), "set NUMBA_CACHE_DIR" if reason else "")


def _netcdf() -> Iterator[Finding]:
    import xarray as xr

    from latticepol.results.dataset import load, save

    psi = xr.Dataset({"psi": ("x", np.array([1 + 2j, 0.5j]))})
    with tempfile.TemporaryDirectory() as folder:
        back = load(save(psi, Path(folder) / "psi.nc"))
    if not np.array_equal(back["psi"].values, psi["psi"].values):
        fix = "pip install --upgrade netCDF4 xarray"
        yield Finding("netCDF", "problem", "complex numbers do not come back from a file", fix)
    else:
        yield Finding("netCDF", "fine", f"netCDF4 {version('netCDF4')}, complex numbers")


def _disk() -> Iterator[Finding]:
    for what, folder in (("working folder", Path.cwd()), ("temporary folder", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free / 2**30
        reason = _unwritable(folder) or (f"only {free:.2f} GiB free" if free < ROOM else "")
        if reason:
            yield Finding(what, "problem", f"{folder}: {reason}", "make room, or work in another folder")
        else:
            yield Finding(what, "fine", f"{folder}, {free:.0f} GiB free")


def _gpu() -> Iterator[Finding]:
    text = information()["GPU"]
    yield Finding("GPU", "fine", text)


def _unwritable(folder: Path) -> str:
    """Return why nothing can be written into the folder; "" where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return f"cannot be written ({error.strerror})"
