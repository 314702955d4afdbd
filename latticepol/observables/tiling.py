"""The door from a cell to its supercells."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import xarray as xr

from latticepol.grid import Grid
from latticepol.observables.source import ascending, field
from latticepol.results.dataset import wrap

#: Bloch phases close to this part of a turn.
SAME_PHASE = 1e-6


def tiled(dataset: xr.Dataset, grid: Grid) -> xr.Dataset:
    """Return a field on a cell, repeated on the grid of a supercell: ``psi(r + A) = exp(i q.A) psi(r)``.

    Points are copied, nothing is interpolated. A stationary state stays one, with its mu and its growth rate (which is
    that of all wavevectors of the small cell).

    Parameters
    ----------
    dataset
        A field.
    grid
        Of a supercell, for example ``lp.Grid.cell(lat.supercell(6), 6 * n)``. Its points are points of the small grid
        and its translates; its Bloch wavevector q may differ where the supercell makes the two the same.

    Returns
    -------
    xarray.Dataset
        All variables of the dataset, those at every point on the new grid.

    Raises
    ------
    ValueError
        The grid is not one of a supercell, its points are others, or the Bloch phases do not close in it.
    TypeError
        ``grid`` is not a Grid.
    """
    if not isinstance(grid, Grid):
        raise TypeError(f"grid is a {type(grid).__name__}; give lp.Grid.cell(lattice.supercell(m), m * n)")
    source, dataset = field(dataset), ascending(dataset)
    i2, i1 = grid.places(source.grid)
    shift = np.array(source.grid.q) - grid.q
    _check_phase(shift, grid)
    x, y = grid.points
    phase = np.exp(1j * (shift[0] * x + shift[1] * y)) if shift.any() else 1.0
    variables: dict[str, Any] = {}
    for name, variable in dataset.data_vars.items():
        if {"y", "x"} <= set(variable.dims):
            ordered = variable.transpose(..., "y", "x")
            values = ordered.values[..., i2, i1]
            variables[str(name)] = (tuple(map(str, ordered.dims)), values * phase if name == "psi" else values)
        else:
            variables[str(name)] = (tuple(map(str, variable.dims)), variable.values)
    kept = {str(name): (c.dims, c.values) for name, c in dataset.coords.items() if name not in ("x", "y")}
    parameters = source.parameters | {"grid": asdict(grid)}
    made = wrap(variables, kept | grid.coords, parameters, title="field on a supercell", units=source.units)
    kept_attributes = {name: value for name, value in dataset.attrs.items() if name not in made.attrs}
    return made.assign_attrs(kept_attributes, parameters=json.dumps(parameters))


def _check_phase(shift: np.ndarray, grid: Grid) -> None:
    turns = np.array(grid.vectors) @ shift / (2 * np.pi)
    if np.abs(turns - np.rint(turns)).max() > SAME_PHASE:
        raise ValueError(
            f"the Bloch phases of the field and of the grid differ by {turns[0]:.6g} and {turns[1]:.6g} turns along "
            "its vectors, which must be whole numbers; give the grid the q of the cell"
        )
