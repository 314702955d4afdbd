"""Models, axes and functions for the tests of sweeps."""

import numpy as np
import xarray as xr

import latticepol as lp
from latticepol.sweeps.api import swept
from latticepol.sweeps.limits import SweepLimits

#: A batch is as many runs up to the rounding of sums in another order.
ROUNDING = 1e-12
SITE = lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01)
P, DELTA = [0.3, 0.4, 0.8], [0.01, 0.1]
NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
GRID = lp.Grid.rectangle((8.0, 8.0), (12, 16))
C = np.cos(2 * np.pi * GRID.points[0] / 8)


FIELD = lp.SpinorGPE(
    GRID,
    [
        lp.Kinetic(2.0), lp.Splitting(1.0, 0.2), lp.TETM(0.1), lp.Interaction(2.0, -0.3), lp.Potential(-C),
        lp.Zeeman(0.3), lp.Gain(1.2 + 0.2 * C, 1.0, 0.8), lp.Drive(0.3),
    ],
    units={"time": "ps", "length": "um"},
)  # fmt: skip


PSI = 0.4 * np.stack([1 + 0.3 * C, 0.2j - 0.1 * C])


#: Results go to files and are read again.
IN_FILES = SweepLimits(kept=0, streamed=0)


def sweep_within(limits, function, model, *, executor=None, store=None, rng=None, options=None, **axes):
    """``lp.sweep`` within other limits."""
    given = {"executor": executor, "store": store, "rng": rng, "options": options}
    return swept(function, model, (), axes, limits=limits, **given)


def same(one, other):
    xr.testing.assert_equal(one, other)
    assert getattr(one, "sizes", None) == getattr(other, "sizes", None)


def pump(site):
    """A point that costs nothing."""
    return site.p + 10 * site.delta


def drawn(site, *, rng):
    return float(np.random.default_rng(rng).random())


def calls(folder):
    """(p, process) of every call."""
    path = folder / "calls"
    return (
        [(float(p), int(pid)) for p, pid in (line.split() for line in path.read_text().splitlines())]
        if path.exists()
        else []
    )
