"""The same numbers in other guises, and what is no number: for tests that every door reads what it is given."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import xarray as xr


def arrays(values, dims=None):
    """name -> the same numbers, which must be exact in half precision; of a DataArray also with its dims reversed."""
    values = np.asarray(values)
    single = np.complex64 if values.dtype.kind == "c" else np.float16
    long = np.clongdouble if values.dtype.kind == "c" else np.longdouble
    stretched = np.zeros(tuple(3 * n for n in values.shape), values.dtype)
    stretched[tuple(slice(None, None, 3) for _ in values.shape)] = values
    locked = values.copy()
    locked.flags.writeable = False
    flipped = values[(slice(None, None, -1),) * values.ndim].copy()
    found = {
        "list": values.tolist(),
        "Fortran order": np.asfortranarray(values),
        "strided": stretched[tuple(slice(None, None, 3) for _ in values.shape)],
        "negative strides": flipped[(slice(None, None, -1),) * values.ndim],
        "big-endian": values.astype(values.dtype.newbyteorder(">")),
        "single": values.astype(single),
        "long": values.astype(long),
        "object": values.astype(object),
        "read-only": locked,
        "masked array": np.ma.masked_array(values, mask=np.zeros(values.shape, bool)),
        "DataArray without names": xr.DataArray(values),
    }
    if np.array_equal(values, values.astype(complex).real.astype(int)):
        found["integers"] = values.real.astype(np.int8)
    if dims is not None:
        found["DataArray"] = xr.DataArray(values, dims=dims)
        found["transposed DataArray"] = xr.DataArray(values.T, dims=dims[::-1])
    return found


def numbers(value):
    """name -> the same number, which must be exact in half precision."""
    found = {
        "float": float(value),
        "float64": np.float64(value),
        "half": np.float16(value),
        "long": np.longdouble(value),
        "big-endian": np.array(value, ">f8"),
        "object": np.array(value, object),
        "Fraction": Fraction(value),
        "Decimal": Decimal(value),
        "masked array": np.ma.masked_array(float(value), mask=False),
        "DataArray": xr.DataArray(float(value)),
    }
    if value == int(value):
        found |= {"int": int(value), "int8": np.int16(value), "array of int": np.array(int(value))}
    return found


#: What is no number, with the errors that say so.
NONSENSE = {
    "text": "x",
    "NaN": np.nan,
    "infinite": np.inf,
    "several": [1.0, 2.0, 3.0, 4.0, 5.0],
    "masked": np.ma.masked_array(1.0, mask=True),
    "dict": {},
    "truth value": True,
    "complex": 1j,
    "function": abs,
}


def masked(values):
    """The same array with a mask that hides its first number."""
    array = np.ma.masked_array(values)
    array.mask = np.zeros(array.shape, bool)
    array[(0,) * array.ndim] = np.ma.masked
    return array
