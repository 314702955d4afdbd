"""Compile the loops of all runs that tests compare between processes: python tests/compile_runs.py.

The last bits of a loop depend on what of it had been compiled when it was (numba inlines a function that it compiles,
and calls one that it finds in its cache): only what one process has compiled, and all others load, computes the same.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "evolution"))

import resume_case
import sequence_worker

if __name__ == "__main__":
    for case in resume_case.CASES:
        resume_case.run(case, t_end=0.1)
    for case in sequence_worker.CASES:
        sequence_worker.evolve(case, 0.1)
