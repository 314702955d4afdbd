"""Results as ``xarray.Dataset``: the one table of variables, how arrays become a Dataset, and how it meets the disk.

Units are attached when a result leaves the package, from the table below. They are never relied on to survive
arithmetic: xarray keeps the attributes of the operands, which are wrong for a product.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

import netCDF4
import numpy as np
import xarray as xr

from latticepol._version import __version__
from latticepol.arrays import complex_values as complex_values
from latticepol.arrays import read_choice
from latticepol.errors import kind, short
from latticepol.files import check_folder, replacing, resolve
from latticepol.netcdf import (
    check_storable,
    encoding,
    joined,
    of_one_precision,
    split,
    with_own_dims,
    with_stored_dims,
    with_texts,
)

DATASET_VERSION = 1
#: What a file says of its complex variables.
STORAGE = {
    "compound": "compound {r, i} (nc-complex); open with auto_complex=True",
    "split": "real and imaginary parts, name_re and name_im; latticepol.load joins them",
}
#: An array of more numbers is recorded among the parameters by its shape and a hash.
LARGEST_LIST = 1000


class Variable(NamedTuple):
    """What the table knows about one name: its text for axes and its physical dimension."""

    long_name: str
    dimension: str = "dimensionless"


VARIABLES: dict[str, Variable] = {
    # coordinates
    "p": Variable("pump above threshold p"),
    "a": Variable("spin anisotropy of the interaction a"),
    "g": Variable("dissipative splitting g"),
    "delta": Variable("Zeeman splitting delta"),
    "time": Variable("time", "time"),
    "axis": Variable("pseudospin component"),
    "realization": Variable("realisation"),
    "x": Variable("x", "length"),
    "y": Variable("y", "length"),
    "spin": Variable("spin (+: right circular)"),
    # fields
    "psi": Variable("field psi", "field"),
    "reservoir": Variable("reservoir density n", "density"),
    "batch": Variable("element of the batch"),
    "number": Variable("number of particles"),
    "energy": Variable("energy E", "rate"),
    "gain": Variable("particles gained per unit time", "rate"),
    "loss": Variable("particles lost per unit time", "rate"),
    "drive": Variable("particles brought by the drive per unit time", "rate"),
    # networks
    "site": Variable("site"),
    "sublattice": Variable("sublattice"),
    "start": Variable("start of the search"),
    "mu": Variable("frequency of the condensate mu", "rate"),
    "phase_mode": Variable("frequency |omega| of the phase mode, 0 without truncation", "rate"),
    "residual": Variable("residual max |i dpsi/dt - mu psi| / max |psi|", "rate"),
    # spectra
    "mode": Variable("mode, by frequency"),
    "nambu": Variable("particle (u) or hole (v) part"),
    "right": Variable("right vector"),
    "left": Variable("left vector"),
    "right_reservoir": Variable("right vector, reservoir"),
    "left_reservoir": Variable("left vector, reservoir"),
    "direct_gap": Variable("direct gap", "rate"),
    "line_gap": Variable("line gap", "rate"),
    "where": Variable("wavevector of the direct gap", "wavevector"),
    "chern": Variable("Chern number of everything below the gap"),
    "smallest_norm": Variable("smallest norm u^2 - v^2 of a mode above the gap"),
    "berry_curvature": Variable("Berry curvature of everything below the gap", "area"),
    "edge": Variable("edge of the ribbon"),
    "edge_weight": Variable("weight of a mode near an edge"),
    "velocity": Variable("group velocity along the ribbon", "velocity"),
    # the network of a field
    "estimate": Variable("how J, dJ and the energies were found"),
    "bond": Variable("bond"),
    "J": Variable("hopping J", "rate"),
    "dJ": Variable("TE-TM hopping dJ", "rate"),
    "onsite": Variable("energy of the site", "rate"),
    "band_difference": Variable("largest difference of the bands", "rate"),
    "band_error": Variable("largest difference of the bands in percent of J"),
    "separation": Variable("separation from the next band", "rate"),
    "left_out": Variable("largest hopping to a site that is no neighbour", "rate"),
    "remainder": Variable("largest part of a bond that is not J or dJ", "rate"),
    "overlap": Variable("integral of w^4", "density"),
    "saturation": Variable("saturation of the site eta int w^4", "rate"),
    "position": Variable("position of the site", "length"),
    "within": Variable("least part of the trial functions in the bands"),
    "wannier": Variable("Wannier function w", "field"),
    # observables of a field
    "direction": Variable("direction of the current"),
    "density": Variable("density |psi|^2", "density"),
    "S": Variable("half the total density S", "density"),
    "S_x": Variable("Stokes parameter S_x", "density"),
    "S_y": Variable("Stokes parameter S_y", "density"),
    "S_z": Variable("Stokes parameter S_z", "density"),
    "polarisation": Variable("degree of polarisation"),
    "linear_polarisation": Variable("degree of linear polarisation"),
    "circular_polarisation": Variable("degree of circular polarisation S_z/S"),
    "phase": Variable("phase"),
    "relative_phase": Variable("phase of psi_- relative to psi_+"),
    "current": Variable("current of the total density", "current"),
    "kinetic_current": Variable("kinetic current of a spin component", "current"),
    "vortex_x": Variable("x of the vortex", "length"),
    "vortex_y": Variable("y of the vortex", "length"),
    "charge": Variable("charge of the vortex"),
    "kx": Variable("k_x", "wavevector"),
    "ky": Variable("k_y", "wavevector"),
    "amplitude": Variable("amplitude of a plane wave"),
    "momentum_density": Variable("population of a plane wave"),
    "omega": Variable("frequency omega", "rate"),
    "spectral_density": Variable("population per frequency", "time"),
    "dx": Variable("separation along x", "length"),
    "dy": Variable("separation along y", "length"),
    "g1": Variable("first-order coherence g1"),
    "domain_number": Variable("number of spin domains"),
    "domain_area": Variable("mean area of a spin domain", "area"),
    "largest_domain": Variable("area of the largest spin domain", "area"),
    "up_fraction": Variable("fraction of the area with S_z >= 0"),
    "W": Variable("gain W at the centre", "rate"),
    "equation": Variable("equation"),
    "correlation_length": Variable("correlation length of the sign of S_z", "length"),
    # sweeps: what is said about a point, and parameters that become axes
    "status": Variable("how the computation of the point ended"),
    "message": Variable("why the computation of the point failed"),
    "seed": Variable("seed of the random numbers of the point"),
    "mass": Variable("mass m", "mass"),
    "nu": Variable("momentum damping nu"),
    "epsilon": Variable("linear splitting epsilon", "rate"),
    "gamma": Variable("splitting of the losses gamma", "rate"),
    "beta": Variable("half the TE-TM splitting over k^2, beta", "diffusivity"),
    "Delta": Variable("Zeeman splitting Delta", "rate"),
    "V": Variable("potential V", "rate"),
    "W_scale": Variable("power of the gain, in units of W"),
    "P_scale": Variable("power of the pump, in units of P"),
    "F_scale": Variable("amplitude of the drive, in units of F"),
    "V_scale": Variable("depth of the potential, in units of V"),
    "Delta_scale": Variable("strength of the Zeeman splitting, in units of Delta"),
    "Gamma": Variable("loss Gamma", "rate"),
    "eta": Variable("saturation of the gain eta", "diffusivity"),
    "alpha1": Variable("interaction of equal spins alpha_1", "diffusivity"),
    "alpha2": Variable("interaction of opposite spins alpha_2", "diffusivity"),
    "Gamma_R": Variable("loss of the reservoir Gamma_R", "rate"),
    "g_R": Variable("interaction with the reservoir g_R", "diffusivity"),
    "g_cross": Variable("interaction with the reservoir of the other spin", "diffusivity"),
    "tau_s": Variable("spin relaxation time of the reservoir", "time"),
    "a2": Variable("interaction of opposite spins over the saturation a_2"),
    # wavevectors of a lattice
    "wavevector": Variable("wavevector k", "wavevector"),
    "k": Variable("wavevector along the ribbon", "wavevector"),
    "k1": Variable("k along B1"),
    "k2": Variable("k along B2"),
    "distance": Variable("distance along the path", "wavevector"),
    "point": Variable("high-symmetry point"),
    # single condensate: states
    "pseudospin": Variable("pseudospin s", "density"),
    "stable": Variable("linearly stable"),
    "growth_rate": Variable("largest growth rate", "rate"),
    "label": Variable("kind of state"),
    "order": Variable("order of the spins of a network"),
    "g_eff": Variable("effective g-factor enhancement"),
    "chi": Variable("field susceptibility chi"),
    "number_of_states": Variable("number of states"),
    # single condensate: special points and curves
    "p_c": Variable("pump at the pitchfork p_c"),
    "s_c": Variable("condensate size at the pitchfork s_c", "density"),
    "supercritical": Variable("pitchfork is supercritical"),
    "stable_below": Variable("the bifurcating state is stable below the pitchfork"),
    "kind": Variable("kind of special point"),
    "opens": Variable("side of the fold on which its two states exist (+1: above, -1: below)"),
    "special_p": Variable("pump at the special point"),
    "special_delta": Variable("Zeeman splitting at the special point"),
    "special_pseudospin": Variable("pseudospin at the special point", "density"),
    "special_kind": Variable("kind of special point"),
    "special_branch": Variable("branch of the special point"),
    # single condensate: excitations
    "Omega": Variable("precession frequency Omega", "rate"),
    "Omega_z": Variable("precession frequency about the z axis Omega_z", "rate"),
    "gamma_p": Variable("damping of the precession gamma_p", "rate"),
    "Gamma_p": Variable("relaxation rate of the third mode Gamma_p", "rate"),
    "rotation_axis": Variable("direction of the effective field"),
    "u1": Variable("real part of the precessing eigenvector u_1"),
    "u2": Variable("imaginary part of the precessing eigenvector u_2"),
    "v3": Variable("eigenvector of the third mode v_3"),
    # single condensate: ensembles
    "probability": Variable("probability of alignment P"),
    "standard_error": Variable("standard error of P"),
    "settled": Variable("realisations that settled on a state"),
    "unsettled": Variable("realisations that did not settle"),
    "died": Variable("realisations that died out"),
}


#: Powers of length and time of the dimensions that follow from them.
DERIVED = {
    "length": (1, 0),
    "time": (0, 1),
    "rate": (0, -1),
    "density": (-2, 0),
    "wavevector": (-1, 0),
    "area": (2, 0),
    "current": (-1, -1),
    "field": (-1, 0),
    "velocity": (1, -1),
    "diffusivity": (2, -1),
    "mass": (-2, 1),
}


def check_units(names: Any) -> None:
    """Refuse what does not name the units of a model.

    Raises
    ------
    ValueError
        It is no dict from dimensions to texts, or names an unknown dimension.
    """
    if names is None:
        return
    example = "{'time': 'ps', 'length': 'um'}, which is lp.units.PS_UM, or None"
    if not isinstance(names, Mapping) or not all(isinstance(text, str) for text in names.values()):
        raise ValueError(f"units = {short(names)} does not say which is which; give {example}")
    unknown = set(names) - set(DERIVED)
    if unknown:
        raise ValueError(f"units = {dict(names)!r} names {sorted(map(str, unknown))}; give {example}")


def time_of(given: xr.Dataset | xr.DataArray, names: Mapping[str, str] | None) -> float:
    """The time of a state that a model with the units ``names`` starts from, 0 where it has none.

    Raises
    ------
    ValueError
        It is in another unit than times of the model, where both are known.
    """
    if "time" not in given.coords:
        return 0.0
    unit, own = given.coords["time"].attrs.get("units", "1"), (derived_units(names) or {}).get("time", "1")
    if unit not in ("", "1") and own not in ("", "1") and unit != own:
        raise ValueError(
            f"the time of psi0 must be in the unit of the model; it is in {unit!r}, times of the model in {own!r}: "
            "convert psi0 to the units of the model, its psi too, and its attrs['units']"
        )
    return float(given.coords["time"])


def derived_units(names: Mapping[str, str] | None) -> dict[str, str] | None:
    """Physical dimension -> text for :func:`wrap`, from the texts of time and length; None: dimensionless."""
    if not names:
        return None

    def text(powers: tuple[int, int]) -> str:
        known = zip((names.get("length", "1"), names.get("time", "1")), powers, strict=True)
        parts = sorted(((unit, n) for unit, n in known if unit != "1" and n), key=lambda part: part[1] < 0)
        return " ".join(unit if n == 1 else f"{unit}{n}" for unit, n in parts) or "1"

    return {dimension: text(powers) for dimension, powers in DERIVED.items()} | dict(names)


def wrap(
    variables: Mapping[str, tuple[tuple[str, ...], Any]],
    coords: Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    title: str,
    units: Mapping[str, str] | None = None,
    long_names: Mapping[str, str] | None = None,
    **attributes: Any,
) -> xr.Dataset:
    """Turn arrays into a Dataset with units, long names and provenance.

    Parameters
    ----------
    variables
        ``name -> (dims, array)``. Every name must be in the table ``VARIABLES`` or in ``long_names``.
    coords
        ``name -> array`` for a coordinate along the dimension of that name, or ``name -> (dims, array)``. Names in the
        table get its text.
    parameters
        Numbers, strings and structures that describe the model; stored as one JSON attribute ``parameters``.
    title
        One line that says what this is.
    units
        Physical dimension -> text, for instance ``{"time": "ps"}``. None: everything is dimensionless (unit "1").
    long_names
        Texts of dimensionless variables that are not in the table, for the results of a script.
    attributes
        Further numbers and strings (``seed=...``); anything else is stored as JSON.
    """
    dataset = xr.Dataset({name: (dims, np.asarray(values)) for name, (dims, values) in variables.items()})
    dataset = dataset.assign_coords({name: _coordinate(name, value) for name, value in coords.items()})
    table = VARIABLES | {name: Variable(text) for name, text in (long_names or {}).items()}
    for name in dataset.variables:
        if name in table or name in dataset.data_vars:
            dataset[name].attrs = _texts(name, table, units or {})
            if dataset[name].dtype.kind in "US" and table[str(name)].dimension != "dimensionless":
                del dataset[name].attrs["units"]  # texts such as "30 ueV" have theirs with them
    dataset.attrs = {
        "title": title,
        "source": f"latticepol {__version__}",
        "dataset_version": DATASET_VERSION,
        "git_commit": commit(),
        "versions": json.dumps(library_versions()),
        "parameters": json.dumps(dict(parameters), default=_jsonable),
        **{key: _attribute(value) for key, value in attributes.items()},
    }
    return dataset


def save(
    dataset: xr.Dataset, path: str | os.PathLike[str], *, complex: Literal["compound", "split"] = "compound"
) -> Path:
    """Write ``dataset`` to a netCDF-4 file and return its path.

    The file appears under its name only when it is complete: it is written beside it and moved; of a link, what it
    points to is replaced.

    Parameters
    ----------
    dataset
        What is saved.
    path
        The file.
    complex
        How complex variables are stored. "compound": as pairs (the type of nc-complex), which other readers than
        ``latticepol.load`` need to be told of, ``xr.open_dataset(path, engine="netcdf4", auto_complex=True)``. "split":
        as ``name_re`` and ``name_im``, which every program reads, and ``latticepol.load`` joins again. Pairs are all of
        one precision in a file: complex64 next to complex128 becomes complex128.

    Raises
    ------
    TypeError
        What is to be saved is no Dataset, or an attribute or a variable is of a type that no file can hold.
    ValueError
        ``complex`` is something else, or a variable, dimension or attribute has a name that no file can hold.
    FileNotFoundError
        The folder of ``path`` does not exist.
    OSError
        The disk has no room, which the message says with what is needed and what is free, or refuses otherwise.
    """
    if not isinstance(dataset, xr.Dataset):
        raise TypeError(
            f"dataset is a {type(dataset).__name__}; give save(dataset, path) with a Dataset, which a DataArray "
            "becomes with .to_dataset(name='...')"
        )
    storage = read_choice("complex", complex, tuple(STORAGE))
    check_storable(dataset)
    target = resolve(path)
    check_folder(target)
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it")
    with replacing(target) as unfinished:
        write(dataset, unfinished, storage)
    return Path(path).expanduser()


def write(dataset: xr.Dataset, path: Path, complex: str = "compound") -> None:
    """Write ``dataset`` to a new file, where it may be seen half written."""
    made = with_stored_dims(split(dataset) if complex == "split" else of_one_precision(dataset))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    stamped = made.assign_attrs(created=created, complex_storage=STORAGE[complex])
    stamped.to_netcdf(path, engine="netcdf4", auto_complex=True, encoding=encoding(stamped))


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a file written by :func:`save`, whole, and leave it closed.

    Complex variables are complex again, however they were stored. The file is read as an image in memory, so that
    another Dataset may still read from it.

    Raises
    ------
    OSError
        There is no such file, or it is no netCDF file.
    """
    target = resolve(path)
    if not target.is_file():
        raise FileNotFoundError(f"there is no file {path}; give one that lp.save wrote")
    image = target.read_bytes()
    try:
        file = netCDF4.Dataset(target.name, memory=image, auto_complex=True)
    except OSError as error:
        raise OSError(
            f"{path} is no netCDF file, or an incomplete one ({error}); give one that lp.save wrote"
        ) from None
    return with_own_dims(joined(with_texts(xr.load_dataset(xr.backends.NetCDF4DataStore(file)))))  # closes it


