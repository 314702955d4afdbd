"""Linear algebra on one thread: the matrices are small, and several tests run side by side.

Plans of transforms are kept in a folder of this process: what a test starts transforms bit for bit as the test itself,
which it would not by the plan that another worker of pytest has measured and stored in the meantime.
"""

import atexit
import os
import shutil
import tempfile

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when numpy is loaded, so before any test is

PLANS = os.environ["LATTICEPOL_CACHE"] = tempfile.mkdtemp(prefix="latticepol-plans-")
atexit.register(shutil.rmtree, PLANS, ignore_errors=True)
