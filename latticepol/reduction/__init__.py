"""From a field on a lattice to the network that it approximates (docs/physics.md, section 6).

The one idea: Wannier functions of the lowest bands make J, dJ and the saturation of a site.

``field_to_network``   to_network
``wannier``            Wannier functions; ``wells``: where the sites are
``tight_binding``      parameters from matrix elements
"""

from latticepol.reduction.field_to_network import to_network as to_network
