"""Lattices of sites and bonds: crystals, supercells, ribbons and patches (docs/physics.md, section 3)."""

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
