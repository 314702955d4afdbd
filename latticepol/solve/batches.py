"""How ``evolve`` computes many points of a sweep as one array with a batch axis."""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from latticepol.axes import POINT, Batch
from latticepol.solve.arguments import check_start
from latticepol.solve.texts import as_numbers

#: States of up to so many amplitudes are run together. The time of larger ones is that of their transforms: several
#: processes gain more.
SMALL = 2**10
#: Amplitudes of one batch, which stays in the cache of a processor.
LARGEST = 2**16


def together(
    function: Any, model: Any, values: Mapping[str, np.ndarray], args: tuple[Any, ...], options: Mapping[str, Any]
) -> Batch | None:
    """The plan of ``evolve``: equal steps of a small state without noise are done for many parameter sets at once.

    Raises
    ------
    ValueError
        Every point would write to the same file.
    """
    given = inspect.signature(function).bind(model, *args, **options).arguments
    for name in ("out", "checkpoint"):
        if given.get(name) is not None:
            raise ValueError(f"{name} = {given[name]!r} would be used by every point; give store= to the sweep instead")
    names = given.get("variables", ("psi",))
    plain = not given.get("callbacks") and all(isinstance(name, str) for name in names)
    if not plain or given.get("dt") is None or given.get("tol") is not None or not hasattr(model, "batch"):
        return None
    size = int(np.prod(model.state_shape))
    try:
        if size > SMALL or model.batch(**{name: array[:1] for name, array in values.items()}) is None:
            return None
    except (TypeError, ValueError):  # said by the point itself
        return None
    rest = {name: value for name, value in given.items() if name not in ("model", "psi0")}
    [rest["dt"]] = as_numbers(model, dt=rest["dt"])

    def call(values: Mapping[str, np.ndarray], _: Any) -> Any:
        psi0, start = _starts(model, values, given["psi0"], rest)
        begin = start if rest.get("t0") is None else rest["t0"]
        return function(model.batch(**values), psi0, **rest | {"t0": begin}).rename(batch=POINT)

    return Batch(call, max(1, LARGEST // size))


def _starts(model: Any, values: Mapping[str, np.ndarray], psi0: Any, rest: Mapping[str, Any]) -> tuple[Any, float]:
    """The initial states of all points, which may depend on the parameters, as one array; and their time."""
    points = [dict(zip(values, numbers, strict=True)) for numbers in zip(*values.values(), strict=True)]
    models = [model.replace(**{name: number.item() for name, number in point.items()}) for point in points]
    if rest.get("integrator") is None and len({repr(m.default_integrator(rest["dt"])) for m in models}) > 1:
        raise ValueError("the points choose different integrators; they are no batch")
    check_start(model, psi0)
    psi, n, start, dims = zip(*(m.read(psi0) for m in models), strict=True)
    if dims[0]:
        raise ValueError(f"psi0 has the batch axes {dims[0]} already")
    if n[0] is None:
        return np.stack(psi), start[0]
    return (np.stack(psi), np.stack([np.broadcast_to(a, b.shape) for a, b in zip(n, psi, strict=True)])), start[0]
