"""Units: from meV, ps, um and tesla to the numbers of the equations and back (docs/physics.md, section 7).

In the equations hbar = 1. A field is computed in ps and um: energies are rates E/hbar in 1/ps, interactions and
saturation are in um^2/ps, a mass is m/hbar in ps/um^2. The single condensate and the network are computed in units of
the linear splitting epsilon (section 2).

Every function takes a number (or an array) in the unit that its docstring names, or a text such as "40 ueV", or a
quantity of the package pint. The dimension of texts and quantities is checked.

``constants``, ``conversions``   numbers and what is made of them
``model``                        dimensionless models, and back; ``limits``: what no cavity has
``reading``, ``texts``           texts and quantities with a unit
"""

from latticepol.units.constants import PS_UM as PS_UM
from latticepol.units.constants import hbar as hbar
from latticepol.units.constants import m_e as m_e
from latticepol.units.constants import mu_B as mu_B
from latticepol.units.conversions import interaction as interaction
from latticepol.units.conversions import length as length
from latticepol.units.conversions import mass as mass
from latticepol.units.conversions import meV as meV
from latticepol.units.conversions import rate as rate
from latticepol.units.conversions import tesla as tesla
from latticepol.units.conversions import tetm as tetm
from latticepol.units.conversions import time as time
from latticepol.units.conversions import to_electron_masses as to_electron_masses
from latticepol.units.conversions import to_meV as to_meV
from latticepol.units.conversions import to_meV_um2 as to_meV_um2
from latticepol.units.conversions import to_ueV as to_ueV
from latticepol.units.conversions import ueV as ueV
from latticepol.units.conversions import zeeman as zeeman
from latticepol.units.model import Scales as Scales
from latticepol.units.model import dimensionless as dimensionless
from latticepol.units.model import physical as physical
from latticepol.units.model import scales as scales
