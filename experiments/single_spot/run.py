"""One pumped spot switched on from vacuum noise: condensation, spin bifurcation, spectrum.

    python experiments/single_spot/run.py [--out DIR] [--quick] [--resume] [--rng 1] [--update-readme]

Claim (docs/physics.md, sections 2 and 6): a condensate in one trap is the single condensate of section 2 with
parameters renormalised by overlaps of its mode. It condenses linearly polarised where the gain of the mode reaches
-gamma and turns circular, with a spontaneous sign, where ``s = eta N/epsilon`` reaches (1 + g^2)/a.

"switch_on": truncated-Wigner noise from vacuum, one pump; snapshots and traces, then, once it is stationary, E(k).
"threshold": no noise, all pumps in one batch, each from its own small random field, next to the single condensate.
Writes one netCDF file per data set, numbers.json, figures and switch_on.gif to DIR. Minutes on one core.
"""

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import mode
import numpy as np
import table
import xarray as xr
from parameters import ALPHA1, ALPHA2, BOX, DICHROISM, EPSILON, ETA, PUMP, PUMPS, QUICK_PUMPS, model
from plot import FIGURES

import latticepol as lp
from latticepol.results.dataset import wrap

DT = 0.2  # ps; the error of the second-order step is 1e-4 of the growth rate


def switch_on(grid: lp.Grid, t_end: float, rng: int) -> xr.Dataset:
    """The field from vacuum, every 4 ps: half a quantum per point and component, and noise as the losses demand."""
    vacuum = np.random.default_rng(rng).normal(scale=0.5 / np.sqrt(grid.point_area), size=(2, 2, *grid.shape))
    return lp.evolve(
        model(grid, PUMP, noise=True), vacuum[0] + 1j * vacuum[1], t_end, dt=DT, save=lp.every(4.0), rng=rng + 1
    )


def stationary_spectrum(grid: lp.Grid, field: xr.Dataset, duration: float, rng: int) -> xr.Dataset:
    """E(k) along k_x of the run that goes on from ``field``, its two spins apart."""
    start = float(field.time[-1])
    series = lp.evolve(model(grid, PUMP, noise=True), field, start + duration, dt=DT, save=lp.every(DT), rng=rng + 2)
    return lp.spectrum(series)


def threshold(grid: lp.Grid, pumps: np.ndarray, t_end: float, rng: int) -> xr.Dataset:
    """Steady numbers and polarisations of the field, and of the single condensate with the overlaps of its mode."""
    seed = np.random.default_rng(rng).normal(size=(2, pumps.size, 2, *grid.shape))
    out = lp.evolve(model(grid, pumps[:, None, None]), seed[0] + 1j * seed[1], t_end, dt=DT)
    stokes = lp.stokes(out.isel(time=-1), average=("y", "x"))
    field = [grid.area * stokes.S, stokes.circular_polarisation, stokes.linear_polarisation]
    site = single_condensate(grid, pumps)
    names = ("number", "circular_polarisation", "linear_polarisation")
    variables = {name: (("equation", "W"), np.stack([f, s])) for name, f, s in zip(names, field, site, strict=True)}
    return wrap(
        variables,
        {"W": pumps, "equation": ["field", "single condensate"]},
        {"t_end": t_end, "points": grid.counts},
        title="threshold of a pumped spot",
        units={"rate": "ps-1"},
        rng=rng,
    )


def single_condensate(grid: lp.Grid, pumps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number int S, circular and linear polarisation of the stable state with the largest s_z; 0 below threshold.

    ``p = 2 (growth rate of the empty mode)/epsilon``; with the overlap M of :func:`mode.overlap` saturation and
    interaction of N = int S are ``eta' = eta Re M - (alpha1 + alpha2) Im M`` and ``alpha' = alpha Re M``.
    """
    number, circular, linear = np.zeros((3, pumps.size))
    for i, pump in enumerate(pumps):
        rate, phi = mode.linear(grid, pump)
        m = mode.overlap(grid, phi)
        eta = ETA * m.real - (ALPHA1 + ALPHA2) * m.imag
        site = lp.Site(p=2 * rate / EPSILON, a=(ALPHA1 - ALPHA2) * m.real / eta, g=DICHROISM / EPSILON)
        states = lp.fixed_points(site)
        stable = states.pseudospin.where(states.stable, drop=True)
        if stable.sizes["state"]:
            s_x, s_y, s_z = stable.isel(state=int(stable.sel(axis="z").argmax("state"))).values
            s = np.sqrt(s_x**2 + s_y**2 + s_z**2)
            number[i], circular[i], linear[i] = EPSILON * s / eta, s_z / s, np.hypot(s_x, s_y) / s
    return number, circular, linear


def fine(quick: bool) -> lp.Grid:
    """The grid of the noisy run."""
    return lp.Grid.rectangle((BOX, BOX), (32, 32) if quick else (64, 64))


def coarse(quick: bool) -> lp.Grid:
    """The grid of the threshold curve."""
    return lp.Grid.rectangle((BOX, BOX), (32, 32) if quick else (48, 48))


#: Name of the file -> function of ``quick``, the seed and the data made so far.
DATASETS: dict[str, Callable[..., xr.Dataset]] = {
    "switch_on": lambda quick, rng, _: switch_on(fine(quick), 160.0 if quick else 400.0, rng),
    "spectrum": lambda quick, rng, data: stationary_spectrum(
        fine(quick), data["switch_on"], 51.0 if quick else 204.6, rng
    ),
    "threshold": lambda quick, rng, _: threshold(coarse(quick), QUICK_PUMPS if quick else PUMPS, 3000.0, rng),
}


def main(argv: list[str] | None = None) -> int:
    """Run everything and say how well the two thresholds agree."""
    parser = experiment.parser(__doc__ or "", HERE, "coarser, shorter, fewer pumps")
    parser.add_argument("--rng", type=int, default=1, help="seed")
    options = experiment.parse(parser, argv)
    curve = experiment.make_data(DATASETS, options, options.rng)["threshold"]
    found = table.rows(curve)
    for name, (in_field, in_site) in found.items():
        print(f"{name}: {in_field:.4g} in the field, {in_site:.4g} for the single condensate")
    drawn = experiment.draw(options.out, FIGURES)
    experiment.finish(options, HERE, found, drawn, {"numbers": table.markdown(curve, coarse(options.quick))})
    return 0


if __name__ == "__main__":
    sys.exit(main())
