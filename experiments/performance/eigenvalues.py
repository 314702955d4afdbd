"""How fast eigenvalues of many small matrices are, next to numpy, and what that makes of spectra and gaps.

    python experiments/performance/eigenvalues.py [--quick]

Everything is timed in one run on one machine, in processor time of one BLAS thread, after compilation; ours and
numpy's take turns, and the shortest time of each counts. "times" is numpy's time over ours. The matrices are random and
complex; those of a Bogoliubov form, ``[[P, Q], [-Q^*, -P^*]]``, are solved as real ones where the order of their rows
is given. numpy's vectors are those of ``eig``, and their inverse for the left ones.

A spectrum is next to ``eigvals`` of as many of its own matrices, which are built before: ours makes them too, sorts and
wraps. The last lines are one point of a map, and what is waited for once, when nothing is compiled yet.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # read when the libraries are loaded, so before anything else

import numpy as np  # noqa: E402

import latticepol as lp  # noqa: E402
from latticepol.numerics import eigen  # noqa: E402

ROWS = (4, 8, 12, 16, 24)
#: Rows of all matrices of one size together.
ALL_ROWS = 24_000
LATTICE = lp.lattice.honeycomb()
NET = lp.Network(LATTICE, lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
BELOW = 2
FIRST = """
import time, numpy as np
from latticepol.numerics import eigen
start = time.perf_counter()
eigen.{function}(np.ones((1, 4, 4), complex){more})
print(time.perf_counter() - start)
"""


def turns(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The shortest processor time of each."""
    times = np.empty((repeats, 2))
    for function in (ours, theirs):
        function()  # compiles
    for row in times:
        for column, function in enumerate((ours, theirs)):
            begin = time.process_time()
            function()
            row[column] = time.process_time() - begin
    fastest, floor = times.min(axis=0)
    return float(fastest), float(floor)


def show(what: str, many: int, times: tuple[float, float]) -> None:
    """One line, in microseconds of each of so many matrices."""
    ours, theirs = times
    print(f"{what:46}{1e6 * theirs / many:12.2f}{1e6 * ours / many:12.2f}{theirs / ours:8.1f}", flush=True)


def with_vectors(A: np.ndarray) -> object:
    """What numpy needs for left and right vectors."""
    w, right = np.linalg.eig(A)
    return w, right, np.linalg.inv(right)


def matrices(rows: tuple[int, ...], repeats: int, all_rows: int) -> None:
    """Random matrices of each size."""
    rng = np.random.default_rng(0)
    batches = [complex_normal(rng, max(1, all_rows // n), n) for n in rows]
    for A in batches:
        times = turns(lambda A=A: eigen.eigenvalues(A), lambda A=A: np.linalg.eigvals(A), repeats)  # type: ignore[misc]
        show(f"eigenvalues, {A.shape[-1]} rows", len(A), times)
    for A in batches:
        P, Q = A[:, ::2, ::2], A[:, 1::2, 1::2]
        L, order = np.block([[P, Q], [-Q.conj(), -P.conj()]]), np.arange(A.shape[-1])
        real = lambda L=L, order=order: eigen.eigenvalues(L, pairing=order)  # noqa: E731
        times = turns(real, lambda L=L: np.linalg.eigvals(L), repeats)  # type: ignore[misc]
        show(f"eigenvalues, {A.shape[-1]} rows, Bogoliubov form", len(A), times)
    for A in batches:
        times = turns(lambda A=A: eigen.eigensystem(A), lambda A=A: with_vectors(A), repeats)  # type: ignore[misc]
        show(f"with left and right vectors, {A.shape[-1]} rows", len(A), times)


def complex_normal(rng: np.random.Generator, many: int, n: int) -> np.ndarray:
    """So many matrices (n, n)."""
    return rng.standard_normal((many, n, 2 * n)).view(complex)


def honeycomb(mesh: int, repeats: int) -> None:
    """Excitations on a mesh, and all that a map of gaps asks of one point."""
    k, state = LATTICE.mesh(mesh), lp.steady_state(NET, "aligned")
    L = NET.bogoliubov_matrix(state.psi.values, float(state.mu))(k.values)
    times = turns(lambda: lp.bogoliubov(NET, state, k=k), lambda: np.linalg.eigvals(L), repeats)
    show(f"lp.bogoliubov, honeycomb, {mesh} x {mesh} wavevectors", mesh**2, times)

    def point() -> None:
        found = lp.steady_state(NET, "aligned")
        lp.gap(NET, found, below=BELOW)
        lp.chern(NET, found, below=BELOW)

    ours, _ = turns(point, lambda: None, 3 * repeats)
    print(f"\nstate, gap and Chern number of a honeycomb: {ours:.3f} s")


def first_use() -> None:
    """What the first call of each kind takes where no compiled code is kept yet."""
    kinds = {"eigenvalues": ("eigenvalues", ""), "Bogoliubov form": ("eigenvalues", ", pairing=np.arange(4)"),
             "vectors": ("eigensystem", "")}  # fmt: skip
    taken = []
    for name, (function, more) in kinds.items():
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, "-c", FIRST.format(function=function, more=more)]
            done = subprocess.run(
                command, env=os.environ | {"NUMBA_CACHE_DIR": cache}, check=True, capture_output=True, text=True
            )
        taken.append(f"{name} {float(done.stdout):.0f} s")
    print(f"first use, compiled once and then kept: {', '.join(taken)}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a test that it runs")
    quick = parser.parse_args().quick
    print(f"one thread{'numpy us':>48}{'ours us':>12}{'times':>8}")
    matrices(ROWS[:2] if quick else ROWS, 2 if quick else 7, 800 if quick else ALL_ROWS)
    honeycomb(20 if quick else 100, 2 if quick else 7)
    if not quick:
        first_use()


if __name__ == "__main__":
    main()
