"""Linear algebra on one thread: the matrices are small, and several tests run side by side.

Marks are read from what the files compare (tests/cases/marks.py).

Plans of transforms are kept in a folder of this process: what a test starts transforms bit for bit as the test itself,
which it would not by the plan that another worker of pytest has measured and stored in the meantime. Files are handed
out whole, those of few long tests first, so that at the end no worker waits for them.
"""

import atexit
import os
import shutil
import tempfile

from marks import marks

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when numpy is loaded, so before any test is

PLANS = os.environ["LATTICEPOL_CACHE"] = tempfile.mkdtemp(prefix="latticepol-plans-")
atexit.register(shutil.rmtree, PLANS, ignore_errors=True)

#: Files of more than ten seconds, the longest first. Array engine and growth rate compile different functions.
LONG = (
    "test_honeycomb_gap", "test_field_to_site", "test_edge_transport", "test_lattice_ordering", "test_giant_g_factor",
    "test_array_engine", "test_growth_rate", "test_field_spectra", "test_guises", "test_resume", "test_high_waves",
    "test_field_steady", "test_spectra_by_dynamics",
)  # fmt: skip


def pytest_configure(config):
    """Hand out the files as they are sorted here, not by their number of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """Sort the long ones to the front, and mark what .ci/run selects for other machines."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))
    for item in items:
        for mark in marks(item.path, item.originalname):
            item.add_marker(mark)
