"""Films of an evolution."""

import os
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.animation import FuncAnimation, PillowWriter

from latticepol import observables
from latticepol.arrays import read_number
from latticepol.disk.files import check_folder, replacing, resolve
from latticepol.plot.arguments import read_cells, read_text
from latticepol.plot.fields import field_map, known, repeated
from latticepol.plot.sites import site_map
from latticepol.plot.style import SIGNED, label, of_spin, real_variable
from latticepol.results.dataset import check_dataset
from latticepol.results.places import places_of, shows_dots

#: Frames per second and dots per inch beyond which nothing is seen.
RATE = 1000.0
#: The least that a film can be written with.
SLOWEST = 0.1
#: Dots per inch that leave a picture some points.
FEWEST_DOTS = 10.0
#: How a run of a network becomes a film.
NETWORK = (
    "; of a network evolve with variables=['pseudospin'] and draw "
    "lp.plot.animation(run.sel(axis='z'), 'n.gif', 'pseudospin')"
)
#: What a film shows of a field where it is not in the Dataset, and who knows it.
DOORS = dict.fromkeys(
    ("S", "S_x", "S_y", "S_z", "polarisation", "linear_polarisation", "circular_polarisation"), observables.stokes
) | {"phase": observables.phase, "relative_phase": observables.phase, "density": observables.density}


def animation(
    ds: xr.Dataset,
    path: str | os.PathLike[str],
    variable: str = "S_z",
    *,
    spin: str | None = None,
    fps: float = 12.0,
    dpi: float = 80.0,
    cells: tuple[int, int] = (1, 1),
    **style: Any,
) -> Path:
    """Draw a GIF of a variable over time, with the same colours in all frames; return its path.

    Parameters
    ----------
    ds
        Of ``lp.evolve(..., save=lp.every(...))``, or of observables of it; one axis or element of a batch.
    path
        Name of the file, ending in ".gif".
    variable
        Over time and the points of a grid, or dots with x and y along one dimension, as the sites of a network: one of
        ``ds``, or of a field "S", "S_x", "S_y", "S_z", "density", "phase" (of a spin), "circular_polarisation" and
        others of ``lp.stokes``.
    spin
        "+" or "-", of a variable of each; None: of the density both together.
    fps, dpi
        Frames per second; resolution.
    cells
        Of a grid: repeat the cell so many times.
    style
        For :func:`field_map` or :func:`site_map`, for example vmax.

    Raises
    ------
    ValueError
        The file is not a GIF, the variable is unknown, or has no time or too many dimensions.
    FileNotFoundError
        The folder of ``path`` does not exist.
    """
    target = resolve(path)
    if target.suffix.lower() != ".gif":
        raise ValueError(f"path = {str(path)!r} is not a GIF; give a name that ends in .gif")
    check_folder(target)
    check_dataset(ds, "lp.evolve(..., save=lp.every(...))")
    shown, text = _of(_variable(ds, variable), spin)
    inner = places_of(shown)
    if set(shown.dims) != {"time", *inner}:
        left = sorted(map(str, set(shown.dims) - {"time", *inner}))
        fix = f"choose one of {left} with .sel(...)" if left else "save several times with save=lp.every(...)"
        fix = "give spin='+' or '-'" if left == ["spin"] else fix
        fix = "choose one with .sel(axis='z')" if left == ["axis"] else fix
        raise ValueError(f"{variable!r} has the dimensions {shown.dims}, a film needs {('time', *inner)}: {fix}")
    shown = real_variable(shown.transpose("time", *inner))
    fps = read_number("fps", fps, least=SLOWEST, most=RATE)
    dpi = read_number("dpi", dpi, least=FEWEST_DOTS, most=RATE)
    dots = shows_dots(shown)
    draw = site_map if dots else field_map
    cells = (1, 1) if dots else read_cells(cells, shown.shape[1:])
    more: dict[str, Any] = {} if dots else {"cells": cells}
    figure, ax = plt.subplots(layout="constrained")
    draw(shown[0], ax, text=text, **more, **(_limits(shown) | style))
    artist, time = ax.collections[-1], shown.time

    def frame(i: int) -> None:
        artist.set_array(shown.values[i] if dots else repeated(shown[i], cells))
        ax.set_title(f"{time.attrs.get('long_name', 'time')} = {float(time[i]):.4g} {_unit(time)}".rstrip())

    film = FuncAnimation(figure, frame, frames=shown.sizes["time"])
    try:
        with replacing(target) as unfinished:
            film.save(unfinished, PillowWriter(fps=fps), dpi=dpi)  # type: ignore[arg-type]
    finally:
        plt.close(figure)
    return Path(path).expanduser()


def _variable(ds: xr.Dataset, name: str) -> xr.DataArray:
    if read_text("variable", name, "the name of a variable") in ds:
        return ds[name]
    dots = shows_dots(ds)
    if name not in DOORS or dots:
        known_names = [*map(str, ds.data_vars), *(() if dots else DOORS)]
        raise ValueError(f"variable {name!r} is not known; there are {known_names}{NETWORK if dots else ''}")
    return known(ds, name, DOORS[name])[name]


def _of(variable: xr.DataArray, spin: str | None) -> tuple[xr.DataArray, str]:
    """Return what is shown of a variable, and the text of its colour bar."""
    if "spin" in variable.dims and spin is not None:
        return of_spin(variable, spin), f"{label(variable)}, spin {spin}"
    if "spin" in variable.dims and variable.name == "density":
        return variable.sum("spin", keep_attrs=True), label(variable)
    return variable, label(variable)


def _limits(shown: xr.DataArray) -> dict[str, float]:
    """Return the limits of all frames together."""
    largest, smallest = float(np.nanmax(shown.values)), float(np.nanmin(shown.values))
    if shown.name in SIGNED:
        both = SIGNED[str(shown.name)] or max(largest, -smallest) or 1.0
        return {"vmin": -both, "vmax": both}
    return {"vmin": min(smallest, 0.0), "vmax": largest} if "phase" not in label(shown) else {}


def _unit(time: xr.DataArray) -> str:
    return "" if time.attrs.get("units", "1") == "1" else time.attrs["units"]
