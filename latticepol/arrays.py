"""The one place where numbers and arrays of a caller are read.

Whatever holds the same numbers gives the same array: any memory order, strides, byte order or precision, read-only
or not, a list, a masked array that masks nothing, a DataArray with its dimensions in any order. What comes back is
the caller's no more: contiguous (C order), in the byte order of the machine, float64 or complex128, a copy.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, overload

import numpy as np

from latticepol.errors import DEEPEST, kind, short, unit_hint

#: Names that xarray gives to dimensions without one: they say nothing about their order.
UNNAMED = "dim_"
#: Labels along a dimension, in the order in which arrays hold them.
LABELS = {"spin": ("+", "-")}
#: Dimensions whose labels are the numbers of their elements.
NUMBERED = ("site", "bond")


def read_array(
    name: str,
    given: object,
    *,
    real: bool = True,
    finite: bool = True,
    dims: Sequence[str] = (),
    labels: Mapping[str, Iterable[object]] | None = None,
    need: str = "numbers",
) -> np.ndarray:
    """Return the numbers of ``given`` as a fresh array.

    Parameters
    ----------
    name
        How errors call it.
    given
        A number, a list, an array of any kind, or a DataArray.
    real
        Whether the numbers must be real: the array is float64; otherwise complex128 where ``given`` is complex, float64
        where it is not.
    finite
        Whether NaN and infinity are refused.
    dims
        Names of the last dimensions of the array, in order. A DataArray is transposed to them, and its spins are put in
        the order of their labels; any other dimensions come first.
    labels
        Dimension -> the order of its labels: a DataArray that has them as a coordinate in another order is brought to
        it.
    need
        What to give instead, for messages: "a number or an array (ny, nx)".

    Raises
    ------
    TypeError
        It holds no numbers.
    ValueError
        It is a text, ragged, complex where real numbers are needed, masked, or not finite; or the dimensions of a
        DataArray are others than ``dims``, or its spins have other labels than "+" and "-".
    """
    hint = unit_hint(given)
    if hint:
        raise ValueError(f"{name} = {short(given)} is a text; give {need}{hint}")
    check_masked(name, given)
    array = _plain(name, _ordered(name, given, dims, labels or {}), need)
    if array.dtype.kind == "c":
        if real:
            raise ValueError(f"{name} holds complex values; give real numbers, {need}: .real or .imag")
        array = np.array(array, np.complex128, order="C")
    else:
        array = np.array(array, np.float64, order="C")
    if finite and array.ndim == 0 and not np.isfinite(array):
        raise ValueError(f"{name} must be finite; got {array}: give {need}")
    if finite and not np.isfinite(array).all():
        raise ValueError(f"{name} holds {array[~np.isfinite(array)].flat[0]}; give finite numbers, {need}")
    return array


@overload
def read_number(
    name: str,
    given: object,
    *,
    real: Literal[True] = True,
    finite: bool = True,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    below: float | None = None,
    need: str = "a number",
) -> float: ...


@overload
def read_number(name: str, given: object, *, real: Literal[False], finite: bool = True, need: str = "") -> complex: ...


def read_number(
    name: str,
    given: object,
    *,
    real: bool = True,
    finite: bool = True,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    below: float | None = None,
    need: str = "a number",
) -> complex:
    """Return ``given`` as a float (or a complex number).

    It must be > ``above``, >= ``least``, <= ``most`` and < ``below``. Arrays of no dimensions are numbers; a bool is
    none.

    Raises
    ------
    TypeError
        It is not one number.
    ValueError
        It is a text, complex, not finite, or beyond a limit.
    """
    if isinstance(given, bool | np.bool_):
        raise TypeError(f"{name} = {given} is a truth value; give {need}")
    array = read_array(name, given, real=real, finite=finite, need=need)
    if array.ndim:
        raise TypeError(f"{name} is {kind(given)}; give {need}, not several")
    value = array.item()
    limits = [
        text
        for limit, text, holds in (
            (above, f"> {above}", above is None or value > above),
            (least, f">= {least}", least is None or value >= least),
            (most, f"<= {most}", most is None or value <= most),
            (below, f"< {below}", below is None or value < below),
        )
        if limit is not None and not holds
    ]
    if limits:
        raise ValueError(f"{name} must be {limits[0]}; got {value}: give {need}")
    number: complex = value
    return number


def read_interval(name: str, given: object) -> tuple[float, float]:
    """Return both ends of an interval.

    Raises
    ------
    TypeError, ValueError
        It holds other than two finite numbers, the lower one first.
    """
    ends = read_array(name, given, need="(low, high) with low < high, both finite")
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"{name} = {given!r:.60} is not an interval; give (low, high) with low < high, both finite")
    low, high = ends.tolist()
    return low, high


def read_integer(name: str, given: Any, *, least: int | None = None, most: int | None = None) -> int:
    """Return ``given`` as an int: an integer of any kind, also 6.0, between ``least`` and ``most``.

    Raises
    ------
    TypeError
        It is not a number, or not a single one.
    ValueError
        It is a text, not whole, or beyond a limit.
    """
    span = f"from {least} " * (least is not None) + f"up to {most}" * (most is not None)
    need = f"an integer {span}".strip()
    check_masked(name, given)
    try:
        if isinstance(given, bool | np.bool_):
            raise TypeError
        value = operator.index(given)
    except TypeError:
        number = read_number(name, given, need=need)
        if number != round(number):
            raise ValueError(f"{name} must be {need}; got {number}") from None
        value = round(number)
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"{name} must be {need}; got {value}")
    return value


def read_flag(name: str, given: Any) -> bool:
    """Return ``given`` as a bool: True, False, 1 or 0 of any kind.

    Raises
    ------
    TypeError
        It is neither a truth value nor a number.
    ValueError
        It is a text or another number.
    """
    if isinstance(given, bool | np.bool_) or (getattr(given, "ndim", 1) == 0 and given.dtype.kind == "b"):
        return bool(given)
    number = read_number(name, given, need="True or False")
    if number not in (0, 1):
        raise ValueError(f"{name} must be True or False; got {number:g}")
    return bool(number)


def read_choice(name: str, given: object, choices: Sequence[str], more: str = "") -> str:
    """Return ``given`` as one of the texts ``choices``; ``more`` is what else may be given, for messages.

    Raises
    ------
    TypeError
        It is not a text.
    ValueError
        It is another text.
    """
    texts = list(map(repr, choices)) + [more] * bool(more)
    need = f"{', '.join(texts[:-1])} or {texts[-1]}" if len(texts) > 1 else texts[0]
    value = given.item() if getattr(given, "ndim", None) == 0 and hasattr(given, "item") else given
    if not isinstance(value, str):
        raise TypeError(f"{name} is {kind(given)}; use {need}")
    if value not in choices:
        raise ValueError(f"{name} = {str(value)!r} is not known; use {need}")
    return str(value)


def shape_of(given: Any) -> tuple[int, ...]:
    """Return the shape of what may be an array, without an opinion: (1,) where numpy sees none, of a ragged list."""
    try:
        shape = np.shape(given)
    except (TypeError, ValueError):
        return (1,)
    return shape if isinstance(shape, tuple) else (1,)


def leading(given: Any, dim: str) -> Any:
    """Return a DataArray with its dimension ``dim``, where it has one, in front; anything else as it is."""
    return given.transpose(dim, ...) if dim in getattr(given, "dims", ()) else given


def unnamed(given: object) -> bool:
    """Return whether the order of the dimensions is all that is known: of anything but a DataArray with names."""
    return all(str(dim).startswith(UNNAMED) for dim in getattr(given, "dims", ()))


def named(given: object) -> bool:
    """Return whether it is an array whose dimensions have names: a DataArray."""
    dims = getattr(given, "dims", ())
    return bool(dims) and hasattr(given, "transpose") and not hasattr(given, "data_vars") and not unnamed(given)


def check_dims(name: str, given: Any, dims: Sequence[str]) -> None:
    """Raise ValueError unless an array whose dimensions have names has those of ``dims`` among them."""
    missing = [dim for dim in dims if dim not in given.dims]
    if missing:
        other = next((dim for dim in reversed(given.dims) if dim not in dims), given.dims[-1])
        raise ValueError(
            f"{name} must have the dimensions {tuple(dims)}; got {tuple(given.dims)}: rename them, "
            f"{name}.rename({{{other!r}: {missing[0]!r}}}), or give the .values in that order"
        )


def by_label(name: str, given: Any) -> Any:
    """Return a DataArray with the elements along labelled dimensions in the order of ``LABELS``, or of their numbers.

    Raises
    ------
    ValueError
        Its labels are others.
    """
    numbers = {dim: [str(i) for i in range(given.sizes[dim])] for dim in NUMBERED if dim in given.dims}
    for dim, labels in (LABELS | numbers).items():
        if dim not in given.dims or dim not in getattr(given, "coords", ()):
            continue
        found = [str(label) for label in given.coords[dim].values]
        if sorted(found) != sorted(labels):
            raise ValueError(
                f"{name} must have the labels {list(labels)} along {dim}; got {found}: give it all of them, or drop "
                f"the labels, .drop_vars({dim!r}), if they are in that order"
            )
        given = _relabelled(given, dim, list(labels))
    return given


def _check_pairs(name: str, values: object) -> None:
    """Raise ValueError where values are the pairs that other readers make of complex numbers."""
    pairs = getattr(getattr(values, "dtype", None), "names", None)
    if pairs:
        raise ValueError(
            f"{name} holds pairs {pairs}, as a file has them that was opened without auto_complex=True; read it with "
            "lp.load(path)"
        )


def check_masked(name: str, given: object, depth: int = DEEPEST) -> None:
    """Refuse masks that hide something, also those of the parts of a list."""
    if isinstance(given, list | tuple):
        for part in given if depth else ():
            check_masked(name, part, depth - 1)
    elif isinstance(given, np.ma.MaskedArray) and np.ma.is_masked(given):
        raise ValueError(
            f"{name} masks {int(np.ma.count_masked(given))} of its {given.size} values, and the equations need all; "
            "give numbers there: .filled(value)"
        )


def _ordered(name: str, given: Any, dims: Sequence[str], labels: Mapping[str, Iterable[object]]) -> Any:
    """Return the values of a DataArray with ``dims`` last and in the order of ``labels``; anything else as it is."""
    if not dims or not named(given):
        return given
    check_dims(name, given, dims)
    given = by_label(name, given)
    for dim, order in labels.items():
        given = _relabelled(given, dim, list(map(str, order)))
    return given.transpose(..., *dims)


def _relabelled(given: Any, dim: str, order: list[str]) -> Any:
    """Return a DataArray with its labels along ``dim`` in order, where it has just these."""
    there = list(map(str, given.coords[dim].values.tolist())) if dim in given.coords else order
    if there == order or sorted(there) != sorted(order):
        return given
    return given.isel({dim: [there.index(label) for label in order]})


def _plain(name: str, given: object, need: str) -> np.ndarray:
    """Return the numbers as an array of numpy, of whatever precision."""
    if given is None or isinstance(given, dict | set | frozenset) or callable(given):
        raise TypeError(f"{name} is {kind(given)}; give {need}")
    if hasattr(given, "get") and hasattr(given, "device") and hasattr(given, "dtype"):  # on a GPU
        given = given.get()
    _check_pairs(name, given)
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O":  # fractions, decimals, integers beyond 64 bits
            array = array.astype(
                complex if any(isinstance(x, complex | np.complexfloating) for x in array.flat) else float
            )
    except (TypeError, ValueError):
        raise TypeError(f"{name} = {short(given)} does not hold numbers; give {need}") from None
    except OverflowError:
        raise ValueError(f"{name} = {short(given)} is larger than any number here, 1.8e308; give {need}") from None
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} holds {array.dtype} values; give {need}")
    return array
