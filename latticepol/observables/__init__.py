"""What is read off a field psi(..., spin, y, x): density, polarisation, flow, vortices, spectra, coherence, domains.

The one idea: every function takes what ``lp.evolve`` returns, or an array with a grid, and gives a Dataset.

``maps``         density, phase, Stokes parameters, currents; ``local``: their formulas
``statistics``   spectra, g1, domains, vortices
``fourier``, ``domains``, ``winding``   their formulas
``tiling``       one cell repeated
``source``       what is taken as a field
"""

from latticepol.observables.maps import currents as currents
from latticepol.observables.maps import density as density
from latticepol.observables.maps import phase as phase
from latticepol.observables.maps import stokes as stokes
from latticepol.observables.statistics import amplitudes as amplitudes
from latticepol.observables.statistics import g1 as g1
from latticepol.observables.statistics import momentum_density as momentum_density
from latticepol.observables.statistics import spectrum as spectrum
from latticepol.observables.statistics import spin_domains as spin_domains
from latticepol.observables.statistics import vortices as vortices
from latticepol.observables.tiling import tiled as tiled