def check_dataset(given: Any, doors: str) -> None:
    """Refuse what is no Dataset where one of the doors is needed.

    Raises
    ------
    TypeError
        It is something else.
    """
    if not isinstance(given, xr.Dataset):
        what = f"the variable {given.name!r} alone" if isinstance(given, xr.DataArray) else kind(given)
        raise TypeError(f"dataset is {what}; give the Dataset of {doors}")


@cache
def commit() -> str:
    """The git commit of the code that runs ("-dirty" where it was changed since), or "unknown" outside a checkout."""
    folder = Path(__file__).parent
    git = ["git", "-C", str(folder)]
    try:
        subprocess.run([*git, "ls-files", "--error-unmatch", Path(__file__).name], check=True, capture_output=True)
        describe = [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        described = subprocess.run(describe, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


@cache
def library_versions() -> dict[str, str]:
    """Versions of the libraries that can change a number."""
    return {name: version(name) for name in ("numpy", "scipy", "numba", "xarray")}


def _coordinate(name: str, value: Any) -> tuple[tuple[str, ...], np.ndarray]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple):
        return value[0], np.asarray(value[1])
    return (name,), np.asarray(value)


def _texts(name: Hashable, table: Mapping[str, Variable], units: Mapping[str, str]) -> dict[str, str]:
    if name not in table:
        raise KeyError(f"variable {name!r} has no entry in latticepol.dataset.VARIABLES; add one with its long name")
    variable = table[str(name)]
    return {"units": units.get(variable.dimension, "1"), "long_name": variable.long_name}


def _attribute(value: Any) -> str | int | float:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return json.dumps(value, default=_jsonable)


def _jsonable(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size > LARGEST_LIST:
        return f"array{value.shape} #{hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()[:12]}"
    if isinstance(value, np.longdouble | np.clongdouble):  # their .tolist() is what they are
        return complex(value) if isinstance(value, np.complexfloating) else float(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return repr(value)
