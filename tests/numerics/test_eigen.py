"""Eigenvalues and vectors of many small matrices: every kind of matrix against its definition and against LAPACK.

w is an eigenvalue of a matrix near A: the smallest singular value of A - w is at most 20 n roundings of the norm of A,
as it is with LAPACK, on every processor. Two sets of eigenvalues differ by that times the condition of each.
"""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from latticepol.numerics import eigen

#: Unit of rounding of doubles, 2^-52.
EPS = np.finfo(float).eps
#: Roundings of a matrix, times its rows.
NEAR = 20
SIZES = [1, 2, 3, 4, 5, 7, 8, 12, 16, 24, 33, 40]


def backward(A, w):
    """Return the largest sigma_min(A - w)/(n eps |A|) of each matrix."""
    n = A.shape[-1]
    size = np.abs(A).max(axis=(1, 2), keepdims=True)
    scale = np.where(size > 0, size, 1.0)
    B, v = A / scale, w / scale[..., 0]
    sigma = np.linalg.svd(B[:, None] - v[..., None, None] * np.eye(n), compute_uv=False)[..., -1].max(axis=-1)
    return sigma / (n * EPS * np.maximum(np.linalg.norm(B, 2, axis=(1, 2)), 1e-300))


def apart(w, reference):
    """Return how far paired eigenvalues of one matrix are apart, (n,), in the order of the reference."""
    distance = np.abs(w[:, None] - reference)
    rows, columns = linear_sum_assignment(distance)
    return distance[rows, columns][np.argsort(columns)]


