"""The guises of numbers: objects that hold the same numbers, and objects that hold none that an equation takes."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

#: What a guise returns for numbers to which it does not apply.
NOT_HERE = object()


@dataclass(frozen=True)
class Numbers:
    """An argument that is a number or an array, exact in half precision so that every precision holds it.

    ``dims`` are the names of its dimensions where latticepol knows them (blanks between), ``free``: others mean others;
    ``complex``, ``nan`` and ``inf`` say what it may hold; ``called`` is what errors call it where not by the name of
    the argument.
    """

    values: Any
    dims: str = ""
    complex: bool = False
    nan: bool = False
    inf: bool = False
    free: bool = False
    called: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What errors may call it."""
        return (self.called,) * bool(self.called)

    @property
    def array(self) -> np.ndarray:
        """The numbers, C order and native."""
        return np.array(self.values)

    @property
    def clean(self) -> Any:
        """What everybody would give: a Python number, a pair, or a plain array."""
        if np.shape(self.values) == (2,) and not self.dims:
            return tuple(self.array.tolist())
        return self.array if np.ndim(self.values) else self.array.item()


class Own(np.ndarray):
    """Somebody's own class of arrays."""


class Holder:
    """What numpy can read, though it is no array."""

    def __init__(self, array: np.ndarray) -> None:
        self.held = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.held.astype(dtype or self.held.dtype)


def fortran(given: Numbers) -> Any:
    return np.asfortranarray(given.array) if given.array.ndim > 1 else NOT_HERE


def transposed_view(given: Numbers) -> Any:
    if given.array.ndim < 2:
        return NOT_HERE
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(given.array, 0, -1)), -1, 0)


def every_second(given: Numbers) -> Any:
    if not given.array.ndim:
        return NOT_HERE
    larger = np.full([2 * n for n in given.array.shape], 7, given.array.dtype)
    view = larger[(slice(None, None, 2),) * given.array.ndim]
    view[...] = given.array
    return view


def backwards(given: Numbers) -> Any:
    turn = (slice(None, None, -1),) * given.array.ndim
    return given.array[turn].copy()[turn] if turn else NOT_HERE


def broadcast(given: Numbers) -> Any:
    """Without strides along an axis on which nothing changes."""
    array = given.array
    for axis in range(array.ndim):
        first = array.take([0], axis)
        if array.shape[axis] > 1 and (array == first).all():
            return np.broadcast_to(first, array.shape)
    return NOT_HERE


def other_byte_order(given: Numbers) -> Any:
    return given.array.astype(given.array.dtype.newbyteorder("S"))


def single_precision(given: Numbers) -> Any:
    return given.array.astype(np.complex64 if given.array.dtype.kind == "c" else np.float32)


def half_precision(given: Numbers) -> Any:
    return NOT_HERE if given.array.dtype.kind == "c" else given.array.astype(np.float16)


def long_double(given: Numbers) -> Any:
    return given.array.astype(np.clongdouble if given.array.dtype.kind == "c" else np.longdouble)


def objects(given: Numbers) -> Any:
    return given.array.astype(object)


def fractions(given: Numbers) -> Any:
    if given.array.dtype.kind == "c" or not np.isfinite(given.array).all():
        return NOT_HERE
    made = np.empty(given.array.shape, object)
    for index, value in np.ndenumerate(given.array):
        made[index] = Fraction(value.item())
    return made if made.ndim else made.item()


def integers(given: Numbers) -> Any:
    whole = given.array.dtype.kind != "c" and (given.array % 1 == 0).all()
    return given.array.astype(np.int16) if whole else NOT_HERE


def as_complex(given: Numbers) -> Any:
    """Real numbers in a complex array, where complex ones are taken."""
    return given.array.astype(complex) if given.complex and given.array.dtype.kind != "c" else NOT_HERE


def read_only(given: Numbers) -> Any:
    array = given.array
    array.flags.writeable = False
    return array


def lists(given: Numbers) -> Any:
    return given.array.tolist() if given.array.ndim else NOT_HERE


def tuples(given: Numbers) -> Any:
    def frozen(value: Any) -> Any:
        return tuple(map(frozen, value)) if isinstance(value, list) else value

    return frozen(given.array.tolist()) if given.array.ndim else NOT_HERE


