"""Large lattices whose pump is ramped through threshold and pitchfork in noise, without a field: what is left over."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import xarray as xr
from experiment import Run, Swept, values_of
from measures import domains, vortices, walls
from names import LONG_NAMES
from parameters import SEED, STABLE, TETM, J, honeycomb, seeds

import latticepol as lp
from latticepol.network.equation import pseudospin
from latticepol.results.dataset import wrap

#: Below the threshold p = -1, and well above the pitchfork.
START, END = -1.2, 1.0
WAIT = 100.0
NOISE = 1e-4
DT = 0.05
#: A lattice whose mean s_z exceeds this part of the mean s is one domain.
ONE_DOMAIN = 0.7
#: Faster ramps leave as many vortices as a sudden start.
SLOW = 20.0
#: Ensembles drawn anew for the error of an exponent.
REDRAWN = 400


@dataclasses.dataclass(frozen=True)
class Ramp(Swept):
    """A ramp of p by 1 in the time tau, one of several realisations, on cells x cells."""

    cells: int
    tau: float = 1.0
    realization: int = 0


def one_ramp(given: Ramp) -> xr.Dataset:
    """Counted at the time WAIT after the end of the ramp."""
    cells, tau = given.cells, given.tau

    def pump(t: float) -> float:
        return min(START + t / tau, END)

    net = lp.Network(honeycomb(cells), STABLE.replace(p=pump), J=J, dJ=TETM * J, noise=NOISE)
    rng = np.random.default_rng([SEED, given.realization, round(1000 * tau)])
    psi = seeds(rng, 1, net.sites, NOISE)[0]
    out = lp.evolve(net, psi, (END - START) * tau + WAIT, dt=DT, rng=rng, progress=False)
    psi = out.psi.isel(time=-1).transpose("site", "spin").values
    s = pseudospin(psi)
    size = np.linalg.norm(s, axis=-1).mean()
    counted = {
        "wall_fraction": walls(s[:, 2], net.lattice.bonds),
        "domain_count": domains(s[:, 2], net.lattice.bonds),
        "vortex_fraction": vortices(psi[:, 0] - psi[:, 1], cells),  # the linear component that condenses first
        "magnetisation": s[:, 2].mean() / size,
        "linear_fraction": -s[:, 0].mean() / size,
    }
    return xr.Dataset(counted | {"snapshot": ("site", s[:, 2] / size)})


def ramp(run: Run) -> xr.Dataset:
    """Over the ramp time and the realisations; the slowest first, which take longest."""
    cells, realizations = (12, 2) if run.quick else (40, 8)
    tau = np.array([4.0, 16.0]) if run.quick else np.array([2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0])
    found = run.sweep(one_ramp, Ramp(cells), tau=tau[::-1], realization=np.arange(realizations)).sortby("tau")
    found["snapshot"] = found.snapshot.isel(realization=0)
    counted = values_of(found)
    x, y = honeycomb(cells).basis.T
    coords = {"tau": tau, "realization": np.arange(realizations), "x": (("site",), x), "y": (("site",), y)}
    record = {"cells": cells, "J": J, "dJ": TETM * J, "noise": NOISE, "span": (START, END), "wait": WAIT, "dt": DT}
    site = STABLE.parameters() | {"p": "ramped"}
    return wrap(counted, coords, site | record, title="ramp of the pump", long_names=LONG_NAMES, rng=SEED)


def ordered(ds: xr.Dataset, name: str) -> list[np.ndarray]:
    """A variable at every ramp time, of the realisations that became one domain."""
    one_domain = abs(ds.magnetisation.values) > ONE_DOMAIN
    return [values[which] for values, which in zip(ds[name].values, one_domain, strict=True)]


def power_law(tau: np.ndarray, counts: Sequence[np.ndarray]) -> tuple[float, float]:
    """Exponent of the means of ``counts`` against tau, by least squares of the logarithms, and its error.

    The error is the larger of two: that of the scatter about the line, which sees departures from a power law, and that
    of drawing the realisations anew, which knows that the mean of a few may be ruled by one. NaN where fewer than three
    times have defects at all.
    """
    some = [i for i, values in enumerate(counts) if values.any()]
    if len(some) < 3:
        return np.nan, np.nan
    x, samples = np.log(np.asarray(tau)[some]), [counts[i] for i in some]
    (slope, _), covariance = np.polyfit(x, np.log([values.mean() for values in samples]), 1, cov=True)
    rng = np.random.default_rng(SEED)
    means = np.array([rng.choice(values, (REDRAWN, len(values))).mean(axis=1) for values in samples])
    redrawn = np.polyfit(x, np.log(means[:, (means > 0).all(axis=0)]), 1)[0].std()
    return float(slope), float(max(np.sqrt(covariance[0, 0]), redrawn))
