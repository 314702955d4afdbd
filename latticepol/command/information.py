"""What a report of a problem should contain: versions, processors, transforms, GPU."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from latticepol._version import __version__
from latticepol.disk.processes import processors
from latticepol.numerics import fft
from latticepol.results.dataset import commit

#: Those whose versions may matter.
LIBRARIES = ("numpy", "scipy", "numba", "xarray", "netCDF4", "pyfftw", "mkl_fft", "pint")
#: The transforms that are asked which library they use.
POINTS = 256


def information(libraries: Sequence[str] = LIBRARIES) -> dict[str, str]:
    """Return what is installed and found here, of these libraries too, label -> text."""
    return {
        "latticepol": f"{__version__}, commit {commit()}",
        "Python": f"{platform.python_version()} on {platform.system()}, {platform.machine()}",
        **{name: _version(name) for name in libraries},
        "processors": _processors(),
        "FFT": f"{fft.Transforms(fft.empty((2, POINTS, POINTS), complex))} at {POINTS} x {POINTS} points",
        "GPU": _gpu(),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processors() -> str:
    limits = [f"{name} = {os.environ[name]}" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS") if name in os.environ]
    return "; ".join([f"{processors()} of {os.cpu_count()} for this process", *limits])


def _gpu() -> str:
    try:
        cupy = fft.cuda()
    except RuntimeError as error:
        return f"none ({str(error).rpartition('here: ')[2]})"
    properties = cupy.cuda.runtime.getDeviceProperties(0)
    return f"{properties['name'].decode()}, {properties['totalGlobalMem'] / 2**30:.0f} GiB, CuPy {cupy.__version__}"
