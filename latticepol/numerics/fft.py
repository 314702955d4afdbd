"""Planned in-place Fourier transforms: the only file that knows pyfftw, mkl_fft, scipy.fft and cupy.

Transforms run over the last two axes of all leading ones (both spin components and the batch) in one plan. They are NOT
normalised: ``backward(forward(a)) = n1 n2 a``; the factor goes into a table of the caller.

Which of mkl_fft and FFTW is faster depends on the processor (on one thread, by a factor of two either way), so where
both are installed the choice is measured once. FFTW plans by measuring too, which takes a second for a large grid. Both
results are kept between runs in the user's cache folder (``LATTICEPOL_CACHE`` overrides it). The last bits differ
between plans: a run that must continue bit for bit stores :func:`wisdom` and restores it.
"""

import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy.fft

from latticepol.arrays import read_choice
from latticepol.disk.files import replacing, resolve
from latticepol.disk.processes import processors

Backend = Literal["mkl_fft", "pyfftw", "scipy"]
Planning = Literal["measure", "patient"]
BACKENDS: tuple[Backend, ...] = ("mkl_fft", "pyfftw", "scipy")
#: Transforms of one choice between backends or thread numbers.
LAPS = 5
PLANNINGS: tuple[Planning, ...] = ("measure", "patient")
#: Instead of waiting for ever for threads that are not there.
FORKED = (
    "a transform with several threads must run in the process that planned it, and this one was forked from that; give "
    "threads=1, make the model in the child, or start processes by 'spawn'"
)
#: The process that loaded this file: threads of FFTW do not survive a fork.
_PROCESS = os.getpid()
#: Numbers of white fields over which a round trip is averaged in single precision.
WHITE = 2**18
#: Shape, type and planning of a field -> the faster backend.
_choices: dict[str, Backend] = {}


@cache
def available() -> tuple[Backend, ...]:
    """Return the backends that can be imported; scipy, the slowest, comes last."""
    return tuple(name for name in BACKENDS if _importable(name))


