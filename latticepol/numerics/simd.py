"""Numbers side by side in one vector register: a real, a complex and a truth value for each of ``WIDTH`` lanes.

The types are given to the compiler as vectors, so that nothing depends on which loops it recognises. No operation looks
at a neighbouring lane, except `some` and `largest`, which steer loops: what one lane computes does not depend on what
the others hold.

In compiled functions ``+ - * /``, comparisons, ``& | ~`` and the functions below work on lanes, a complex x + i y
being a pair of registers. `load` and `store` move them from and to the `memory` of float64 arrays: a complex one is
``WIDTH`` real parts followed by ``WIDTH`` imaginary parts. They look at no bounds, and the array must be aligned to the
register (`workspace`). Bare memory, because numba would count the references to an array at every call.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba.core import config, types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

#: Lanes by the first of these features that the processor has: two registers of AVX or AVX2, whose latencies are hidden
#: that way (8 instead of 4 lanes: eigenvalues 1.1 times faster, those of real matrices 1.2 times), one of AVX-512.
LANES = {"avx512f": 8, "avx": 8}
#: Two registers of SSE2, NEON and others of two numbers.
OTHERS = 4


def _lanes() -> int:
    """Return the lanes for the processor for which numba compiles."""
    if config.CPU_FEATURES is not None:  # that of NUMBA_CPU_NAME=generic is empty
        features = {name[1:] for name in config.CPU_FEATURES.split(",") if name.startswith("+")}
    else:
        features = {name for name, there in binding.get_host_cpu_features().items() if there}
        if not config.ENABLE_AVX:
            features = {name for name in features if not name.startswith("avx")}
    return next((lanes for name, lanes in LANES.items() if name in features), OTHERS)


WIDTH = _lanes()
#: Distance of two complex numbers in an array.
PAIR = 2 * WIDTH

_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
_BITS = ir.VectorType(ir.IntType(64), WIDTH)
_EXPONENT = 0x7FF0000000000000


class _Type(types.Type):
    """A type of lanes, by its name."""

    def __init__(self, name: str) -> None:
        super().__init__(name=f"{name} x {WIDTH}")


class _Real(_Type):
    pass


class _Complex(_Type):
    pass


class _Mask(_Type):
    pass


MEMORY = types.CPointer(types.float64)
REAL, COMPLEX, MASK = _Real("float64"), _Complex("complex128"), _Mask("bool")


@register_model(_Real)
class _RealModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _DOUBLES)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), WIDTH))


@register_model(_Complex)
class _ComplexModel(models.StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("re", REAL), ("im", REAL)])


def workspace(doubles: int) -> np.ndarray:
    """Return an array of so many zeros that begins at a multiple of 64 bytes."""
    room = np.zeros(doubles + 8)
    first = -(room.ctypes.data // 8) % 8
    return room[first : first + doubles]


def _constant(value: float) -> ir.Constant:
    return ir.Constant(_DOUBLES, [value] * WIDTH)


def _call(builder: Any, name: str, *args: Any, to: Any = _DOUBLES, **options: Any) -> Any:
    """Emit the instruction that LLVM knows for all lanes at once."""
    kind = ir.FunctionType(to, [arg.type for arg in args])
    return builder.call(builder.module.declare_intrinsic(f"llvm.{name}.v{WIDTH}f64", fnty=kind), args, **options)


def _fma(builder: Any, x: Any, y: Any, z: Any) -> Any:
    """Emit x y + z, rounded once where the processor can do that."""
    return _call(builder, "fmuladd", x, y, z)


def _parts(builder: Any, z: Any) -> tuple[Any, Any]:
    return builder.extract_value(z, 0), builder.extract_value(z, 1)


def _pair(builder: Any, re: Any, im: Any) -> Any:
    z = ir.Constant(ir.LiteralStructType([_DOUBLES, _DOUBLES]), ir.Undefined)
    return builder.insert_value(builder.insert_value(z, re, 0), im, 1)


def _operator(which: Any, result: Any, *operands: Any) -> Callable[[Callable[..., Any]], None]:
    """Make ``which`` work on these operands: what is decorated emits it from the builder and the values."""

    def register(emit: Callable[..., Any]) -> None:
        @type_callable(which)
        def typed(context: Any) -> Any:
            def typer(*given: Any) -> Any:
                return result if given == operands else None

            return typer

        @lower_builtin(which, *operands)
        def lowered(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return emit(builder, *values)

    return register


_operator(operator.add, REAL, REAL, REAL)(lambda b, x, y: b.fadd(x, y))
_operator(operator.sub, REAL, REAL, REAL)(lambda b, x, y: b.fsub(x, y))
_operator(operator.mul, REAL, REAL, REAL)(lambda b, x, y: b.fmul(x, y))
_operator(operator.truediv, REAL, REAL, REAL)(lambda b, x, y: b.fdiv(x, y))
_operator(operator.neg, REAL, REAL)(lambda b, x: b.fneg(x))
_operator(operator.and_, MASK, MASK, MASK)(lambda b, x, y: b.and_(x, y))
_operator(operator.or_, MASK, MASK, MASK)(lambda b, x, y: b.or_(x, y))
_operator(operator.invert, MASK, MASK)(lambda b, x: b.not_(x))
for _which, _sign in (
    (operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">="), (operator.eq, "=="),
):  # fmt: skip
    _operator(_which, MASK, REAL, REAL)(lambda b, x, y, sign=_sign: b.fcmp_ordered(sign, x, y))


@_operator(operator.add, COMPLEX, COMPLEX, COMPLEX)
def _add(builder: Any, x: Any, y: Any) -> Any:
    pairs = zip(_parts(builder, x), _parts(builder, y), strict=True)
    return _pair(builder, *(builder.fadd(a, b) for a, b in pairs))


@_operator(operator.sub, COMPLEX, COMPLEX, COMPLEX)
def _subtract(builder: Any, x: Any, y: Any) -> Any:
    pairs = zip(_parts(builder, x), _parts(builder, y), strict=True)
    return _pair(builder, *(builder.fsub(a, b) for a, b in pairs))


@_operator(operator.mul, COMPLEX, COMPLEX, REAL)
def _scale(builder: Any, z: Any, factor: Any) -> Any:
    return _pair(builder, *(builder.fmul(part, factor) for part in _parts(builder, z)))


@_operator(operator.mul, COMPLEX, COMPLEX, COMPLEX)
def _multiply(builder: Any, x: Any, y: Any) -> Any:
    (a, b), (c, d) = _parts(builder, x), _parts(builder, y)
    re = _fma(builder, a, c, builder.fneg(builder.fmul(b, d)))
    return _pair(builder, re, _fma(builder, a, d, builder.fmul(b, c)))


@_operator(operator.neg, COMPLEX, COMPLEX)
def _negative(builder: Any, z: Any) -> Any:
    return _pair(builder, *(builder.fneg(part) for part in _parts(builder, z)))


def _emitted(function: Callable[..., Any]) -> Any:
    """Make a function that compiled ones may call out of one that returns a signature and what emits the code."""
    return intrinsic(function)


def _function(result: Any, *operands: Any, body: Callable[..., Any]) -> tuple[Any, Any]:
    """Return what an intrinsic returns: its signature, and what emits it from the builder and the values."""
    return result(*operands), lambda context, builder, signature, values: body(builder, *values)


@_emitted
def splat(typing: Any, x: Any) -> Any:
    """Return the number x in every lane."""

    def body(b: Any, x: Any) -> Any:
        nothing = ir.Constant(_DOUBLES, ir.Undefined)
        first = b.insert_element(nothing, x, ir.Constant(ir.IntType(32), 0))
        return b.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))

    return _function(REAL, types.float64, body=body)


@_emitted
def pair(typing: Any, re: Any, im: Any) -> Any:
    """Return the complex number re + i im."""
    return _function(COMPLEX, REAL, REAL, body=_pair)


@_emitted
def re(typing: Any, z: Any) -> Any:
    """Return the real part."""
    return _function(REAL, COMPLEX, body=lambda b, z: b.extract_value(z, 0))


@_emitted
def im(typing: Any, z: Any) -> Any:
    """Return the imaginary part."""
    return _function(REAL, COMPLEX, body=lambda b, z: b.extract_value(z, 1))


@_emitted
def conj(typing: Any, z: Any) -> Any:
    """Return the complex conjugate."""
    return _function(COMPLEX, COMPLEX, body=lambda b, z: _pair(b, b.extract_value(z, 0), b.fneg(b.extract_value(z, 1))))


@_emitted
def norm2(typing: Any, z: Any) -> Any:
    """Return abs(z)^2."""

    def body(b: Any, z: Any) -> Any:
        x, y = _parts(b, z)
        return _fma(b, x, x, b.fmul(y, y))

    return _function(REAL, COMPLEX, body=body)


@_emitted
def fma(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """Return x y + z: three real numbers, or z complex and x, y complex or x real."""

    def complex_body(b: Any, x: Any, y: Any, z: Any) -> Any:
        (p, q), (c, d), (e, f) = _parts(b, x), _parts(b, y), _parts(b, z)
        re = _fma(b, p, c, _fma(b, b.fneg(q), d, e))
        return _pair(b, re, _fma(b, p, d, _fma(b, q, c, f)))

    def mixed_body(b: Any, x: Any, y: Any, z: Any) -> Any:
        return _pair(b, *(_fma(b, x, part, more) for part, more in zip(_parts(b, y), _parts(b, z), strict=True)))

    if z is REAL:
        return _function(REAL, REAL, REAL, REAL, body=_fma)
    if x is REAL:
        return _function(COMPLEX, REAL, COMPLEX, COMPLEX, body=mixed_body)
    return _function(COMPLEX, COMPLEX, COMPLEX, COMPLEX, body=complex_body)


@_emitted
def sqrt(typing: Any, x: Any) -> Any:
    """Return the square root."""
    return _function(REAL, REAL, body=lambda b, x: _call(b, "sqrt", x))


@_emitted
def absolute(typing: Any, x: Any) -> Any:
    """Return abs(x)."""
    return _function(REAL, REAL, body=lambda b, x: _call(b, "fabs", x))


@_emitted
def copysign(typing: Any, x: Any, y: Any) -> Any:
    """Return abs(x) with the sign of y."""
    return _function(REAL, REAL, REAL, body=lambda b, x, y: _call(b, "copysign", x, y))


@_emitted
def binade(typing: Any, x: Any) -> Any:
    """Return the power of two at or below abs(x), which is not subnormal."""

    def body(b: Any, x: Any) -> Any:
        exponent = b.and_(b.bitcast(x, _BITS), ir.Constant(_BITS, [_EXPONENT] * WIDTH))
        return b.bitcast(exponent, _DOUBLES)

    return _function(REAL, REAL, body=body)


@_emitted
def select(typing: Any, mask: Any, x: Any, y: Any) -> Any:
    """Return x in the lanes of the mask, y in the others."""

    def complex_body(b: Any, mask: Any, x: Any, y: Any) -> Any:
        pairs = zip(_parts(b, x), _parts(b, y), strict=True)
        return _pair(b, *(b.select(mask, one, other) for one, other in pairs))

    if x is REAL:
        return _function(REAL, MASK, REAL, REAL, body=lambda b, mask, x, y: b.select(mask, x, y))
    return _function(COMPLEX, MASK, COMPLEX, COMPLEX, body=complex_body)


@_emitted
def some(typing: Any, mask: Any) -> Any:
    """Return whether the mask holds in any lane."""

    def body(b: Any, mask: Any) -> Any:
        bits = ir.IntType(WIDTH)
        return b.icmp_unsigned("!=", b.bitcast(mask, bits), ir.Constant(bits, 0))

    return _function(types.boolean, MASK, body=body)


@_emitted
def largest(typing: Any, x: Any) -> Any:
    """Return the largest of all lanes, which hold numbers."""

    def body(b: Any, x: Any) -> Any:
        return _call(b, "vector.reduce.fmax", x, to=ir.DoubleType(), fastmath=("nnan",))

    return _function(types.float64, REAL, body=body)


@_emitted
def memory(typing: Any, array: Any) -> Any:
    """Return where the numbers of a flat array begin. It does not keep them alive: whoever has the array does."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, values[0]).data

    return MEMORY(array), emit


