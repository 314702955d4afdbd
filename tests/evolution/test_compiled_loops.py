"""The last bits of a run do not depend on which of its loops a process compiles and which it finds compiled."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import resume_case

SCRIPT = "import sys, test_compiled_loops as test; print(*test.digests(sys.argv[1:]))"


def digests(cases):
    """Of all bits that runs of ``resume_case`` compute, one after the other."""
    results = [resume_case.run(case, t_end=0.1) for case in cases]
    return [
        hashlib.sha256(b"".join(ds[name].values.tobytes() for name in sorted(ds.data_vars))).hexdigest()
        for ds in results
    ]


def computed_elsewhere(cases, cache):
    """The digests that a process of its own finds, with its compiled loops in the folder ``cache``."""
    tests = Path(__file__).parent
    path = os.pathsep.join([str(tests), str(tests.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": path}
    command = [sys.executable, "-c", SCRIPT, *cases]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.slow
def test_process_that_compiles_and_one_that_loads_compute_the_same(tmp_path):
    compiled, loaded = (computed_elsewhere(resume_case.CASES, tmp_path) for _ in range(2))
    assert compiled == loaded == digests(resume_case.CASES)
