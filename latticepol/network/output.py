"""What can be saved of a network, and the coordinates of its sites."""

from typing import Any

import numpy as np

from latticepol.lattice import Lattice
from latticepol.network.equation import pseudospin
from latticepol.results.saved import Table
from latticepol.results.variables import VARIABLES as VARIABLES_OF_RESULTS
from latticepol.results.variables import Variable

#: Labels of the components of a pseudospin.
PSEUDOSPIN_AXES = np.array(["x", "y", "z"])
#: Labels of the spins: right circular first.
SPIN_LABELS = np.array(["+", "-"])
#: Dimensions that only a field has: the amplitudes of a network are sqrt(eta/epsilon) times those of a field.
SCALED = ("density", "field", "current", "density noise")
#: Their squares are rates, and a population per frequency is a number.
OWN: dict[str, Variable] = {
    "spectral_density": VARIABLES_OF_RESULTS["spectral_density"]._replace(dimension="dimensionless")
}

#: name -> (its dimensions after time and batch, function of the state).
VARIABLES: Table = {
    "psi": (("site", "spin"), lambda now: now.psi.copy()),
    "pseudospin": (("site", "axis"), lambda now: pseudospin(now.psi)),
    "number": ((), lambda now: (np.abs(now.psi) ** 2).sum(axis=(-2, -1))),
}


def coords(lattice: Lattice) -> dict[str, Any]:
    """Return site, with x, y and sublattice along it, spin and axis."""
    return {
        "site": np.arange(len(lattice.basis)),
        "x": (("site",), lattice.basis[:, 0]),
        "y": (("site",), lattice.basis[:, 1]),
        "sublattice": (("site",), lattice.sublattice),
        "spin": SPIN_LABELS,
        "axis": PSEUDOSPIN_AXES,
    }
