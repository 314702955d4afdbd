"""E(k) of a GaAs honeycomb by dynamics, with its bands on top, and its gap against the magnetic field in tesla.

    python experiments/dispersion/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Claim (docs/physics.md, sections 4 and 6.4): the lines of the space-time Fourier transform of a weakly perturbed lattice
are its Bogoliubov spectrum. Writes one netCDF file per data set, numbers.json and the figures to DIR.
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
    options = experiment.parse(experiment.parser(__doc__ or "", HERE, "a short strip, short times, one field"), argv)
    data = experiment.make_data(DATASETS, options, None)
    found = table.measured(data)
    experiment.say(found)
    drawn = experiment.draw(options.out, FIGURES)
    texts = {"potential": table.potential(found), "damping": table.damping(found)}
    parts = {name: experiment.paragraph(text) for name, text in texts.items()} | {"numbers": experiment.table(found)}
    experiment.finish(options, HERE, found, drawn, parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
