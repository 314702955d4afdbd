"""Random condensates on lattices and as uniform fields, with their exact growth rates."""

from typing import NamedTuple

import numpy as np
from routh_hurwitz import WIDTH, drawn, exact_growth, site_matrix

import latticepol as lp
from latticepol.errors import ConvergenceError
from latticepol.linear_problem import NEUTRAL, Growth
from latticepol.network import equation
from latticepol.stationary.growth import growth_rate

LATTICES = {name: getattr(lp.lattice, name)() for name in WIDTH}
NEIGHBOURS = {"square": 4, "triangular": 6, "honeycomb": 3, "kagome": 4}


class Compared(NamedTuple):
    """What was found about one condensate, and what is true: the rate, its x and the share of the band that grows."""

    found: Growth
    rate: float
    x: float
    share: float
    mu: float

    @property
    def grows(self):
        return self.rate > NEUTRAL * (1 + abs(self.mu))

    @property
    def stable(self):
        return self.found.stable(self.mu)


def compared(name, site, J, start="aligned", search=None):
    """One condensate on a lattice without TE-TM splitting."""
    net = lp.Network(LATTICES[name], lp.Site(**site), J=J, dJ=0.0)
    state = lp.steady_state(net, start, stability=False)
    psi, mu = state.psi.values, float(state.mu)
    A, B = equation.derivatives(psi, net.local())
    L0 = site_matrix(A[0] + net.hopping.onsite[0], B[0], mu + NEIGHBOURS[name] * J)
    rate, x, size = exact_growth(L0, WIDTH[name] * J)
    return Compared(growth_rate(net.linear_problem(psi, mu), search), rate, x, size / abs(WIDTH[name] * J), mu)


def sample(seed, count, sign=1):
    """Random ones, on all lattices in turn."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        site, J, _ = drawn(rng, hopping=False)
        yield compared(list(WIDTH)[i % 4], site, sign * J)


def network(rng, lattices=("square", "triangular", "honeycomb"), start="aligned"):
    """A random network with TE-TM splitting and a stationary state of it."""
    while True:
        site, J, share = drawn(rng)
        net = lp.Network(LATTICES[lattices[rng.integers(len(lattices))]], lp.Site(**site), J=J, dJ=share * J)
        try:
            state = lp.steady_state(net, start, stability=False)
        except ConvergenceError:
            continue
        return net, state


def problem_of(net, state):
    """The linear problem about a state, and mu."""
    return net.linear_problem(state.psi.values, float(state.mu)), float(state.mu)


#: Small cells: few waves are below the energies at which something grows.
CELLS = {
    "square": ((1.6, 0.0), (0.0, 1.6)),
    "triangular": ((1.6, 0.0), (0.8, 0.8 * 3**0.5)),
    "oblique": ((1.6, 0.2), (-0.28, 1.2)),
}


def uniform(rng, cell, points=3, nu=0.0, reservoir=False):
    """A random uniform field on a cell: the model, and its stationary state."""
    site, _, _ = drawn(rng, hopping=False)
    gain = [lp.Gain(2 + site["p"], 2.0, 1.0)]
    if reservoir:
        gain = [lp.Reservoir(1.5 * (2 + site["p"]), 1.0, 1.5, 2.0, 0.3, -0.1, tau_s=float(np.exp(rng.uniform(-4, 1))))]
    terms = [
        lp.Kinetic(float(np.exp(rng.uniform(np.log(0.1), 0))), nu=nu),
        lp.Splitting(1.0, site["g"]),
        lp.Zeeman(site["delta"]),
        lp.Interaction(site["a"] + site["a2"], site["a2"]),
        *gain,
    ]
    model = lp.SpinorGPE(lp.Grid(CELLS[cell], (points, points)), terms)
    one = lp.steady_state(lp.Network(lp.lattice.square(), lp.Site(**site), J=0.0, dJ=0.0), stability=False)
    psi = np.broadcast_to(one.psi.values[0][:, None, None], (2, points, points))
    try:
        return model, site, lp.steady_state(model, psi.copy(), stability=False)
    except lp.ConvergenceError:  # with a reservoir there may be no such state
        return uniform(rng, cell, points, nu, reservoir)


def wave_matrices(local, site, mu, x, nu=0.0):
    """The matrices (n, c, c) of plane waves of the energies x (n,), from the local terms (c, c)."""
    H = np.array([[site["delta"], -(1 + 1j * site["g"])], [-(1 + 1j * site["g"]), -site["delta"]]]) / 2 - mu * np.eye(2)
    L, moved = local.copy(), np.zeros(len(local), complex)
    L[:2, :2] += H
    L[2:4, 2:4] -= H.conj()
    moved[:2], moved[2:4] = 1 - 1j * nu, -1 - 1j * nu
    return L + np.asarray(x, float).reshape(-1, 1, 1) * np.diag(moved)


def scanned(matrices):
    """(largest Im w, its x) from a scan of x, refined."""

    def rate(x):
        return np.linalg.eigvals(matrices(x)).imag.max(axis=-1)

    x = np.concatenate([np.linspace(0, 20, 8001), np.geomspace(20, 1e4, 801)[1:]])
    here = rate(x)
    peaks = np.argsort(-here)[:5]
    best = here.max(), x[here.argmax()]
    for i in peaks:
        fine = np.linspace(x[max(i - 1, 0)], x[min(i + 1, len(x) - 1)], 801)
        there = rate(fine)
        best = max(best, (there.max(), fine[there.argmax()]))
    return float(best[0]), float(best[1])