def complex_normal(rng, *shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def unitary(rng, many, n):
    return np.linalg.qr(complex_normal(rng, many, n, n))[0]


def turned(rng, A):
    q = unitary(rng, len(A), A.shape[-1])
    return q @ A @ q.conj().swapaxes(1, 2)


def bogoliubov(rng, many, n):
    """Return [[P, Q], [-Q^*, -P^*]] of 2 (n//2) rows and, for odd n, one more."""
    m = n // 2
    P, Q = complex_normal(rng, many, m, m), complex_normal(rng, many, m, m)
    A = complex_normal(rng, many, n, n)
    A[:, : 2 * m, : 2 * m] = np.block([[P, Q], [-Q.conj(), -P.conj()]])
    return A


def kinds(n, many=None):
    """Return name and matrices of every kind, as many as take equally long."""
    many = max(3, min(24, 120 // n)) if many is None else many
    rng = np.random.default_rng([n, 20])
    shift = np.zeros((1, n, n), complex)
    shift[:, np.arange(n), np.arange(n) - 1] = 1
    jordan = np.zeros((many, n, n), complex)
    jordan[:, np.arange(n - 1), np.arange(1, n)] = 1
    jordan += 0.3 * np.eye(n)
    companion = shift.repeat(many, 0) * (np.arange(n) > 0)[:, None]
    companion[:, :, -1] += complex_normal(rng, many, n)
    grade = 10.0 ** np.linspace(0, -12, n)
    hermitian = complex_normal(rng, many, n, n)
    hermitian += hermitian.conj().swapaxes(1, 2)
    order = rng.permutation(n)
    pairs = np.zeros((many, n, n), complex)  # exceptional points of two vectors each
    pairs[:, np.arange(n), np.arange(n)] = np.repeat(complex_normal(rng, many, n), 2, axis=1)[:, :n]
    pairs[:, np.arange(0, n - 1, 2), np.arange(1, n, 2)] = 1
    phase = bogoliubov(rng, many, n)
    phase -= 0.3 * np.eye(n)
    return {
        "random": complex_normal(rng, many, n, n),
        "real": rng.standard_normal((many, n, n)).astype(complex),
        "graded": complex_normal(rng, many, n, n) * grade[:, None] * grade,
        "badly scaled": complex_normal(rng, many, n, n) * grade[:, None] / grade,
        "unitary": unitary(rng, many, n),
        "Hermitian": hermitian,
        "equal pairs": turned(rng, np.eye(n) * np.repeat(rng.standard_normal((many, n)), 2, axis=1)[:, None, :n]),
        "triangular": np.triu(complex_normal(rng, many, n, n)),
        "lower": np.tril(complex_normal(rng, many, n, n)),
        "permuted triangular": np.triu(complex_normal(rng, many, n, n))[:, order][:, :, order],
        "diagonal": complex_normal(rng, many, n)[:, None] * np.eye(n),
        "zero": np.zeros((3, n, n), complex),
        "identity": np.eye(n, dtype=complex)[None].repeat(3, 0),
        "cyclic shift": shift,
        "turned shift": turned(rng, shift.repeat(many, 0)),
        "companion": companion,
        "defective": jordan,
        "nearly defective": turned(rng, jordan + 1e-12 * complex_normal(rng, many, n, n)),
        "exceptional points": turned(rng, pairs),
        "rank one": complex_normal(rng, many, n, 1) * complex_normal(rng, many, 1, n),
        "sparse": complex_normal(rng, many, n, n) * (rng.random((many, n, n)) < 0.25),
        "integers": rng.integers(-1, 2, (many, n, n)).astype(complex),
        "ones": np.ones((3, n, n), complex),
        "1e200": 1e200 * complex_normal(rng, many, n, n),
        "1e-200": 1e-200 * complex_normal(rng, many, n, n),
        "all sizes": 10.0 ** rng.uniform(-200, 200, (many, 1, 1)) * complex_normal(rng, many, n, n),
        "Bogoliubov": phase,
    }


@pytest.mark.parametrize("n", SIZES)
def test_every_eigenvalue_is_that_of_a_matrix_nearby(n):
    for name, A in kinds(n).items():
        w = eigen.eigenvalues(A)
        assert backward(A, w).max() <= NEAR, name
        real = np.abs(A.imag).max() == 0
        if real:
            assert backward(A, eigen.eigenvalues(A.real)).max() <= NEAR, f"{name} in real lanes"
        assert (np.sort(w, axis=-1) == w).all(), name


@pytest.mark.parametrize("n", SIZES)
def test_eigenvalues_are_those_of_lapack_up_to_their_condition(n):
    for name in ("random", "real", "Hermitian", "unitary", "companion", "Bogoliubov"):
        for A in kinds(n, 4)[name]:
            reference, left, right = eigen._lapack_system(A[None])
            condition = np.linalg.norm(left[0], axis=0) * np.linalg.norm(right[0], axis=0)
            allowed = 40 * n * EPS * np.linalg.norm(A, 2) * condition
            assert (apart(eigen.eigenvalues(A), reference[0]) <= allowed).all(), name
            assert (apart(eigen.eigensystem(A)[0], reference[0]) <= allowed).all(), name


@pytest.mark.parametrize("n", SIZES)
def test_vectors_solve_and_are_biorthogonal(n):
    defective = {"defective", "nearly defective", "exceptional points", "companion", "lower", "triangular", "sparse"}
    for name, A in kinds(n).items():
        w, left, right = eigen.eigensystem(A)
        size = np.abs(A).max(axis=(1, 2), keepdims=True)
        scale = np.where(size > 0, size, 1.0)
        A, w = A / scale, w / scale[..., 0]
        norm = np.maximum(np.linalg.norm(A, 2, axis=(1, 2)), 1e-300)
        error = np.linalg.norm(A @ right - right * w[:, None], axis=1).max(axis=-1)
        assert (error <= 20 * n * EPS * norm).all(), name
        np.testing.assert_allclose(np.linalg.norm(right, axis=1), 1.0, rtol=20 * n * EPS)
        if name in defective | {"permuted triangular", "integers", "badly scaled", "graded", "rank one", "ones"}:
            continue  # the condition of R may be infinite
        bra = left.conj().swapaxes(1, 2)
        condition = np.linalg.cond(right)
        assert (np.abs(bra @ right - np.eye(n)).max(axis=(1, 2)) <= 20 * n * EPS * condition).all(), name
        error = np.linalg.norm(bra @ A - w[..., None] * bra, 2, axis=(1, 2))
        assert (error <= 20 * n * EPS * norm * np.linalg.norm(bra, 2, axis=(1, 2)) * condition).all(), name


def test_vectors_of_equal_eigenvalues_are_biorthogonal_too():
    rng = np.random.default_rng(0)
    values = np.array([1.0, 1.0, 1.0, -2.0, -2.0, 0.5, 0.0, 0.0])
    R = complex_normal(rng, 50, 8, 8)
    A = R * values @ np.linalg.inv(R)
    _, left, right = eigen.eigensystem(A)
    assert np.abs(left.conj().swapaxes(1, 2) @ right - np.eye(8)).max() < 1e-6  # rounding splits them: cond(R)^2 eps


def test_an_exceptional_point_gives_large_finite_left_vectors():
    w, left, right = eigen.eigensystem(np.array([[1.0, 1.0], [0.0, 1.0]], complex))
    assert np.isfinite(left).all()
    assert np.abs(left).max() > 1e14
    np.testing.assert_allclose(w, 1.0, rtol=0, atol=EPS)
    np.testing.assert_allclose(np.abs(right), [[1, 1], [0, 0]], rtol=0, atol=4 * EPS)


@pytest.mark.parametrize("n", [2, 12, 64, 65, 70])  # 65 and more by LAPACK
@pytest.mark.parametrize("size", [1.0, 1e-300])
def test_many_vectors_that_become_one_do_too(n, size):
    block = np.eye(n) + np.eye(n, k=1)
    w, left, right = eigen.eigensystem(np.stack([size * block, size * np.diag(1.0 + np.arange(n))]))
    assert np.isfinite(left).all()
    assert np.isfinite(right).all()
    assert np.abs(left[0]).max() > 1e14
    np.testing.assert_allclose(np.abs(w[0]) / size, 1.0, rtol=0, atol=n * EPS)
    np.testing.assert_allclose(np.abs(left[1]), np.eye(n), rtol=0, atol=EPS)


@pytest.mark.parametrize("n", [2, 4, 8, 16, 24])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_pairing_gives_the_same_eigenvalues_in_exact_pairs(n, shuffled):
    rng = np.random.default_rng(n)
    A = bogoliubov(rng, 40, n)
    order = rng.permutation(n) if shuffled else np.arange(n)
    mixed = np.empty_like(A)
    mixed[:, order[:, None], order] = A
    w = eigen.eigenvalues(mixed, pairing=order)
    assert backward(A, w).max() <= NEAR
    partners = -w.conj()
    partners = np.take_along_axis(partners, np.lexsort((partners.imag, partners.real)), -1)
    np.testing.assert_array_equal(w, partners)
    assert not np.array_equal(w, eigen.eigenvalues(mixed))  # the real form has been used


def test_pairing_is_tested_and_not_believed():
    rng = np.random.default_rng(3)
    A = bogoliubov(rng, 30, 8)
    A[7, 2, 3] += 1e-9
    w = eigen.eigenvalues(A, pairing=np.arange(8))
    np.testing.assert_array_equal(w[7], eigen.eigenvalues(A[7]))
    np.testing.assert_array_equal(np.delete(w, 7, 0), eigen.eigenvalues(np.delete(A, 7, 0), pairing=np.arange(8)))
    assert backward(A, w).max() <= NEAR


@pytest.mark.parametrize("wrong", [np.nan, complex(0, np.nan), np.inf])
@pytest.mark.parametrize("row", [1, 5])
@pytest.mark.parametrize("column", [0, 4])
def test_a_pairing_does_not_hide_what_is_no_number(wrong, row, column):
    A = bogoliubov(np.random.default_rng(3), 30, 8)
    A[7, row, column] = wrong
    with pytest.raises(np.linalg.LinAlgError, match="infs or NaNs"):
        eigen.eigenvalues(A, pairing=np.arange(8))


@pytest.mark.parametrize(
    "wrong", [[], [0, 1], [0, 0, 1, 2], [0, 1, 2, 4], [-1, 0, 1, 2], [0, 1, 2, 10**12], [[0, 1, 2, 3]], range(8)]
)
def test_a_pairing_must_be_a_permutation(wrong):
    with pytest.raises(ValueError, match="permutation of an even number of rows, here 4"):
        eigen.eigenvalues(bogoliubov(np.random.default_rng(3), 2, 4), pairing=np.array(wrong, int))


@pytest.mark.parametrize("n", [1, 3, 65])
def test_an_odd_number_of_rows_has_no_pairing(n):
    with pytest.raises(ValueError, match="even number of rows"):
        eigen.eigenvalues(np.ones((2, n, n), complex), pairing=np.arange(n))


def solutions(A, **options):
    pairs = np.arange(A.shape[-1]) if A.shape[-1] % 2 == 0 else None
    return (
        eigen.eigenvalues(A, **options),
        eigen.eigenvalues(A.real, **options),
        eigen.eigenvalues(A, pairing=pairs, **options),
        *eigen.eigensystem(A, **options),
    )


@pytest.mark.parametrize("n", [2, 3, 8, 16])
def test_bits_do_not_depend_on_order_neighbours_or_threads(n):
    chosen = ("random", "Bogoliubov", "defective", "zero", "graded", "all sizes", "integers", "Hermitian", "1e200")
    A = np.concatenate([kinds(n, 100)[name] for name in chosen])
    order = np.random.default_rng(1).permutation(len(A))
    together = solutions(A)
    moved = solutions(A[order])
    threaded = solutions(A, threads=3)
    alone = [solutions(A[i : i + 1]) for i in range(0, len(A), 37)]
    for i, whole in enumerate(together):
        np.testing.assert_array_equal(whole[order], moved[i])
        np.testing.assert_array_equal(whole, threaded[i])
        np.testing.assert_array_equal(whole[::37], np.concatenate([one[i] for one in alone]))


@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3), (0,), (4, 0, 2), (1, 1, 5)])
def test_any_batch_shape(shape):
    A = complex_normal(np.random.default_rng(0), *shape, 4, 4)
    w, left, right = eigen.eigensystem(A)
    assert eigen.eigenvalues(A).shape == w.shape == (*shape, 4)
    assert left.shape == right.shape == (*shape, 4, 4)
    if A.size:
        np.testing.assert_allclose(A @ right, right * w[..., None, :], rtol=0, atol=1e3 * EPS)


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.complex64, ">c16", "F", "view"])
def test_any_guise(kind):
    A = np.arange(32.0).reshape(2, 4, 4) % 7
    guise = {"F": np.asfortranarray(A), "view": A.repeat(2, 0)[::2]}.get(kind)
    guise = A.astype(kind) if guise is None else guise
    for w, reference in zip(eigen.eigenvalues(guise), eigen.eigenvalues(A + 0j), strict=True):
        assert apart(w, reference).max() < 1e3 * EPS
    assert eigen.eigenvalues(guise).dtype == complex


