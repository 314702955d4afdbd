"""The doors to motion: precession about a state, and trajectories."""

from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_number
from latticepol.axes import takes_axes
from latticepol.pseudospin import equations, excitations, motion
from latticepol.pseudospin.site import Site, single
from latticepol.pseudospin.states import AXIS, NAMES, Select, parameter_grid, stable_aligned, wrap_grid
from latticepol.randomness import Rng, seeded
from latticepol.results.dataset import wrap

#: A pseudospin whose square and cube are numbers.
LARGEST_PSEUDOSPIN = 1e100
#: The longest time of a path.
LONGEST_PATH = 1e7
#: The most steps of a noisy path.
MOST_STEPS = 1e9


@takes_axes(*NAMES)
def precession(site: Site, *, select: Select = "largest", **axes: object) -> xr.Dataset:
    """Return how the stable aligned state rings after a small kick (docs/physics.md, section 2).

    The Jacobian has the eigenvalues ``-gamma_p +- i Omega`` and ``-Gamma_p``.

    Parameters
    ----------
    site, axes, select
        As for ``g_eff``: the stable aligned state with the largest (smallest) |s_z|.

    Returns
    -------
    xarray.Dataset
        Along the axes: ``Omega``, ``gamma_p``, ``Gamma_p``; ``rotation_axis``: unit vector n of the effective field;
        ``Omega_z = Omega n_z``; ``u1``, ``u2``: half axes of the precession ellipse (arbitrary common length); ``v3``:
        unit vector of the third mode; ``pseudospin``. Where the eigenvalues are all real Omega = Omega_z = 0, gamma_p
        and Gamma_p are the slowest and the fastest rate and there are no directions (NaN). All NaN without a state.
    """
    grid = parameter_grid(site, axes)
    s = stable_aligned(grid, select)["s"]
    found = excitations.modes(equations.jacobian(s, *(grid.values[name] for name in ("p", "a", "g", "delta"))))
    variables = {
        "Omega": ((), found.Omega),
        "Omega_z": ((), np.where(found.Omega == 0, 0.0, found.Omega * found.n[:, 2])),
        "gamma_p": ((), found.gamma_p),
        "Gamma_p": ((), found.Gamma_p),
        "rotation_axis": (("axis",), found.n),
        "u1": (("axis",), found.u1),
        "u2": (("axis",), found.u2),
        "v3": (("axis",), found.v3),
        "pseudospin": (("axis",), s),
    }
    return wrap_grid(grid, variables, title="precession about the stable aligned state", select=str(select))


