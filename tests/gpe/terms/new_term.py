"""A term as somebody would add it to the package: one file, whose text is here."""

import importlib.util
import sys

SOURCE = '''"""Anisotropic mass."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from latticepol.gpe.terms.base import Matrix, Term
from latticepol.gpe.terms.parameters import number_of
from latticepol.units.reading import AREA_RATE


@dataclass(frozen=True, repr=False, eq=False)
class Anisotropy(Term):
    """``i dpsi_s/dt = kappa (k_x^2 - k_y^2) psi_s``."""

    formula: ClassVar[str] = "kappa (k_x^2 - k_y^2) psi_s"
    kappa: Any = field(metadata=number_of(AREA_RATE, minimum=0))

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix:
        """The same for both spins."""
        energy = np.asarray(self.kappa) * (kx**2 - ky**2)
        return (energy, 0.0), (0.0, energy)
'''
NAME = "latticepol.gpe.terms.anisotropy"


def added(folder, source=SOURCE):
    """The module of a file with this text, as if it lay among the terms."""
    path = folder / "anisotropy.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(NAME, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module  # where dataclasses look for the namespace of a class
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[NAME]
    return module
