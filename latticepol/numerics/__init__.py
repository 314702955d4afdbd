"""What knows no physics: transforms, compiled functions, arithmetic, threads.

The one idea: everything here could serve another program. A file imports nothing of the package but files of this
folder, the readers of arguments, progress and the errors.

``fft``            planned transforms in place; the only file that knows pyfftw, scipy.fft and cupy
``compiled``       functions compiled by numba, kept between runs
``elementary``     exp, cos and sin, log1p for compiled loops
``double_double``  31 digits
``blas``           one BLAS thread for small linear algebra
``eigen``          eigenvalues and vectors of many small matrices at once
``eigen_kernels``  its compiled loops: matrices into lanes and results out of them
``schur``, ``schur_vectors``, ``real_schur``  what they do with one matrix in each lane
``transfer``       C (z - L)^-1 B at many z
``simd``           numbers side by side in one register, as types for compiled functions
"""
