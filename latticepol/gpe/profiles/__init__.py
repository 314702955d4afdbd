"""Where the light is and what it meets: pumps, potentials, and how they come onto a grid.

The one idea: a profile is a number, an array, a function or a pump; ``sampling`` makes arrays of all of them.

``pumps``, ``potentials``   the public ones
``places``                  a function made at the origin, put on a grid or on every site of a lattice
``envelopes``               factors in time that say when they change
``labelled``                DataArrays: which axis is which
``sampling``                profiles become arrays on the grid
"""

from latticepol.gpe.profiles import potentials as potentials
from latticepol.gpe.profiles import pumps as pumps
