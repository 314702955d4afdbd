"""Stationary states of any model, and whether they are stable (docs/physics.md, section 4).

The one idea: relaxation in time leads to a stable state, Newton's method to the nearest.

``api``            steady_state
``growth``         the one door to growth rates; ``kinds``: what moves in the mode that grows fastest
``bifurcations``   branches
``arclength``      steps along a curve; ``special_points``: what begins on it; ``tracing``: all that are connected
"""

from latticepol.stationary.api import steady_state as steady_state
from latticepol.stationary.bifurcations import branches as branches
