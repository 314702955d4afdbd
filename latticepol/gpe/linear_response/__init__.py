"""The linear motion of a field: about nothing, and about a stationary state (docs/physics.md, section 4).

The one idea: the local Jacobian comes from the terms, H(k) from the same terms; the rest is in which basis the matrix
is written, or whether there is one.

``problem``          the linear problem of a model, and its largest growth rate
``local_jacobian``   A, B and the rows of a reservoir at every point
``plane_waves``      plane waves and scalar Bloch modes; ``bloch``: the matrix in them
``shift_invert``     a few modes next to a frequency, without a matrix
``newton_krylov``    one step of Newton's method, without a matrix
``propagator``       the growth rate in a large box, by evolutions
``high_waves``       waves far above the condensate
``limits``           among which modes growth is looked for
``stationarity``     what a model needs to have stationary states
"""
