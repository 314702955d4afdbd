"""The version of latticepol, in the one place where it is written."""

__version__ = "0.1.0"

#: Raised whenever results change, their names included: points that a store keeps from before are computed again.
RESULTS_VERSION = 3