def test_none_or_one_row():
    assert eigen.eigenvalues(np.zeros((3, 0, 0))).shape == (3, 0)
    np.testing.assert_array_equal(eigen.eigenvalues(np.array([[[2 - 3j]], [[-0.0]]])), [[2 - 3j], [0]])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, complex(0, np.nan)])
def test_what_is_no_number_is_refused_and_does_not_disturb_the_others(wrong):
    A = complex_normal(np.random.default_rng(0), 9, 4, 4)
    A[5, 1, 2] = wrong
    for solve in (eigen.eigenvalues, eigen.eigensystem):
        with pytest.raises(np.linalg.LinAlgError, match="infs or NaNs"):
            solve(A)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_matrices_must_be_square(shape):
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        eigen.eigenvalues(np.zeros(shape))


@pytest.mark.parametrize("size", [1e-300, 1e-310, 1e295, 1e300])
def test_what_is_out_of_range_goes_to_lapack(size, monkeypatch):
    A = complex_normal(np.random.default_rng(0), 5, 4, 4)
    A[3] *= size / 4
    asked = []
    lapack = eigen._lapack_values
    monkeypatch.setattr(eigen, "_lapack_values", lambda B: asked.append(len(B)) or lapack(B))
    w = eigen.eigenvalues(A)
    assert asked == [1]
    np.testing.assert_allclose(w[3], np.sort(np.linalg.eigvals(A[3])), rtol=1e-5)  # numbers of 1e-310 have few digits


