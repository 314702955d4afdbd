"""The two-dimensional spinor Gross-Pitaevskii equation: docs/physics.md, section 1."""

from latticepol.gpe import potentials as potentials
from latticepol.gpe import pumps as pumps
from latticepol.gpe.exponential import ETDRK4 as ETDRK4
from latticepol.gpe.integrators import BlanesMoan as BlanesMoan
from latticepol.gpe.integrators import Strang as Strang
from latticepol.gpe.model import SpinorGPE as SpinorGPE
