"""Where values are, of the results of any model.

The coordinates x and y say it: along one dimension they are those of dots, such as the sites of a network; otherwise
values are those of the points of a grid, along y and x.
"""

import xarray as xr

#: The dimensions of a grid.
GRID = ("y", "x")


def places_of(data: xr.DataArray | xr.Dataset) -> tuple[str, ...]:
    """Return the dimensions along which places differ: the one of dots, or those of a grid."""
    along = {data.coords[axis].dims if axis in data.coords else () for axis in GRID}
    dims = along.pop()
    return tuple(map(str, dims)) if not along and len(dims) == 1 else GRID


def shows_dots(data: xr.DataArray | xr.Dataset) -> bool:
    """Return whether places are dots."""
    return places_of(data) != GRID