def test_what_does_not_converge_goes_to_lapack(monkeypatch):
    from latticepol.numerics import eigen_kernels

    kernel = eigen_kernels.eigenvalues

    def gives_up(A, values, solved, work, order):
        kernel(A, values, solved, work, order)
        values[2], solved[2] = np.nan, False

    A = complex_normal(np.random.default_rng(0), 5, 4, 4)
    whole = eigen.eigenvalues(A)
    monkeypatch.setattr(eigen_kernels, "eigenvalues", gives_up)
    np.testing.assert_allclose(eigen.eigenvalues(A), whole, rtol=0, atol=1e3 * EPS)


def test_larger_matrices_go_to_lapack():
    A = complex_normal(np.random.default_rng(0), 2, eigen.LARGEST + 1, eigen.LARGEST + 1)
    np.testing.assert_array_equal(eigen.eigenvalues(A), np.sort(np.linalg.eigvals(A)))


ELSEWHERE = """
import numpy as np
from latticepol.numerics import eigen, simd
rng = np.random.default_rng(0)
A = rng.standard_normal((50, 8, 8)) + 1j * rng.standard_normal((50, 8, 8))
w, left, right = eigen.eigensystem(A)
assert np.abs(A @ right - right * w[:, None]).max() < 1e-12
assert np.abs(left.conj().swapaxes(1, 2) @ right - np.eye(8)).max() < 1e-11
assert np.abs(eigen.eigenvalues(A) - np.sort(np.linalg.eigvals(A))).max() < 1e-12
print(simd.WIDTH)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment", [{"NUMBA_CPU_NAME": "generic"}, {"NUMBA_ENABLE_AVX": "0"}, {"NUMBA_CPU_FEATURES": "+avx"}]
)
def test_other_processors(environment, tmp_path):
    environment = os.environ | environment | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("4", "8")


@pytest.mark.slow
def test_a_million_matrices_converge():
    rng = np.random.default_rng(5)
    for n in (4, 8, 12):
        for _ in range(20):
            A = complex_normal(rng, 20_000, n, n)
            A[::2] = bogoliubov(rng, 10_000, n)
            w = eigen.eigenvalues(A)
            trace = np.abs(w.sum(axis=-1) - np.trace(A, axis1=1, axis2=2))
            assert (trace <= 40 * n * EPS * np.linalg.norm(A, axis=(1, 2))).all()


@pytest.mark.parametrize("threads", [0, -1, 2.5, None])
def test_threads_must_be_a_positive_integer(threads):
    with pytest.raises((TypeError, ValueError), match="threads"):
        eigen.eigenvalues(np.eye(3)[None], threads=threads)


def test_many_matrices_are_solved_in_parts():
    A = complex_normal(np.random.default_rng(0), 2 * eigen.PART + 3, 2, 2)
    whole = eigen.eigenvalues(A)
    some = slice(eigen.PART - 2, eigen.PART + 9)
    np.testing.assert_array_equal(whole[some], eigen.eigenvalues(A[some]))
    np.testing.assert_array_equal(whole, eigen.eigenvalues(A, threads=2))
