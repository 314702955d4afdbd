"""How fast the single condensate is: trajectories of an ensemble, ours and scipy's, and stationary states.

    python experiments/performance/pseudospin.py [--quick] [--threads N]

Everything is timed in one run on one machine, after compilation; what runs in one thread in processor time, which does
not know what else the machine does. All trajectories run at random points of the map of the paper (a = 2.28, g = 0.1,
p from 0 to 1, delta from 0.001 to 0.2) from the Gaussian law with mean s = 0.1, until they have settled. scipy gets the
equations as a plain Python function and stops within 1 % of a stable state, which it is given; its tolerance is one at
which it errs on final states about as rarely as ours does. The last column says how many final states agree with DOP853
at a relative tolerance of 1e-11.

Without --quick: about two minutes.
"""

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

import latticepol as lp
from latticepol.disk.processes import processors
from latticepol.pseudospin import ensemble, equations, seeds, stationary

SITE = lp.Site(p=0.5, a=2.28, g=0.1, delta=0.05)
P, DELTA = (0.0, 1.0), (1e-3, 0.2)
ACCURATE = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-14}
METHODS = {
    "scipy solve_ivp LSODA": {"method": "LSODA", "rtol": 1e-6, "atol": 1e-8},
    "scipy solve_ivp DOP853": {"method": "DOP853", "rtol": 1e-6, "atol": 1e-8},
}


def velocity(_, s, p, a, g, delta):
    """docs/physics.md, section 2, in plain numbers, which scipy calls faster than an array function."""
    s_x, s_y, s_z = s.tolist()
    size = math.sqrt(s_x**2 + s_y**2 + s_z**2)
    gain, field = p - size, a * s_z + delta
    return gain * s_x - g * size - field * s_y, gain * s_y + s_z + field * s_x, gain * s_z - s_y


def settle(s0: np.ndarray, parameters: np.ndarray, states: np.ndarray, **method: object) -> int:
    """The number of the stable state that solve_ivp comes within 1 % of."""

    def distance(_, s, *parameters):
        return ((states - s) ** 2).sum(axis=1).min() - 1e-4 * (s @ s)

    distance.terminal = True  # type: ignore[attr-defined]
    solution = solve_ivp(velocity, (0, 1e4), s0, events=distance, args=tuple(parameters.tolist()), **method)
    return int(np.linalg.norm(states - solution.y[:, -1], axis=1).argmin())


def seconds(function: Callable[[], object], repeats: int = 1) -> tuple[float, float]:
    """The shortest time on the clock and the shortest processor time that ``function`` takes."""
    times = []
    for _ in range(repeats):
        clock, processor = time.perf_counter(), time.process_time()
        function()
        times.append((time.perf_counter() - clock, time.process_time() - processor))
    return min(wall for wall, _ in times), min(spent for _, spent in times)


def trajectories(n: int, many: int) -> None:
    """Time one trajectory: scipy's n of them, ours ``many`` from each of the same n points, in one thread."""
    rng = np.random.default_rng(0)
    parameters = np.stack([rng.uniform(*P, n), np.full(n, SITE.a), np.full(n, SITE.g), rng.uniform(*DELTA, n)], axis=1)
    s, _, _ = stationary.solve(*np.ascontiguousarray(parameters.T))
    stable = equations.growth_rates(s, *parameters.T[:, :, None]) < 0
    starts = seeds.gaussian(0.1)(rng, n * many).reshape(n, many, 3)

    def ours(starts: np.ndarray) -> np.ndarray:
        return ensemble.ends(starts, parameters, s, stable, tol=1e-5, t_max=1e4)

    def theirs(**method: object) -> np.ndarray:
        chosen = [settle(starts[i, 0], parameters[i], s[i][stable[i]], **method) for i in range(n)]
        return np.array([np.nonzero(stable[i])[0][k] for i, k in enumerate(chosen)])

    reached = ours(starts[:, :1])[:, 0]
    exact = theirs(**ACCURATE)
    fastest = seconds(lambda: ours(starts), repeats=3)[1] / starts[..., 0].size
    print(f"{n} points, one thread{'us per trajectory':>28}{'ratio':>8}{'same end':>12}")
    print(f"{'latticepol':26}{fastest * 1e6:20.2f}{1:8}{(reached == exact).sum():>7}/{n}")
    for name, method in METHODS.items():
        found = []
        slow = seconds(lambda method=method, found=found: found.append(theirs(**method)))[1] / n
        print(f"{name:26}{slow * 1e6:20.0f}{slow / fastest:8.0f}{(found[0] == exact).sum():>7}/{n}")


def probability_map(size: int, threads: int) -> None:
    """Time the map of the paper, initial conditions and regions of capture included."""
    axes = {"p": np.linspace(*P, size), "delta": np.linspace(*DELTA, size)}

    def run() -> object:
        return lp.alignment_probability(SITE, rng=0, threads=threads, progress=False, **axes)

    wall, spent = seconds(run, repeats=3)
    print(
        f"alignment_probability, {size} x {size} points, 200 realisations: {wall:.2f} s with {threads} threads, "
        f"{spent / (size * size * 200) * 1e6:.2f} us of one core per trajectory, all included"
    )


def states(size: int) -> None:
    """Time the stationary states of a map."""
    axes = {"p": np.linspace(*P, size), "delta": np.linspace(*DELTA, size)}
    spent = seconds(lambda: lp.fixed_points(SITE, **axes), repeats=3)[1]
    print(
        f"fixed_points, {size} x {size} points: {spent:.3f} s, {size * size / spent:.0f} points per second, one thread"
    )


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a test that it runs")
    parser.add_argument("--threads", type=int, default=processors())
    arguments = parser.parse_args()
    lp.alignment_probability(SITE, rng=0, realizations=2)  # compiles
    states(20 if arguments.quick else 100)
    probability_map(10 if arguments.quick else 100, arguments.threads)
    trajectories(*((10, 50) if arguments.quick else (500, 200)))


if __name__ == "__main__":
    main()
