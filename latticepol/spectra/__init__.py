"""Bands, excitations, their gaps and topology, of any model (docs/physics.md, sections 4 and 5).

The one idea: a model gives a linear problem, and everything here asks that for matrices and vectors at wavevectors.

``dispersion``   bands, bogoliubov
``fluctuations`` response; ``signals``: what is seen at one wavevector
``gaps``         gap, chern, berry_curvature; ``cuts``: where modes are cut, ``gap_values``: the numbers of a gap
``ribbons``      ribbon
``local_markers``  local_chern
``spin``         mode_polarisation
``arguments``    states, wavevectors, the size of a basis; ``batches``: many wavevectors at once
"""

from latticepol.spectra.dispersion import bands as bands
from latticepol.spectra.dispersion import bogoliubov as bogoliubov
from latticepol.spectra.fluctuations import response as response
from latticepol.spectra.gaps import berry_curvature as berry_curvature
from latticepol.spectra.gaps import chern as chern
from latticepol.spectra.gaps import gap as gap
from latticepol.spectra.local_markers import local_chern as local_chern
from latticepol.spectra.ribbons import ribbon as ribbon
from latticepol.spectra.spin import mode_polarisation as mode_polarisation
