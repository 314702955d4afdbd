"""Many small lattices switched on from noise in a weak field: do they magnetise along it?"""

import numpy as np
import xarray as xr
from experiment import Run, values_of
from measures import at_rest, domains, standard_error, walls
from names import LONG_NAMES
from parameters import DT, SEED, STABLE, TETM, honeycomb, seeds

import latticepol as lp
from latticepol.network.equation import pseudospin
from latticepol.results.dataset import wrap

#: A realisation has settled where no pseudospin changes faster than this, relative to the mean size.
SETTLED = 1e-4
LOOK = 25.0


class Settled:
    """A callback that ends the run when every realisation of the batch has settled, and keeps which have."""

    def __init__(self) -> None:
        self.last: np.ndarray | None = None
        self.which = np.array(False)

    def __call__(self, frame: xr.Dataset) -> bool:
        """Compare with the last frame."""
        now, last = _pseudospin(frame), self.last
        self.last = now
        if last is not None:
            size = np.linalg.norm(now, axis=-1).mean(axis=-1)
            self.which = np.abs(now - last).max(axis=(-2, -1)) < SETTLED * LOOK * size
        return bool(self.which.all())


def one_point(net: lp.Network, cells: int, realizations: int, t_end: float) -> dict[str, float]:
    """Everything counted at one (J, delta, p)."""
    point = J, delta, _ = float(np.real(net.J)), float(net.site.delta), float(net.site.p)
    rng = np.random.default_rng([SEED, *np.round(1000 * np.array(point) + 1e6).astype(int)])
    settled = Settled()
    psi = seeds(rng, realizations, net.sites)
    out = lp.evolve(net, psi, t_end, dt=DT, callbacks=[(lp.every(LOOK), settled)], progress=False)
    psi, s_z = _last(out), _pseudospin(out)[..., 2]
    along = s_z.mean(axis=-1) * delta > 0
    sites = (s_z * delta > 0).mean(axis=-1)
    return {
        "lattice_probability": along.mean(),
        "lattice_error": np.sqrt(along.mean() * (1 - along.mean()) / realizations),
        "site_fraction": sites.mean(),
        "site_error": standard_error(sites),
        "wall_fraction": walls(s_z, net.lattice.bonds).mean(),
        "domain_count": domains(s_z, net.lattice.bonds).mean(),
        "wound_fraction": 1 - at_rest(psi, cells).mean() if J else np.nan,
        "unsettled_fraction": 1 - settled.which.mean(),
        "unsettled_wound_fraction": (~settled.which & ~at_rest(psi, cells)).mean() if J else np.nan,
    }


def alignment(run: Run) -> xr.Dataset:
    """Over J, delta and p; and the single condensate at the same points."""
    cells, realizations, t_end = (3, 24, 200.0) if run.quick else (4, 80, 400.0)
    axes = {
        "J": np.array([0.0, 0.3, 3.0]) if run.quick else np.array([0.0, 0.1, 0.3, 1.0, 3.0]),
        "delta": np.array([0.1]) if run.quick else np.array([0.01, 0.1]),
        "p": np.array([0.4, 1.0]) if run.quick else np.array([-0.3, -0.1, 0.0, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5]),
    }
    net = lp.Network(honeycomb(cells), STABLE, J=0.0, dJ=0.0)
    tetm = xr.DataArray(TETM * axes["J"], dims="J")
    found = run.sweep(one_point, net, cells, realizations, t_end, dJ=tetm, **axes)
    counted = values_of(found)
    single = lp.alignment_probability(
        STABLE, realizations=20_000, rng=SEED, progress=False, delta=axes["delta"], p=axes["p"]
    )
    counted["probability"] = (("delta", "p"), single.probability.transpose("delta", "p").values)
    record = {"cells": cells, "realizations": realizations, "t_end": t_end, "dJ_over_J": TETM, "dt": DT}
    return wrap(
        counted, axes, STABLE.parameters() | record, title="alignment of lattices", long_names=LONG_NAMES, rng=SEED
    )


def _last(frame: xr.Dataset) -> np.ndarray:
    return frame.psi.isel(time=-1).transpose("batch", "site", "spin").values


def _pseudospin(frame: xr.Dataset) -> np.ndarray:
    return pseudospin(_last(frame))
