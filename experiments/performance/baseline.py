"""Whether anything got slower: ratios of this run next to those that are stored.

    python experiments/performance/baseline.py [--update] [--file FILE] [--margin 1.15] [--seconds 3]

A ratio is the time of something over that of a floor, which it cannot do without: the Fourier transforms of a step, the
eigenvalues of the same matrices. Both are timed in turns in one run, in processor time of one thread, and the shortest
time of each counts: other work on the machine only ever adds. Ratios carry over to another machine far better than
seconds, but not to the percent (caches, libraries): before a change that may cost speed write a baseline of your own,
--file mine.json --update.

Without --update: compares with the file, names every ratio that got worse by more than the margin, and ends with exit
code 1 if there is one, or if one of the file was not measured.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when the libraries are loaded, so before anything else

import cells  # noqa: E402
import field  # noqa: E402
import network  # noqa: E402
import numpy as np  # noqa: E402
from comparison import MARGIN, compared, report  # noqa: E402
from run import machine  # noqa: E402

import latticepol as lp  # noqa: E402
from latticepol.disk.files import replacing, resolve  # noqa: E402
from latticepol.numerics import fft  # noqa: E402
from latticepol.state import InitialState  # noqa: E402

FILE = Path(__file__).parent / "baseline.json"
COMMAND = "python experiments/performance/baseline.py --update"
#: Points along an edge of a field; wavevectors along each reciprocal vector; cells along an edge of a network.
POINTS, MESH, CELLS = 256, 60, 48
#: Measured in turns at least so many times, whatever the time is.
LEAST = 5

Function = Callable[[], object]


class Pair(NamedTuple):
    """Something to be timed, next to its floor; what the floor is; how many stages it has; what to do before each."""

    ours: Function
    floor: Function
    what: str
    stages: int = 1
    before: Function = lambda: None


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    """Name -> how it is made: plans, states and compiled code come before the clock is started."""
    for case in field.CASES:
        if case.planning == "measure":
            yield f"field step, {case.name}", lambda case=case: step(case)
    yield "network step, equal cells", network_step
    yield "network bands", lambda: network_spectra(None)
    yield "network Bogoliubov spectra", lambda: network_spectra(lp.steady_state(network.NET))
    yield "network Chern number", chern
    yield "field Bogoliubov spectra", field_spectra


def step(case: field.Case) -> Pair:
    """One stage of a step over its transforms."""
    model, psi = field.problem(case, POINTS)
    engine, plan = model.engine(InitialState(psi)), field.measured_plan(POINTS, case.dtype, 1)
    case.integrator.step(engine, 0.0, field.DT, first=True)

    def ours() -> None:
        case.integrator.step(engine, 0.0, field.DT, first=False)

    def floor() -> None:
        plan.forward(engine.field)
        plan.backward(engine.field)

    def before() -> None:
        engine.field[...] = psi  # transforms in place have made something else of it
        engine.n[...] = 0

    return Pair(ours, floor, "its transforms", field.STAGES[type(case.integrator).__name__], before)


def network_step() -> Pair:
    """One step of a periodic network over the transforms of its four amplitudes per cell."""
    net = network.NET.on(network.LATTICE.supercell(CELLS))
    psi = np.full((net.sites, 2), 0.1 + 0.0j)
    engine, strang = net.engine(InitialState(psi)), lp.Strang()
    strang.step(engine, 0.0, 1e-3, first=True)
    array = fft.empty((4, CELLS, CELLS), np.dtype(complex))
    array[...] = 0
    plan = fft.Transforms(fft.empty(array.shape, array.dtype))

    def floor() -> None:
        plan.forward(array)
        plan.backward(array)

    return Pair(lambda: strang.step(engine, 0.0, 1e-3, first=False), floor, "its transforms")


def network_spectra(state: object) -> Pair:
    """Bands or excitations over numpy's eigenvalues of the same matrices."""
    net, k = network.NET, network.LATTICE.mesh(MESH)
    if state is None:
        matrices = net.bloch_hamiltonian()(k.values)
        return Pair(lambda: lp.bands(net, k=k), lambda: np.linalg.eigvals(matrices), "numpy's eigvals")
    matrices = net.bogoliubov_matrix(state.psi.values, float(state.mu))(k.values)
    return Pair(lambda: lp.bogoliubov(net, state, k=k), lambda: np.linalg.eigvals(matrices), "numpy's eigvals")


def chern() -> Pair:
    """The Chern number of the empty lattice, gap refined, over the eigenvectors on the mesh."""
    net, below = network.NET, network.BELOW
    matrices = net.bloch_hamiltonian(losses=False)(network.LATTICE.mesh(MESH).values)
    return Pair(
        lambda: lp.chern(net, below=below, mesh=MESH), lambda: np.linalg.eigh(matrices), "numpy's eigh on the mesh"
    )


def field_spectra() -> Pair:
    """Excitations of a small cell on scalar Bloch modes over the eigenvalues of the same matrices."""
    model, k = cells.model(), cells.LATTICE.path("G K M G", cells.WAVEVECTORS)
    state = lp.steady_state(model, cells.start(), relax=40.0, stability=False, progress=False)
    matrices = model.bogoliubov_matrix(state.psi.values, float(state.mu), cells.BASIS).matrix(k.values)
    return Pair(
        lambda: lp.bogoliubov(model, state, k=k, basis=cells.BASIS),
        lambda: np.linalg.eigvals(matrices),
        "numpy's eigvals",
    )


def ratio(pair: Pair, seconds: float) -> float:
    """The shortest time over that of the floor."""
    times: list[tuple[float, float]] = []
    start = perf_counter()
    while perf_counter() - start < seconds or len(times) < LEAST:
        begin = process_time()
        pair.floor()
        floor = process_time() - begin
        pair.before()
        begin = process_time()
        pair.ours()
        times.append((process_time() - begin, floor))
    shortest = [min(column) for column in zip(*times, strict=True)]
    return shortest[0] / (pair.stages * shortest[1])


def measured(seconds: float) -> Iterator[tuple[str, float, str]]:
    """(name, ratio, what the floor is), one after the other."""
    for name, make in pairs():
        pair = make()
        yield name, ratio(pair, seconds), pair.what


def main(argv: list[str] | None = None) -> int:
    """Measure, then compare or store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="store what was measured")
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--margin", type=float, default=MARGIN, help=f"a ratio may be so many times larger ({MARGIN})")
    parser.add_argument("--seconds", type=float, default=3.0, help="per ratio")
    arguments = parser.parse_args(argv)
    if not arguments.update and not arguments.file.exists():
        parser.error(f"{arguments.file} is not there; --update writes it")
    ratios = {}
    for name, value, what in measured(arguments.seconds):
        print(f"{name:36}{value:10.2f}  over {what}", flush=True)
        ratios[name] = value
    if not arguments.update:
        stored = json.loads(arguments.file.read_text())
        print(f"\nstored: {' '.join(stored['machine'])}")
        return report(compared(ratios, stored["ratios"]), arguments.margin)
    kept = {
        "command": COMMAND,
        "machine": machine(),
        "ratios": {name: round(value, 3) for name, value in ratios.items()},
    }
    with replacing(resolve(arguments.file)) as unfinished:
        unfinished.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\nstored in {arguments.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
