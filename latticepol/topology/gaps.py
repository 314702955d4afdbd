"""Direct gap, line gap and what of them is seen over the Brillouin zone (docs/physics.md, section 5).

Here a `Spectrum` is a function of k (points, 2) that returns the frequencies (points, m), sorted ascending by Re.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from latticepol.topology.eigen import check_above
from latticepol.topology.minima import GAP_SEARCH, GapSearch, Minimum, mesh_points, minimise

#: Lines narrower than this part of the largest frequency are rounding.
SHARP = 1e-12
#: Modes whose Re w differ by less than this part of the largest frequency have one: diffusive modes all have Re w = 0,
#: in the order of rounding.
SAME = 1e-9
Spectrum = Callable[[np.ndarray], np.ndarray]


class Gap(NamedTuple):
    """A gap (rate) and where it is, k (2,): ``top`` of the modes below it, ``bottom`` of those above it."""

    value: float
    top: np.ndarray
    bottom: np.ndarray


def on_mesh(
    spectrum: Spectrum, reciprocal: np.ndarray, mesh: int | tuple[int, int], *, paired: bool = False
) -> np.ndarray:
    """Return the frequencies (n1, n2, m) on `mesh_points(reciprocal, mesh)`.

    ``paired``: to rounding they have the period of the lattice, and those at -k are -w^* of those at k, as of
    excitations; half of the mesh is solved.
    """
    k = mesh_points(reciprocal, mesh)
    n1, n2 = k.shape[:2]
    solved = n1 // 2 + 1 if paired else n1
    here = spectrum(k[:solved].reshape(-1, 2)).reshape(solved, n2, -1)
    opposite = here[-np.arange(solved, n1) % n1][:, -np.arange(n2) % n2]
    return np.concatenate([here, -opposite[..., ::-1].conj()])


def direct(omega: np.ndarray, above: int) -> np.ndarray:
    """Return ``w_n - w_{n+1}`` (...), complex for complex frequencies, n = ``above`` counted from the top of omega
    (..., m).

    Its real part is the direct gap, its square is a smooth function of k where the two modes meet.
    """
    total = omega.shape[-1]
    check_above(above, total)
    gap: np.ndarray = omega[..., total - above] - omega[..., total - above - 1]
    return gap


def line(omega: np.ndarray, above: int) -> float:
    """Return ``min Re w_n - max Re w_{n+1}`` over all leading axes of omega (..., m), n = ``above`` counted from the
    top."""
    total = omega.shape[-1]
    check_above(above, total)
    return float(omega[..., total - above].real.min() - omega[..., total - above - 1].real.max())


def width(omega: np.ndarray, above: int) -> np.ndarray:
    """Return the largest full width at half maximum -2 Im w of the modes at the gap (...), the two and those of the
    same Re w on the same side; arguments as `direct`."""
    index = omega.shape[-1] - above
    check_above(above, omega.shape[-1])
    same = SAME * abs(omega).max(axis=-1, keepdims=True)
    top = omega.real[..., :index] >= omega.real[..., index - 1 : index] - same
    bottom = omega.real[..., index:] <= omega.real[..., index : index + 1] + same
    lines = np.where(np.concatenate([top, bottom], axis=-1), omega.imag, np.inf)
    largest: np.ndarray = 0.0 - 2 * lines.min(axis=-1)
    return largest


def direct_gap(
    spectrum: Spectrum,
    reciprocal: np.ndarray,
    above: int,
    *,
    mesh: int | tuple[int, int] = 24,
    omega: np.ndarray | None = None,
    tol: float = 1e-8,
    search: GapSearch = GAP_SEARCH,
) -> Minimum:
    """Return ``min_k Re (w_n - w_{n+1})``, refined between the points of the mesh; 0 where it closes.

    ``omega`` (n1, n2, m) are the frequencies on `mesh_points(reciprocal, mesh)` if they are known already.
    """
    known = None if omega is None else direct(omega, above)
    options: dict[str, Any] = {"mesh": mesh, "values": known, "tol": tol, "floor": search.closed, "search": search}
    found = minimise(lambda k: direct(spectrum(k), above), reciprocal, root=2, **options)
    return found._replace(value=0.0) if found.value < search.closed else found


def resolved(
    spectrum: Spectrum,
    reciprocal: np.ndarray,
    above: int,
    *,
    mesh: int | tuple[int, int] = 24,
    omega: np.ndarray | None = None,
    tol: float = 1e-8,
    search: GapSearch = GAP_SEARCH,
) -> Minimum:
    """Return ``min_k Re (w_n - w_{n+1})/width``, refined between the points of the mesh; arguments as `direct_gap`.

    It is inf where both modes have no width anywhere, and NaN where both grow at some k: these have no line.
    """
    if omega is None:
        omega = on_mesh(spectrum, reciprocal, mesh)
    widths = width(omega, above)
    if abs(widths).max() <= SHARP * abs(omega).max():
        return Minimum(np.inf, np.full(2, np.nan))
    if widths.min() <= 0:
        return Minimum(np.nan, np.full(2, np.nan))

    def ratio(omega: np.ndarray) -> np.ndarray:
        lines: np.ndarray = direct(omega, above) / np.maximum(width(omega, above), search.narrow * widths.min())
        return lines

    options: dict[str, Any] = {"values": ratio(omega), "tol": tol, "search": search}
    return minimise(lambda k: ratio(spectrum(k)), reciprocal, root=2, **options)


def line_gap(
    spectrum: Spectrum,
    reciprocal: np.ndarray,
    above: int,
    *,
    mesh: int | tuple[int, int] = 24,
    omega: np.ndarray | None = None,
    tol: float = 1e-8,
    search: GapSearch = GAP_SEARCH,
) -> Gap:
    """Return ``min_k Re w_n - max_k Re w_{n+1}``, both refined between the points of the mesh; arguments as
    `direct_gap`."""
    if omega is None:
        omega = on_mesh(spectrum, reciprocal, mesh)
    index = omega.shape[-1] - above
    check_above(above, omega.shape[-1])
    options: dict[str, Any] = {"tol": tol, "search": search}
    bottom = minimise(lambda k: spectrum(k)[:, index].real, reciprocal, values=omega[..., index].real, **options)
    below = -omega[..., index - 1].real
    top = minimise(lambda k: -spectrum(k)[:, index - 1].real, reciprocal, values=below, **options)
    return Gap(bottom.value + top.value, top.k, bottom.k)
