"""What the engine uses of CuPy, on the processor, as strict as CuPy: its arrays meet no array of numpy, become none by
themselves, and are transformed in place by a plan of their shape only."""

from types import ModuleType, SimpleNamespace

import numpy as np

METHODS = {"all", "copy", "max", "mean", "reshape", "sum", "view"}
FUNCTIONS = {np.empty_like, np.linalg.norm}


class Array(np.lib.mixins.NDArrayOperatorsMixin):
    """An array "on the device"."""

    def __init__(self, values):
        self._values = np.asarray(values)

    shape = property(lambda self: self._values.shape)
    dtype = property(lambda self: self._values.dtype)
    size = property(lambda self: self._values.size)
    real = property(lambda self: Array(self._values.real))
    imag = property(lambda self: Array(self._values.imag))

    def get(self):
        return self._values.copy()

    def __getattr__(self, name):
        if name not in METHODS:
            raise AttributeError(f"the imitation of CuPy has no {name!r}")
        return lambda *args, **options: raised(getattr(self._values, name)(*lowered(args), **options))

    def __array__(self, *args, **options):
        raise TypeError("implicit conversion to a numpy array")

    def __bool__(self):
        return bool(self._values)

    def __float__(self):
        return float(self._values)

    def __getitem__(self, index):
        return Array(self._values[index])

    def __setitem__(self, index, value):
        self._values[index] = lowered([value])[0]

    @np.errstate(all="ignore")  # a GPU does not warn
    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        assert method == "__call__"
        if out is None:
            return Array(ufunc(*lowered(inputs), **options))
        ufunc(*lowered(inputs), out=tuple(lowered(out)), **options)
        return out[0]

    def __array_function__(self, function, types, args, options):
        if function is np.asarray:
            return asarray(*args)
        if function not in FUNCTIONS:
            return NotImplemented
        return raised(function(*lowered(args), **options))


def lowered(values):
    """The arrays behind those of the device; numpy's own are refused."""
    if any(isinstance(value, np.ndarray) for value in values):
        raise TypeError("an array of numpy meets one of the device")
    return [value._values if isinstance(value, Array) else value for value in values]


def raised(value):
    return Array(value) if isinstance(value, np.ndarray | np.generic) else value


def asarray(values, dtype=None):
    if isinstance(values, Array):
        return values if dtype in (None, values.dtype) else Array(values._values.astype(dtype))
    return Array(np.array(values, dtype))


def default_rng(seed):
    generator = np.random.default_rng(seed)
    return SimpleNamespace(standard_normal=lambda shape: Array(generator.standard_normal(shape)))


def transform(function):
    def in_place(array, axes, norm, overwrite_x, plan):
        assert overwrite_x
        assert plan == array.shape[-2:]
        array._values[...] = function(array._values, axes=axes, norm=norm)
        return array

    return in_place


def modules():
    """Entries of ``sys.modules``."""
    cupy, cupy_fft = ModuleType("cupy"), ModuleType("cupyx.scipy.fft")
    cupy.__dict__.update(
        __version__="0",
        ndarray=Array,
        asarray=asarray,
        empty=lambda shape, dtype: Array(np.empty(shape, dtype)),
        random=SimpleNamespace(default_rng=default_rng),
        cuda=SimpleNamespace(is_available=lambda: True),
    )
    cupy_fft.__dict__.update(
        get_fft_plan=lambda array, axes: array.shape[-2:],
        fft2=transform(np.fft.fft2),
        ifft2=transform(np.fft.ifft2),
    )
    return {"cupy": cupy, "cupyx.scipy.fft": cupy_fft}
