"""The one table of odd values: what somebody may give, by mistake or by a script, where a number, an array, a name,
a model or a Dataset belongs."""

import datetime
import io
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import xarray as xr
from guises.doors import CHAIN, FIELD, GRID, HONEYCOMB, NET, PSI, SITE, series, uniform_state
from guises.table import SAME, Numbers

import latticepol as lp
from latticepol.arrays import shape_of


def _deep(depth: int) -> Any:
    value: Any = 1.0
    for _ in range(depth):
        value = [value]
    return value


def _shape(clean: Any) -> tuple[int, ...]:
    return shape_of(clean) if isinstance(clean, np.ndarray | np.generic | float | int | tuple | list) else ()


def _larger(clean: Any) -> Any:
    shape = _shape(clean) or (3,)
    return np.ones((*shape[:-1], shape[-1] + 1))


def _with(value: float) -> Callable[[Any], Any]:
    """The clean array with one other value."""

    def change(clean: Any) -> Any:
        array = np.ones(_shape(clean) or 3)
        array = array if array.size else np.ones(3)
        array.flat[-1] = value
        return array

    return change


class Odd:
    """An object of no kind that anybody knows, which refuses what it is asked."""

    def __len__(self) -> int:
        return -1

    def __bool__(self) -> bool:
        raise ValueError("no truth value")


def _renamed() -> xr.DataArray:
    return xr.DataArray(np.ones((6, 8)), dims=("latitude", "longitude"))


