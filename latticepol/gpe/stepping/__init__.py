"""The running state of a field and the pieces of a step (docs/physics.md, sections 1 and 8).

The one idea: A is the exponential of H(k) in momentum space, B the exact local flow in one compiled loop.

``engine``                       the state on a processor; ``engine_gpu`` on a GPU
``flow``, ``reservoir_flow``     the local flows; ``flows_gpu`` with array functions
``momentum``                     functions of H(k), with their loops in ``momentum_kernels``
``noise``                        Wigner noise
``limits``                       which step a model allows
"""
