"""Compiled loops over many small matrices: as many at a time as a register has lanes.

A batch of matrices comes as a real array (matrices, 2 n^2), row by row, real and imaginary parts in turn.
"""

from typing import Any

import numpy as np

from latticepol.numerics import real_schur
from latticepol.numerics.compiled import compiled, inlined
from latticepol.numerics.schur import ROUNDING, column, hessenberg, iterate
from latticepol.numerics.schur_vectors import left_vectors, right_vectors, triangle_vectors
from latticepol.numerics.simd import (
    PAIR,
    WIDTH,
    absolute,
    binade,
    load_real,
    memory,
    select,
    splat,
    store,
    workspace,
)  # fmt: skip

#: Largest entries in between: their squares, times what a register is scaled by, neither overflow nor vanish.
LEAST, MOST = 1e-290, 1e290
#: Entries are the same up to so many times the largest: some roundings of its last bit.
ALIKE = 16 * ROUNDING


@inlined
def gather(A: Any, first: int, n: int, H: Any) -> None:
    """Put the matrices from number ``first`` on into lanes; the last one again where there are no more."""
    for lane in range(WIDTH):
        row = A[min(first + lane, A.shape[0] - 1)]
        e = 0
        for i in range(n):
            for j in range(n):
                H[j * column(n) + i * PAIR + lane] = row[e]
                H[j * column(n) + i * PAIR + WIDTH + lane] = row[e + 1]
                e += 2


@inlined
def scaled(H: Any, registers: int, notes: Any) -> Any:
    """Divide the numbers of so many registers by the power of two that brings the largest of a lane between 1 and 2,
    and return it.

    Notes are the power in each lane and then, from WIDTH on, 1 where the matrix is within range and 0 where it is not;
    a matrix of zeros takes its place.
    """
    zero, one = splat(0.0), splat(1.0)
    most, fine = zero, zero == zero
    for i in range(registers):
        x = absolute(load_real(H, i * WIDTH))
        most = select(x > most, x, most)
        fine = fine & (x <= splat(MOST))  # not true of what is no number
    fine = fine & ~((most < splat(LEAST)) & (most > zero))
    usual = fine & (most > zero)
    power = select(usual, binade(most), one)
    factor = one / power
    for i in range(registers):
        store(H, i * WIDTH, select(fine, load_real(H, i * WIDTH) * factor, zero))
    store(notes, 0, power)
    store(notes, WIDTH, select(fine, one, zero))
    return select(usual, most * factor, one)


@inlined
def note(notes: Any, done: Any) -> None:
    """Note where the eigenvalues are not found either."""
    store(notes, WIDTH, select(done, load_real(notes, WIDTH), splat(0.0)))


@inlined
def sort(found: Any, step: int, n: int, lane: int, order: Any) -> None:
    """Put the numbers of the eigenvalues of a lane into order, ascending in Re, ties in Im; they lie ``step`` apart."""
    for i in range(n):
        x, y = found[i * step + lane], found[i * step + WIDTH + lane]
        j = i
        while j > 0:
            at = order[j - 1] * step + lane
            if found[at] < x or (found[at] == x and found[at + WIDTH] <= y):
                break
            order[j] = order[j - 1]
            j -= 1
        order[j] = i


@inlined
def put_values(found: Any, step: int, n: int, lane: int, order: Any, power: float, row: Any) -> None:
    """Put the eigenvalues of a lane, in order, into a row of the results."""
    for k in range(n):
        at = order[k] * step + lane
        row[2 * k] = found[at] * power + 0.0  # -0 becomes 0
        row[2 * k + 1] = found[at + WIDTH] * power + 0.0


@inlined
def put_vectors(X: Any, n: int, lane: int, order: Any, row: Any) -> None:
    """Put the vectors of a lane, in order, into a row of the results."""
    e = 0
    for i in range(n):
        for k in range(n):
            at = order[k] * column(n) + i * PAIR + lane
            row[e] = X[at] + 0.0
            row[e + 1] = X[at + WIDTH] + 0.0
            e += 2


@compiled(error_model="numpy", nogil=True)
def eigenvalues(A: Any, values: Any, solved: Any, work: Any, order: Any) -> None:
    """Find the eigenvalues (matrices, 2 n) of A, and note of which matrices they are found."""
    n = values.shape[1] // 2
    N = n * column(n)
    matrix, notes = work[:N], work[N : N + PAIR]
    H, rotations = memory(matrix), memory(work[N + PAIR :])
    for first in range(0, A.shape[0], WIDTH):
        gather(A, first, n, matrix)
        most = scaled(H, n * (2 * n + 1), memory(notes))
        hessenberg(H, H, n, False)
        note(memory(notes), iterate(H, H, n, rotations, most, False))
        for lane in range(min(WIDTH, A.shape[0] - first)):
            solved[first + lane] = notes[WIDTH + lane] == 1.0
            sort(matrix, column(n) + PAIR, n, lane, order)
            put_values(matrix, column(n) + PAIR, n, lane, order, notes[lane], values[first + lane])


@inlined
def gather_real(A: Any, first: int, n: int, H: Any) -> None:
    """Put real matrices (matrices, n^2) into lanes."""
    for lane in range(WIDTH):
        row = A[min(first + lane, A.shape[0] - 1)]
        e = 0
        for i in range(n):
            for j in range(n):
                H[j * real_schur.column(n) + i * WIDTH + lane] = row[e]
                e += 1


