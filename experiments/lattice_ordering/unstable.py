"""The set of the paper on a large lattice: what the uniform state, unstable to spin waves, turns into."""

import numpy as np
import xarray as xr
from experiment import Run, values_of
from measures import correlation, correlation_length, walls
from names import LONG_NAMES
from parameters import DT, PAPER, SEED, TETM, J, honeycomb

import latticepol as lp
from latticepol.results.dataset import wrap

#: Relative noise on the uniform state; the time before anything is measured, and that of the measurement.
NUDGE = 1e-3
BEFORE, DURING, STEP = 400.0, 200.0, 0.5
#: The distance of two copies and the time it may grow.
APART, GROWING = 1e-6, 40.0


def one_lattice(unit: lp.Network, cells: int, before: float, during: float) -> xr.Dataset:
    """Start from the uniform state of a cell and measure a long time after."""
    p, ratio = float(unit.site.p), float(np.real(unit.dJ)) / J
    state = lp.steady_state(unit, "linear" if p < float(lp.pitchfork(unit.site).p_c) else "aligned")
    net = unit.on(honeycomb(cells))
    rng = np.random.default_rng([SEED, round(1000 * p), round(100 * ratio)])
    psi = np.tile(state.psi.values, (cells**2, 1))
    psi = psi * (1 + NUDGE * rng.normal(size=(net.sites, 4)).view(complex))
    out = lp.evolve(net, psi, before, dt=DT, progress=False)
    series = lp.evolve(
        net, out, before + during, dt=DT, save=lp.every(STEP), variables=("pseudospin", "psi"), progress=False
    )
    s = series.pseudospin.transpose("time", "site", "axis").values
    size = np.linalg.norm(s, axis=-1)
    mean = size.mean()
    distance, correlated = correlation(s[::10, :, 2], cells)
    magnetisation = s[:, :, 2].mean(axis=1) / mean
    frequency, power = _spectrum(magnetisation)
    measured = {
        "growth_rate": float(state.growth_rate),
        "size": mean,
        "spread": size.std() / mean,
        "circular": np.sqrt((s[..., 2] ** 2).mean()) / mean,
        "linear_fraction": -s[..., 0].mean() / mean,
        "wall_fraction": walls(s[..., 2], net.lattice.bonds).mean(),
        "motion": _motion(s) / mean,
        "lyapunov": _lyapunov(net, series.psi.isel(time=-1).transpose("site", "spin").values, rng),
        "length": correlation_length(distance, correlated),
        "correlated": ("distance", correlated),
        "magnetisation": ("time", magnetisation),
        "power": ("frequency", power),
        "snapshot": ("site", s[-1, :, 2] / mean),
    }
    times = STEP * np.arange(len(magnetisation))
    return xr.Dataset(measured, {"distance": distance, "frequency": frequency, "time": times})


def unstable(run: Run) -> xr.Dataset:
    """Over the pump and with and without TE-TM."""
    cells, before, during = (10, 60.0, 20.0) if run.quick else (40, BEFORE, DURING)
    p = np.array([0.1, 0.5]) if run.quick else np.array([0.1, 0.3, 0.5, 1.0])
    unit = lp.Network(lp.lattice.honeycomb(), PAPER, J=J, dJ=0.0)
    found = run.sweep(one_lattice, unit, cells, before, during, dJ=np.array([0.0, TETM]) * J, p=p)
    counted = values_of(found)
    x, y = honeycomb(cells).basis.T
    coords = {"x": (("site",), x), "y": (("site",), y)}
    coords |= {name: found[name].values for name in ("dJ", "p", "distance", "frequency", "time")}
    record = {"cells": cells, "J": J, "nudge": NUDGE, "before": before, "during": during, "dt": DT}
    site = PAPER.parameters() | {"p": "see p"}
    return wrap(counted, coords, site | record, title="unstable lattices", long_names=LONG_NAMES, rng=SEED)


def _motion(s: np.ndarray) -> float:
    """Rms of ds/dt between neighbouring times."""
    return float(np.sqrt((np.diff(s, axis=0) ** 2).sum(axis=-1).mean()) / STEP)


def _spectrum(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Angular frequencies and the power of a series, through a Hann window, normalised to its variance."""
    rest = (series - series.mean()) * np.hanning(len(series))
    power = np.abs(np.fft.rfft(rest)) ** 2
    return 2 * np.pi * np.fft.rfftfreq(len(series), STEP), power / max(power.sum(), 1e-300) * series.var()


def _lyapunov(net: lp.Network, psi: np.ndarray, rng: np.random.Generator) -> float:
    """The mean growth rate of the difference of the pseudospins of two copies that begin close together."""
    close = psi * (1 + APART * rng.normal(size=(net.sites, 4)).view(complex))
    times = [GROWING / 4, GROWING]
    out = lp.evolve(
        net, np.stack([psi, close]), GROWING, dt=DT, save=lp.at_times(times), variables=("pseudospin",), progress=False
    )
    s = out.pseudospin.sel(time=times).transpose("batch", "time", "site", "axis").values
    first, last = np.linalg.norm(s[1] - s[0], axis=(-2, -1))
    return float(np.log(last / first) / (times[1] - times[0]))
