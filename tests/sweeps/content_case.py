"""Sweeps that use objects of classes of the script: python content_case.py FOLDER prints how many points each made."""

import collections
import dataclasses
import decimal
import enum
import fractions
import functools
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import lattice_sum  # a module next to the script
import numba
import numpy as np
import scipy.interpolate
import xarray as xr

import latticepol as lp

SITE = lp.Site(p=0.4, a=2.28, g=0.1)
NET = lp.Network(lp.lattice.honeycomb(), SITE, J=3.0, dJ=0.9)
FACTOR = 2.0


class Kind(enum.Enum):
    ONE = 1
    TWO = "two"

    def doubled(self):
        return 2 * FACTOR


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Flags(enum.Flag):
    A = enum.auto()
    B = enum.auto()


class Own:
    shared = ({"x", "y", "z"}, [1, 2])

    def __init__(self):
        self.names = {"a", "b", "c", "d"}
        self.table = {"b": np.arange(3.0), "a": lambda x: x + FACTOR}
        self.parent = self

    def value(self, site):
        return site.p * FACTOR

    @property
    def twice(self):
        return 2 * self.value(SITE)


class Slots:
    __slots__ = ("u", "v")

    def __init__(self):
        self.u, self.v = 1.0, Kind.ONE


class Pair(NamedTuple):
    first: float = 1.0
    second: Any = Kind.TWO


class Energy(float):
    pass


@dataclasses.dataclass(frozen=True)
class Inner:
    kind: Kind = Kind.ONE
    own: Own = dataclasses.field(default_factory=Own)


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Inner = dataclasses.field(default_factory=Inner)
    function: Any = dataclasses.field(default=np.cos)
    memory: Any = dataclasses.field(default_factory=object, compare=False)

    @functools.cached_property
    def slow(self):
        return object()


@dataclasses.dataclass(frozen=True, slots=True)
class Slim:
    kind: Kind = Kind.TWO
    x: float = 1.0


@dataclasses.dataclass(frozen=True)
class Wrapped:
    """A model of one's own around one of the package."""

    net: Any = NET
    kind: Kind = Kind.ONE

    def replace(self, **changes):
        return dataclasses.replace(self, net=self.net.replace(**changes))

    @property
    def p(self):
        return self.net.site.p


def closure(value):
    own = Slots()
    return lambda x: value.twice + own.u + x


def ring():
    one, other = Own(), Own()
    one.parent, other.parent = other, one
    return [one, {"other": other}]


@functools.lru_cache
def remembered(x):
    return x + FACTOR


@numba.njit
def compiled(x):
    return x + 1.0


GLOBAL = {Kind.ONE: Own(), Kind.TWO: Pair()}
OUTER = Outer()
OUTER.slow  # noqa: B018 - a memory, which does not count
VALUES = {
    "enum": Kind.ONE, "int enum": Level.HIGH, "flags": Flags.A | Flags.B, "object": Own(), "slots": Slots(),
    "named tuple": Pair(), "number": Energy(1.5), "nested": OUTER, "slim": Slim(), "method": Own().value,
    "partial of a method": functools.partial(Own().value, site=SITE), "closure": closure(Own()), "class": Own,
    "lambdas": {"f": [lambda x: x + 1, lambda x: x - FACTOR]}, "ring": ring(), "model": NET,
    "generator": np.random.default_rng(3), "random state": np.random.RandomState(3), "module": lattice_sum,
    "set": {Kind.ONE, Kind.TWO, Level.LOW, "a", "b", (1, 2), frozenset("xyz")}, "array of objects":
    np.array([Kind.ONE, Own(), None], object), "masked": np.ma.array([1.0, 2.0], mask=[True, False]), "decimal":
    (decimal.Decimal("1.5"), fractions.Fraction(1, 3)), "counter": collections.Counter("aab"), "default":
    collections.defaultdict(Own, x=1), "spline": scipy.interpolate.CubicSpline([0, 1, 2, 3], [0, 1, 4, 9]), "dataset":
    xr.Dataset({"a": ("x", [1.0, 2.0])}), "ufunc": np.sin, "function": np.linspace, "compiled": compiled, "remembered":
    remembered, "type": list[int], "bound in C": [3, 1].index, "dtype": np.dtype(float),
}  # fmt: skip
STORE = Path(sys.argv[-1])


def taken(site, value=None):
    return site.p


def uses(site):
    chosen = GLOBAL[Kind.ONE]
    return chosen.value(site) + OUTER.inner.kind.doubled() + remembered(1.0) + lattice_sum.square(1.0)


def points(function, model, *args):
    """How many points were computed: each is a file."""
    before = len(list(STORE.glob("*/*.nc")))
    lp.sweep(function, model, *args, p=[0.1], store=STORE, executor="serial", progress=False)
    return len(list(STORE.glob("*/*.nc"))) - before


if __name__ == "__main__":
    counts = {name: points(taken, SITE, value) for name, value in VALUES.items()}
    counts |= {"globals": points(uses, SITE), "wrapped model": points(taken, Wrapped())}
    counts["method as function"] = points(Own().value, SITE)
    print(json.dumps(counts))