def _at(builder: Any, place: Any, where: Any) -> Any:
    return builder.bitcast(builder.gep(place, [where], source_etype=ir.DoubleType()), _DOUBLES.as_pointer())


def _loaded(builder: Any, place: Any, where: Any) -> Any:
    register = builder.load(_at(builder, place, where), typ=_DOUBLES)
    register.align = 8 * WIDTH
    return register


def _further(builder: Any, where: Any) -> Any:
    return builder.add(where, ir.Constant(where.type, WIDTH))


@_emitted
def load_real(typing: Any, place: Any, where: Any) -> Any:
    """Return the real numbers from ``where`` on."""
    return _function(REAL, MEMORY, types.intp, body=_loaded)


@_emitted
def load(typing: Any, place: Any, where: Any) -> Any:
    """Return the complex numbers from ``where`` on."""

    def body(b: Any, place: Any, where: Any) -> Any:
        return _pair(b, _loaded(b, place, where), _loaded(b, place, _further(b, where)))

    return _function(COMPLEX, MEMORY, types.intp, body=body)


@_emitted
def store(typing: Any, place: Any, where: Any, value: Any) -> Any:
    """Put real or complex numbers from ``where`` on."""

    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place, where, value = values
        for part in _parts(builder, value) if signature.args[2] is COMPLEX else [value]:
            builder.store(part, _at(builder, place, where)).align = 8 * WIDTH
            where = _further(builder, where)
        return context.get_dummy_value()

    return types.void(MEMORY, types.intp, value), emit
