"""What a field starts from: arrays, DataArrays and Datasets become psi (..., 2, ny, nx) and n on a grid."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import named, read_array
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.output import FIELD, grid_of
from latticepol.gpe.profiles.labelled import Labelled, extent
from latticepol.gpe.stepping.engine import RESERVOIR
from latticepol.grid import Grid
from latticepol.model import InitialState
from latticepol.results.starts import Last, last, psi_of, read_psi
from latticepol.results.variables import derived_units

#: What messages ask for.
NEED = {"psi": "a field (..., spin, y, x)", "n": "a density of the reservoir"}


#: Amplitudes whose densities, and the products of these with rates, are numbers.
LARGEST_AMPLITUDE = 1e100


def read(model: FieldModel, psi0: object) -> InitialState:
    """Return the start given as an InitialState, an array, a DataArray, a pair (psi, n), or the last time of a Dataset.

    Raises
    ------
    ValueError
        Its dimensions, coordinates or spins are not those of a field on the grid of the model, or n is negative.
    TypeError
        It holds no numbers.
    """
    if isinstance(psi0, InitialState):
        n = psi0.auxiliary.get(RESERVOIR)
        whole = {} if n is None else {RESERVOIR: _whole(np.asarray(n), np.shape(psi0.psi))}
        return replace(psi0, auxiliary={**psi0.auxiliary, **whole})
    psi, n = _parts(model, psi0)
    field = _on_grid("psi", psi, model.grid, model.units)
    start = InitialState(field.values, {}, field.t, field.dims)
    if n is None:
        return start
    density = _on_grid("n", n, model.grid, model.units).values
    if density.size and np.min(density) < 0:
        raise ValueError(f"n goes down to {np.min(density):.4g}; a density of the reservoir must be >= 0")
    return replace(start, auxiliary={RESERVOIR: _whole(density, start.psi.shape)})


def _whole(n: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return n in the shape of psi, in which states are joined to a batch; one that does not fit is left as it is."""
    try:
        return np.broadcast_to(n, shape)
    except ValueError:
        return n


def read_guess(model: FieldModel, psi0: object) -> InitialState:
    """Read a start as :func:`read` does, with a Dataset on another grid of the same cell interpolated."""
    given = grid_of(psi0) if isinstance(psi0, xr.Dataset) else None
    if given is None or given.counts == model.grid.counts:
        return read(model, psi0)
    psi = _on_grid("psi", _parts(model, psi0)[0], given, None)
    return InitialState(given.resampled(psi.values, model.grid), {}, 0.0, psi.dims)


def fitting(model: FieldModel, psi: object, n: object) -> tuple[np.ndarray, np.ndarray | None]:
    """Return psi (..., 2, ny, nx) and n, a number or an array of that shape, of a model.

    Raises
    ------
    ValueError
        They do not fit the grid or are not finite; n is given and there is no reservoir, the batch is empty.
    """
    fields = read_psi(psi, FIELD, (2, *model.grid.shape))
    if not fields.size:
        raise ValueError(f"psi has shape {fields.shape}, an empty batch; give at least one field")
    if np.abs(fields).max() > LARGEST_AMPLITUDE:
        raise ValueError(
            f"|psi| must be <= {LARGEST_AMPLITUDE:g}; got {np.abs(fields).max():g}: its density times a rate overflows"
        )
    return fields, None if n is None else _fitting_reservoir(model, n, fields.shape)


def _fitting_reservoir(model: FieldModel, given: object, shape: tuple[int, ...]) -> np.ndarray:
    n = read_array("n", given, dims=FIELD, need=NEED["n"])
    try:
        fits = np.broadcast_shapes(n.shape, shape) == shape
    except ValueError:
        fits = False
    if not (fits and model.equation.reservoir):
        raise ValueError(
            f"n has shape {n.shape}; with a Reservoir give {shape}, the shape of psi; without one leave it out"
        )
    return n


def _parts(model: FieldModel, psi0: Any) -> tuple[Any, Any]:
    """Return psi and n as they were given."""
    if isinstance(psi0, tuple) and len(psi0) == 2:
        return psi0
    kept = isinstance(psi0, xr.Dataset) and RESERVOIR in psi0 and model.equation.reservoir
    return psi_of(psi0, FIELD, "a field", "lp.SpinorGPE"), psi0[RESERVOIR] if kept else None


def _on_grid(name: str, given: Any, grid: Grid, units: Mapping[str, str] | None) -> Last:
    found = last(name, given, FIELD, units)
    if not named(given):
        return found._replace(values=read_array(name, given, real=name == "n", finite=False, need=NEED[name]))
    labelled = Labelled.of(name, found.values, finite=False)
    labelled.check_units(name, (derived_units(units) or {}).get("length"))
    if not labelled.coincides(grid) and labelled.x is not None:
        raise ValueError(
            f"{name} of psi0 is on {labelled.extent}; the model is on {extent(*grid.points, grid.shape)}; give a model "
            "on the grid of psi0, or the field on the grid of the model as an array"
        )
    return found._replace(values=labelled.on(name, grid))
