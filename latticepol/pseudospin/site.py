"""The parameters of one condensate."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import xarray as xr

from latticepol.arrays import read_array
from latticepol.closed_forms import ClosedForm, CompiledEnsemble
from latticepol.errors import kind

#: No parameter is larger: relaxation rates fall like 1/p and drown in the rounding of the fastest ones.
LARGEST_PARAMETER = 1e4
#: Parameters that may be functions of time in a network.
MOVING = ("p", "delta")
#: For printing.
EQUATION = (
    "ds_x/dt = (p - s) s_x - g s - (a s_z + delta) s_y",
    "ds_y/dt = (p - s) s_y + s_z + (a s_z + delta) s_x",
    "ds_z/dt = (p - s) s_z - s_y",
)


@dataclass(frozen=True, eq=False, repr=False)
class Site(ClosedForm, CompiledEnsemble):
    """One spinor condensate, in units of the linear splitting epsilon (docs/physics.md, section 2).

    In a ``lp.Network`` a parameter may also be an array over its sites (with batch axes in front), and p and delta
    functions of time that return a number or such an array; a single condensate takes one number for each.

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
    TypeError
        A field holds no numbers.
    ValueError
        A field does not hold finite real numbers of modulus up to 1e4, or a <= 0; a function where none is allowed.
    """

    p: Any
    a: Any
    g: Any
    delta: Any = 0.0
    a2: Any = 0.0

    def __post_init__(self) -> None:
        """Refuse what no formula of section 2 is defined for."""
        for field in fields(self):
            object.__setattr__(self, field.name, _checked(field.name, getattr(self, field.name)))
        if np.min(self.a) <= 0:
            raise ValueError(
                f"a = {np.min(self.a)} is not positive; a = (alpha_1 - alpha_2)/eta must be > 0. "
                "For a negative one use the symmetry (a, g, delta, s_x) -> -(a, g, delta, s_x)"
            )

    def replace(self, **changes: object) -> Self:
        """Return a copy with some parameters changed, as in ``site.replace(p=0.5)``."""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            raise TypeError(f"Site has no parameter {sorted(unknown)}; it has {[field.name for field in fields(self)]}")
        return replace(self, **changes)

    @property
    def units(self) -> None:
        """None: its numbers have none."""
        return None

    @property
    def doors(self) -> str:
        """What there is for a Site alone."""
        return "a Site alone has lp.fixed_points(site) and lp.trajectory(site, s0, t)"

    def parameters(self) -> dict[str, Any]:
        """Return the parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def alone(self) -> Self:
        """Return this site, if it is a single condensate.

        Raises
        ------
        ValueError
            A parameter is an array or a function of time.
        """
        for name, value in self.parameters().items():
            if not isinstance(value, float):
                kind = "a function of time" if callable(value) else f"an array {value.shape}"
                raise ValueError(
                    f"{name} is {kind}, as the sites of a lp.Network may have; a single condensate takes one number: "
                    f"use site.replace({name}=...), and an axis {name}=[...] for many"
                )
        return self

    def closed_form_branches(self, along: str, span: tuple[float, float], points: int) -> xr.Dataset:
        """Return the branches of section 2 for :func:`lp.branches`."""
        from latticepol.pseudospin import continuation  # which knows what a Site is

        return continuation.curves_of(self.alone(), along, span, points)

    def compiled_ensemble(self, axes: dict[str, object], **options: Any) -> xr.Dataset:
        """Return what compiled loops count for :func:`lp.alignment_probability`."""
        from latticepol.pseudospin import alignment

        return alignment.probability(self, axes, **options)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={_shown(value)}" for name, value in self.parameters().items())
        return "\n".join([f"Site({values})", *(f"    {line}" for line in EQUATION)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Site) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        values = self.parameters().values()
        return tuple((v.shape, v.tobytes()) if isinstance(v, np.ndarray) else v for v in values)


def single(site: object, others: type | None = None) -> Site:
    """Return the site, if it is a single condensate; ``others`` is a Protocol of what may be given as well.

    Raises
    ------
    TypeError
        It is not a Site.
    ValueError
        A parameter is an array or a function of time.
    """
    if not isinstance(site, Site):
        hint = ", here net.site" if isinstance(getattr(site, "site", None), Site) else ", lp.Site(p=0.1, a=2.28, g=1.0)"
        more = "" if others is None else f", or a model that has what {others.__module__}.{others.__name__} asks for"
        raise TypeError(f"site is {kind(site)}; give a lp.Site{hint}{more}")
    return site.alone()


def _shown(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape} in [{value.min():g}, {value.max():g}]"
    return f"{getattr(value, '__name__', 'function')}(t)" if callable(value) else f"{value!r}"


def _checked(name: str, value: object) -> Any:
    """Return a float, a read-only array of floats, or a function of time."""
    if callable(value):
        if name not in MOVING:
            raise ValueError(f"{name} = {value!r} is a function; only {' and '.join(MOVING)} may depend on time")
        return value
    array = read_array(name, value, dims=("site",), need="a real number, or one for each site")
    if array.size == 0:
        raise ValueError(f"{name} is empty; give a real number, or one for each site")
    if np.abs(array).max() > LARGEST_PARAMETER:
        bad = array[np.abs(array) > LARGEST_PARAMETER].flat[0]
        raise ValueError(f"{name} = {bad} is too large; |{name}| <= {LARGEST_PARAMETER:g} keeps rates above rounding")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array
