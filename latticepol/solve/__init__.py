"""What acts on any model: evolution in time, stationary states, sweeps over parameters."""

from latticepol.solve.evolution import evolve as evolve
from latticepol.solve.schedules import at_times as at_times
from latticepol.solve.schedules import every as every
from latticepol.solve.schedules import stop_when_steady as stop_when_steady
from latticepol.solve.steady import steady_state as steady_state
from latticepol.solve.sweeping import sweep as sweep
