"""Every door of latticepol with a small call: its arguments by name, arrays and numbers among them, what it returns.

A public name (``public()``) that stands neither in ``DOORS`` nor in ``WITHOUT`` fails tests/guises/test_guises.py.
"""

import ast
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from guises.table import Data, Numbers

import latticepol as lp


def itself(result: Any) -> Any:
    """The result."""
    return result


@dataclass(frozen=True, eq=False)
class Door:
    """``read(function(**given))`` is what a call gives; ``case`` tells two calls of one name apart.

    Every value of ``given`` that is a :class:`Numbers`, a :class:`Data` or a plain number is sent in all guises, but
    those named in ``aside``, with the reason; ``passes`` has single guises of an argument that mean something else,
    with the reason. What is given as one number but may be an array as well is named in ``several``. A ``slow`` call is
    sent in three guises only in the fast suite.
    """

    name: str
    function: Callable[..., Any]
    given: Mapping[str, Any]
    case: str = ""
    read: Callable[[Any], Any] = itself
    aside: Mapping[str, str] = field(default_factory=dict)
    passes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    several: Collection[str] = ()
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.case})" if self.case else self.name

    def numbers(self) -> dict[str, Numbers | Data]:
        """The arguments that are sent in guises."""
        specs = {}
        for name, value in self.given.items():
            if isinstance(value, int | float | complex) and not isinstance(value, bool):
                value = Numbers(value)
            if isinstance(value, Numbers | Data) and name not in self.aside:
                specs[name] = value
        return specs

    def clean(self) -> dict[str, Any]:
        """The arguments of the plain call, each a new object."""
        return {name: value.clean if isinstance(value, Numbers | Data) else value for name, value in self.given.items()}

    def call(self, **changes: Any) -> Any:
        """The function with some arguments changed."""
        return self.function(**(self.clean() | changes))


STUB = Path(lp.__file__).with_suffix(".pyi")


def public() -> list[str]:
    """Names of ``__init__.pyi``, and ``module.name`` of what its modules define themselves."""
    names = []
    for node in ast.parse(STUB.read_text()).body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            value = getattr(lp, alias.name)
            if inspect.ismodule(value):
                names += [f"{alias.name}.{name}" for name in _inside(value)]
            elif callable(value):
                names.append(alias.name)
    return names


def _inside(module: Any) -> list[str]:
    """Functions and classes that belong to a module and are not public by themselves."""

    def own(value: Any) -> bool:
        home = getattr(value, "__module__", "")
        package = hasattr(module, "__path__") and home.startswith(f"{module.__name__}.")
        return callable(value) and (home == module.__name__ or package)

    names = [name for name, value in vars(module).items() if not name.startswith("_") and own(value)]
    return [name for name in names if getattr(lp, name, None) is not getattr(module, name)]


#: Public names without a number or an array among their arguments.
WITHOUT = {
    "ConvergenceError": "an exception",
    "Term": "the base class of terms of one's own: its fields are what its author makes them",
    "Strang": "no argument",
    "BlanesMoan": "no argument",
    "ETDRK4": "no argument",
    "WignerNoise": "no argument",
    "lattice.honeycomb": "no argument",
    "lattice.kagome": "no argument",
    "lattice.lieb": "no argument",
    "lattice.square": "no argument",
    "lattice.triangular": "no argument",
    "presets.spin_bifurcation": "no argument",
    "presets.gaas": "no argument",
    "presets.names": "no argument",
    "units.Scales": "what units.scales returns",
    "pumps.Spot": "what the functions of pumps return",
}


#: Calls without a number among what they are given, which only tests/fuzz makes.
NO_NUMBER = {
    "SpinorGPE": "terms, whose numbers have doors of their own",
    "pumps.envelope": "a function",
    "pumps.Pump": "spots",
    "load": "a path",
    "plot.animation": "numbers, but a film takes half a second: tests/plot/test_plot_guises.py",
    "plot.label": "a variable, of which only texts are read",
    "Grid.integrate": "an array of numpy, as the inner functions call it",
}


def halves(shape: tuple[int, ...], seed: int = 0, largest: int = 8) -> np.ndarray:
    """Multiples of 1/8 between -1 and 1 in no order: exact in half precision."""
    return np.random.default_rng(seed).integers(-largest, largest + 1, shape) / 8.0


def spinor(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Complex multiples of 1/8."""
    return halves(shape, seed) + 1j * halves(shape, seed + 1)


#: The grid of all fields here: no square, so that exchanged axes show.
GRID = lp.Grid.rectangle((4.0, 3.0), (8, 6))
PSI = spinor((2, 6, 8))
TERMS = (lp.Kinetic(1.0), lp.Splitting(1.0, 0.125), lp.Gain(1.5, 1.0, 0.5), lp.Interaction(1.0, -0.125))
FIELD = lp.SpinorGPE(GRID, TERMS)
HONEYCOMB = lp.lattice.honeycomb()
SITE = lp.Site(p=0.5, a=2.25, g=1.0, delta=0.0625)
NET = lp.Network(HONEYCOMB, SITE, J=3.0, dJ=0.875)
CHAIN = lp.Network(lp.lattice.chain(0.25), SITE, J=1.0)


def uniform_state() -> xr.Dataset:
    """A stationary state of FIELD in closed form, S = (W - Gamma + gamma)/eta, without the search for its growth."""
    s = (1.5 - 1.0 + 0.125) / 0.5
    psi = np.sqrt(s) * np.array([1, -1])[:, None, None] * np.ones((2, 6, 8))
    numbers = {"mu": ((), 0.5 + (1.0 - 0.125) * s / 2), "residual": ((), 0.0), "growth_rate": ((), 0.0)}
    return FIELD.to_dataset({"psi": (("spin", "y", "x"), psi + 0j), **numbers}, {}, title="a uniform state")


def series(times: int = 4) -> xr.Dataset:
    """A run of FIELD: psi at some times, exact in single precision."""
    psi = np.stack([spinor((2, 6, 8), seed) for seed in range(times)])
    made = FIELD.to_dataset(
        {"psi": (("time", "spin", "y", "x"), psi)}, {"time": (("time",), np.arange(float(times)))}, title="a run"
    )
    return made.copy()


def all_doors() -> list[Door]:
    """The doors of all rooms."""
    from guises import doors_field, doors_lattice, doors_network, doors_plot, doors_results, doors_site, doors_units

    rooms = (doors_site, doors_units, doors_lattice, doors_field, doors_network, doors_results, doors_plot)
    return [door for room in rooms for door in room.doors()]
