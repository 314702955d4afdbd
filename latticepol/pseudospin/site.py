"""The parameters of one condensate."""

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

import numpy as np

#: No parameter is larger: relaxation rates fall like 1/p and drown in the rounding of the fastest ones.
LARGEST = 1e4


@dataclass(frozen=True)
class Site:
    """One spinor condensate, in units of the linear splitting epsilon (docs/physics.md, section 2).

    Parameters
    ----------
    p
        Pump above threshold, (W - Gamma)/epsilon.
    a
        Spin anisotropy of the interaction over the saturation, (alpha_1 - alpha_2)/eta; positive.
    g
        Dissipative over conservative linear splitting, gamma/epsilon. Positive: the mode of higher energy is the
        less lossy one and condenses first.
    delta
        Zeeman splitting over the linear one, Delta/epsilon.
    a2
        alpha_2/eta. It only shifts the common phase here and matters in networks.

    Raises
    ------
    ValueError
        A field is not a real number of modulus up to 1e4, or a <= 0.
    """

    p: float
    a: float
    g: float
    delta: float = 0.0
    a2: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no formula of section 2 is defined for."""
        for field in fields(self):
            object.__setattr__(self, field.name, _finite(field.name, getattr(self, field.name)))
        if self.a <= 0:
            raise ValueError(
                f"a = {self.a} is not positive; a = (alpha_1 - alpha_2)/eta must be > 0. "
                "For a negative one use the symmetry (a, g, delta, s_x) -> -(a, g, delta, s_x)"
            )

    def replace(self, **changes: float) -> Self:
        """Return a copy with some parameters changed, as in ``site.replace(p=0.5)``."""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            raise TypeError(f"Site has no parameter {sorted(unknown)}; it has {[field.name for field in fields(self)]}")
        return replace(self, **changes)

    def parameters(self) -> dict[str, float]:
        """The parameters by name."""
        return asdict(self)


def _finite(name: str, value: Any) -> float:
    try:
        number = float(np.asarray(value).astype(float, casting="same_kind"))
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r} is not a number; a Site takes one real number per parameter") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} = {number} is not finite; give a finite real number")
    if abs(number) > LARGEST:
        raise ValueError(f"{name} = {number} is too large; |{name}| <= {LARGEST:g} keeps rates above rounding")
    return number
