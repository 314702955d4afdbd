"""Lattices of sites and bonds: crystals, supercells, ribbons and patches (docs/physics.md, section 3).

The one idea: a lattice is vectors, a basis and bonds; a piece of it remembers from which sites and bonds it comes.

``crystal``    Lattice; ``geometry``: its bare numbers; ``checks``: what is refused
``standard``   honeycomb, square ...; ``shapes``: the outlines of patches
``derived``    supercells, ribbons, patches; ``disorder``; ``depth``: how deep sites lie in a patch
``paths``      paths and meshes of wavevectors; ``zone``: the first Brillouin zone
"""

from latticepol.lattice.crystal import Lattice as Lattice
from latticepol.lattice.geometry import Cuts as Cuts
from latticepol.lattice.shapes import disk as disk
from latticepol.lattice.shapes import hexagon as hexagon
from latticepol.lattice.shapes import rectangle as rectangle
from latticepol.lattice.standard import chain as chain
from latticepol.lattice.standard import honeycomb as honeycomb
from latticepol.lattice.standard import kagome as kagome
from latticepol.lattice.standard import lieb as lieb
from latticepol.lattice.standard import neighbours as neighbours
from latticepol.lattice.standard import square as square
from latticepol.lattice.standard import triangular as triangular
