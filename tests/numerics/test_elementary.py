"""Products and sums in one instruction: what they are, to the last bit."""

import os
from fractions import Fraction

import numpy as np
import pytest
from llvmlite import binding

from latticepol.numerics.compiled import compiled
from latticepol.numerics.elementary import muladd, times, times_add

#: Numbers of a product and a sum in which rounding the product first loses what is left.
X, Y, Z = 1 + 2.0**-30, 1 - 2.0**-30, -1.0
#: Roundings of a complex product and a sum, each of half an eps of a term.
ROUNDINGS = 4


@compiled()
def _muladd(x, y, z):
    return muladd(x, y, z)


@compiled()
def _times(a, b):
    return times(a, b)


@compiled()
def _times_add(a, b, c):
    return times_add(a, b, c)


def test_a_product_and_a_sum_are_rounded_once_where_the_processor_can():
    once = float(Fraction(X) * Fraction(Y) + Fraction(Z))
    assert once != X * Y + Z
    _muladd(X, Y, Z)
    [code] = _muladd.inspect_asm().values()
    fused = "vfmadd" in code or "fmadd" in code
    assert _muladd(X, Y, Z) == (once if fused else X * Y + Z)


def test_which_it_is_is_a_matter_of_the_processor():
    has_fma = binding.get_host_cpu_features().get("fma", False)
    native = "NUMBA_CPU_NAME" not in os.environ
    if not (has_fma and native):
        pytest.skip("needs a processor with FMA, compiled for")
    assert _muladd(X, Y, Z) == float(Fraction(X) * Fraction(Y) + Fraction(Z))


@pytest.mark.parametrize("kind", [np.complex64, np.complex128])
def test_complex_products_and_sums(kind):
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(size=(200, 2)) @ np.array([1, 1j]) for _ in range(3))
    a, b, c = (x.astype(kind) for x in (a, b, c))
    eps = ROUNDINGS * np.finfo(kind).eps
    wide = np.clongdouble
    for i in range(len(a)):
        exact = wide(a[i]) * wide(b[i])
        size = abs(exact)
        assert abs(_times(a[i], b[i]) - exact) <= eps * size
        assert abs(_times_add(a[i], b[i], c[i]) - (exact + c[i])) <= eps * (size + abs(c[i]))


def test_they_keep_the_precision():
    x = np.complex64(1)
    _times_add(x, x, x)
    assert {str(s.return_type) for s in _times_add.nopython_signatures if s.args[0].bitwidth == 64} == {"complex64"}


def test_integers_are_refused():
    with pytest.raises(Exception, match="muladd"):
        _muladd(1, 2, 3)
