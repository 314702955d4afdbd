"""Print how far latticepol is from the solutions by XMDS2 in data/, as a table.

    python experiments/reference_xmds/compare.py

Needs the files only, not xmds2; a few seconds.
"""

import sys
from pathlib import Path

import numpy as np
import problems

import latticepol as lp

DATA = Path(__file__).parents[2] / "data"
STEPS = 400


def difference(name: str) -> tuple[float, float]:
    """Relative L2 difference of the fields at the end, and the error that XMDS2 estimates of itself."""
    stored = lp.load(DATA / f"xmds2_{name}.nc")
    model, psi0, n0, t_end = getattr(problems, name)()
    out = lp.evolve(model, psi0 if n0 is None else (psi0, n0), t_end, dt=t_end / STEPS, progress=False)
    exact = stored.psi.values
    distance = np.linalg.norm(out.psi.values[-1] - exact) / np.linalg.norm(exact)
    return float(distance), float(stored.attrs["estimated_error"])


def main() -> int:
    """One row per problem."""
    print(f"| problem | difference at {STEPS} steps | estimated error of XMDS2 |\n|---|---|---|")
    for name in ("saturable", "reservoir", "pulse"):
        print("| {} | {:.1e} | {:.1e} |".format(name, *difference(name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
