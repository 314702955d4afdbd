"""Wavevectors as ``xarray.DataArray``: paths through high-symmetry points, meshes of the Brillouin zone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_integer, shape_of
from latticepol.errors import kind, short
from latticepol.lattice.checks import check_cells, real
from latticepol.results.dataset import wrap

#: Labels of the components of a wavevector.
WAVEVECTOR_AXES = np.array(["x", "y"])
#: Wavevectors in one direction.
MOST_WAVEVECTORS = 10**6
#: Reciprocal vectors to the farthest corner: all of the zone repeats long before.
FARTHEST = 1e6
TEXTS = {"axis": "Cartesian component"}
Points = Mapping[str, tuple[float, ...]]


def k_path(corners: str | Sequence[Any], n: int, reciprocal: np.ndarray, points: Points) -> xr.DataArray:
    """Return ``n`` wavevectors along the straight legs between ``corners``, spread by length, every corner included."""
    fractions, names = _corners(corners, points, len(reciprocal))
    if np.abs(fractions).max() > FARTHEST:
        raise ValueError(
            f"a corner must lie within {FARTHEST:g} cells; got {np.abs(fractions).max():g}: bring it nearer"
        )
    turns = fractions @ reciprocal
    legs = np.linalg.norm(np.diff(turns, axis=0), axis=1)
    if (legs == 0).any():
        raise ValueError(f"corner {names[int(np.argmin(legs))]!r} of the path is followed by itself; list it once")
    n = read_integer("n", n, least=2, most=MOST_WAVEVECTORS)
    if n < len(turns):
        raise ValueError(f"n = {n} wavevectors cannot hold {len(turns)} corners of the path; give n >= {len(turns)}")
    at = _spread(legs, n)
    k = np.column_stack([np.interp(np.arange(n), at, turns[:, axis]) for axis in (0, 1)])
    distance = np.interp(np.arange(n), at, np.concatenate([[0.0], np.cumsum(legs)]))
    texts = np.full(n, "", dtype=f"U{max(1, *(len(name) for name in names))}")
    texts[at] = names
    coords = {"distance": (("k",), distance), "point": (("k",), texts)}
    return _wavevectors(k, ("k",), coords, "wavevectors along a path")


def k_mesh(n: object, offset: object, reciprocal: np.ndarray) -> xr.DataArray:
    """Return ``k = sum_a (i_a + offset_a)/n_a B_a`` on the cell spanned by the rows of ``reciprocal``."""
    d = len(reciprocal)
    counts = read_array("n", n, need="one integer, or one for each periodic direction")
    counts = np.full(d, counts) if counts.ndim == 0 else counts
    shifts = read_array("offset", offset, need="one number, or one for each periodic direction")
    shifts = real("offset", np.full(d, shifts) if shifts.ndim == 0 else shifts, (d,))
    if counts.shape != (d,):
        raise ValueError(
            f"n has shape {counts.shape}; give one integer, or one for each of the {d} periodic directions"
        )
    points = [read_integer("n", count, least=1, most=MOST_WAVEVECTORS) for count in counts]
    check_cells("n", points)
    steps = [(np.arange(count) + shift) / count for count, shift in zip(points, shifts, strict=True)]
    k = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1) @ reciprocal
    dims = tuple(f"k{a + 1}" for a in range(d))
    return _wavevectors(k, dims, dict(zip(dims, steps, strict=True)), "mesh of the Brillouin zone")


def _wavevectors(k: np.ndarray, dims: tuple[str, ...], coords: dict[str, Any], title: str) -> xr.DataArray:
    given = {"axis": WAVEVECTOR_AXES, "kx": (dims, k[..., 0]), "ky": (dims, k[..., 1])} | coords
    return wrap({"wavevector": ((*dims, "axis"), k)}, given, {}, title=title, long_names=TEXTS)["wavevector"]


def _corners(corners: str | Sequence[object], points: Points, d: int) -> tuple[np.ndarray, list[str]]:
    """Return fractional coordinates (corners, d) and names ("" where a corner is given by numbers)."""
    listed = corners.split() if isinstance(corners, str) else _list(corners)
    if len(listed) < 2:
        raise ValueError(f'path {short(corners)} has fewer than two corners; give for instance "{" ".join(points)}"')
    names = [corner.replace("'", "p") if isinstance(corner, str) else "" for corner in listed]
    unknown = [name for name in names if name and name not in points]
    if unknown:
        raise ValueError(f"no point {unknown[0]!r}; the points are {', '.join(points)}, or give fractions of B1, B2")
    values = [points[name] if name else corner for name, corner in zip(names, listed, strict=True)]
    return np.array([real("corner", [value] if shape_of(value) == () else value, (d,)) for value in values]), names


def _list(corners: Any) -> list[Any]:
    try:
        return corners.item().split() if getattr(corners, "ndim", None) == 0 else list(corners)
    except (AttributeError, TypeError):
        raise TypeError(f"points is {kind(corners)}; give names, 'G K M G', or a list of names and fractions") from None


def _spread(legs: np.ndarray, n: int) -> np.ndarray:
    """Return the index of every corner among n points: proportional to the length so far, each leg at least one
    step."""
    corner = np.arange(len(legs) + 1)
    share = np.concatenate([[0.0], np.cumsum(legs)]) / legs.sum()
    at = np.rint(share * (n - 1)).astype(int)
    at = np.maximum.accumulate(at - corner) + corner
    index: np.ndarray = np.minimum(at, n - 1 - corner[::-1])
    return index
