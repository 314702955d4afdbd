"""The data behind every figure: one function per file, each returns a Dataset."""

import mode
import numpy as np
import xarray as xr
from experiment import Run
from parameters import ALPHA1, ALPHA2, DICHROISM, EPSILON, ETA, PUMP, PUMPS, QUICK_PUMPS, Spot, model

import latticepol as lp
from latticepol.results.dataset import wrap

DT = 0.2  # ps; the error of the second-order step is 1e-4 of the growth rate


def switch_on(run: Run) -> xr.Dataset:
    """The field from vacuum, every 4 ps: half a quantum per point and component, and noise as the losses demand."""
    grid, t_end, rng = fine(run.quick), 160.0 if run.quick else 400.0, run.rng
    vacuum = np.random.default_rng(rng).normal(scale=0.5 / np.sqrt(grid.point_area), size=(2, 2, *grid.shape))
    return lp.evolve(
        model(grid, PUMP, noise=True), vacuum[0] + 1j * vacuum[1], t_end, dt=DT, save=lp.every(4.0), rng=rng + 1
    )


def spectrum(run: Run) -> xr.Dataset:
    """E(k) along k_x of the run that goes on from ``switch_on``, its two spins apart."""
    grid, field, duration, rng = fine(run.quick), run.data["switch_on"], 51.0 if run.quick else 204.6, run.rng
    start = float(field.time[-1])
    series = lp.evolve(model(grid, PUMP, noise=True), field, start + duration, dt=DT, save=lp.every(DT), rng=rng + 2)
    return lp.spectrum(series)


def threshold(run: Run) -> xr.Dataset:
    """Steady numbers and polarisations of the field, and of the single condensate with the overlaps of its mode.

    The pumps of the field are one batch of one run, in which every one has a part of the same random numbers.
    """
    grid, pumps, t_end, rng = coarse(run.quick), QUICK_PUMPS if run.quick else PUMPS, 3000.0, run.rng
    seed = np.random.default_rng(rng).normal(size=(2, pumps.size, 2, *grid.shape))
    out = lp.evolve(model(grid, pumps[:, None, None]), seed[0] + 1j * seed[1], t_end, dt=DT)
    stokes = lp.stokes(out.isel(time=-1), average=("y", "x"))
    field = [grid.area * stokes.S, stokes.circular_polarisation, stokes.linear_polarisation]
    site = run.sweep(single_condensate, Spot(grid.counts), pump=pumps)
    names = ("number", "circular_polarisation", "linear_polarisation")
    stacked = [np.stack([f, site[name]]) for name, f in zip(names, field, strict=True)]
    variables = {name: (("equation", "W"), values) for name, values in zip(names, stacked, strict=True)}
    return wrap(
        variables,
        {"W": pumps, "equation": ["field", "single condensate"]},
        {"t_end": t_end, "points": grid.counts},
        title="threshold of a pumped spot",
        units={"rate": "ps-1"},
        rng=rng,
    )


def single_condensate(spot: Spot) -> dict[str, float]:
    """Number int S, circular and linear polarisation of the stable state with the largest s_z; 0 below threshold.

    ``p = 2 (growth rate of the empty mode)/epsilon``; with the overlap M of :func:`mode.overlap` saturation and
    interaction of N = int S are ``eta' = eta Re M - (alpha1 + alpha2) Im M`` and ``alpha' = alpha Re M``.
    """
    rate, phi = mode.linear(spot.grid, spot.pump)
    m = mode.overlap(spot.grid, phi)
    eta = ETA * m.real - (ALPHA1 + ALPHA2) * m.imag
    site = lp.Site(p=2 * rate / EPSILON, a=(ALPHA1 - ALPHA2) * m.real / eta, g=DICHROISM / EPSILON)
    states = lp.fixed_points(site)
    stable = states.pseudospin.where(states.stable, drop=True)
    number = circular = linear = 0.0
    if stable.sizes["state"]:
        s_x, s_y, s_z = stable.isel(state=int(stable.sel(axis="z").argmax("state"))).values
        s = np.sqrt(s_x**2 + s_y**2 + s_z**2)
        number, circular, linear = EPSILON * s / eta, s_z / s, np.hypot(s_x, s_y) / s
    return {"number": number, "circular_polarisation": circular, "linear_polarisation": linear}


def fine(quick: bool) -> lp.Grid:
    """The grid of the noisy run."""
    return Spot((32, 32) if quick else (64, 64)).grid


def coarse(quick: bool) -> lp.Grid:
    """The grid of the threshold curve."""
    return Spot((32, 32) if quick else (48, 48)).grid


#: File name -> function of the run, in the order in which they are made.
DATASETS = {f.__name__: f for f in (switch_on, spectrum, threshold)}
