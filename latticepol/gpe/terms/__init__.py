"""The terms of the equation, one file per kind (docs/physics.md, section 1).

The one idea: a term owns everything about its coefficients: names, physical dimensions, batch axes, defaults. No term
knows another.

``base``          what terms have in common; ``parameters``: the row of each parameter
``kinetic``, ``splitting``, ``tetm``, ``zeeman``   matrices H(k)
``potential``, ``interaction``                     energies at a point
``gain``, ``reservoir``, ``absorber``              gain and losses
``drive``, ``noise``                               a laser, Wigner noise
"""

from latticepol.gpe.terms.absorber import Absorber as Absorber
from latticepol.gpe.terms.base import Term as Term
from latticepol.gpe.terms.drive import Drive as Drive
from latticepol.gpe.terms.gain import Gain as Gain
from latticepol.gpe.terms.interaction import Interaction as Interaction
from latticepol.gpe.terms.kinetic import Kinetic as Kinetic
from latticepol.gpe.terms.noise import WignerNoise as WignerNoise
from latticepol.gpe.terms.potential import Potential as Potential
from latticepol.gpe.terms.reservoir import Reservoir as Reservoir
from latticepol.gpe.terms.splitting import Splitting as Splitting
from latticepol.gpe.terms.tetm import TETM as TETM
from latticepol.gpe.terms.zeeman import Zeeman as Zeeman
