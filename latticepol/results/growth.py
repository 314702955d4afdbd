"""What a stationary state says of its stability: variables and attributes of its Dataset, and back."""

import json
from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from latticepol.linear_problem import Growth

#: Coordinate of the components of a wavevector.
DIRECTIONS = {"direction": np.array(["x", "y"])}
#: That of which nothing is known.
UNKNOWN = Growth(np.nan)


def growth_variables(
    growth: Growth | None, mu: float, status: object = "converged"
) -> dict[str, tuple[tuple[str, ...], object]]:
    """Return the variables of a state of frequency mu, by name: axes and values.

    ``stable`` is False where a mode grows and of what is not stationary (``status`` "failed"), True where no mode grows
    and that is certified, and left out where it is not known; also where it was not looked for (None).
    """
    found = UNKNOWN if growth is None else growth
    stable = None if growth is None else False if status == "failed" else growth.stable(mu)
    return {
        "growth_rate": ((), found.rate),
        "certified": ((), found.certified),
        "k_fastest": (("direction",), np.array(found.k)),
        "omega_fastest": ((), found.omega),
    } | ({} if stable is None else {"stable": ((), stable)})


def growth_attributes(growth: Growth | None) -> dict[str, str | int]:
    """Return the attributes of a state: among how many modes was looked, and the certificate as JSON."""
    if growth is None:
        return {}
    basis: Mapping[str, str | int] = {} if growth.basis is None else {"basis": growth.basis}
    return {**basis, **({"certificate": json.dumps(growth.certificate)} if growth.certificate else {})}


def read_growth(state: xr.Dataset) -> Growth:
    """Return what a state says of its stability."""
    return Growth(
        float(state.growth_rate),
        state.attrs.get("basis"),
        float(state.get("phase_mode", 0.0)),
        (float(state.k_fastest[0]), float(state.k_fastest[1])),
        complex(state.omega_fastest),
        bool(state.certified),
        json.loads(state.attrs.get("certificate", "{}")),
    )


def is_stable(state: xr.Dataset) -> bool:
    """Return whether a state is stable.

    Raises
    ------
    ValueError
        It is not known: the message says what is missing.
    """
    if "stable" in state:
        return bool(state.stable)
    rate, attributes = float(state.get("growth_rate", np.nan)), state.attrs
    if np.isnan(rate):
        reason = "growth was not looked for, or not found (growth_rate is NaN); take lp.steady_state(model, state)"
    else:
        reason = (
            f"nothing grew (growth_rate = {rate:.3g}) in a search that did not see everything "
            f"({attributes.get('certificate', 'no certificate')}); look at lp.bogoliubov on a finer mesh, or read "
            "growth_rate as a lower bound"
        )
    raise ValueError(f"a state must be known to be stable or not; of this one it is not known: {reason}")


def not_known(message: str, names: Iterable[str]) -> str:
    """Return a message that also names the truth values that one of several results lacks: there False stands for what
    is not known."""
    return "; ".join(text for text in (message, f"not known here: {', '.join(names)}") if text)
