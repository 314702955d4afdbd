"""What can be saved of a network, and the coordinates of its sites."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import xarray as xr

from latticepol.lattice import Lattice
from latticepol.model import Arrays
from latticepol.network.equation import pseudospin
from latticepol.results.dataset import wrap
from latticepol.results.variables import derived_units
from latticepol.state import InitialState

#: Labels of the components of a pseudospin.
PSEUDOSPIN_AXES = np.array(["x", "y", "z"])
#: Labels of the spins: right circular first.
SPIN_LABELS = np.array(["+", "-"])
#: Dimensions that only a field has: the amplitudes of a network are sqrt(eta/epsilon) times those of a field.
SCALED = ("density", "field", "current")

#: name -> (its dimensions after time and batch, function of psi (..., N, 2)).
VARIABLES: dict[str, tuple[tuple[str, ...], Callable[[np.ndarray], np.ndarray]]] = {
    "psi": (("site", "spin"), lambda psi: psi.copy()),
    "pseudospin": (("site", "axis"), pseudospin),
    "number": ((), lambda psi: (np.abs(psi) ** 2).sum(axis=(-2, -1))),
}


class Sites(Protocol):
    """What results of a network know of it."""

    @property
    def lattice(self) -> Lattice:
        """Sites and bonds."""
        ...

    @property
    def units(self) -> Mapping[str, str] | None:
        """Names of the units used."""
        ...

    @property
    def record(self) -> Mapping[str, object]:
        """The parameters as a Dataset keeps them."""
        ...


def coords(lattice: Lattice) -> dict[str, Any]:
    """Return site, with x, y and sublattice along it, spin and axis."""
    return {
        "site": np.arange(len(lattice.basis)),
        "x": (("site",), lattice.basis[:, 0]),
        "y": (("site",), lattice.basis[:, 1]),
        "sublattice": (("site",), lattice.sublattice),
        "spin": SPIN_LABELS,
        "axis": PSEUDOSPIN_AXES,
    }


def wrapped(
    model: Sites, variables: Arrays, more: Mapping[str, object], *, title: str, **attributes: Any
) -> xr.Dataset:
    """Return a Dataset with the coordinates of the sites where they are needed."""
    used = {dim for dims, _ in variables.values() for dim in dims}
    given = coords(model.lattice)
    kept = {n: c for n, c in given.items() if (n in used if isinstance(c, np.ndarray) else "site" in used)}
    derived = {n: text for n, text in (derived_units(model.units) or {}).items() if n not in SCALED}
    units = {**derived, **(model.units or {})}
    return wrap(variables, {**kept, **more}, model.record, title=title, units=units, **attributes)


def frame(model: Sites, now: InitialState, names: Sequence[str], *, seed: int) -> xr.Dataset:
    """Return the Dataset of one time with the variables ``names``.

    Raises
    ------
    ValueError
        A name is not known.
    """
    unknown = [name for name in names if name not in VARIABLES]
    if unknown:
        raise ValueError(f"variable {unknown[0]!r} is not known; there are {list(VARIABLES)}")
    variables = {
        name: (("time", *now.dims, *VARIABLES[name][0]), np.asarray(VARIABLES[name][1](now.psi))[None])
        for name in dict.fromkeys(names)
    }
    return wrapped(model, variables, {"time": np.array([now.t])}, title="network of condensates", seed=seed)


def stationary(
    model: Sites,
    psi: np.ndarray | None,
    mu: float,
    residual: float,
    growth: float,
    neutral: float,
    order: str,
    **attributes: object,
) -> xr.Dataset:
    """Return the Dataset of a stationary state, NaN where psi is None; it is stable if it grows no faster than
    ``neutral``."""
    psi = np.full((len(model.lattice.basis), 2), np.nan + 0j) if psi is None else psi
    variables: dict[str, Any] = {name: (dims, function(psi)) for name, (dims, function) in VARIABLES.items()}
    variables |= {
        "mu": ((), mu),
        "residual": ((), residual),
        "growth_rate": ((), growth),
        "stable": ((), growth < neutral),
        "order": ((), order),
    }
    return wrapped(model, variables, {}, title="stationary state of a network", **attributes)
