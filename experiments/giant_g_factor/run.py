"""Giant effective g-factor of one spin-bifurcating condensate: every figure of arXiv:2405.01941 and what lies beyond.

    python experiments/giant_g_factor/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under two minutes on two cores.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import paper_numbers
from compute import DATASETS
from plot import FIGURES


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = experiment.parser(__doc__ or "", HERE, "coarse maps and small ensembles")
    options = experiment.parse(parser, argv)

    data = experiment.make_data(DATASETS, options)
    stated, beyond = paper_numbers.measured(data), paper_numbers.ours(data)
    print("\nStated in the paper, and here:")
    for row in paper_numbers.stated():
        value = stated[row["id"]]
        verdict = "agrees" if paper_numbers.holds(row, value) else "DIFFERS"
        print(f"  {verdict:8} {row['claim']}: {value:.7g} (paper: {row['relation']} {float(row['stated']):.7g})")
    lines = [*paper_numbers.table(stated), "", *paper_numbers.beyond_table(beyond)]
    drawn = experiment.draw(options.out, FIGURES)
    experiment.finish(options, HERE, {"paper": stated, "beyond": beyond}, drawn, {"numbers": lines})
    return 0


if __name__ == "__main__":
    sys.exit(main())
