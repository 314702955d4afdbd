"""Points of a sweep that are run as one batch: what moves along with psi keeps its shape."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from two_modes import Running

import latticepol as lp
from latticepol.evolution.batches import together
from latticepol.model import Evolvable, InitialState
from latticepol.results.dataset import wrap

#: A few hundred multiplications and sums of each number, in the same order: the last bit, with a margin of fifty.
ROUNDING = 1e-14
#: A batch of fields is transformed by another plan than a field alone: rounding of some tens of transforms.
PLANS = 1e-12


@dataclass(frozen=True)
class Leaky(Evolvable):
    """An amplitude and five reservoirs: dpsi/dt = -psi sum(n), dn/dt = -rate n."""

    rate: float = 0.1
    units = None
    state_shape = ()

    def parameters(self):
        return {"rate": self.rate}

    def replace(self, **changes):
        return replace(self, **changes)

    def batch(self, **values):
        return replace(self, **values)

    def read_start(self, psi0):
        if isinstance(psi0, InitialState):
            return psi0
        return InitialState(np.array(psi0, complex), {"reservoir": np.arange(5.0)})

    def default_integrator(self, dt=None):
        return lp.Strang()

    def engine(self, start, *, rng=None, threads=1):
        return Draining(self, start)

    def snapshot(self, now, names, *, seed):
        variables = {"psi": now.psi, "reservoir": now.auxiliary["reservoir"]}
        inner = {"psi": (), "reservoir": ("tank",)}
        made = {name: (("time", *now.dims, *inner[name]), variables[name][None].copy()) for name in names}
        return wrap(made, {"time": np.array([now.t])}, {}, title="leaky", units=None, seed=seed)


class Draining(Running):
    def __init__(self, model, start):
        self.model, self.psi, self.n = model, start.psi.astype(complex), start.auxiliary["reservoir"].astype(float)
        self.rng = np.random.default_rng(0)

    @property
    def state(self):
        return [self.psi, self.n]

    def now(self, t, dims=()):
        return InitialState(self.psi, {"reservoir": self.n}, t, dims)

    def linear(self, h):
        self.psi *= np.exp(-h * self.n.sum(axis=-1))

    def local(self, before, after, t):
        self.n *= np.exp(-(before + after) * np.asarray(self.model.rate)[..., None])


def test_what_moves_along_with_psi_keeps_its_own_shape_in_a_batch():
    rates = np.array([0.1, 0.2, 0.4])
    plan = together(lp.evolve, Leaky(), {"rate": rates}, (1.0, 0.2), {"dt": 0.1, "variables": ("psi", "reservoir")})
    found = plan.call({"rate": rates}, None)
    alone = [lp.evolve(Leaky(rate), 1.0, 0.2, dt=0.1, variables=("psi", "reservoir")) for rate in rates]
    for name in ("psi", "reservoir"):
        same = np.stack([one[name].values for one in alone], axis=1)
        assert found[name].shape == same.shape
        assert np.allclose(found[name], same, rtol=ROUNDING)


@pytest.mark.parametrize("n", [0.5, np.array([[[0.5]], [[1.0]]])], ids=["number", "of spins"])
def test_a_reservoir_that_is_the_same_everywhere_is_run_in_a_batch(n):
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Reservoir(P=1.0, R=0.5, Gamma_R=0.3, Gamma=1.0)])
    rates, options = np.array([0.5, 1.0]), {"dt": 0.1, "variables": ("reservoir",)}
    for start in ((np.ones((2, 4, 4)), n), InitialState(np.ones((2, 4, 4)), {"reservoir": np.asarray(n)})):
        plan = together(lp.evolve, model, {"R": rates}, (start, 0.2), options)
        found = plan.call({"R": rates}, None).reservoir
        for i, rate in enumerate(rates):
            alone = lp.evolve(model.replace(R=rate), start, 0.2, **options).reservoir
            assert np.allclose(found[:, i], alone, rtol=PLANS)
