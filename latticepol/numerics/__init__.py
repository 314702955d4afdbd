"""What knows no physics: transforms, compiled functions, arithmetic, threads.

The one idea: everything here could serve another program. A file imports nothing of the package but files of this
folder, the readers of arguments and the errors.

``fft``            planned transforms in place; the only file that knows pyfftw, scipy.fft and cupy
``compiled``       functions compiled by numba, kept between runs
``elementary``     exp, cos and sin, log1p for compiled loops
``double_double``  31 digits
``blas``           one BLAS thread for small linear algebra
"""
