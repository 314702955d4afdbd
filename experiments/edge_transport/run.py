"""One-way transport of a weak pulse along the edge of a condensed honeycomb patch, and its reversal with the field.

    python experiments/edge_transport/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Claim (docs/physics.md, sections 4 and 5): with the condensate in place a pulse whose frequency lies in the gap goes one
way round the patch, past a corner and a missing site, and the other way when the field is reversed. Losses damp it.

Writes one netCDF file per data set, numbers.json, figures and wave.gif to DIR, in under five minutes on two cores.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import table
from compute import DATASETS
from plot import FIGURES


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = experiment.parser(__doc__ or "", HERE, "compensated edges only, one field")
    options = experiment.parse(parser, argv)

    data = experiment.make_data(DATASETS, options)
    found = {"transport": table.numbers(data), "single": table.single(data)}
    print()
    for name, row in found["transport"].items():
        print(f"  {name}: {', '.join(f'{value:.4g} ({column})' for column, value in row.items())}")
    drawn = experiment.draw(options.out, FIGURES)
    experiment.finish(options, HERE, found, drawn, {"numbers": table.markdown(data)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
