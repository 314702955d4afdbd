"""The data behind the figures: one function per file, each returns a Dataset with energies in meV."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from experiment import Run
from parameters import FIELD, HBAR, PUMPS, Sample, aligned, crystal, model, recoil, strip
from scipy.optimize import brentq

import latticepol as lp
from latticepol.results.dataset import wrap

Compute = Callable[[Run], xr.Dataset]

#: Step, time between two looks (energies beyond pi hbar over it fold back), duration, decay of the window, in ps.
DT, LOOK, DURATION, WINDOW = 0.1, 0.2, 300.0, 100.0
#: The pulse: amplitude relative to the condensate, width (um), place (um), spin; off all symmetric places and spins.
PULSE, WIDTH, PLACE, SPIN = 1e-3, 0.4, (0.3, 1.5), (1.0, 0.7j)
#: Time after which a start is close enough for Newton's method.
RELAX = 150.0
#: Bloch modes of the bands on top, and of the gaps (converged to 1e-3 there).
BANDS, GAPS = 16, 6
#: Accuracy of the gaps (1/ps), and wavevectors along each vector where they are first looked for.
ACCURATE, MESH = 1e-7, 24
#: Particle bands under the gap; scalar bands whose edges are kept: two s and two p bands.
BELOW, EDGES = 2, 4
#: What is kept of every gap.
GAP = ("direct_gap", "line_width", "growth", "magnetisation")

TEXTS = {
    "energy": "energy, 0 at the top of the potential",
    "intensity": "population per energy",
    "band": "energy of a band",
    "width": "full width at half maximum of a line of the band, -2 Im E",
    "k": "wavevector along G-K",
    "k_band": "wavevector along G-K",
    "direct_gap": "direct gap",
    "line_width": "full width at half maximum, -2 Im E, mean of the two lines at the gap",
    "growth": "largest growth rate",
    "magnetisation": "largest S_z / largest S",
    "field": "magnetic field",
    "lattice": "lattice",
    "condensate": "energy mu of the condensate",
    "resolution": "full width at half maximum of a line without damping",
    "lowest": "lowest energy of a scalar band",
    "highest": "highest energy of a scalar band",
    "at_K": "energy of the scalar s bands at K",
    "recoil": "recoil energy hbar^2 b^2/2m of the shortest reciprocal vector b",
    "scalar_band": "number of a scalar band",
}
IN_MEV = ("energy", "band", "width", "direct_gap", "line_width", "condensate", "resolution")
UNITS = dict.fromkeys((*IN_MEV, "lowest", "highest", "at_K", "recoil"), "meV")
UNITS |= {"k": "um-1", "k_band": "um-1", "growth": "ps-1", "field": "T", "intensity": "meV-1"}


def state(name: str) -> Compute:
    """The aligned ferromagnet of the cell."""

    def compute(run: Run) -> xr.Dataset:
        cell = model(PUMPS[name], FIELD)
        return lp.steady_state(cell, aligned(cell.grid), relax=RELAX, progress=False)

    return compute


def image(name: str) -> Compute:
    """E(k) after a weak pulse on one place of a strip, from -M to the next G, and the bands of the same lattice."""

    def compute(run: Run) -> xr.Dataset:
        cells, duration = (6, 60.0) if run.quick else (48, DURATION)
        grid, first = strip(cells), crystal().reciprocal[0]
        numbers = np.arange(-cells // 2, cells + 1) / cells
        fine = np.linspace(-0.5, 1.0, 61 if run.quick else 241)
        if name == "empty":
            cell, found, mu = model(0.0, FIELD), None, 0.0
            omega = lp.bands(cell, k=_first_zone(fine), basis=BANDS).omega
            extra = {}
        else:
            cell, found = model(PUMPS[name], FIELD), run.data[f"state_{name}"]
            mu = float(found.mu)
            omega = lp.bogoliubov(cell, found, k=_first_zone(fine), basis=BANDS).omega
            extra = {"growth": ((), float(found.growth_rate)), "condensate": ((), HBAR * mu)}
            extra["magnetisation"] = ((), _magnetisation(found))
        spectrum = _rung(cell.replace(grid=grid), found, np.outer(numbers, first), duration)
        variables = {
            "intensity": (("energy", "spin", "k"), spectrum.spectral_density.values / HBAR),
            "band": (("k_band", "mode"), HBAR * (omega.values.real + mu)),
            "width": (("k_band", "mode"), -2 * HBAR * omega.values.imag),
            "resolution": ((), 2 * HBAR / WINDOW),
        }
        length = float(np.linalg.norm(first))
        coords = {"energy": HBAR * (spectrum.omega.values + mu), "spin": ["+", "-"], "k": length * numbers}
        return _wrapped(variables | extra, coords | {"k_band": length * fine}, cell, f"E(k), {name}")

    return compute


def scalar(run: Run) -> xr.Dataset:
    """Edges of the bands of the potential alone, without spin and losses: how far the lattice is from wells."""
    bare = model(0.0, 0.0).replace(epsilon=0.0, gamma=0.0, beta=0.0, Delta=0.0)
    twice = lp.bands(bare, k=crystal().mesh(MESH), losses=False, basis=BANDS).omega.values  # for each spin
    energy = HBAR * twice[..., : 2 * EDGES : 2]
    at_K = HBAR * lp.bands(bare, k=crystal().reciprocal[0] / 3, losses=False, basis=BANDS).omega.values[0]
    edges = {"lowest": energy.min(axis=(0, 1)), "highest": energy.max(axis=(0, 1))}
    variables: dict[str, Any] = {name: (("scalar_band",), values) for name, values in edges.items()}
    variables |= {"at_K": ((), at_K), "recoil": ((), recoil())}
    return _wrapped(variables, {"scalar_band": list(range(1, EDGES + 1))}, bare, "bands of the potential alone")


def splitting(run: Run) -> xr.Dataset:
    """The gap above two bands against the magnetic field: empty, below and above the spin bifurcation."""
    fields = np.array([FIELD]) if run.quick else np.unique(np.append(np.geomspace(1e-3, 10.0, 9), FIELD))
    mesh = MESH // 2 if run.quick else MESH
    empty = run.sweep(_empty_gap, Sample(), mesh, tesla=fields)
    known = {name: run.data[f"state_{name}"] for name in PUMPS}
    condensed = run.sweep(_condensed_gaps, Sample(), fields, known, mesh, pump=list(PUMPS))
    variables = {name: (("lattice", "field"), np.vstack([empty[name], condensed[name]])) for name in GAP}
    return _wrapped(variables, {"lattice": ["empty", *PUMPS], "field": fields}, model(0.0, FIELD), "gap")


def critical(run: Run) -> xr.Dataset:
    """The gain at which the linearly polarised state magnetises without field."""
    cell = model(PUMPS["below"], 0.0)
    plus, minus = run.data["state_below"].psi.values
    linear = lp.steady_state(cell, 0.5 * np.array([plus - minus, minus - plus]), relax=0.0, progress=False)

    def softest(gain: float) -> float:
        """Growth rate of the spin mode at k = 0, where the phase mode has 0."""
        at = model(gain, 0.0)
        found = linear if gain == PUMPS["below"] else lp.steady_state(at, linear, progress=False)
        return float(np.sort(lp.bogoliubov(at, found, k=[0.0, 0.0], basis=BANDS).omega.imag)[-2:].sum())

    low, high = PUMPS.values()
    if run.quick:
        before, after = softest(low), softest(high)
        gain = low - before * (high - low) / (after - before)
    else:
        gain = brentq(softest, low, high, xtol=1e-5)
    return _wrapped({"W": ((), gain)}, {}, cell, "spin bifurcation of the lattice")


def _rung(cell: lp.SpinorGPE, about: xr.Dataset | None, k: np.ndarray, duration: float) -> xr.Dataset:
    """The spectrum of what a pulse leaves behind on a strip, empty or condensed."""
    x, y = cell.grid.points
    spot = np.exp(-((x - PLACE[0]) ** 2 + (y - PLACE[1]) ** 2) / (2 * WIDTH**2))
    large = None if about is None else lp.tiled(about, cell.grid)
    size = 1.0 if about is None else PULSE * float(abs(about.psi).max())
    psi = size * spot * np.array(SPIN)[:, None, None] + (0.0 if large is None else large.psi.values)
    waves = [partial(lp.amplitudes, k=k)]
    run = lp.evolve(cell, psi, duration, dt=DT, save=lp.every(LOOK), variables=waves, progress=False)
    return lp.spectrum(run, window=("exponential", 0, WINDOW / LOOK), about=large)


def _first_zone(fractions: np.ndarray) -> np.ndarray:
    """Wavevectors along the first reciprocal vector, folded to the period around 0: bands repeat, bases do not."""
    return np.outer(fractions - np.rint(fractions), crystal().reciprocal[0])


def _empty_gap(sample: Sample, mesh: int) -> dict[str, float]:
    """Without losses; the lines are as wide as losses make them."""
    cell = model(0.0, sample.tesla)
    found = lp.gap(cell, below=BELOW, basis=GAPS, mesh=mesh, tol=ACCURATE)
    lossy = lp.bands(cell, k=found.k_gap.values, basis=BANDS).omega.values
    return dict(zip(GAP, (HBAR * float(found.direct_gap), _pair_width(lossy, BELOW - 1), 0.0, 0.0), strict=True))


def _condensed_gaps(sample: Sample, fields: np.ndarray, states: dict[str, xr.Dataset], mesh: int) -> xr.Dataset:
    """From the field of the known state up and down, each state from the one before: one point of a sweep."""
    found: dict[float, tuple[float, ...]] = dict.fromkeys(fields, ())
    for way in (np.sort(fields[fields >= FIELD]), -np.sort(-fields[fields < FIELD])):
        at = known = states[sample.pump]
        for tesla in way:
            cell = model(PUMPS[sample.pump], tesla)
            at = known if tesla == FIELD else lp.steady_state(cell, at, progress=False)
            gap = lp.gap(cell, at, below=BELOW, basis=GAPS, mesh=mesh, tol=ACCURATE)
            omega = lp.bogoliubov(cell, at, k=gap.k_gap.values, basis=BANDS).omega.values
            width = _pair_width(omega, len(omega) // 2 + BELOW - 1)
            found[tesla] = (HBAR * float(gap.direct_gap), width, float(at.growth_rate), _magnetisation(at))
    return xr.Dataset(
        {name: ("field", values) for name, values in zip(GAP, np.array([*found.values()]).T, strict=True)}
    )


def _magnetisation(found: xr.Dataset) -> float:
    stokes = lp.stokes(found)
    return float(stokes.S_z.max() / stokes.S.max())


def _pair_width(omega: np.ndarray, lower: int) -> float:
    """Mean full width of mode ``lower`` and the next one (meV)."""
    return -HBAR * float(omega[lower : lower + 2].imag.sum())


def _wrapped(variables: dict[str, Any], coords: dict[str, Any], cell: lp.SpinorGPE, title: str) -> xr.Dataset:
    made = wrap(variables, coords, cell.record, title=title, long_names=TEXTS, units={"rate": "ps-1"})
    for name in set(UNITS) & set(made.variables):
        made[name].attrs |= {"units": UNITS[name]}
    return made


#: File name -> function of the run, in the order in which they are made.
DATASETS: dict[str, Compute] = {
    **{f"state_{name}": state(name) for name in PUMPS},
    **{name: image(name) for name in ("empty", *PUMPS)},
    "critical": critical,
    "scalar": scalar,
    "splitting": splitting,
}
