"""Evolution in time, of any model that is Evolvable (docs/howto/resume.md).

The one idea: a run visits stops; between them a driver makes steps, at them frames are saved and callbacks called, and
whatever ends the run, what it had is kept.

``api``            evolve
``run``            one run under way
``schedules``      when something happens
``frame_writer``   where frames go; ``frame_files``: the files that they are in
``checkpoint``     the state on disk; ``memory``: what callbacks remember from call to call
``arguments``      what is read and refused; ``texts``: times with a unit
``batches``        many points of a sweep as one array
``clock``          when it is time for a checkpoint
"""

from latticepol.evolution.api import evolve as evolve
from latticepol.evolution.schedules import at_times as at_times
from latticepol.evolution.schedules import every as every
from latticepol.evolution.schedules import stop_when_steady as stop_when_steady