@inlined
def gather_paired(A: Any, order: Any, first: int, n: int, H: Any, notes: Any) -> None:
    """Put the real forms X of [[P, Q], [-Q^*, -P^*]] into lanes, rows and columns taken in this order.

    X = [[-Im(P + Q), -Re(P - Q)], [Re(P + Q), -Im(P - Q)]] has i times the eigenvalues. Notes from WIDTH on are 0
    where the lower half is not that of the upper one.
    """
    m, R = n // 2, real_schur.column(n)
    for lane in range(WIDTH):
        row = A[min(first + lane, A.shape[0] - 1)]
        most, apart, total = 0.0, 0.0, 0.0
        for i in range(m):
            u, v = 2 * n * order[i], 2 * n * order[m + i]
            for j in range(m):
                p, q = 2 * order[j], 2 * order[m + j]
                a, b, c, d = row[u + p], row[u + p + 1], row[u + q], row[u + q + 1]
                H[j * R + i * WIDTH + lane] = -(b + d)
                H[(m + j) * R + i * WIDTH + lane] = c - a
                H[j * R + (m + i) * WIDTH + lane] = a + c
                H[(m + j) * R + (m + i) * WIDTH + lane] = d - b
                most = max(most, abs(a) + abs(b), abs(c) + abs(d))
                x = abs(row[v + q] + a) + abs(row[v + q + 1] - b)
                y = abs(row[v + p] + c) + abs(row[v + p + 1] - d)
                apart, total = max(apart, x, y), total + x + y  # max passes over what is no number
        notes[WIDTH + lane] = 1.0 if apart <= ALIKE * most and total <= MOST else 0.0


@compiled(error_model="numpy", nogil=True)
def real_eigenvalues(A: Any, pairing: Any, values: Any, solved: Any, work: Any, order: Any) -> None:
    """Find those of real matrices (matrices, n^2) or, where there is a pairing, of complex ones (`gather_paired`)."""
    n = values.shape[1] // 2
    N = n * real_schur.column(n)
    matrix, found, notes = work[:N], work[N : N + n * PAIR], work[N + n * PAIR :]
    H = memory(matrix)
    paired = pairing.size > 0
    for first in range(0, A.shape[0], WIDTH):
        alike = splat(1.0)
        if paired:
            gather_paired(A, pairing, first, n, matrix, notes)
            alike = load_real(memory(notes), WIDTH)
        else:
            gather_real(A, first, n, matrix)
        most = scaled(H, N // WIDTH, memory(notes))
        real_schur.hessenberg(H, n)
        note(memory(notes), real_schur.iterate(H, n, most) & (alike > splat(0.0)))
        real_schur.blocks(H, n, memory(found))
        for lane in range(min(WIDTH, A.shape[0] - first)):
            if paired:  # w = -i x
                for k in range(lane, n * PAIR, PAIR):
                    found[k], found[k + WIDTH] = found[k + WIDTH], -found[k]
            solved[first + lane] = notes[WIDTH + lane] == 1.0
            sort(found, PAIR, n, lane, order)
            put_values(found, PAIR, n, lane, order, notes[lane], values[first + lane])


@compiled(error_model="numpy", nogil=True)
def eigensystem(A: Any, values: Any, left: Any, right: Any, solved: Any, work: Any, order: Any) -> None:
    """Find those of `eigenvalues` and the left and right vectors (matrices, 2 n^2), as columns."""
    n = values.shape[1] // 2
    N = n * column(n)
    triangle, turned, vectors = work[:N], work[N : 2 * N], work[2 * N : 3 * N]
    notes = work[3 * N : 3 * N + PAIR]
    T, Q, X, rotations = memory(triangle), memory(turned), memory(vectors), memory(work[3 * N + PAIR :])
    for first in range(0, A.shape[0], WIDTH):
        gather(A, first, n, triangle)
        most = scaled(T, n * (2 * n + 1), memory(notes))
        hessenberg(T, Q, n, True)
        note(memory(notes), iterate(T, Q, n, rotations, most, True))
        lanes = min(WIDTH, A.shape[0] - first)
        for lane in range(lanes):
            solved[first + lane] = notes[WIDTH + lane] == 1.0
            sort(triangle, column(n) + PAIR, n, lane, order[lane])
            put_values(triangle, column(n) + PAIR, n, lane, order[lane], notes[lane], values[first + lane])
        triangle_vectors(T, n, most)
        right_vectors(T, Q, X, n)
        left_vectors(T, Q, n)
        for lane in range(lanes):
            put_vectors(vectors, n, lane, order[lane], right[first + lane])
            put_vectors(turned, n, lane, order[lane], left[first + lane])


def room(n: int) -> np.ndarray:
    """Return the workspace of `eigenvalues` for n rows: a matrix, notes and rotations."""
    return workspace(n * column(n) + PAIR + n * (PAIR + WIDTH))


def system_room(n: int) -> np.ndarray:
    """Return that of `eigensystem`: two matrices more."""
    return workspace(3 * n * column(n) + PAIR + n * (PAIR + WIDTH))


def real_room(n: int) -> np.ndarray:
    """Return that of `real_eigenvalues`: a matrix, its eigenvalues and notes."""
    return workspace(n * real_schur.column(n) + n * PAIR + PAIR)
