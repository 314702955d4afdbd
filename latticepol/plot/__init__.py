"""Thin drawing: every function takes a Dataset, a variable of one or a lattice, and an axis, and returns the axis.

A function bears the name of the door whose Dataset it draws: ``lp.plot.stokes(lp.stokes(out))``,
``lp.plot.bands(lp.bands(...))``. Those of a field also take what ``lp.evolve`` and ``lp.steady_state`` return. Nothing
is computed here. Texts come from the ``long_name`` and ``units`` of the variables. Colours are those of Okabe and Ito
(https://jfly.uni-koeln.de/color/), which colour-blind readers can tell apart; maps are cividis, signed ones blue and
red, phases twilight.

``curves``, ``fields``, ``maps``, ``sites``, ``waves``, ``zones``   the drawings
``film``        animations
``style``       colours and labels; ``arguments``: what is taken
"""

from latticepol.plot.curves import bifurcation as bifurcation
from latticepol.plot.curves import branches as branches
from latticepol.plot.curves import folds as folds
from latticepol.plot.curves import hysteresis as hysteresis
from latticepol.plot.curves import lines as lines
from latticepol.plot.curves import special_points as special_points
from latticepol.plot.fields import density as density
from latticepol.plot.fields import field_map as field_map
from latticepol.plot.fields import phase as phase
from latticepol.plot.fields import stokes as stokes
from latticepol.plot.film import animation as animation
from latticepol.plot.maps import colour_map as colour_map
from latticepol.plot.maps import contours as contours
from latticepol.plot.maps import gap as gap
from latticepol.plot.sites import lattice as lattice
from latticepol.plot.sites import site_map as site_map
from latticepol.plot.style import BLUE as BLUE
from latticepol.plot.style import COLOURS as COLOURS
from latticepol.plot.style import GREEN as GREEN
from latticepol.plot.style import GREY as GREY
from latticepol.plot.style import ORANGE as ORANGE
from latticepol.plot.style import PURPLE as PURPLE
from latticepol.plot.style import SKY as SKY
from latticepol.plot.style import VERMILION as VERMILION
from latticepol.plot.style import label as label
from latticepol.plot.waves import bands as bands
from latticepol.plot.waves import spectrum as spectrum
from latticepol.plot.zones import berry_curvature as berry_curvature
