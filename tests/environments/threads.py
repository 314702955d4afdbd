"""Two BLAS threads over one, for what solves small problems: python tests/environments/threads.py.

Each case runs in pairs, with two threads allowed and with one, in turn; printed are the medians of the ratios of wall
and of processor time. Everything solves on one thread whatever is allowed, so that both are 1 but for the noise.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

import latticepol as lp

PAIRS = 7
NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
STATE = lp.steady_state(NET, "aligned")


def driven() -> Callable[[], object]:
    """The stationary state of a driven box of 64 x 64 points."""
    grid = lp.Grid.rectangle((32.0, 32.0), (64, 64))
    terms = [lp.Kinetic(1.0), lp.Gain(0.0, 0.5, 0.0), lp.Interaction(0.1), lp.Drive(0.3, omega=0.05)]
    model, start = lp.SpinorGPE(grid, terms), np.full((2, 64, 64), 0.5 + 0j)
    return lambda: lp.steady_state(model, start, relax=0.0, stability=False)


def steps() -> Callable[[], object]:
    """Steps of a patch of 64 sites."""
    net = NET.on(NET.lattice.patch((4, 8)))
    return lambda: lp.evolve(net, "aligned", 5.0, dt=0.01, progress=False)


CASES: dict[str, Callable[[], object]] = {
    "ribbon of width 10": lambda: lp.ribbon(NET, STATE, width=10, nk=51, edges="compensated"),
    "ribbon of width 20": lambda: lp.ribbon(NET, STATE, width=20, nk=21, edges="compensated"),
    "driven box of 64 x 64": driven(),
    "steps of 64 sites": steps(),
    "Bogoliubov mesh": lambda: lp.bogoliubov(NET, STATE, k=NET.lattice.mesh(48)),
}


def times(call: Callable[[], object], threads: int) -> tuple[float, float]:
    """Wall and processor time."""
    with threadpool_limits(threads, user_api="blas"):
        wall, processor = time.perf_counter(), time.process_time()
        call()
        return time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Print a line for each case."""
    print(f"{'two threads over one':24}{'wall':>8}{'processor':>12}")
    for name, call in CASES.items():
        call()  # compiled and planned
        pairs = [(times(call, 2), times(call, 1)) for _ in range(PAIRS)]
        wall, processor = (statistics.median(two[i] / one[i] for two, one in pairs) for i in range(2))
        print(f"{name:24}{wall:8.2f}{processor:12.2f}", flush=True)


if __name__ == "__main__":
    main()
