"""The same numbers in all kinds of arrays."""

import numpy as np
import xarray as xr

DIMS = {1: ("axis",), 2: ("y", "x"), 3: ("spin", "y", "x")}


def _hidden(values):
    return np.ma.masked_array(values, mask=np.arange(values.size).reshape(values.shape) == 0)


def _read_only(values):
    values = values.copy()
    values.flags.writeable = False
    return values


def _precision(values, real, complex_):
    return values.astype(complex_ if values.dtype.kind == "c" else real)


GUISES = {
    "list": lambda a: a.tolist(),
    "column by column": lambda a: a.copy(order="F"),
    "reversed strides": lambda a: np.flip(np.flip(a).copy()),
    "every other": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "single precision": lambda a: _precision(a, np.float32, np.complex64),
    "extended precision": lambda a: _precision(a, np.longdouble, np.clongdouble),
    "objects": lambda a: a.astype(object),
    "read-only": _read_only,
    "masking nothing": lambda a: np.ma.masked_array(a, mask=False),
    "DataArray": xr.DataArray,
    "named": lambda a: xr.DataArray(a, dims=DIMS[a.ndim]),
    "transposed names": lambda a: xr.DataArray(a, dims=DIMS[a.ndim]).transpose(),
}


def single(seed, shape, *, real=True):
    """Random numbers that single precision holds exactly."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=shape)
    values = values if real else values + 1j * rng.normal(size=shape)
    return _precision(values, np.float32, np.complex64).astype(float if real else complex)