def masks_nothing(given: Numbers) -> Any:
    return np.ma.masked_array(given.array, mask=False)


def data_array(given: Numbers) -> Any:
    return xr.DataArray(given.array, dims=given.dims.split() or None)


def data_array_turned(given: Numbers) -> Any:
    """Its dimensions in the opposite order, known by their names."""
    return data_array(given).T if given.dims and given.array.ndim > 1 else NOT_HERE


def unaligned(given: Numbers) -> Any:
    kind = np.dtype({"names": ["pad", "value"], "formats": ["u1", given.array.dtype], "offsets": [0, 1]})
    packed = np.zeros(given.array.shape, kind)
    packed["value"] = given.array
    return packed["value"]


def subclass(given: Numbers) -> Any:
    return given.array.view(Own)


def holder(given: Numbers) -> Any:
    return Holder(given.array)


#: Name of a guise -> what makes it.
SAME: dict[str, Callable[[Numbers], Any]] = {
    "C order": lambda given: given.array,
    "Fortran order": fortran,
    "a transposed view": transposed_view,
    "every second of a larger array": every_second,
    "negative strides": backwards,
    "no strides": broadcast,
    "the other byte order": other_byte_order,
    "single precision": single_precision,
    "half precision": half_precision,
    "long double": long_double,
    "objects": objects,
    "fractions": fractions,
    "integers": integers,
    "complex without an imaginary part": as_complex,
    "read-only": read_only,
    "a list": lists,
    "a tuple of tuples": tuples,
    "a mask that hides nothing": masks_nothing,
    "a DataArray": data_array,
    "a DataArray with its dimensions turned": data_array_turned,
    "unaligned": unaligned,
    "a subclass": subclass,
    "an object with __array__": holder,
}


def hides(given: Numbers) -> Any:
    mask = np.zeros(given.array.shape, bool)
    mask.flat[0] = True
    return np.ma.masked_array(given.array, mask=mask)


def _with(given: Numbers, value: float) -> Any:
    array = given.array.astype(complex if given.array.dtype.kind == "c" else float)
    array.flat[-1] = value
    return array if array.ndim else array.item()


def nan(given: Numbers) -> Any:
    return NOT_HERE if given.nan else _with(given, np.nan)


def infinity(given: Numbers) -> Any:
    return NOT_HERE if given.inf else _with(given, np.inf)


def text(given: Numbers) -> Any:
    array = given.array.astype(str)
    array.flat[-1] = "three"
    return array.tolist()


def ragged(given: Numbers) -> Any:
    return [*given.array.tolist()[:-1], [1.0, [2.0, 3.0]]] if given.array.ndim else NOT_HERE


def other_dims(given: Numbers) -> Any:
    names = [] if given.free else given.dims.split()
    return xr.DataArray(given.array, dims=[*names[:-1], "latitude"]) if names else NOT_HERE


def imaginary(given: Numbers) -> Any:
    return NOT_HERE if given.complex else (given.array + 1j if given.array.ndim else given.array.item() + 1j)


def of_another_kind(value: Any) -> Callable[[Numbers], Any]:
    """What is no array, for an argument that is one number."""
    return lambda given: NOT_HERE if given.array.ndim else value


#: What must be refused with a word.
REFUSED: dict[str, Callable[[Numbers], Any]] = {
    "a mask that hides a value": hides,
    "NaN": nan,
    "infinity": infinity,
    "a text": text,
    "ragged": ragged,
    "dimensions of other names": other_dims,
    "complex": imaginary,
    "a dict": of_another_kind({}),
    "a function": of_another_kind(abs),
    "a truth value": of_another_kind(True),
    "five numbers": of_another_kind([1.0, 2.0, 3.0, 4.0, 5.0]),
}


#: Those of them that an argument takes which may be an array, or a function, as well.
OF_ONE = ("a function", "a truth value", "five numbers")


