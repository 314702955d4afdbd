"""How fast networks are: bands, Bogoliubov spectra, Chern numbers and time evolution of a honeycomb.

    python experiments/performance/network.py [--quick]

Everything is timed in one run on one machine, after compilation. Spectra in processor time, next to numpy's batched
eigenvalue routine on the same matrices, which are built before: what is above 1 is building the matrices, sorting and
wrapping. ``lp.chern`` is next to the eigenvectors on the same mesh, and to PythTB where that is installed.

The evolution is timed in processor time, one thread, with the steps that reach an error below 1e-6 (the error of every
row is printed): scipy's solve_ivp with the sparse matrix, as people write it. A splitting step with scipy's
expm_multiply and frozen densities is of first order with gain and does not get there; its number of steps is fixed.
"equal cells" is a periodic supercell, "bonds that differ" the same with disorder, where no Fourier transform helps.
Under the table stands who is faster and why, from the same times: few sites for a short time, few sites, many sites.
"""

import argparse
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # read when the libraries are loaded, so before anything else

import numpy as np  # noqa: E402
from pseudospin import seconds  # noqa: E402
from scipy.integrate import solve_ivp  # noqa: E402
from scipy.sparse.linalg import expm_multiply  # noqa: E402

import latticepol as lp  # noqa: E402

