"""The single condensate: the pseudospin model (docs/physics.md, section 2).

The one idea: all stationary states come from one closed form, so that branches are complete.

``site``           the parameters
``states``         fixed_points, g_eff, pitchfork; ``stationary``: the closed form; ``excitations``: precession, damping
``continuation``   folds, branches in closed form; ``curves`` and ``turning``: their formulas
``dynamics``       trajectory, precession; ``motion`` and ``equations``: the equations in time
``alignment``      alignment_probability; ``ensemble``, ``lanes``, ``capture``, ``seeds``: many trajectories at once
"""

from latticepol.pseudospin.alignment import alignment_probability as alignment_probability
from latticepol.pseudospin.continuation import folds as folds
from latticepol.pseudospin.dynamics import precession as precession
from latticepol.pseudospin.dynamics import trajectory as trajectory
from latticepol.pseudospin.site import Site as Site
from latticepol.pseudospin.states import fixed_points as fixed_points
from latticepol.pseudospin.states import g_eff as g_eff
from latticepol.pseudospin.states import pitchfork as pitchfork
