"""What a lattice must satisfy, and the errors that say how to repair it."""

from typing import Any

import numpy as np

from latticepol.errors import unit_hint
from latticepol.lattice.geometry import Cuts, bond_vectors

#: Lengths and areas below this fraction of the size of the cell are zero.
NEGLIGIBLE = 1e-9


def real(name: str, value: Any, shape: tuple[int | None, ...]) -> np.ndarray:
    """A read-only array of finite real numbers; None in ``shape`` is any length.

    Raises
    ------
    ValueError
        It is not one.
    """
    try:
        array = np.array(value).astype(float, casting="same_kind")
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {value!r} does not hold real numbers{unit_hint(value)}") from None
    return _frozen(_shaped(name, array, shape))


def integers(name: str, value: Any, shape: tuple[int | None, ...]) -> np.ndarray:
    """A read-only array of integers; None in ``shape`` is any length.

    Raises
    ------
    ValueError
        It is not one.
    """
    array = real(name, value, shape)
    if (array % 1).any():
        raise ValueError(f"{name} holds {array[array % 1 != 0].flat[0]:g}; give integers")
    return _frozen(array.astype(int))


def cell(value: Any) -> np.ndarray:
    """Rows A1.. of a cell, (d, 2) with d = 0, 1, 2.

    Raises
    ------
    ValueError
        The shape is wrong, or the vectors are zero, parallel, or left-handed.
    """
    vectors = real("vectors", np.reshape(value, (0, 2)) if np.size(value) == 0 else value, (None, 2))
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


def bonds_of(value: Any, vectors: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Bonds (M, 2 + d) between sites that exist, each once, none of zero length.

    Raises
    ------
    ValueError
        They are not; the message names the first bond that is wrong.
    """
    columns = 2 + len(vectors)
    bonds = integers("bonds", np.reshape(value, (0, columns)) if np.size(value) == 0 else value, (None, columns))
    outside = ((bonds[:, :2] < 0) | (bonds[:, :2] >= len(basis))).any(axis=1)
    if outside.any():
        bond = _first(bonds, outside)
        raise ValueError(f"bond {bond} joins a site that is not there; sites are 0 to {len(basis) - 1}")
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
    """Cuts with arrays of one length.

    Raises
    ------
    ValueError
        They are not.
    """
    c = len(given.site)
    return Cuts(
        site=integers("cuts.site", given.site, (c,)),
        neighbour=integers("cuts.neighbour", given.neighbour, (c,)),
        bond=integers("cuts.bond", given.bond, (c,)),
        vector=real("cuts.vector", given.vector, (c, 2)),
        strength=real("cuts.strength", given.strength, (c,)),
    )


def mask_of(sites: Any, count: int) -> np.ndarray:
    """Which of ``count`` sites are meant by indices or by a mask, (N,) of bool.

    Raises
    ------
    ValueError
        A site is not there, or the mask has another length.
    """
    given = np.atleast_1d(sites)
    if given.dtype == bool:
        return _shaped("the mask of sites", given, (count,))
    indices = integers("sites", given, (None,))
    if ((indices < 0) | (indices >= count)).any():
        raise ValueError(f"sites = {sites} are not all there; sites are 0 to {count - 1}")
    mask = np.zeros(count, dtype=bool)
    mask[indices] = True
    return mask


def positive_integer(name: str, value: Any) -> int:
    """``value`` as an int >= 1.

    Raises
    ------
    ValueError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} = {value!r} is not a positive integer")
    return int(value)


def _canonical(bonds: np.ndarray) -> np.ndarray:
    """Each bond from that of its two ends which sorts first: (i, j, n) or (j, i, -n)."""
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
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has shape {array.shape}, need ({wanted}{',' if len(shape) == 1 else ''})")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds {array[~np.isfinite(array)].flat[0]}; give finite numbers")
    return array


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
