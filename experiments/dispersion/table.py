"""The numbers of the README, all from the data files."""

import numpy as np
import xarray as xr
from sample import FIELD, HBAR, PUMPS, zeeman
from scipy.signal import find_peaks

#: A peak rises out of its surroundings by this factor.
PROMINENCE = 1.5


def measured(data: dict[str, xr.Dataset]) -> dict[str, float]:
    """Name -> number; NaN where there is none."""
    found = {"gain W at the spin bifurcation without field [1/ps]": float(data["critical"].W)}
    for name in ("empty", *PUMPS):
        off = peak_distances(data[name])
        found |= {
            f"peaks of E(k), {name}": float(off.size),
            f"median distance of a peak from a band [ueV], {name}": 1e3 * float(np.median(off)),
            f"90 % of the peaks are within [ueV] of a band, {name}": 1e3 * float(np.quantile(off, 0.9)),
        }
    found["half width of an undamped line [ueV]"] = 1e3 * float(data["empty"].resolution)
    found[f"Zeeman splitting at {FIELD:g} T [ueV]"] = 1e3 * HBAR * zeeman(FIELD)
    gaps = data["splitting"]
    for name in gaps.lattice.values:
        at = gaps.sel(lattice=name, field=FIELD)
        found[f"gap at {FIELD:g} T [ueV], {name}"] = 1e3 * float(at.direct_gap)
        found[f"width of the lines at the gap [ueV], {name}"] = 1e3 * float(at.line_width)
        if name != "empty":
            found[f"S_z/S at {FIELD:g} T, {name}"] = float(at.magnetisation)
            found[f"largest growth rate at any of the fields [1/ps], {name}"] = float(
                gaps.growth.sel(lattice=name).max()
            )
    above, empty = (gaps.direct_gap.sel(lattice=name, field=FIELD) for name in ("above", "empty"))
    found[f"enhancement of the gap at {FIELD:g} T, above"] = float(above / empty)
    return found


def peak_distances(ds: xr.Dataset) -> np.ndarray:
    """Distance (meV) of every peak of the intensity, both spins together, from the nearest band at its k."""
    shown = ds.sel(energy=slice(float(ds.energy.mean()) - 1.5, float(ds.energy.mean()) + 1.5))
    logs = np.log(shown.intensity.sum("spin"))
    distances = []
    for k in ds.k.values:
        line = logs.sel(k=k).values
        peaks, _ = find_peaks(line, prominence=np.log(PROMINENCE))
        bands = ds.band.sel(k_band=k, method="nearest").values
        energies = parabolic(shown.energy.values, line, peaks)
        distances += [abs(bands - energy).min() for energy in energies]
    return np.array(distances)


def parabolic(x: np.ndarray, y: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    """Where the parabolas through each peak and its two neighbours are highest."""
    before, at, after = (y[peaks + i] for i in (-1, 0, 1))
    return x[peaks] + 0.5 * (x[1] - x[0]) * (before - after) / (before - 2 * at + after)
