"""Linear algebra on one thread: the matrices are small, and several tests run side by side. Files are handed out whole,
those of few long tests first, so that at the end no worker waits for them."""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when numpy is loaded, so before any test is

#: Files of more than ten seconds and few tests, the longest first.
LONG = (
    "test_honeycomb_gap", "test_field_to_site", "test_edge_transport", "test_array_engine", "test_lost_runs",
    "test_field_spectra", "test_docs", "test_high_waves", "test_shared_store", "test_lattice_ordering", "test_resume",
    "test_giant_g_factor", "test_field_steady",
)  # fmt: skip


def pytest_configure(config):
    """Hand out the files as they are sorted here, not by their number of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))
