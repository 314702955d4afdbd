"""Make data/xmds2_*.nc: solutions of the spinor Gross-Pitaevskii equation by XMDS2, a program written by others.

    python experiments/reference_xmds/run.py [--out data] [saturable] [reservoir] [pulse]

Each input file (saturable.xmds, reservoir.xmds, pulse.xmds) states its equation and numbers. XMDS2 integrates with
fourth-order Runge-Kutta in the interaction picture, once with the steps in the file and once with half of them; the
difference is stored as the estimated error and must be below 1e-9. Fourth order would make the true error 15 times
smaller; rounding is about 1e-12. Needs xmds2 (Debian package of that name); 20 seconds.

Not an ``Experiment`` of experiments/experiment.py: the files are inputs of the tests, kept in data/ and made anew only
where an input file changes; their points and steps are stated there, so a quick run would be of another problem; and
there is nothing to draw. How far latticepol is from them is a number of compare.py, which needs no xmds2.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import xarray as xr
import xmds

import latticepol as lp
from latticepol.results.dataset import wrap

HERE = Path(__file__).parent
PROBLEMS = ("saturable", "reservoir", "pulse")
ALLOWED_ERROR = 1e-9  # ten times below the 1e-8 to which the solver is compared


def reference(name: str) -> xr.Dataset:
    """The fields of one problem at its final time, with input, version and estimated error in the header."""
    text = (HERE / f"{name}.xmds").read_text()
    steps = xmds.steps(text)
    fine, coarse = xmds.run(text), xmds.run(xmds.changed(text, steps=steps // 2))
    error = np.linalg.norm(fine.psi - coarse.psi) / np.linalg.norm(fine.psi)
    if error > ALLOWED_ERROR:
        raise RuntimeError(f"{name}: half of {steps} steps changes psi by {error:.1e} > {ALLOWED_ERROR}; take more")
    return _dataset(name, text, fine, steps, float(error))


def _dataset(name: str, text: str, result: xmds.Result, steps: int, error: float) -> xr.Dataset:
    dims = ("spin", "y", "x")
    variables = {"psi": (dims, result.psi)}
    if result.reservoir is not None:
        variables["reservoir"] = (dims, result.reservoir)
    return wrap(
        variables,
        {"spin": ["+", "-"], "x": result.x, "y": result.y},
        {"algorithm": "RK4 in the interaction picture", "steps": steps},
        title=f"spinor Gross-Pitaevskii equation, problem {name!r}, at its final time, by XMDS2",
        source=f"XMDS2 {xmds.version()}",
        input=text,
        estimated_error=error,
        comment="estimated_error: relative L2 change of psi when the number of steps is halved",
    )


def main(argv: list[str] | None = None) -> int:
    """Write one file per problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", nargs="*", help=f"among {', '.join(PROBLEMS)}; all of them by default")
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "data", help="folder of the files")
    arguments = parser.parse_args(argv)
    if set(arguments.problem) - set(PROBLEMS):
        parser.error(f"no problem {sorted(set(arguments.problem) - set(PROBLEMS))}; there are {list(PROBLEMS)}")
    if xmds.version() is None:
        print("skipped: xmds2 is not installed (Debian and Ubuntu: apt install xmds2)")
        return 0
    for name in arguments.problem or PROBLEMS:
        dataset = reference(name)
        path = lp.save(dataset, arguments.out / f"xmds2_{name}.nc")
        print(f"{path}: estimated error {dataset.estimated_error:.1e}, {path.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
