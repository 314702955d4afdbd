"""The terms of the equation, one file per kind."""

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