LATTICE = lp.lattice.honeycomb()
NET = lp.Network(LATTICE, lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
TOLERANCE = 1e-6
BELOW = 2
#: Steps of the splitting that does not get there.
FROZEN = 1000
#: What the hopping costs at each stage of a step.
HOPPING = {
    "equal cells": "two Fourier transforms and a 4 x 4 matrix at every wavevector",
    "bonds that differ": "a Taylor series to rounding, many products with the sparse matrix; a call has one",
}
#: Cells along an edge and final time of each evolution.
QUICK = ((12, 0.5),)
FULL = ((12, 0.5), (12, 8.0), (72, 8.0))
#: The shortest of so many runs counts: the first one compiles.
REPEATS = 3
#: Steps from which the time of one is taken.
MANY = 100


class Measured(NamedTuple):
    """Steps, or calls of the right-hand side, and processor time of one evolution."""

    steps: int
    seconds: float


def spectra(mesh: int, repeats: int) -> None:
    """Bands and Bogoliubov spectra, k points per second of one core."""
    k = LATTICE.mesh(mesh)
    state = lp.steady_state(NET)
    psi, mu = state.psi.values, float(state.mu)
    cases: list[tuple[str, Callable[[], object], np.ndarray, Callable[[np.ndarray], object]]] = [
        ("bands, no losses (eigvalsh)", lambda: lp.bands(NET, k=k, losses=False),
         NET.bloch_hamiltonian(losses=False)(k.values), np.linalg.eigvalsh),
        ("bands, losses (eigvals)", lambda: lp.bands(NET, k=k), NET.bloch_hamiltonian()(k.values), np.linalg.eigvals),
        ("Bogoliubov (eigvals)", lambda: lp.bogoliubov(NET, state, k=k), NET.bogoliubov_matrix(psi, mu)(k.values),
         np.linalg.eigvals),
    ]  # fmt: skip
    print(f"{mesh} x {mesh} wavevectors, processor time{'k points/s':>20}{'numpy floor':>14}{'over the floor':>16}")
    for name, ours, matrices, floor in cases:
        spent = seconds(ours, repeats)[1]
        least = seconds(lambda floor=floor, matrices=matrices: floor(matrices), repeats)[1]
        print(f"{name:40}{mesh**2 / spent:20.0f}{mesh**2 / least:14.0f}{spent / least:16.2f}")


def chern(mesh: int, repeats: int) -> None:
    """The Chern number of the empty lattice without losses, on the clock and in processor time."""
    ours = seconds(lambda: lp.chern(NET, below=BELOW, mesh=mesh), repeats)
    matrices = NET.bloch_hamiltonian(losses=False)(LATTICE.mesh(mesh).values)
    floor = seconds(lambda: np.linalg.eigh(matrices), repeats)
    number = float(lp.chern(NET, below=BELOW, mesh=mesh).chern)
    print(f"\nChern number on {mesh} x {mesh}{'s on the clock':>30}{'processor s':>14}{'over the floor':>16}")
    print(f"{f'lp.chern, gap refined (C = {number:g})':40}{ours[0]:14.3f}{ours[1]:14.3f}{ours[1] / floor[1]:16.2f}")
    print(f"{'numpy eigh of the same matrices':40}{floor[0]:14.3f}{floor[1]:14.3f}{1:16.2f}")
    if find_spec("pythtb") is None:
        print("PythTB is not installed: left out")
        return
    found: list[float] = []
    theirs = seconds(lambda: found.append(pythtb_chern(mesh)))
    text = f"PythTB (C = {found[0]:.3f})"
    print(f"{text:40}{theirs[0]:14.3f}{theirs[1]:14.3f}{theirs[1] / floor[1]:16.2f}")


def pythtb_chern(mesh: int) -> float:
    """The same model and mesh in PythTB."""
    import pythtb

    hopping = NET.hopping.hermitian()
    splitting = -0.5 * NET.epsilon
    fractions = LATTICE.basis @ np.linalg.inv(LATTICE.vectors)
    if hasattr(pythtb, "TBModel"):  # version 2
        model = pythtb.TBModel(pythtb.Lattice(LATTICE.vectors, fractions, periodic_dirs=[0, 1]), spinful=True)
    else:
        model = pythtb.tb_model(2, 2, LATTICE.vectors, fractions, nspin=2)
    delta = float(np.asarray(NET.site.delta))
    model.set_onsite([[0.0, splitting, 0.0, delta / 2]] * 2)  # in terms of 1, sx, sy, sz
    half = len(LATTICE.bonds)
    for (i, j, *cell), block in zip(LATTICE.bonds, hopping.block[:half], strict=True):
        model.set_hop(block, int(i), int(j), [int(n) for n in cell])
    if hasattr(pythtb, "TBModel"):
        grid = pythtb.Mesh(["k", "k"])
        grid.build_grid(shape=(mesh, mesh))
        states = pythtb.WFArray(model.lattice, grid, spinful=True)
        states.solve_model(model)
        return float(np.real(states.chern_number(plane=(0, 1), state_idx=list(range(BELOW)))))
    states = pythtb.wf_array(model, [mesh + 1, mesh + 1])
    states.solve_on_grid([0.0, 0.0])
    return float(states.berry_flux(list(range(BELOW))) / (2 * np.pi))


def evolution(cells: int, t_end: float) -> None:
    """Sites x steps per second, the time to an error below TOLERANCE, and who is faster and why."""
    supercell = LATTICE.supercell(cells)
    net = NET.on(supercell)
    other = net.replace(J=3.0 * (1 + supercell.bond_disorder(0.05, 1)))
    heading = f"{net.sites} sites to t = {t_end:g}, one thread"
    print(f"\n{heading:44}{'steps':>8}{'error':>10}{'proc. s':>10}{'sites steps/s':>16}{'ratio':>8}")
    fastest, verdicts = None, []
    for model, text in ((net, "equal cells"), (other, "bonds that differ")):
        psi = np.sqrt(0.05) * np.random.default_rng(0).normal(size=(net.sites, 4)).view(complex)
        exact = _evolved(model, psi, t_end, 4e-3, lp.BlanesMoan())
        found: dict[str, Measured] = {}
        for integrator in (lp.BlanesMoan(), lp.Strang()) if model is net else (lp.BlanesMoan(),):
            name = type(integrator).__name__
            steps, error = _steps(model, psi, t_end, integrator, exact)
            found[name] = Measured(steps, _seconds(model, psi, t_end, steps, integrator))
            fastest = fastest or found[name].seconds
            _row(f"{name}, {text}", steps, error, found[name].seconds, net.sites, fastest)
        for name in ("DOP853", "RK45") if model is net else ("DOP853",):
            calls, error, spent = _solve_ivp(model, psi, t_end, name, exact)
            found[name] = Measured(calls, spent)
            _row(f"solve_ivp {name} (calls), {text}", calls, error, spent, net.sites, fastest)
        if model is net:
            begin = time.process_time()
            ended = _frozen(model, psi, t_end, FROZEN)
            spent = time.process_time() - begin
            _row("splitting with expm_multiply", FROZEN, _error(ended, exact), spent, net.sites, fastest)
        verdicts.append(
            verdict(text, found["BlanesMoan"], found["DOP853"], _step(model, psi, t_end, found["BlanesMoan"]))
        )
    print("\n".join(verdicts), flush=True)


def verdict(text: str, ours: Measured, theirs: Measured, step: float) -> str:
    """Who is faster, by how much and why; ``step`` is the time of one of our steps in a long run."""
    ratio = ours.seconds / theirs.seconds
    faster, slower = ("DOP853", "our default") if ratio > 1 else ("our default", "DOP853")
    calls, replaced = step * theirs.steps / theirs.seconds, theirs.steps / ours.steps
    start = max(ours.seconds - ours.steps * step, 0.0)
    return (
        f"{text}: {faster} is {max(ratio, 1 / ratio):.1f} times faster than {slower}\n"
        f"  a step of ours takes the time of {calls:.1f} calls and replaces {replaced:.1f}\n"
        f"  each stage of it is {HOPPING[text]}\n"
        f"  of our {1e3 * ours.seconds:.1f} ms {1e3 * start:.1f} pass before the first step, whatever their number"
    )


def _step(net: lp.Network, psi: np.ndarray, t_end: float, ours: Measured) -> float:
    """Seconds of a step as long as those of ``ours``, without what passes before the first."""
    one, many = (_seconds(net, psi, steps * t_end / ours.steps, steps, lp.BlanesMoan()) for steps in (1, MANY + 1))
    return max(many - one, 0.0) / MANY


def _seconds(net: lp.Network, psi: np.ndarray, t_end: float, steps: int, integrator: object) -> float:
    """Processor time of an evolution in so many steps, the shortest of REPEATS."""
    return seconds(lambda: _evolved(net, psi, t_end, t_end / steps, integrator), REPEATS)[1]


def _row(name: str, steps: int, error: float, spent: float, sites: int, fastest: float) -> None:
    rate, ratio = sites * steps / spent, spent / fastest
    print(f"{name:44}{steps:8d}{error:10.1e}{spent:10.4f}{rate:16.3g}{ratio:8.2f}", flush=True)


def _evolved(net: lp.Network, psi: np.ndarray, t_end: float, dt: float, integrator: object) -> np.ndarray:
    out = lp.evolve(net, psi, t_end, dt=dt, integrator=integrator, progress=False)
    return out.psi.isel(time=-1).values


def _error(psi: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(psi - exact) / np.linalg.norm(exact))


def _steps(
    net: lp.Network, psi: np.ndarray, t_end: float, integrator: lp.BlanesMoan | lp.Strang, exact: np.ndarray
) -> tuple[int, float]:
    """The number of steps that reaches the tolerance, by the order of the scheme, and its error."""
    steps, good = 10, (0, np.inf)
    while True:
        error = _error(_evolved(net, psi, t_end, t_end / steps, integrator), exact)
        if error < TOLERANCE:
            good = steps, error
        needed = int(np.ceil(1.02 * steps * (error / TOLERANCE) ** (1 / integrator.order)))
        if good[0] and not needed < 0.97 * steps:
            return good
        steps = needed if error < TOLERANCE else max(needed, steps + 1)


def _solve_ivp(
    net: lp.Network, psi: np.ndarray, t_end: float, method: str, exact: np.ndarray
) -> tuple[int, float, float]:
    """Calls of the right-hand side, error and seconds at the loosest tolerance that is good enough."""
    T = net.hopping.sparse()
    c = net.local()
    spin = np.array([0.5, -0.5])

    def velocity(_: float, flat: np.ndarray) -> np.ndarray:
        psi = flat.reshape(-1, 2)
        number = np.abs(psi) ** 2
        energy = 0.5j * (c.p - 0.5 * number.sum(axis=1))[:, None] + c.delta[:, None] * spin
        energy = energy + 0.5 * (c.a1[:, None] * number + c.a2[:, None] * number[:, ::-1])
        return -1j * ((energy * psi).ravel() + T @ flat)

    for tolerance in 10.0 ** -np.arange(5, 12):
        outs: list = []
        options = {"method": method, "rtol": tolerance, "atol": tolerance}
        run = lambda outs=outs, options=options: outs.append(solve_ivp(velocity, (0, t_end), psi.ravel(), **options))  # noqa: E731
        run()
        error = _error(outs[0].y[:, -1].reshape(psi.shape), exact)
        if error < TOLERANCE:
            break
    return outs[0].nfev, error, seconds(run, REPEATS)[1]


def _frozen(net: lp.Network, psi: np.ndarray, t_end: float, steps: int) -> np.ndarray:
    """Half a step of everything local with the densities at its start, the hopping, and half a step again."""
    T, c, h = net.hopping.sparse(), net.local(), t_end / steps
    spin = np.array([0.5, -0.5])

    def local(psi: np.ndarray, h: float) -> np.ndarray:
        number = np.abs(psi) ** 2
        energy = 0.5j * (c.p - 0.5 * number.sum(axis=1))[:, None] + c.delta[:, None] * spin
        return psi * np.exp(-1j * h * (energy + 0.5 * (c.a1[:, None] * number + c.a2[:, None] * number[:, ::-1])))

    for _ in range(steps):
        psi = local(psi, h / 2)
        psi = expm_multiply(-1j * h * T, psi.ravel(), traceA=0.0).reshape(psi.shape)
        psi = local(psi, h / 2)
    return psi


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few seconds, for a test that it runs")
    quick = parser.parse_args().quick
    mesh, repeats = (30, 1) if quick else (200, 3)
    lp.bands(NET, k=LATTICE.mesh(4))
    spectra(mesh, repeats)
    chern(mesh, repeats)
    for cells, t_end in QUICK if quick else FULL:
        evolution(cells, t_end)


if __name__ == "__main__":
    main()
