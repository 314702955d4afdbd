"""Maps over the Brillouin zone."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from latticepol.arrays import read_flag
from latticepol.lattice.zone import first_zone
from latticepol.plot.style import axis_of, label, needs, over, scale_of

#: What is shown, in units of the first zone.
ZONE_MARGIN = 1.35


def berry_curvature(
    ds: xr.Dataset, ax: Axes | None = None, *, bar: bool = True, outline: bool = True, **style: object
) -> Axes:
    """Draw ``lp.berry_curvature`` over Cartesian k, repeated to fill the first Brillouin zone, which is outlined.

    Parameters
    ----------
    ds
        ``berry_curvature`` (k1, k2) with coordinates kx, ky.
    bar, outline
        Whether to draw them.
    style
        For ``pcolormesh``.
    """
    needs(ds, ["berry_curvature"], "lp.berry_curvature")
    bar, outline = read_flag("bar", bar), read_flag("outline", outline)
    ax = axis_of(ax)
    values = over(ds.berry_curvature, "k1", "k2").transpose("k1", "k2")
    kx, ky = (ds[name].transpose("k1", "k2").values for name in ("kx", "ky"))
    b1, b2 = (n * np.array([k[i] - k[0, 0] for k in (kx, ky)]) for n, i in zip(kx.shape, ((1, 0), (0, 1)), strict=True))
    corners = first_zone(np.array([b1, b2]))
    looks = scale_of(values, {"shading": "nearest"} | style)
    for i, j in _copies(np.array([b1, b2]), corners):
        mesh = ax.pcolormesh(kx + i * b1[0] + j * b2[0], ky + i * b1[1] + j * b2[1], values, **looks)
    if outline:
        ax.plot(*np.vstack([corners, corners[:1]]).T, color="black", lw=1)
    if bar:
        ax.figure.colorbar(mesh, ax=ax, label=label(values))
    reach = ZONE_MARGIN * np.abs(corners).max(axis=0)
    ax.set(xlabel=label(ds.kx), ylabel=label(ds.ky), aspect="equal")
    ax.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]))
    return ax


def _copies(reciprocal: np.ndarray, corners: np.ndarray) -> list[tuple[int, int]]:
    """Return the cells i B1 + j B2 + [0, 1)(B1, B2) that reach the rectangle around the zone."""
    reach = ZONE_MARGIN * np.abs(corners).max(axis=0)
    box = np.array([(sx * reach[0], sy * reach[1]) for sx in (-1, 1) for sy in (-1, 1)])
    fractions = np.floor(box @ np.linalg.inv(reciprocal)).astype(int)
    low, high = fractions.min(axis=0), fractions.max(axis=0)
    return [(i, j) for i in range(low[0], high[0] + 1) for j in range(low[1], high[1] + 1)]
