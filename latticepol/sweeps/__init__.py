"""Sweeps: a function at many values of the parameters of a model, kept in a folder (docs/sweeps.md).

The one idea: a point is known by the content of all that it depends on, so that it is never computed twice.

``api``         sweep
``points``      what the axes make; ``keys``: what they are known by
``work``        batches and single points; ``tasks``: what is done there; ``executors``: where
``limits``      sizes of batches, and of what stays in memory
``store``       the folder; ``claims``: several sweeps in it
``assembly``    single results become one Dataset; ``record``: the model that was swept
"""

from latticepol.sweeps.api import sweep as sweep