#: Name -> function of the clean value that gives the odd one.
ODD: dict[str, Callable[[Any], Any]] = {
    "None": lambda clean: None,
    "True": lambda clean: True,
    "False": lambda clean: False,
    "np.True_": lambda clean: np.True_,
    "''": lambda clean: "",
    "'text'": lambda clean: "text",
    "'5 um'": lambda clean: "5 um",
    "'1e-3'": lambda clean: "1e-3",
    "'nan'": lambda clean: "nan",
    "'5 apples'": lambda clean: "5 apples",
    "a long text": lambda clean: "x" * 10000,
    "a text with a zero byte": lambda clean: "a\0b",
    "a text not of ASCII": lambda clean: "µ-ψ/\U0001f600",
    "np.str_": lambda clean: np.str_("text"),
    "bytes": lambda clean: b"5",
    "np.void": lambda clean: np.void(b"ab"),
    "NaN": lambda clean: float("nan"),
    "infinity": lambda clean: float("inf"),
    "minus infinity": lambda clean: float("-inf"),
    "1e308": lambda clean: 1e308,
    "-1e308": lambda clean: -1e308,
    "1e200": lambda clean: 1e200,
    "1e20": lambda clean: 1e20,
    "1e-320": lambda clean: 1e-320,
    "1e-20": lambda clean: 1e-20,
    "0": lambda clean: 0,
    "0.0": lambda clean: 0.0,
    "-0.0": lambda clean: -0.0,
    "-1": lambda clean: -1,
    "1": lambda clean: 1,
    "2.5": lambda clean: 2.5,
    "10^6": lambda clean: 10**6,
    "10^12": lambda clean: 10**12,
    "2^63": lambda clean: 2**63,
    "10^400": lambda clean: 10**400,
    "np.int64 least": lambda clean: np.iinfo(np.int64).min,
    "1j": lambda clean: 1j,
    "complex NaN": lambda clean: complex("nan+nanj"),
    "np.float32": lambda clean: np.float32(0.1),
    "np.longdouble": lambda clean: np.longdouble(1) / 3,
    "np.longdouble beyond double": lambda clean: np.longdouble("1e400"),
    "Fraction": lambda clean: Fraction(1, 3),
    "Decimal": lambda clean: Decimal("0.1"),
    "Decimal NaN": lambda clean: Decimal("NaN"),
    "datetime": lambda clean: datetime.datetime(2026, 1, 1),
    "np.datetime64": lambda clean: np.datetime64("2026-01-01"),
    "np.timedelta64": lambda clean: np.timedelta64(1, "s"),
    "[]": lambda clean: [],
    "()": lambda clean: (),
    "{}": lambda clean: {},
    "set": lambda clean: {1, 2},
    "{'p': 1}": lambda clean: {"p": 1.0},
    "OrderedDict": lambda clean: OrderedDict(a=1),
    "empty array": lambda clean: np.empty(0),
    "empty array (0, 2)": lambda clean: np.empty((0, 2)),
    "empty batch": lambda clean: np.empty((0, *_shape(clean))),
    "0-d array": lambda clean: np.array(1.0),
    "0-d array of objects": lambda clean: np.array(None, dtype=object),
    "[1]": lambda clean: [1.0],
    "[1, 1]": lambda clean: [1.0, 1.0],
    "[2, 1, 0]": lambda clean: [2, 1, 0],
    "[[1]]": lambda clean: [[1.0]],
    "larger": _larger,
    "one dimension more": lambda clean: np.ones((2, *_shape(clean))),
    "one dimension less": lambda clean: np.ones(_shape(clean)[1:]),
    "zeros": lambda clean: np.zeros(_shape(clean)),
    "NaN in it": _with(np.nan),
    "infinity in it": _with(np.inf),
    "1e300 in it": _with(1e300),
    "1e-300 in it": _with(1e-300),
    "negative in it": _with(-1.0),
    "integers": lambda clean: np.ones(_shape(clean), int),
    "unsigned": lambda clean: np.ones(_shape(clean), np.uint8),
    "truth values": lambda clean: np.ones(_shape(clean), bool),
    "imaginary": lambda clean: np.full(_shape(clean), 1j),
    "ragged": lambda clean: [[1.0], [1.0, 2.0]],
    "texts in a list": lambda clean: ["1", "2"],
    "a number and a text": lambda clean: [1.0, "two"],
    "None in a list": lambda clean: [None, 1.0],
    "array of objects": lambda clean: np.array([1.0, None, "x"], dtype=object),
    "array of texts": lambda clean: np.array(["a", "b"]),
    "array of bytes": lambda clean: np.array([b"a", b"b"]),
    "array of times": lambda clean: np.array(["2026-01-01"], "M8[D]"),
    "structured array": lambda clean: np.zeros(2, [("a", float), ("b", int)]),
    "deep list": lambda clean: _deep(70),
    "very deep list": lambda clean: _deep(5000),
    "masked": lambda clean: np.ma.masked,
    "masked array": lambda clean: np.ma.masked_array(np.ones(_shape(clean) or 3), mask=True),
    "np.matrix": lambda clean: np.asmatrix(np.eye(2)),
    "sparse matrix": lambda clean: scipy.sparse.eye_array(2, format="csr"),
    "generator": lambda clean: (i for i in range(3)),
    "range": lambda clean: range(3),
    "iterator": lambda clean: iter([1.0, 2.0]),
    "memoryview": lambda clean: memoryview(b"abcd"),
    "slice": lambda clean: slice(None),
    "Ellipsis": lambda clean: ...,
    "NotImplemented": lambda clean: NotImplemented,
    "type float": lambda clean: float,
    "type of the value": lambda clean: type(clean),
    "function of nothing": lambda clean: lambda: 1.0,
    "function of one": lambda clean: lambda a: a,
    "function of two": lambda clean: lambda x, y: x + y,
    "function of three": lambda clean: lambda x, y, t: x + y + t,
    "function of anything": lambda clean: lambda *args, **options: 1.0,
    "function that gives None": lambda clean: lambda *args: None,
    "function that gives a text": lambda clean: lambda *args: "text",
    "function that gives NaN": lambda clean: lambda *args: np.nan,
    "function that gives another shape": lambda clean: lambda *args: np.ones(5),
    "function that gives complex numbers": lambda clean: lambda *args: 1j,
    "builtin": lambda clean: len,
    "ufunc": lambda clean: np.sin,
    "object": lambda clean: object(),
    "an odd object": lambda clean: Odd(),
    "module": lambda clean: np,
    "Path": lambda clean: Path("no/such/folder/file.nc"),
    "open file": lambda clean: io.BytesIO(b"x"),
    "Generator": lambda clean: np.random.default_rng(0),
    "RandomState": lambda clean: np.random.RandomState(0),
    "Site": lambda clean: SITE,
    "Site of arrays": lambda clean: SITE.replace(p=[0.1, 0.2]),
    "Network": lambda clean: NET,
    "Network of a chain": lambda clean: CHAIN,
    "SpinorGPE": lambda clean: FIELD,
    "class SpinorGPE": lambda clean: lp.SpinorGPE,
    "Grid": lambda clean: GRID,
    "Lattice": lambda clean: HONEYCOMB,
    "patch": lambda clean: HONEYCOMB.patch((1, 1)),
    "term": lambda clean: lp.Kinetic(1.0),
    "pump": lambda clean: lp.pumps.uniform(1.0),
    "circular pump": lambda clean: lp.pumps.uniform(1.0).circular(0.5),
    "envelope": lambda clean: lp.pumps.ramp(0.0, 1.0),
    "schedule": lambda clean: lp.every(0.5),
    "psi": lambda clean: PSI.copy(),
    "pair (psi, None)": lambda clean: (PSI.copy(), None),
    "run": lambda clean: series(),
    "one frame": lambda clean: series().isel(time=0),
    "state of another model": lambda clean: uniform_state(),
    "half a run": lambda clean: series().isel(x=slice(0, 4)),
    "run without coordinates": lambda clean: series().drop_vars(["x", "y", "time", "spin"]),
    "run without attributes": lambda clean: series().drop_attrs(),
    "run without psi": lambda clean: series().drop_vars("psi"),
    "empty Dataset": lambda clean: xr.Dataset(),
    "Dataset of texts": lambda clean: xr.Dataset({"psi": ("x", ["a", "b"])}),
    "DataArray of psi": lambda clean: series().psi,
    "DataArray of other dimensions": lambda clean: _renamed(),
    "DataArray of one number": lambda clean: xr.DataArray(0.5),
    "Variable": lambda clean: xr.Variable("x", [1.0, 2.0]),
    "mean of a run": lambda clean: series().mean("time"),
}

#: The clean value in other clothes: refused with a word or the same result.
CLOTHES: dict[str, Callable[[Numbers], Any]] = {f"the clean value, {name}": make for name, make in SAME.items()}

#: Those that hold NaN, or are none of a number at all: NaN in the result is no surprise.
HOLD_NAN = ("NaN", "complex NaN", "Decimal NaN", "NaN in it", "function that gives NaN", "'nan'")
