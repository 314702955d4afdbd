"""Integrators: how a step is made of the two pieces of an equation (docs/physics.md, section 8).

The one idea: an integrator sees a running state only through :class:`latticepol.state.RunningState`; it names no term.

``compositions``   splitting methods, Strang and Blanes-Moan
``exponential``    ETDRK4, for a linear part that is a matrix at each wavevector
``running``        the order of a step, which running states have in common
``step_control``   equal steps, or steps of a given error
``step_errors``    what no error estimate sees: resonances and shifts; steps too large for the rates
"""

from latticepol.timestepping.compositions import BlanesMoan as BlanesMoan
from latticepol.timestepping.compositions import Strang as Strang
from latticepol.timestepping.exponential import ETDRK4 as ETDRK4
