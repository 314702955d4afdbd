"""The numbers of the README, all from the data files."""

import numpy as np
import xarray as xr
from experiment import Data, paragraph, table
from parameters import DEPTH, DICHROISM, FIELD, GAMMA, HBAR, PUMPS, zeeman
from scipy.signal import find_peaks

#: A peak rises out of its surroundings by this factor.
PROMINENCE = 1.5
#: A state that grows no faster than this (1/ps) is stable: the phase mode is known to about that.
STABLE = 1e-6
#: Scalar bands of the s modes of the two pillars of a cell; p bands are those above.
S_BANDS = 2
#: Energies that tell how far the lattice is from wells, in the order of the text.
POTENTIAL = (
    "depth of the potential",
    "recoil energy hbar^2 b^2/2m",
    "width of the two s bands",
    "overlap of the s with the p bands",
    "K above the bottom of the s bands",
    "top of the s bands above K",
    "bottom of the p bands above K",
)


def numbers(data: Data) -> dict[str, float]:
    """Name -> number; NaN where there is none. Widths are full widths at half maximum of the population."""
    found = _potential(data["scalar"])
    found["gain W at the spin bifurcation without field [1/ps]"] = float(data["critical"].W)
    for name in ("empty", *PUMPS):
        off = peak_distances(data[name])
        found |= {
            f"peaks of E(k), {name}": float(off.size),
            f"median distance of a peak from a band [ueV], {name}": 1e3 * float(np.median(off)),
            f"90 % of the peaks are within [ueV] of a band, {name}": 1e3 * float(np.quantile(off, 0.9)),
        }
    found["width of an undamped line, that of the window [ueV]"] = 1e3 * float(data["empty"].resolution)
    at_G = data["empty"].width.sel(k_band=0.0, method="nearest")[:S_BANDS]
    found["width of the narrower line at G [ueV], empty"] = 1e3 * float(at_G.min())
    found["width of the wider line at G [ueV], empty"] = 1e3 * float(at_G.max())
    found[f"Zeeman splitting at {FIELD:g} T [ueV]"] = 1e3 * HBAR * zeeman(FIELD)
    return found | _gaps(data["splitting"])


def readme(_: Data, found: dict[str, float]) -> dict[str, list[str]]:
    """Part of the README -> its lines."""
    texts = {"potential": potential(found), "damping": damping(found)}
    return {name: paragraph(text) for name, text in texts.items()} | {"numbers": table(found)}


def _potential(ds: xr.Dataset) -> dict[str, float]:
    s, p = ds.isel(scalar_band=slice(S_BANDS)), ds.isel(scalar_band=slice(S_BANDS, None))
    bottom, top, K = float(s.lowest.min()), float(s.highest.max()), float(ds.at_K)
    p_bottom = float(p.lowest.min())
    values = (DEPTH, float(ds.recoil), top - bottom, top - p_bottom, K - bottom, top - K, p_bottom - K)
    return {f"{name} [meV]": value for name, value in zip(POTENTIAL, values, strict=True)}


def _gaps(ds: xr.Dataset) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in ds.lattice.values:
        at = ds.sel(lattice=name, field=FIELD)
        found[f"gap at {FIELD:g} T [ueV], {name}"] = 1e3 * float(at.direct_gap)
        found[f"mean width of the two lines at the gap [ueV], {name}"] = 1e3 * float(at.line_width)
        if name != "empty":
            found[f"S_z/S at {FIELD:g} T, {name}"] = float(at.magnetisation)
            found |= {f"{key}, {name}": value for key, value in _over_fields(ds.sel(lattice=name)).items()}
    above, empty = (ds.direct_gap.sel(lattice=name, field=FIELD) for name in ("above", "empty"))
    found[f"enhancement of the gap at {FIELD:g} T, above"] = float(above / empty)
    bare, wanted = ds.sel(lattice="empty"), float(above)
    found[f"field in which the empty gap is as wide as that above in {FIELD:g} T [T]"] = _reached(bare, wanted)
    found["largest gap over the width of its lines at any of the fields, empty"] = float(
        (bare.direct_gap / bare.line_width).max()
    )
    return found


def _over_fields(at: xr.Dataset) -> dict[str, float]:
    grows = at.growth > STABLE
    return {
        "weakest of the fields with an open gap [T]": float(at.field.where(at.direct_gap > 0).min()),
        "strongest of the fields with a stable state [T]": float(at.field.where(~grows).max()),
        "smallest S_z/S of an unstable state at any of the fields": float(at.magnetisation.where(grows).min()),
        "largest growth rate at any of the fields [1/ps]": float(at.growth.max()),
    }


def _reached(at: xr.Dataset, gap: float) -> float:
    """The field in which the gap is that wide, on a power law between two fields; NaN where there is none."""
    logs = np.log(at.direct_gap.values), np.log(at.field.values)
    return float(np.exp(np.interp(np.log(gap), *logs, left=np.nan, right=np.nan)))


def potential(found: dict[str, float]) -> str:
    """What the reader has to know of the potential, with its numbers."""
    depth, recoil, width, overlap, below, above, p = (f"{found[f'{name} [meV]']:.2f} meV" for name in POTENTIAL)
    return (
        f"The lattice is nearly free: the potential is {depth} deep, the recoil energy hbar^2 b^2/2m of its shortest "
        f"reciprocal vector b is {recoil}. The two s bands (without spin) are {width} wide and overlap with the p "
        f"bands by {overlap}; their crossing at K lies {below} above the bottom and {above} below the top, where "
        "hopping between neighbours alone would put it in the middle. The names s and p only count bands here, and the "
        "network of section 3 does not describe this sample; nothing on this page uses it. The gap is the direct one "
        f"next to K, and the p bands begin {p} above that crossing."
    )


def damping(found: dict[str, float]) -> str:
    """Which width belongs to which rate, with the numbers."""
    narrow, wide = (found[f"width of the {which} line at G [ueV], empty"] for which in ("narrower", "wider"))
    return (
        f"Gamma = {GAMMA:g}/ps is the decay rate of the density; amplitudes decay at Gamma/2, so Im E = -hbar Gamma/2 "
        f"and a line is hbar Gamma = {1e3 * HBAR * GAMMA:.1f} ueV wide, full width at half maximum. All widths of this "
        f"page are that width, -2 Im E. The dichroism gamma = {DICHROISM:g}/ps is of the same kind: the densities of "
        "the two linear polarisations decay at Gamma -+ gamma, so their lines are hbar (Gamma -+ gamma) wide, "
        f"{narrow:.1f} and {wide:.1f} ueV at G, a factor of {wide / narrow:.1f}. The two lines at the gap share both "
        "losses: their mean, in the table, is close to hbar Gamma."
    )


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
