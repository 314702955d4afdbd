"""A few timings in seconds, each next to what it cannot do without; experiments/performance measures more."""

from collections.abc import Callable, Iterator
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

#: For how long one function is repeated.
SECONDS = 1.0
POINTS, MESH, MAP, REALIZATIONS = 256, 60, 20, 200


class Timing(NamedTuple):
    """One line of the table; ``floor`` is 0 where there is nothing to compare with."""

    name: str
    seconds: float
    floor: float
    what: str


def timings() -> Iterator[Timing]:
    """The step of a field, an ensemble of single condensates, spectra of a network; one thread."""
    yield _step()
    yield _ensemble()
    yield from _spectra()


def shortest(function: Callable[[], object]) -> float:
    """The shortest time of a call; other work on the machine only ever adds."""
    function()  # compiles and plans
    times: list[float] = []
    start = perf_counter()
    while perf_counter() - start < SECONDS or len(times) < 3:
        begin = perf_counter()
        function()
        times.append(perf_counter() - begin)
    return min(times)


def _step() -> Timing:
    grid = Grid.rectangle((32.0, 32.0), (POINTS, POINTS))
    x, y = grid.points
    W = 1.6 + 0.4 * np.cos(np.pi * x / 4) * np.cos(np.pi * y / 4)
    terms = (Kinetic(1.0), Splitting(1.0, 0.1), Zeeman(0.1), Interaction(2.28), Gain(W, 1.0, 1.0))
    engine = SpinorGPE(grid, terms).engine(InitialState(np.full((2, POINTS, POINTS), 0.1 + 0j)))
    plan = fft.Transforms(fft.empty(engine.field.shape, engine.field.dtype))
    integrator, field = Strang(), fft.empty(engine.field.shape, engine.field.dtype)
    field[...] = 0
    step = shortest(lambda: integrator.step(engine, 0.0, 1e-3, first=False))

    def transforms() -> None:
        plan.forward(field)
        plan.backward(field)

    floor = shortest(transforms)
    return Timing(f"one step at {POINTS} x {POINTS} points", step, floor, f"its transforms by {plan.backend}")


def _ensemble() -> Timing:
    site = Site(p=0.5, a=2.28, g=0.1)
    p, delta = np.linspace(0, 1, MAP), np.linspace(1e-3, 0.2, MAP)

    def run() -> object:
        return alignment_probability(
            site, realizations=REALIZATIONS, rng=0, threads=1, progress=False, p=p, delta=delta
        )

    return Timing("one trajectory of an ensemble", shortest(run) / (MAP**2 * REALIZATIONS), 0.0, "")


def _spectra() -> Iterator[Timing]:
    crystal = lattice.honeycomb()
    net = Network(crystal, Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
    k, state = crystal.mesh(MESH), steady_state(net)
    empty, condensed = (
        net.bloch_hamiltonian()(k.values),
        net.bogoliubov_matrix(state.psi.values, float(state.mu))(k.values),
    )
    for name, function, matrices in (
        ("bands", lambda: bands(net, k=k), empty),
        ("Bogoliubov spectra", lambda: bogoliubov(net, state, k=k), condensed),
    ):
        floor = shortest(lambda matrices=matrices: np.linalg.eigvals(matrices))  # type: ignore[misc]
        yield Timing(f"{name} of {MESH} x {MESH} k points", shortest(function), floor, "numpy's eigvals")
