"""Bands of the empty lattice and of the excitations of a condensate, their gaps and topology: docs/physics.md, 4, 5."""

from latticepol.spectra.dispersion import bands as bands
from latticepol.spectra.dispersion import bogoliubov as bogoliubov
from latticepol.spectra.gaps import berry_curvature as berry_curvature
from latticepol.spectra.gaps import chern as chern
from latticepol.spectra.gaps import gap as gap
from latticepol.spectra.reduction import to_network as to_network
from latticepol.spectra.spin import mode_polarisation as mode_polarisation
from latticepol.spectra.strips import ribbon as ribbon