def _importable(name: Backend) -> bool:
    try:
        import_module("scipy.fft" if name == "scipy" else name)
    except (ImportError, OSError):
        return False
    return True


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an uninitialised array aligned for vector instructions."""
    if "pyfftw" in available():
        import pyfftw

        array: np.ndarray = pyfftw.empty_aligned(shape, dtype)
        return array
    return np.empty(shape, dtype)


def gains(transforms: Any, buffer: Any, put: Callable[[np.ndarray], object]) -> tuple[np.ndarray, np.ndarray]:
    """Return factors (n2, 1) and (1, n1), near 1, whose product tells by which number, over n1 n2,
    ``backward(forward(a))`` multiplies each wave; the contents of ``buffer``, an array that can be transformed, are
    lost.

    They are 1 in double precision. In single precision the sines and cosines of a plan are rounded once and for all: a
    wave loses or gains up to 1e-7 in every round trip, always the same, which adds up. The mean over white fields tells
    how much, along either axis, to a few hundredths of the rounding.
    """
    n2, n1 = buffer.shape[-2:]
    if buffer.dtype.char != "F":
        return np.ones((n2, 1)), np.ones((1, n1))
    rng, overlap, norm = np.random.default_rng(0), np.zeros((n2, n1)), np.zeros((n2, n1))
    for _ in range(max(1, WHITE // math.prod(buffer.shape))):
        given = rng.standard_normal((*buffer.shape, 2), np.float32).view(np.complex64)[..., 0]
        buffer[...] = put(given)
        transforms.forward(buffer)
        transforms.backward(buffer)
        for before, after in zip(_planes(given), _planes(host(buffer)), strict=True):
            there, back = np.fft.fft2(before.astype(complex)), np.fft.fft2(after.astype(complex))
            overlap, norm = overlap + (there.conj() * back).real / (n1 * n2), norm + np.abs(there) ** 2
    columns, rows = (overlap.sum(axis, keepdims=True) / norm.sum(axis, keepdims=True) for axis in (1, 0))
    return columns, rows * (norm.sum() / overlap.sum())


def _planes(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1, *array.shape[-2:])


class Transforms:
    """Forward and backward transforms of arrays (..., n2, n1) of one shape and type, in place.

    Parameters
    ----------
    buffer
        An array of that shape and type, from :func:`empty`; planning destroys its contents.
    threads
        Number of threads, or "measured" to take the fastest of 1 and the number of processors of this process now. Two
        threads on a loaded machine can be a hundred times slower than one, hence the default. Inside a worker
        process, and after a fork, it is always 1.
    backend
        One of :func:`available`; None takes the fastest.
    planning
        How long FFTW looks for a plan, once for each shape and type: "measure" for about a second, "patient" for
        seconds (256^2) to a minute (1024^2), which makes transforms faster by a fifth or more.
    """

    def __init__(
        self,
        buffer: np.ndarray,
        *,
        threads: int | str = 1,
        backend: Backend | None = None,
        planning: Planning = "measure",
    ) -> None:
        check_planning(planning)
        name = backend or _faster_backend(buffer, planning)
        if name not in available():
            raise ValueError(f"backend {name!r} is not installed; there are {available()}")
        self.backend = name
        if multiprocessing.parent_process() is not None or os.getpid() != _PROCESS:
            threads = 1
        if threads == "measured":
            threads = _fastest(buffer, name, planning)
        if not isinstance(threads, int) or threads < 1:
            raise ValueError(f"threads = {threads!r} is not a positive integer; use 1, or 'measured'")
        self.threads = threads
        self.forward, self.backward = _PLANNERS[name](buffer, threads, planning)

    def __repr__(self) -> str:
        return f"{self.backend}, {self.threads} thread{'s' * (self.threads > 1)}"


def check_planning(planning: object) -> None:
    """Refuse a planning that is not known.

    Raises
    ------
    ValueError
        It is not.
    """
    read_choice("planning", planning, PLANNINGS)


Transform = Callable[[np.ndarray], None]


def _plan_pyfftw(buffer: np.ndarray, threads: int, planning: Planning) -> tuple[Transform, Transform]:
    import pyfftw

    def planned(*more: str) -> list[Any]:
        flags = (f"FFTW_{planning.upper()}", *more)
        return [
            pyfftw.FFTW(buffer, buffer, axes=(-2, -1), direction=direction, flags=flags, threads=threads)
            for direction in ("FFTW_FORWARD", "FFTW_BACKWARD")
        ]

    _load_wisdom()
    try:
        plans = planned("FFTW_WISDOM_ONLY")
    except RuntimeError:  # it has not been measured; to ask for all that has been takes a hundred times longer
        before = pyfftw.export_wisdom()
        plans = planned()
        if pyfftw.export_wisdom() != before:
            _save_wisdom()

    process = os.getpid()

    def executor(plan: Any) -> Transform:
        def execute(array: np.ndarray) -> None:
            if threads > 1 and os.getpid() != process:
                raise RuntimeError(FORKED)
            if array is not plan.input_array:
                plan.update_arrays(array, array)
            plan.execute()

        return execute

    return executor(plans[0]), executor(plans[1])


def _plan_mkl(buffer: np.ndarray, threads: int, planning: Planning) -> tuple[Transform, Transform]:
    import mkl_fft

    def planes(array: np.ndarray) -> np.ndarray:
        # one by one: mkl_fft 2.3 gets norm="forward" wrong for stacks of them
        return array.reshape(-1, *array.shape[-2:])

    def forward(array: np.ndarray) -> None:
        for plane in planes(array):
            mkl_fft.fft2(plane, out=plane)

    def backward(array: np.ndarray) -> None:
        for plane in planes(array):
            mkl_fft.ifft2(plane, norm="forward", out=plane)

    return forward, backward


def _plan_scipy(buffer: np.ndarray, threads: int, planning: Planning) -> tuple[Transform, Transform]:
    def into(transform: Any, norm: str) -> Transform:
        def execute(array: np.ndarray) -> None:
            result = transform(array, axes=(-2, -1), norm=norm, overwrite_x=True, workers=threads)
            if result is not array:
                array[...] = result

        return execute

    return into(scipy.fft.fft2, "backward"), into(scipy.fft.ifft2, "forward")


_PLANNERS = {"pyfftw": _plan_pyfftw, "mkl_fft": _plan_mkl, "scipy": _plan_scipy}


def _fastest(buffer: np.ndarray, backend: Backend, planning: Planning) -> int:
    """Return the faster of 1 thread and one for each processor."""
    times = {}
    for threads in sorted({1, processors()}):
        times[threads] = _time(buffer, backend, threads, planning)
    return min(times, key=times.__getitem__)


def _faster_backend(buffer: np.ndarray, planning: Planning) -> Backend:
    """Return the faster of mkl_fft and pyfftw on one thread, measured where both are installed and remembered."""
    fast: list[Backend] = [name for name in available() if name != "scipy"]
    if len(fast) < 2:
        return available()[0]
    _load_wisdom()
    key = f"{buffer.shape} {buffer.dtype} {planning}"
    if key not in _choices:
        times = {name: _time(buffer, name, 1, planning) for name in fast}
        _choices[key] = min(times, key=times.__getitem__)
        _save_wisdom()
    return _choices[key]


def _time(buffer: np.ndarray, backend: Backend, threads: int, planning: Planning) -> float:
    forward, _ = _PLANNERS[backend](buffer, threads, planning)
    buffer[...] = 0
    laps = []
    for _ in range(LAPS):
        start = time.perf_counter()
        forward(buffer)
        laps.append(time.perf_counter() - start)
    return min(laps)


def wisdom() -> str:
    """Return what has been measured in this process, as text; empty without pyfftw."""
    if "pyfftw" not in available():
        return ""
    import pyfftw

    learned = [part.decode("ascii") for part in pyfftw.export_wisdom()]
    return json.dumps({"fftw": learned, "backends": _choices})


def restore_wisdom(text: str) -> None:
    """Make the next plans those of the process that called :func:`wisdom`."""
    if text and "pyfftw" in available():
        import pyfftw

        _load_wisdom()
        pyfftw.forget_wisdom()
        _learn(text)


def wisdom_file() -> Path:
    """Return where FFTW's plans are kept between runs."""
    import pyfftw

    # an empty variable is none: as a path it would be the working folder
    folder = os.environ.get("LATTICEPOL_CACHE") or _user_caches() / "latticepol"
    return resolve(Path(folder) / f"fftw-wisdom-{pyfftw.__version__}.json")


