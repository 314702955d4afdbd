"""The programs that peers.py compares: each solves a problem on N x N points in so many steps, on one thread."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import scipy.fft
import variants

import latticepol as lp

REFERENCE = Path(__file__).parents[1] / "reference_xmds"
DATA = Path(__file__).parents[2] / "data"
sys.path.insert(0, str(REFERENCE))
import xmds  # noqa: E402

LENGTH, T_END = 32.0, 5.0  # of the saturable problem


class Solver(NamedTuple):
    """One program with one scheme."""

    name: str
    #: (points, steps, repeat) -> psi (2, y, x) and the shortest time in seconds
    solve: Callable[[int, int, int], tuple[np.ndarray, float]]
    first_guess: int  # steps
    order: float | None = None  # in time; None: the error is not in the time step, run once
    shift: float = 0.0  # of its points from ours, in units of the spacing


def available(problem: str, points: int) -> Iterator[Solver]:
    """The installed programs that can solve ``problem``."""
    yield Solver("latticepol, its default integrator", partial(ours, problem), 20, 4)
    yield Solver("latticepol, Strang", partial(ours, problem, integrator=lp.Strang()), 100, 2)
    # after the others, which would take its plans
    yield Solver("latticepol, default, patient plans", partial(ours, problem, planning="patient"), 20, 4)
    if xmds.version():
        name = f"XMDS2 {xmds.version()}, RK4 in interaction picture"
        yield Solver(name, partial(by_xmds, problem), 100, 4)
        yield Solver("XMDS2, the same, patient plans", partial(by_xmds, problem, plan="patient"), 100, 4)
    if problem == "saturable":
        yield Solver("plain split step, numpy and scipy.fft", split_step, 500, 1)
        if importlib.util.find_spec("pde"):
            yield Solver("py-pde, RK4, finite differences", by_pypde, stable_steps(points), shift=0.5)


def stable_steps(points: int) -> int:
    """Explicit RK4 is stable up to dt = 2.8/(4/dx^2), the largest rate of the second difference; 0.7 of that."""
    return int(np.ceil(T_END * 2 * (points / LENGTH) ** 2))


def floor(points: int, seconds: float = 2.0) -> float:
    """Shortest time of four planned transforms, in place (FFTW MEASURE; scipy.fft where there is no pyfftw)."""
    if importlib.util.find_spec("pyfftw"):
        import pyfftw

        field = pyfftw.zeros_aligned((2, points, points), complex)
        plan = partial(pyfftw.FFTW, field, field, axes=(1, 2), threads=1)
        transforms = [plan(direction=d).execute for d in ("FFTW_FORWARD", "FFTW_BACKWARD")]
    else:
        field = np.zeros((2, points, points), complex)
        transforms = [partial(f, field, overwrite_x=True) for f in (scipy.fft.fft2, scipy.fft.ifft2)]
    best, end = np.inf, perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        for transform in transforms:
            transform()
        best = min(best, perf_counter() - start)
    return best


def timed(function: Callable[[], Any], repeat: int) -> tuple[Any, float]:
    """What a function returns, and the shortest time of ``repeat`` calls."""
    times = []
    for _ in range(repeat):
        start = perf_counter()
        result = function()
        times.append(perf_counter() - start)
    return result, min(times)


def ours(
    problem: str, points: int, steps: int, repeat: int, planning: str = "measure", **options: Any
) -> tuple[np.ndarray, float]:
    """latticepol, the whole call of ``evolve``, compiled and planned beforehand."""
    model, psi0, n0, t_end = _model(problem, points)
    model = model.replace(planning=planning)
    solve = partial(lp.evolve, model, psi0 if n0 is None else (psi0, n0), progress=False, **options)
    solve(t_end=2 * t_end / steps, dt=t_end / steps)
    out, seconds = timed(partial(solve, t_end=t_end, dt=t_end / steps), repeat)
    return out.psi.values[-1], seconds


def by_xmds(problem: str, points: int, steps: int, repeat: int, plan: str | None = None) -> tuple[np.ndarray, float]:
    """XMDS2: the integration as it times itself, without compilation and planning."""
    result = xmds.run(xmds.changed(_text(problem), points=points, steps=steps, plan=plan), repeat=repeat)
    return result.psi, result.seconds


def exact(problem: str) -> np.ndarray:
    """psi at the end: what is stored in data/, or for a variant XMDS2 with 2000 steps (without it, ours with 600)."""
    if problem not in variants.VARIANTS:
        return lp.load(DATA / f"xmds2_{problem}.nc").psi.values
    return (by_xmds(problem, 96, 2000, 1) if xmds.version() else ours(problem, 96, 600, 1))[0]


def _model(problem: str, points: int) -> Any:
    import problems

    return variants.model(problem, points) if problem in variants.VARIANTS else getattr(problems, problem)(points)


def _text(problem: str) -> str:
    if problem in variants.VARIANTS:
        return variants.text(problem, (REFERENCE / "saturable.xmds").read_text())
    return (REFERENCE / f"{problem}.xmds").read_text()


def split_step(points: int, steps: int, repeat: int) -> tuple[np.ndarray, float]:
    """The split step below."""
    return timed(partial(_split_step, points, steps), repeat)


def _split_step(points: int, steps: int) -> np.ndarray:
    """The saturable problem as it is usually written by hand: half a local step, a linear step in k, half a local step.

    The density in a local step is the one at its start, which makes the scheme first order where there is gain.
    """
    dt = T_END / steps
    x = -LENGTH / 2 + LENGTH / points * np.arange(points)
    c = np.cos(2 * np.pi * x / 8)[:, None] * np.cos(2 * np.pi * x / 8)
    V, W = -2 * c, 1.6 + 0.4 * c
    k = 2 * np.pi * np.fft.fftfreq(points, LENGTH / points)
    kinetic = np.exp(-0.5j * dt * (k[:, None] ** 2 + k**2))
    angle = 0.5 * dt * (1 + 0.1j)
    cos, sin = np.cos(angle) * kinetic, 1j * np.sin(angle) * kinetic
    plus = 0.1 * (1 + 0.3 * np.exp(-(x[:, None] ** 2 + x**2) / 4)) + 0j
    minus = plus * np.exp(0.3j)

    def local(plus, minus):
        n_plus, n_minus = np.abs(plus) ** 2, np.abs(minus) ** 2
        common = V + 0.5j * (W - 1 - (n_plus + n_minus) / 2)
        plus = plus * np.exp(-0.5j * dt * (common + 0.05 + 1.14 * n_plus))
        minus = minus * np.exp(-0.5j * dt * (common - 0.05 + 1.14 * n_minus))
        return plus, minus

    for _ in range(steps):
        plus, minus = local(plus, minus)
        plus_k, minus_k = scipy.fft.fft2(plus), scipy.fft.fft2(minus)
        plus = scipy.fft.ifft2(cos * plus_k + sin * minus_k)
        minus = scipy.fft.ifft2(cos * minus_k + sin * plus_k)
        plus, minus = local(plus, minus)
    return np.stack([plus, minus])


def by_pypde(points: int, steps: int, repeat: int) -> tuple[np.ndarray, float]:
    """The saturable problem in py-pde; its points are the centres of cells.

    The equation is a class with a numpy right-hand side and a compiled Laplacian: expressions for several complex
    fields do not compile (py-pde 0.59).
    """
    import pde

    grid = pde.CartesianGrid([[-LENGTH / 2, LENGTH / 2]] * 2, points, periodic=True)
    x, y = np.moveaxis(grid.cell_coords, -1, 0)
    c = np.cos(2 * np.pi * x / 8) * np.cos(2 * np.pi * y / 8)
    V, W = -2 * c, 1.6 + 0.4 * c

    class Saturable(pde.PDEBase):
        complex_valued = True

        def evolution_rate(self, state, t=0):
            plus, minus = state
            n_plus, n_minus = np.abs(plus.data) ** 2, np.abs(minus.data) ** 2
            common = V + 0.5j * (W - 1 - 0.5 * (n_plus + n_minus))
            rates = []
            for this, other, energy in ((plus, minus, 0.05 + 1.14 * n_plus), (minus, plus, -0.05 + 1.14 * n_minus)):
                local = (common + energy) * this.data - (0.5 + 0.05j) * other.data
                rates.append(0.5j * this.laplace(bc="periodic") - 1j * local)
            return pde.FieldCollection(rates)

    plus = 0.1 * (1 + 0.3 * np.exp(-(x**2 + y**2) / 4)) + 0j
    state = pde.FieldCollection([pde.ScalarField(grid, f, dtype=complex) for f in (plus, plus * np.exp(0.3j))])
    solve = partial(Saturable().solve, state, dt=T_END / steps, solver="runge-kutta", backend="numpy", tracker=None)
    solve(2 * T_END / steps)  # compiles the Laplacian
    result, seconds = timed(partial(solve, T_END), repeat)
    return np.stack([field.data.T for field in result]), seconds
