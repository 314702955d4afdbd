"""The spinor Gross-Pitaevskii equation on a grid (docs/physics.md, section 1).

The one idea: a model is a grid and a list of terms; a term owns everything about its coefficients, and time evolution
and Bogoliubov matrices come from the same terms.

``model``            SpinorGPE: fields, checks, replace
``evolvable``        its motion; ``stationary``: its states and linear motion; ``periodic``: its cell and pieces
``field_model``      what numerics know of it
``added``            what a frame or a wall adds to a model
``aliases``          which wavevector a wave on a grid has
``equation``         the sum of the local terms, its right-hand side and derivatives; ``coefficients`` of it, flat
``starts``           what a field starts from; ``output``: what results hold
``terms``            one file per term
``profiles``         pumps, potentials, placement on a lattice, sampling on the grid
``stepping``         the running state and its compiled loops
``linear_response``  Bogoliubov matrices, Newton's step, growth rates
``geometry``         supercells and strips
"""

from latticepol.gpe.model import SpinorGPE as SpinorGPE
