"""The gap and its topology, of any callable spectrum or matrix of k (docs/physics.md, section 5).

The one idea: nothing here knows a model; a spectrum is a function of wavevectors.

``eigen``     modes of a batch of matrices
``gaps``      direct gap, line gap, gap over linewidth; ``isolated``: particles of a separated set
``resonances``  where branches of opposite norm cross; ``locking``: those of large matrices
``ascent``    where a mode grows fastest
``minima``    minima over the zone, refined; ``parabola``: the formula, ``parabola_kernels``: its search
``berry``     fluxes, curvature, Chern numbers
``marker``    the local marker of finite samples, and the spectral localizer
"""

from latticepol.topology.berry import FLUX_SEARCH as FLUX_SEARCH
from latticepol.topology.berry import FluxSearch as FluxSearch
from latticepol.topology.berry import berry_curvature as berry_curvature
from latticepol.topology.berry import chern_number as chern_number
from latticepol.topology.berry import fluxes as fluxes
from latticepol.topology.berry import resolution as resolution
from latticepol.topology.berry import resolved_fluxes as resolved_fluxes
from latticepol.topology.eigen import biorthogonal_modes as biorthogonal_modes
from latticepol.topology.eigen import right_modes as right_modes
from latticepol.topology.eigen import sorted_modes as sorted_modes
from latticepol.topology.eigen import upper as upper
from latticepol.topology.gaps import direct as direct
from latticepol.topology.gaps import direct_gap as direct_gap
from latticepol.topology.gaps import line as line
from latticepol.topology.gaps import line_gap as line_gap
from latticepol.topology.gaps import on_mesh as on_mesh
from latticepol.topology.gaps import resolved as resolved
from latticepol.topology.gaps import width as width
from latticepol.topology.isolated import Count as Count
from latticepol.topology.isolated import count_particles as count_particles
from latticepol.topology.isolated import norm_form as norm_form
from latticepol.topology.minima import GAP_SEARCH as GAP_SEARCH
from latticepol.topology.minima import GapSearch as GapSearch
from latticepol.topology.minima import Minimum as Minimum
from latticepol.topology.minima import mesh_points as mesh_points
from latticepol.topology.minima import minimise as minimise
from latticepol.topology.minima import plane as plane
