"""Linear algebra on one thread: the matrices are small, and several tests run side by side."""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when numpy is loaded, so before any test is
