"""A few timings in seconds, each next to what it cannot do without; experiments/performance measures more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np

from latticepol import lattice
from latticepol.gpe import SpinorGPE
from latticepol.gpe.terms import Gain, Interaction, Kinetic, Splitting, Zeeman
from latticepol.grid import Grid
from latticepol.network import Network
from latticepol.numerics import fft
from latticepol.pseudospin import Site, alignment_probability
from latticepol.spectra import bands, bogoliubov
from latticepol.state import InitialState
from latticepol.stationary import steady_state
from latticepol.timestepping import Strang


@dataclass(frozen=True)
class Sizes:
    """How much is timed.

    Parameters
    ----------
    seconds
        For how long one function is repeated.
    points
        Points of a field along each side.
    mesh
        Wavevectors along each reciprocal vector.
    map, realizations
        Points of a map along each axis, and trajectories at each.
    """

    seconds: float = 1.0
    points: int = 256
    mesh: int = 60
    map: int = 20
    realizations: int = 200


#: What is used where nothing else is said: some seconds in all.
SIZES = Sizes()


class Timing(NamedTuple):
    """One line of the table; ``floor`` is 0 where there is nothing to compare with."""

    name: str
    seconds: float
    floor: float
    what: str


def timings(sizes: Sizes = SIZES) -> Iterator[Timing]:
    """Time the step of a field, an ensemble of single condensates, and spectra of a network; one thread."""
    yield _step(sizes)
    yield _ensemble(sizes)
    yield from _spectra(sizes)


def shortest(function: Callable[[], object], seconds: float) -> float:
    """Return the shortest time of a call; other work on the machine only ever adds."""
    function()  # compiles and plans
    times: list[float] = []
    start = perf_counter()
    while perf_counter() - start < seconds or len(times) < 3:
        begin = perf_counter()
        function()
        times.append(perf_counter() - begin)
    return min(times)


def _step(sizes: Sizes) -> Timing:
    n = sizes.points
    grid = Grid.rectangle((32.0, 32.0), (n, n))
    x, y = grid.points
    W = 1.6 + 0.4 * np.cos(np.pi * x / 4) * np.cos(np.pi * y / 4)
    terms = (Kinetic(1.0), Splitting(1.0, 0.1), Zeeman(0.1), Interaction(2.28), Gain(W, 1.0, 1.0))
    engine = SpinorGPE(grid, terms).engine(InitialState(np.full((2, n, n), 0.1 + 0j)))
    plan = fft.Transforms(fft.empty(engine.field.shape, engine.field.dtype))
    integrator, field = Strang(), fft.empty(engine.field.shape, engine.field.dtype)
    field[...] = 0
    step = shortest(lambda: integrator.step(engine, 0.0, 1e-3, first=False), sizes.seconds)

    def transforms() -> None:
        plan.forward(field)
        plan.backward(field)

    floor = shortest(transforms, sizes.seconds)
    return Timing(f"one step at {n} x {n} points", step, floor, f"its transforms by {plan.backend}")


def _ensemble(sizes: Sizes) -> Timing:
    site = Site(p=0.5, a=2.28, g=0.1)
    p, delta = np.linspace(0, 1, sizes.map), np.linspace(1e-3, 0.2, sizes.map)

    def run() -> object:
        return alignment_probability(
            site, realizations=sizes.realizations, rng=0, threads=1, progress=False, p=p, delta=delta
        )

    trajectories = sizes.map**2 * sizes.realizations
    return Timing("one trajectory of an ensemble", shortest(run, sizes.seconds) / trajectories, 0.0, "")


def _spectra(sizes: Sizes) -> Iterator[Timing]:
    crystal = lattice.honeycomb()
    net = Network(crystal, Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
    k, state = crystal.mesh(sizes.mesh), steady_state(net)
    empty, condensed = (
        net.bloch_hamiltonian()(k.values),
        net.bogoliubov_matrix(state.psi.values, float(state.mu))(k.values),
    )
    for name, function, matrices in (
        ("bands", lambda: bands(net, k=k), empty),
        ("Bogoliubov spectra", lambda: bogoliubov(net, state, k=k), condensed),
    ):
        floor = shortest(lambda matrices=matrices: np.linalg.eigvals(matrices), sizes.seconds)  # type: ignore[misc]
        what = f"{name} of {sizes.mesh} x {sizes.mesh} k points"
        yield Timing(what, shortest(function, sizes.seconds), floor, "numpy's eigvals")
