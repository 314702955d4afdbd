"""Elementary functions for compiled loops: short series while the argument is small, the library function otherwise.

Calling exp, log, sin and cos at every point costs twice as much as all Fourier transforms of a step. Inside a step
their arguments are small, and there a series of fixed length is exact to rounding and compiles to vector instructions.
The caller bounds the arguments of a whole block of points and passes ``small``.

Constants travel in a :class:`Constants` of the precision of the field: a bare literal would widen complex64 to
complex128.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from latticepol.numerics.compiled import compiled

#: Points per block of a loop: its temporaries stay in the first-level cache.
BLOCK = 512

#: Largest angle of the series of cos and sin: the first neglected term is under 2e-16 of the sum.
ANGLE = 0.5
#: Largest exponent of the series of exp and sinh, for the same reason.
EXPONENT = 0.5
#: Largest y of the series of log(1 + y), for the same reason.
GROWTH = 0.2


class Constants(NamedTuple):
    """Numbers, bounds of the series and Taylor coefficients in one precision."""

    zero: np.floating
    half: np.floating
    one: np.floating
    two: np.floating
    angle: np.floating
    exponent: np.floating
    growth: np.floating
    cos: tuple[np.floating, ...]
    sinc: tuple[np.floating, ...]
    exp: tuple[np.floating, ...]
    sinhc: tuple[np.floating, ...]
    atanh: tuple[np.floating, ...]


@cache
def constants(dtype: np.dtype) -> Constants:
    """Return the constants in the real precision of ``dtype``."""
    real = np.dtype(dtype).type(0).real.dtype.type

    def series(coefficient: Callable[[int], float], length: int) -> tuple[np.floating, ...]:
        return tuple(real(coefficient(n)) for n in range(length))

    zero, half, one, two, angle, exponent, growth = (real(x) for x in (0, 0.5, 1, 2, ANGLE, EXPONENT, GROWTH))
    return Constants(
        zero, half, one, two, angle, exponent, growth,
        cos=series(lambda n: (-1) ** n / math.factorial(2 * n), 7),
        sinc=series(lambda n: (-1) ** n / math.factorial(2 * n + 1), 7),
        exp=series(lambda n: 1 / math.factorial(n), 14),
        sinhc=series(lambda n: 1 / math.factorial(2 * n + 1), 7),
        atanh=series(lambda n: 1 / (2 * n + 1), 7),
    )  # fmt: skip


@compiled()
def copy(source, target):
    """Fill one array of one dimension with another: an assignment of slices would take ten times as long to compile."""
    for i in range(source.shape[0]):
        target[i] = source[i]


def _muladd(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """Return x y + z of real numbers, rounded once where the processor has an instruction for it.

    Which of the two is a matter of the processor alone; with fast arithmetic the compiler chooses loop by loop, by what
    it finds compiled.
    """

    def body(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = args[0].type
        function = ir.FunctionType(kind, [kind] * 3)
        return builder.call(builder.module.declare_intrinsic("llvm.fmuladd", [kind], function), args)

    if not (isinstance(x, types.Float) and x == y == z):
        return None
    return x(x, x, x), body


muladd: Any = intrinsic(_muladd)


@compiled()
def _horner7(a, x):
    y = muladd(x, a[6], a[5])
    y = muladd(x, y, a[4])
    y = muladd(x, y, a[3])
    y = muladd(x, y, a[2])
    y = muladd(x, y, a[1])
    return muladd(x, y, a[0])


@compiled()
def times(a, b):
    """Return the product of complex numbers."""
    return complex(muladd(a.real, b.real, -(a.imag * b.imag)), muladd(a.real, b.imag, a.imag * b.real))


@compiled()
def times_add(a, b, c):
    """Return a b + c of complex numbers."""
    re, im = muladd(-a.imag, b.imag, c.real), muladd(a.imag, b.real, c.imag)
    return complex(muladd(a.real, b.real, re), muladd(a.real, b.imag, im))


@compiled()
def cos_sin(x, c, small):
    """Return cos(x), sin(x); the series needs |x| <= ANGLE."""
    if small:
        return _horner7(c.cos, x * x), x * _horner7(c.sinc, x * x)
    return math.cos(x), math.sin(x)


@compiled()
def exp(x, c, small):
    """Return exp(x); the series needs |x| <= EXPONENT."""
    if small:
        a = c.exp
        cube = x * x * x
        return muladd(cube * cube * x, _horner7(a[7:], x), _horner7(a, x))
    return math.exp(x)


@compiled()
def sinhc(x, c, small):
    """Return sinh(x)/x; the series needs |x| <= EXPONENT."""
    if small or abs(x) < c.half:
        return _horner7(c.sinhc, x * x)
    return math.sinh(x) / x


@compiled()
def log1p_over(y, c, small):
    """Return log(1 + y)/y, from 2 artanh(y/(2 + y)); the series needs |y| <= GROWTH."""
    if small or abs(y) < c.half * c.half * c.half:
        inverse = c.one / (c.two + y)
        z = y * inverse
        return c.two * inverse * _horner7(c.atanh, z * z)
    return math.log1p(y) / y