def _user_caches() -> Path:
    """Return where the caches of this user are, by the XDG rules, which count absolute paths only."""
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".cache"


def damage() -> str:
    """Return what is wrong with the file of plans; "" where it is sound or missing."""
    try:
        taken = _learn(wisdom_file().read_text())
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except (ValueError, TypeError, AttributeError, LookupError):
        return "is damaged"
    return "" if all(taken) else "holds plans that FFTW does not take"


@cache
def _load_wisdom() -> None:
    """Load the plans once per process; a missing or broken file only means planning again."""
    try:
        _learn(wisdom_file().read_text())
    except (OSError, RuntimeError, ValueError, TypeError, AttributeError, LookupError):
        return


def _learn(text: str) -> tuple[bool, ...]:
    """Take what was measured; returns whether FFTW took it, for each precision of which there is something."""
    import pyfftw

    stored = json.loads(text)
    taken = pyfftw.import_wisdom(tuple(part.encode("ascii") for part in stored["fftw"]))
    _choices.update(stored["backends"])
    return tuple(bool(took) for took, part in zip(taken, stored["fftw"], strict=True) if part)


def _save_wisdom() -> None:
    try:
        file = wisdom_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as unfinished:
            unfinished.write_text(wisdom())
    except (OSError, RuntimeError, ValueError):
        return  # a read-only home only costs planning time


def cuda() -> Any:
    """Return CuPy, the array module of device "cuda".

    Raises
    ------
    RuntimeError
        It cannot be imported, or it finds no GPU.
    """
    try:
        cupy = import_module("cupy")
        reason = None if cupy.cuda.is_available() else "CuPy finds no GPU with a driver that suits it"
    except (ImportError, OSError) as error:
        reason = str(error)
    if reason:
        raise RuntimeError(
            "device 'cuda' needs CuPy and a GPU: pip install cupy-cuda12x (or cupy-cuda13x, as the driver has it), "
            f"or use device='cpu'; here: {reason}"
        )
    return cupy


def host(array: Any) -> np.ndarray:
    """Return the array in the memory of the processor: itself, or a copy of one on a device."""
    return array if isinstance(array, np.ndarray) else array.get()


class CudaTransforms:
    """:class:`Transforms` of CuPy arrays: both directions by one plan of cuFFT."""

    threads = 1

    def __init__(self, buffer: object) -> None:
        library = import_module("cupyx.scipy.fft")
        plan = library.get_fft_plan(buffer, axes=(-2, -1))
        self._options = {"axes": (-2, -1), "overwrite_x": True, "plan": plan}
        self._forward, self._backward = library.fft2, library.ifft2

    def forward(self, array: object) -> None:
        """Transform the array in place."""
        self._forward(array, norm="backward", **self._options)

    def backward(self, array: object) -> None:
        """Transform the array back in place, times n1 n2."""
        self._backward(array, norm="forward", **self._options)
