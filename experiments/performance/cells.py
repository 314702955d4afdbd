"""How fast small cells of a field are: many parameters at once, stationary states, Bogoliubov spectra.

    python experiments/performance/cells.py [--quick]

A honeycomb of pumped sites on 24 x 24 points. In processor time, one thread, after compilation and planning:

- 100 pumps evolved as one array next to 100 runs of `lp.evolve` (timed on some of them);
- the stationary states of 100 pumps, each by Newton's method from its neighbour, next to a relaxation of each from the
  same start (timed on some of them);
- the Bogoliubov spectrum at 100 wavevectors on scalar Bloch modes next to numpy's eigenvalue routine on the same
  matrices and to all plane waves (timed on one wavevector), with the error of the four lowest bands.
"""

import argparse
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # read when the libraries are loaded, so before anything else

import numpy as np  # noqa: E402
import xarray as xr  # noqa: E402
from pseudospin import seconds  # noqa: E402

import latticepol as lp  # noqa: E402

LATTICE = lp.lattice.honeycomb()
#: Points along an edge of the cell, pumps, wavevectors, scalar Bloch modes.
POINTS, PUMPS, WAVEVECTORS, BASIS = 24, 100, 100, 16
OFFSETS = np.linspace(-0.43, -0.33, PUMPS)


def model(offset: float | np.ndarray = -0.38) -> lp.SpinorGPE:
    """Pumped sites with J/epsilon of 2 to 3; an array of offsets (B,) is a batch."""
    grid = lp.Grid.cell(LATTICE, POINTS)
    c = lp.pumps.cosines(1.0, LATTICE).parts(grid)[0][0]
    gain = 1 + np.asarray(offset)[..., None, None] - 2 * c / 3
    terms = [lp.Kinetic(1 / 2.8), lp.Splitting(1.0, 1.0), lp.TETM(0.2), lp.Zeeman(0.01), lp.Potential(11.2 * c)]
    return lp.SpinorGPE(grid, [*terms, lp.Gain(gain, 1.0, 1.0), lp.Interaction(2.28)])


def start() -> np.ndarray:
    """Close to the aligned state."""
    c = lp.pumps.cosines(1.0, LATTICE).parts(lp.Grid.cell(LATTICE, POINTS))[0][0]
    return 0.5 * np.exp(-c / 3) * np.array([1.2, -0.7])[:, None, None] * (1 + 0j)


def row(name: str, spent: float, other: float) -> None:
    """One line of a table."""
    print(f"{name:64}{spent:12.3f}{other:12.3f}{other / spent:10.1f}", flush=True)


def evolution(steps: int, some: int) -> None:
    """One array of all pumps next to one run each."""
    batch, psi = model(OFFSETS), start()
    options: dict = {"t_end": 0.02 * steps, "dt": 0.02, "progress": False}
    many = np.broadcast_to(psi, (PUMPS, *psi.shape)).copy()
    together = seconds(lambda: lp.evolve(batch, many, **options))[1]
    ones = [model(offset) for offset in OFFSETS[:: PUMPS // some]]
    apart = seconds(lambda: [lp.evolve(one, psi, **options) for one in ones])[1] * PUMPS / len(ones)
    row(f"{PUMPS} pumps, {steps} steps: one array; {PUMPS} runs", together, apart)


def followed(stability: bool) -> list[xr.Dataset]:
    """The stationary states of all pumps, each from its neighbour."""
    states = [lp.steady_state(model(OFFSETS[0]), start(), relax=40.0, stability=stability, progress=False)]
    for offset in OFFSETS[1:]:
        states.append(lp.steady_state(model(offset), states[-1], stability=stability))
    return states


def stationary(some: int) -> xr.Dataset:
    """States from their neighbours next to relaxations, with and without the growth rates."""
    states: list[list[xr.Dataset]] = []
    ones = [model(offset) for offset in OFFSETS[:: PUMPS // some]]
    for stability, text in ((False, "stationary states"), (True, "the same with growth rates")):
        options = {"relax": 40.0, "stability": stability, "progress": False}
        together = seconds(lambda stability=stability: states.append(followed(stability)))[1]
        apart = seconds(lambda options=options: [lp.steady_state(one, start(), **options) for one in ones])[1]
        row(f"{PUMPS} {text}: from neighbours; each relaxed", together, apart * PUMPS / len(ones))
    return states[1][PUMPS // 2]


def spectra(state: xr.Dataset) -> None:
    """Projected, the eigenvalues alone, and all plane waves."""
    here = model(OFFSETS[PUMPS // 2])
    k = LATTICE.path("G K M G", WAVEVECTORS)
    spent = seconds(lambda: lp.bogoliubov(here, state, k=k, basis=BASIS))[1]
    matrices = here.bogoliubov_matrix(state.psi.values, float(state.mu), BASIS).matrix(k.values)
    floor = seconds(lambda: np.linalg.eigvals(matrices))[1]
    one = k[WAVEVECTORS // 4 :][:1]
    dense: list[xr.Dataset] = []
    exact = seconds(lambda: dense.append(lp.bogoliubov(here, state, k=one, basis=None)))[1]
    print(f"\nBogoliubov, {WAVEVECTORS} wavevectors, {BASIS} scalar Bloch modes{'s':>20}{'numpy s':>14}{'over':>10}")
    print(f"{'':50}{spent:20.3f}{floor:14.3f}{spent / floor:10.2f}")
    print(f"all plane waves, {WAVEVECTORS} wavevectors (timed on one): {exact * WAVEVECTORS:.0f} s")
    for basis in (4, 8, 16, 32):
        found = lp.bogoliubov(here, state, k=one, basis=basis)
        print(f"error of the four lowest bands, {basis:2} modes: {_error(found, dense[0]):.1e}")


def _error(found: xr.Dataset, exact: xr.Dataset) -> float:
    lowest = [np.sort(ds.omega.values[ds.omega.values.real > 1e-6])[:4] for ds in (found, exact)]
    return float(abs(lowest[0] - lowest[1]).max())


def main(argv: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer steps and runs")
    quick = parser.parse_args(argv).quick
    print(f"{f'{POINTS} x {POINTS} points, processor time':64}{'together s':>12}{'apart s':>12}{'ratio':>10}")
    evolution(50 if quick else 200, 4 if quick else 10)
    spectra(stationary(1 if quick else 2))


if __name__ == "__main__":
    main()