def trajectory(
    site: Site,
    s0: object,
    t: object,
    *,
    noise: float = 0.0,
    rng: Rng = None,
    tol: float = 1e-10,
    dt: float | None = None,
) -> xr.Dataset:
    """Return the pseudospin in time (docs/physics.md, section 2), from one start or many.

    Without noise an adaptive integration of order 8. With noise each spinor component is driven by complex white noise,
    ``<xi_s(tau) xi_s'^*(tau')> = noise delta_ss' delta(tau - tau')``, which feeds ds/dtau = noise into the vacuum; the
    scheme is of weak order 2 with a fixed step.

    Parameters
    ----------
    site
        Parameters.
    s0
        Pseudospin at t[0], shape (3,) or (realization, 3), of at most 1e100.
    t
        Times in units of 1/epsilon, increasing, over at most 1e7. An end that takes more than 2e6 evaluations of the
        equation is not reached; a path with noise has at most 1e9 steps.
    noise
        Strength of the noise, >= 0.
    rng
        None, a seed or a Generator; used with noise only. Every realisation has a stream of its own.
    tol
        Without noise: relative accuracy.
    dt
        With noise: largest time step. None: 0.1 of the inverse of the fastest rate at the size that pump or noise keep.

    Returns
    -------
    xarray.Dataset
        ``pseudospin`` with the dimensions (realization,) time, axis.

    Raises
    ------
    ValueError
        Shapes that do not fit, times that do not increase, NaN, noise < 0, tol or dt <= 0, too many steps of dt.
    TypeError
        An argument holds no numbers.
    ConvergenceError
        Without noise: t[-1] was not reached.
    FloatingPointError
        The given dt is too long for the noisy path.
    """
    starts, times = _starts(s0), _times(t)
    many, starts = starts.ndim == 2, np.atleast_2d(starts)
    noise = read_number("noise", noise, least=0, need="a strength")
    tol = read_number("tol", tol, above=0, below=1, need="a relative accuracy, for instance 1e-10")
    dt = None if dt is None else read_number("dt", dt, above=0, need="a time step")
    single(site)
    numbers = (site.p, site.a, site.g, site.delta)
    attributes: dict[str, Any] = {"noise": noise}
    if noise == 0.0:
        s = np.array([motion.integrate(start, times, *numbers, tol=tol) for start in starts])
        attributes["tol"] = tol
    else:
        generator, attributes["seed"] = seeded(rng)
        step = _noise_step(site, starts, noise) if dt is None else dt
        _check_steps(times, step)
        attributes["dt"] = step
        streams = generator.spawn(len(starts))
        s = np.array(
            [
                motion.langevin(start, times, *numbers, noise=noise, dt=step, generator=stream)
                for start, stream in zip(starts, streams, strict=True)
            ]
        )
        if not np.isfinite(s).all():
            raise FloatingPointError(f"the path left the finite numbers with steps of dt = {step:g}; give a smaller dt")
    dims = ("realization", "time", "axis") if many else ("time", "axis")
    coords = {"time": times, "axis": AXIS} | ({"realization": np.arange(len(starts))} if many else {})
    variables = {"pseudospin": (dims, s if many else s[0])}
    return wrap(variables, coords, site.parameters(), title="trajectory of the pseudospin", **attributes)


def _starts(s0: object) -> np.ndarray:
    need = "(3,) or (realization, 3): s_x, s_y, s_z"
    starts = read_array("s0", s0, dims=("axis",), labels={"axis": AXIS}, need=need)
    if starts.ndim not in (1, 2) or starts.shape[-1] != 3 or starts.size == 0:
        raise ValueError(f"s0 has the shape {starts.shape}; give {need}")
    if np.abs(starts).max() > LARGEST_PSEUDOSPIN:
        raise ValueError(
            f"s0 goes up to {np.abs(starts).max():.3g}, and must be <= {LARGEST_PSEUDOSPIN:g}: its cube overflows"
        )
    return starts


def _times(t: object) -> np.ndarray:
    times = read_array("t", t, need="times that increase")
    if times.ndim != 1 or times.size == 0:
        raise ValueError(f"t has the shape {times.shape}; give a list of times")
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        before, after = times[back[0] : back[0] + 2]
        raise ValueError(
            f"t must hold finite times that increase, {after:g} follows {before:g}; give them in order, each once: "
            "np.unique(t)"
        )
    if times[-1] - times[0] > LONGEST_PATH:
        raise ValueError(
            f"t goes from {times[0]:g} to {times[-1]:g}, which takes too many steps; give t over at most "
            f"{LONGEST_PATH:g}, whose end may be the s0 of the next"
        )
    return times


def _noise_step(site: Site, starts: np.ndarray, noise: float) -> float:
    size = max(np.linalg.norm(starts, axis=1).max(), abs(site.p) + abs(site.g) + 2 * noise**0.5)
    return float(0.1 / (1 + abs(site.g) + abs(site.delta) + (1 + site.a) * size))


def _check_steps(times: np.ndarray, dt: float) -> None:
    if (times[-1] - times[0]) / dt > MOST_STEPS:
        raise ValueError(
            f"t from {times[0]:g} to {times[-1]:g} in steps of dt = {dt:.3g} is more than {MOST_STEPS:g} steps; give a "
            f"shorter t, or dt >= {(times[-1] - times[0]) / MOST_STEPS:.3g}"
        )
