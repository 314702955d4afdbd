"""The doors to motion: precession about a state, and trajectories."""

from typing import Any

import numpy as np
import xarray as xr

from latticepol.axes import takes_axes
from latticepol.dataset import wrap
from latticepol.pseudospin import equations, excitations, motion
from latticepol.pseudospin.site import Site, single
from latticepol.pseudospin.states import AXIS, NAMES, Select, parameter_grid, stable_aligned, wrap_grid
from latticepol.randomness import Rng, seeded


@takes_axes(*NAMES)
def precession(site: Site, *, select: Select = "largest", **axes: Any) -> xr.Dataset:
    """How the stable aligned state rings after a small kick (docs/physics.md, section 2).

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
    return wrap_grid(grid, variables, title="precession about the stable aligned state", select=select)


def trajectory(
    site: Site,
    s0: Any,
    t: Any,
    *,
    noise: float = 0.0,
    rng: Rng = None,
    tol: float = 1e-10,
    dt: float | None = None,
) -> xr.Dataset:
    """The pseudospin in time (docs/physics.md, section 2), from one start or many.

    Without noise an adaptive integration of order 8. With noise each spinor component is driven by complex white noise,
    ``<xi_s(tau) xi_s'^*(tau')> = noise delta_ss' delta(tau - tau')``, which feeds ds/dtau = noise into the vacuum; the
    scheme is of weak order 2 with a fixed step.

    Parameters
    ----------
    site
        Parameters.
    s0
        Pseudospin at t[0], shape (3,) or (realization, 3).
    t
        Times in units of 1/epsilon, increasing.
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
        Shapes that do not fit, times that do not increase, NaN, noise < 0, tol or dt <= 0.
    FloatingPointError
        The given dt is too long for the noisy path.
    """
    starts, times = _starts(s0), _times(t)
    if not (np.isfinite(noise) and noise >= 0):
        raise ValueError(f"noise = {noise} is not a strength; give a number >= 0")
    if not 0 < tol < 1:
        raise ValueError(f"tol = {tol} is not a relative accuracy; give 0 < tol < 1, for instance 1e-10")
    single(site)
    numbers = (site.p, site.a, site.g, site.delta)
    attributes: dict[str, Any] = {"noise": float(noise)}
    if noise == 0.0:
        s = np.array([motion.integrate(start, times, *numbers, tol=tol) for start in starts])
        attributes["tol"] = tol
    else:
        generator, attributes["seed"] = seeded(rng)
        step = _noise_step(site, starts, noise, dt)
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
    many = np.ndim(s0) == 2
    dims = ("realization", "time", "axis") if many else ("time", "axis")
    coords = {"time": times, "axis": AXIS} | ({"realization": np.arange(len(starts))} if many else {})
    variables = {"pseudospin": (dims, s if many else s[0])}
    return wrap(variables, coords, site.parameters(), title="trajectory of the pseudospin", **attributes)


def _starts(s0: Any) -> np.ndarray:
    starts = np.asarray(s0, dtype=float)
    if starts.ndim not in (1, 2) or starts.shape[-1] != 3 or starts.size == 0:
        raise ValueError(f"s0 has the shape {starts.shape}; give (3,) or (realization, 3): s_x, s_y, s_z")
    if not np.isfinite(starts).all():
        raise ValueError("s0 holds a value that is not finite; give finite s_x, s_y, s_z")
    return np.atleast_2d(starts)


def _times(t: Any) -> np.ndarray:
    times = np.asarray(t, dtype=float)
    if times.ndim != 1 or times.size == 0:
        raise ValueError(f"t has the shape {times.shape}; give a list of times")
    if not np.isfinite(times).all():
        raise ValueError(f"t must hold finite times that increase, it holds {times[~np.isfinite(times)][0]}")
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        before, after = times[back[0] : back[0] + 2]
        raise ValueError(
            f"t must hold finite times that increase, {after:g} follows {before:g}; give them in order, each once: "
            "np.unique(t)"
        )
    return times


def _noise_step(site: Site, starts: np.ndarray, noise: float, dt: float | None) -> float:
    if dt is not None:
        if not (np.isfinite(dt) and dt > 0):
            raise ValueError(f"dt = {dt} is not a time step; give a number > 0")
        return float(dt)
    size = max(np.linalg.norm(starts, axis=1).max(), abs(site.p) + abs(site.g) + 2 * noise**0.5)
    return 0.1 / (1 + abs(site.g) + abs(site.delta) + (1 + site.a) * size)