@dataclass(frozen=True)
class Data:
    """An argument that is a Dataset or one of its variables; ``make`` computes it when it is first needed.

    ``variables`` are those that are read. ``finite``: NaN in the first of them is refused; ``anything``: it may hold
    what it wants.
    """

    make: Callable[[], Any]
    variables: tuple[str, ...] = ("psi",)
    finite: bool = False
    anything: bool = False
    called: str = ""

    @cached_property
    def dataset(self) -> Any:
        """As it was computed."""
        return self.make()

    @property
    def names(self) -> tuple[str, ...]:
        """What errors may call it."""
        alone = (str(self.dataset.name),) if isinstance(self.dataset, xr.DataArray) else self.variables
        return (*alone, "dataset", "Dataset")

    @property
    def clean(self) -> Any:
        """A copy."""
        return self.dataset.copy(deep=True)


def _changed(given: Data, change: Callable[[np.ndarray], Any]) -> Any:
    if isinstance(given.dataset, xr.DataArray):
        return given.dataset.copy(data=change(given.dataset.values.copy()))
    made = given.clean
    for name in given.variables:
        variable = made[name]
        made[name] = (variable.dims, change(variable.values.copy()), variable.attrs)
    return made


def _guise(name: str) -> Callable[[Data], Any]:
    def change(array: np.ndarray) -> Any:
        made = SAME[name](Numbers(array))
        return array if made is NOT_HERE else made

    return lambda given: _changed(given, change)


def _turned(given: Data) -> Any:
    return given.clean.transpose(*reversed(list(given.dataset.dims)))


def _exactly_single(given: Data) -> Any:
    def change(array: np.ndarray) -> np.ndarray:
        if array.dtype.kind not in "fc":
            return array
        single = array.astype(np.complex64 if array.dtype.kind == "c" else np.float32)
        return single if np.array_equal(single, array, equal_nan=True) else array

    return _changed(given, change)


#: The same Dataset.
SAME_DATA: dict[str, Callable[[Data], Any]] = {
    "a copy": lambda given: given.clean,
    "its dimensions turned": _turned,
    "single precision": _exactly_single,
} | {
    name: _guise(name)
    for name in (
        "Fortran order", "every second of a larger array", "negative strides", "the other byte order", "read-only",
        "unaligned",
    )
}  # fmt: skip


def _first(given: Data, change: Callable[[np.ndarray], Any]) -> Any:
    if given.anything:
        return NOT_HERE
    return _changed(Data(lambda: given.dataset, given.variables[:1]), change)


def _nan_in(given: Data) -> Any:
    def change(array: np.ndarray) -> np.ndarray:
        array = array.astype(complex if array.dtype.kind == "c" else float)
        array.flat[0] = np.nan
        return array

    return _first(given, change) if given.finite else NOT_HERE


def _renamed(given: Data) -> Any:
    alone = isinstance(given.dataset, xr.DataArray)
    last = (given.dataset if alone else given.dataset[given.variables[0]]).dims[-1]
    return NOT_HERE if given.anything else given.clean.drop_vars(list(given.dataset.coords)).rename({last: "latitude"})


#: A Dataset to be refused with a word.
REFUSED_DATA: dict[str, Callable[[Data], Any]] = {
    "NaN": _nan_in,
    "texts": lambda given: _first(given, lambda array: array.astype(str)),
    "dimensions of other names": _renamed,
    "None": lambda given: None,
    "an array": lambda given: np.ones((2, 2)),
}


#: Guises in which one number differs from a Python number at all.
OF_A_NUMBER = (
    "the other byte order", "single precision", "long double", "objects", "fractions", "integers",
    "complex without an imaginary part", "a mask that hides nothing", "a DataArray", "an object with __array__",
)  # fmt: skip


def guises(given: Numbers | Data) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the same numbers by the name of the guise, what is refused): those that apply."""
    same, refused = (SAME, REFUSED) if isinstance(given, Numbers) else (SAME_DATA, REFUSED_DATA)
    if isinstance(given, Numbers) and not np.ndim(given.values):
        same = {name: same[name] for name in OF_A_NUMBER}
    made = ({name: make(given) for name, make in table.items()} for table in (same, refused))
    here, not_taken = ({name: value for name, value in d.items() if value is not NOT_HERE} for d in made)
    return here, not_taken
