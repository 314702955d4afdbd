"""How ``evolve`` computes many points of a sweep as one array with a batch axis."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from latticepol.axes import POINT, Batch
from latticepol.evolution.arguments import check_start
from latticepol.evolution.texts import as_numbers
from latticepol.model import Evolvable, check_model
from latticepol.state import InitialState

#: States of up to so many amplitudes are run together. The time of larger ones is that of their transforms: several
#: processes gain more.
SMALL = 2**10
#: Amplitudes of one batch, which stays in the cache of a processor.
LARGEST = 2**16


def together(
    function: Callable[..., xr.Dataset],
    model: Evolvable,
    values: Mapping[str, np.ndarray],
    args: tuple[object, ...],
    options: Mapping[str, object],
) -> Batch | None:
    """Return the plan of ``evolve``: equal steps of a small state without noise are done for many parameter sets at
    once.

    Raises
    ------
    TypeError
        What is swept is not a model that evolves.
    ValueError
        Every point would write to the same file.
    """
    check_model(model, Evolvable)
    given = inspect.signature(function).bind(model, *args, **options).arguments
    for name in ("out", "checkpoint"):
        if given.get(name) is not None:
            raise ValueError(f"{name} = {given[name]!r} would be used by every point; give store= to the sweep instead")
    names = given.get("variables", ("psi",))
    plain = not given.get("callbacks") and all(isinstance(name, str) for name in names)
    if not plain or given.get("dt") is None or given.get("tol") is not None:
        return None
    size = int(np.prod(model.state_shape))
    try:
        if size > SMALL or model.batch(**{name: array[:1] for name, array in values.items()}) is None:
            return None
    except (TypeError, ValueError):  # said by the point itself
        return None
    rest = {name: value for name, value in given.items() if name not in ("model", "psi0")}
    [rest["dt"]] = as_numbers(model, dt=rest["dt"])

    def call(values: Mapping[str, np.ndarray], _: object) -> Any:
        begin = _starts(model, values, given["psi0"], rest)
        return function(model.batch(**values), begin, **rest).rename(batch=POINT)

    return Batch(call, max(1, LARGEST // size))


def _starts(model: Evolvable, values: Mapping[str, np.ndarray], psi0: object, rest: Mapping[str, Any]) -> InitialState:
    """Return the initial states of all points, which may depend on the parameters, as one batch."""
    points = [dict(zip(values, numbers, strict=True)) for numbers in zip(*values.values(), strict=True)]
    models = [model.replace(**{name: number.item() for name, number in point.items()}) for point in points]
    if rest.get("integrator") is None and len({repr(m.default_integrator(rest["dt"])) for m in models}) > 1:
        raise ValueError("the points choose different integrators; give one, integrator=lp.BlanesMoan()")
    check_start(model, psi0)
    starts = [m.read_start(psi0) for m in models]
    first = starts[0]
    if first.dims:
        raise ValueError(f"psi0 has the batch axes {first.dims} already")
    auxiliary = {
        name: np.stack(np.broadcast_arrays(*(start.auxiliary[name] for start in starts))) for name in first.auxiliary
    }
    return InitialState(np.stack([start.psi for start in starts]), auxiliary, first.t, ("batch",))
