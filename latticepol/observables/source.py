"""From a Dataset with a field to arrays and back."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from latticepol.arrays import by_label, read_array
from latticepol.errors import short
from latticepol.grid import Grid
from latticepol.results.dataset import check_dataset, wrap
from latticepol.results.places import shows_dots
from latticepol.results.variables import derived_units

FIELD = ("spin", "y", "x")
#: What there is to see of a network, whose Datasets have sites.
OF_A_NETWORK = (
    "of a network draw the pseudospin, lp.plot.site_map(ds.pseudospin.sel(axis='z')), which a state of "
    "lp.steady_state has and a run of lp.evolve with variables=['pseudospin']"
)


class Field(NamedTuple):
    """psi (..., 2, n2, n1) on its grid, and what goes with it into every result."""

    psi: np.ndarray
    grid: Grid
    dims: tuple[str, ...]  # in front of spin, y, x
    coords: dict[str, Any]  # all of them, those of the grid included
    parameters: dict[str, Any]
    units: dict[str, str] | None

    def plane(self, x: str, y: str, values: Sequence[np.ndarray]) -> dict[str, Any]:
        """Return coordinates x and y of another plane from their ``values`` (n2, n1), two-dimensional in an oblique
        cell."""
        if self.grid.rectangular:
            return {x: ((x,), values[0][0]), y: ((y,), values[1][:, 0])}
        return {x: ((y, x), values[0]), y: ((y, x), values[1])}

    def wrap(self, variables: Mapping[str, tuple[tuple[str, ...], object]], *, title: str, **more: Any) -> xr.Dataset:
        """Return a Dataset of results with those coordinates whose dimensions they have; ``coords=`` adds and
        replaces."""
        coords = self.coords | more.pop("coords", {})
        used = {dim for dims, _ in variables.values() for dim in dims}
        kept = {name: c for name, c in coords.items() if set(c[0]) <= used}
        return wrap(variables, kept, self.parameters, title=title, units=self.units, **more)


def field(dataset: xr.Dataset) -> Field:
    """Return the field in the output of ``evolve`` or ``steady_state``.

    Raises
    ------
    TypeError
        It is not a Dataset.
    ValueError
        There is no ``psi`` with dimensions spin, y and x, or one spin of it; the points are not those of a grid.
    """
    check_dataset(dataset, "lp.evolve or lp.steady_state")
    if "psi" not in dataset or not set(FIELD) <= set(dataset["psi"].dims):
        found = dataset["psi"].dims if "psi" in dataset else list(dataset.data_vars)
        hint = f"; {OF_A_NETWORK}" if shows_dots(dataset) else ""
        raise ValueError(
            f"a Dataset of a field must have psi with the dimensions {FIELD}, as from evolve(save=...); there is "
            f"{found}{hint}"
        )
    dataset = ascending(dataset)
    psi = by_label("psi", dataset["psi"]).transpose(..., *FIELD)
    parameters = recorded(dataset)
    found_grid = grid(dataset, parameters)
    units = units_of(dataset, dataset["x"].attrs.get("units"))
    coords = {str(name): (c.dims, c.values) for name, c in psi.coords.items()}
    return Field(
        read_array("psi", psi, real=False, finite=False),
        found_grid,
        tuple(map(str, psi.dims[:-3])),
        coords,
        parameters,
        units,
    )


def units_of(dataset: xr.Dataset, length: str | None) -> dict[str, str] | None:
    """Return the units of results from those of length and time; without that of time it is ps where lengths are in
    um."""
    usual = "ps" if length == "um" else "1"
    time = dataset["time"].attrs.get("units", "1") if "time" in dataset.coords else "1"
    named = {"length": length or "1", "time": usual if time in ("", "1") else time}
    return derived_units({name: unit for name, unit in named.items() if unit != "1"})


def ascending(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with x and y ascending, where they are one-dimensional."""
    for axis in ("x", "y"):
        if axis in dataset.coords and dataset[axis].dims == (axis,) and (np.diff(dataset[axis].values) < 0).any():
            dataset = dataset.sortby(axis)
    return dataset


def recorded(dataset: xr.Dataset) -> dict[str, Any]:
    """Return the parameters that a Dataset was made with."""
    return dict(json.loads(dataset.attrs.get("parameters", "{}")))


def grid(dataset: xr.Dataset, parameters: Mapping[str, object]) -> Grid:
    """Return the grid behind the coordinates x and y; a Bloch wavevector is ``q`` of the parameters or of their
    ``grid``."""
    n2, n1 = dataset.sizes["y"], dataset.sizes["x"]
    if not {"x", "y"} <= set(dataset.coords) or min(n1, n2) < 2:
        raise ValueError("x and y must be coordinates of two points or more along each; keep all those of the grid")
    x, y = (c.transpose("y", "x").values for c in xr.broadcast(dataset["x"], dataset["y"]))
    step1, step2 = (np.array([x[i] - x[0, 0], y[i] - y[0, 0]]) for i in ((0, 1), (1, 0)))
    origin = np.linalg.solve(np.stack([step1, step2], axis=1), [-x[0, 0], -y[0, 0]])
    described = parameters.get("grid", {})
    q = described.get("q", (0.0, 0.0)) if isinstance(described, dict) else (0.0, 0.0)
    vectors: Any = (n1 * step1, n2 * step2)
    found = Grid(vectors, (n1, n2), q, (round(origin[0]), round(origin[1])))
    if not np.allclose(found.points, (x, y), rtol=0, atol=1e-6 * min(found.spacing)):
        raise ValueError("the coordinates x and y are not the points of a periodic grid; keep all of them")
    return found


def known(names: Sequence[str], dims: Sequence[str]) -> Sequence[str]:
    """Return ``names`` if they are among ``dims``."""
    listed = isinstance(names, list | tuple | set | frozenset) and all(isinstance(name, str) for name in names)
    if not listed or set(names) - set(dims):
        raise ValueError(f"average = {short(names)} is not a list of dimensions among {tuple(dims)}")
    return names
