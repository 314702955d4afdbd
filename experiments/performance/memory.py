"""Peak memory of a whole run, in spinors (one complex field of two components), above what compiled code needs.

    python experiments/performance/memory.py [--points 1024]

Claim: at 1024^2 Strang needs at most 6 spinors (32 MiB each) and the fourth-order composition at most 12: the initial
field, the running one, the result, the model's profiles and all tables. Every case runs in a process of its own.
"""

import argparse
import resource
import subprocess
import sys

import field

import latticepol as lp


def resident() -> int:
    """Largest resident memory so far, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def peak(case: field.Case, points: int) -> float:
    """Peak memory of five steps above that of the same steps on 64 x 64 points, in spinors."""
    for size in (64, points):
        before = resident()
        model, psi = field.problem(case, size)
        lp.evolve(model, psi, 5 * field.DT, dt=field.DT, integrator=case.integrator, progress=False)
    return (resident() - before) / (2 * points**2 * 16)


def main(argv: list[str] | None = None) -> int:
    """Print one line per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1024)
    parser.add_argument("--case", type=int, help="only this one, in this process")
    arguments = parser.parse_args(argv)
    if arguments.case is not None:
        case = field.CASES[arguments.case]
        print(f"{case.name:26s} {peak(case, arguments.points):6.2f} spinors of complex128", flush=True)
        return 0
    for i in range(len(field.CASES)):
        subprocess.run([sys.executable, __file__, "--points", str(arguments.points), "--case", str(i)], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
