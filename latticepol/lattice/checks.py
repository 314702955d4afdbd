"""What a lattice must satisfy, and the errors that say how to repair it."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from latticepol.arrays import leading, read_array, read_integer, shape_of
from latticepol.errors import kind
from latticepol.lattice.geometry import Cuts, bond_vectors

#: Lengths and areas below this fraction of the size of the cell are zero.
NEGLIGIBLE = 1e-9
#: Cells of a piece: beyond it nothing fits into memory.
CELLS = 10**7


def real(name: str, value: object, shape: tuple[int | None, ...], dims: Sequence[str] = ()) -> np.ndarray:
    """Return a read-only array of finite real numbers; None in ``shape`` is any length, ``dims`` its last dimensions.

    Raises
    ------
    TypeError
        It holds no numbers.
    ValueError
        Its shape is another, or a number is complex, masked or not finite.
    """
    labels, need = {"axis": ("x", "y")}, f"an array {_text(shape)}" if shape else "a number"
    array = read_array(name, value, dims=dims, labels=labels, need=need)
    return _frozen(_shaped(name, array, shape))


def integers(name: str, value: object, shape: tuple[int | None, ...], dims: Sequence[str] = ()) -> np.ndarray:
    """Return a read-only array of integers; arguments as of :func:`real`.

    Raises
    ------
    TypeError
        It holds no numbers.
    ValueError
        Its shape is another, or a number is not whole, masked or not finite.
    """
    array = real(name, value, shape, dims)
    if (array % 1).any():
        raise ValueError(f"{name} holds {array[array % 1 != 0].flat[0]:g}; give integers")
    return _frozen(array.astype(int))


def cell(value: object) -> np.ndarray:
    """Return the rows A1.. of a cell, (d, 2) with d = 0, 1, 2.

    Raises
    ------
    ValueError
        The shape is wrong, or the vectors are zero, parallel, or left-handed.
    """
    vectors = real("vectors", np.empty((0, 2)) if 0 in shape_of(value) else value, (None, 2), ("axis",))
    if len(vectors) > 2:
        raise ValueError(f"vectors has {len(vectors)} rows; a lattice in the plane has at most two, A1 and A2")
    lengths = np.linalg.norm(vectors, axis=1)
    if (lengths == 0).any():
        raise ValueError(f"vectors {vectors.tolist()} contain a zero translation; leave it out for an open direction")
    if len(vectors) == 2:
        area = vectors[0, 0] * vectors[1, 1] - vectors[0, 1] * vectors[1, 0]
        if abs(area) <= NEGLIGIBLE * lengths.prod():
            raise ValueError(f"vectors {vectors.tolist()} span no area; give two that are not parallel, or only one")
        if area < 0:
            raise ValueError(
                f"det(A1, A2) = {area:g} is negative, and Chern numbers would change sign; swap the rows of vectors "
                "and with them the two columns n_1, n_2 of bonds"
            )
    return vectors


def bonds_of(value: object, vectors: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return bonds (M, 2 + d) between sites that exist, each once, none of zero length.

    Raises
    ------
    ValueError
        They are not; the message names the first bond that is wrong.
    """
    columns = 2 + len(vectors)
    given = np.empty((0, columns)) if 0 in shape_of(value) else leading(value, "bond")
    bonds = integers("bonds", given, (None, columns))
    outside = ((bonds[:, :2] < 0) | (bonds[:, :2] >= len(basis))).any(axis=1)
    if outside.any():
        bond = _first(bonds, outside)
        raise ValueError(f"bond {bond} joins a site that does not exist; sites are 0 to {len(basis) - 1}")
    lengths = np.linalg.norm(bond_vectors(vectors, basis, bonds), axis=1)
    short = lengths <= NEGLIGIBLE * lengths.max(initial=0.0)
    if short.any():
        raise ValueError(f"bond {_first(bonds, short)} has no length; a bond joins two sites at different places")
    listed, counts = np.unique(_canonical(bonds), axis=0, return_counts=True)
    if (counts > 1).any():
        raise ValueError(
            f"bond {_first(listed, counts > 1)} is listed {counts.max()} times; list every bond once, from either end, "
            "and use strengths to make it stronger"
        )
    return bonds


def cuts_of(given: Cuts) -> Cuts:
    """Return cuts with arrays of one length.

    Raises
    ------
    ValueError
        They are not.
    """
    if not isinstance(given, Cuts):
        raise TypeError(f"cuts is {kind(given)}; give lp.lattice.Cuts(site, neighbour, bond, vector, strength)")
    site = integers("cuts.site", given.site, (None,))
    c = len(site)
    return Cuts(
        site=site,
        neighbour=integers("cuts.neighbour", given.neighbour, (c,)),
        bond=integers("cuts.bond", given.bond, (c,)),
        vector=real("cuts.vector", given.vector, (c, 2), ("axis",)),
        strength=real("cuts.strength", given.strength, (c,)),
    )


def mask_of(sites: object, count: int) -> np.ndarray:
    """Return which of ``count`` sites are meant by indices or by a mask, (N,) of bool.

    Raises
    ------
    ValueError
        A site is not there, or the mask has another length.
    """
    array = integers("sites", sites, (None,) * len(shape_of(sites)))
    if np.asarray(sites).dtype == bool:
        return _shaped("the mask of sites", array.astype(bool), (count,))
    indices = np.atleast_1d(array)
    if indices.ndim > 1:
        raise ValueError(f"sites has shape {array.shape}; give a list of indices, or a mask ({count},)")
    if ((indices < 0) | (indices >= count)).any():
        raise ValueError(
            f"sites must be indices from 0 to {count - 1}; got {sites}: give indices of sites, or a mask ({count},)"
        )
    mask = np.zeros(count, dtype=bool)
    mask[indices] = True
    return mask


def positive_integer(name: str, value: object) -> int:
    """Return ``value`` as an int >= 1."""
    return read_integer(name, value, least=1)


def check_cells(name: str, counts: Iterable[Any]) -> None:
    """Refuse a piece of so many cells along its directions that no memory holds it.

    Raises
    ------
    ValueError
        There are more than ``CELLS``.
    """
    cells = math.prod(map(float, counts))
    if cells > CELLS:
        raise ValueError(f"{name} makes a piece of {cells:.3g} cells; give one of at most {CELLS:g}")


def _canonical(bonds: np.ndarray) -> np.ndarray:
    """Return each bond from that of its two ends which sorts first: (i, j, n) or (j, i, -n)."""
    reverse = np.column_stack([bonds[:, 1], bonds[:, 0], -bonds[:, 2:]])
    difference = bonds - reverse
    leading = np.argmax(difference != 0, axis=1)
    later = difference[np.arange(len(bonds)), leading] > 0
    return np.where(later[:, None], reverse, bonds)


def _first(bonds: np.ndarray, wrong: Any) -> tuple[int, ...]:
    return tuple(bonds[wrong][0].tolist())


def _shaped(name: str, array: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        raise ValueError(f"{name} must have shape {_text(shape)}; got {array.shape}")
    return array


def _text(shape: tuple[int | None, ...]) -> str:
    wanted = ", ".join("any" if n is None else str(n) for n in shape)
    return f"({wanted}{',' if len(shape) == 1 else ''})"


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
