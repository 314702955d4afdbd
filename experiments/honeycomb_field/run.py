"""The topological gap of a field on a honeycomb, not of a network: steady states, excitations, gap and topology.

    python experiments/honeycomb_field/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR; rows of the map are kept one by one.
"""

import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import table
from compute import DATASETS
from plot import FIGURES


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    options = experiment.parse(experiment.parser(__doc__ or "", HERE, "a map of two points", pool=True), argv)
    if not options.resume:
        for row in options.out.glob("rows*/row_*.nc"):
            row.unlink()

    start = time.perf_counter()
    with experiment.mapping(options.workers, "fields") as each:
        data = experiment.make_data(DATASETS, options, each, options.out)
    found = table.measured(data)
    experiment.say(found)
    drawn = experiment.draw(options.out, FIGURES)
    lines = [*experiment.table(found), "", *table.compared(data["gap_map"]), "", *table.converged(data["convergence"])]
    experiment.finish(
        options, HERE, found, drawn, {"claim": experiment.paragraph(table.claim(found)), "numbers": lines}
    )
    print(f"\n{time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
