"""Linear algebra on one thread: the matrices are small, and several tests run side by side.

Plans of Fourier transforms in a folder of this process: FFTW chooses by measuring, and on a busy machine two processes
may choose plans with other last bits. What is planned here first is what the processes started by a test read.
"""

import atexit
import os
import shutil
import tempfile

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when numpy is loaded, so before any test is

os.environ["LATTICEPOL_CACHE"] = tempfile.mkdtemp(prefix="latticepol-plans-")
atexit.register(shutil.rmtree, os.environ["LATTICEPOL_CACHE"], ignore_errors=True)
