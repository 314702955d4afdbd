"""Networks of coupled condensates (docs/physics.md, section 3).

The one idea: hopping is a matrix, everything else acts site by site.

``model``             Network: fields, checks, replace
``evolvable``         its motion; ``stationary``: its states and linear motion
``hopping``           T_k; ``bloch_sum``: matrices at wavevectors; ``equation``: the local part and its derivatives
``engine``            the running state; ``kernels`` and ``propagators``: its loops
``linear_response``   Bogoliubov matrices, Newton's step, the largest growth rate
``initial_states``    where a search begins; ``orders``: which order a state has
``strip``             ribbons
``output``            what results hold
"""

from latticepol.network.model import Network as Network
