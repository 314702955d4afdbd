"""The single condensate: the pseudospin model of docs/physics.md, section 2."""

from latticepol.pseudospin.alignment import alignment_probability as alignment_probability
from latticepol.pseudospin.continuation import branches as branches
from latticepol.pseudospin.continuation import folds as folds
from latticepol.pseudospin.dynamics import precession as precession
from latticepol.pseudospin.dynamics import trajectory as trajectory
from latticepol.pseudospin.site import Site as Site
from latticepol.pseudospin.states import fixed_points as fixed_points
from latticepol.pseudospin.states import g_eff as g_eff
from latticepol.pseudospin.states import pitchfork as pitchfork
