"""Lattice: sites and bonds in the plane, periodic in two, one or no directions (docs/physics.md, section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self, cast

import numpy as np
import xarray as xr

from latticepol.arrays import read_flag, read_integer, read_number, shape_of
from latticepol.errors import check_function, kind
from latticepol.lattice import checks, derived, disorder, geometry, paths
from latticepol.lattice.geometry import Cuts, Geometry
from latticepol.lattice.shapes import Shape
from latticepol.randomness import Rng

#: High-symmetry points where nothing else is said, by the number of periodic directions.
POINTS: tuple[dict[str, tuple[float, ...]], ...] = (
    {},
    {"G": (0.0,), "X": (1 / 2,)},
    {"G": (0.0, 0.0), "X": (1 / 2, 0.0), "Y": (0.0, 1 / 2), "M": (1 / 2, 1 / 2)},
)
#: None where the check fills in what belongs there.
ABSENT = cast(np.ndarray, None)
NO_POINTS = cast(Mapping[str, tuple[float, ...]], None)
NO_CUTS = Cuts.none()
#: Cells across a ribbon.
WIDEST_RIBBON = 10**5


@dataclass(frozen=True, eq=False, repr=False)
class Lattice:
    """Sites joined by bonds: a crystal or supercell (d = 2), a ribbon or chain (d = 1), a finite patch (d = 0).

    The cell at ``sum_a n_a A_a`` holds the sites ``basis + sum_a n_a A_a``. The arrays are read-only.

    Parameters
    ----------
    vectors
        Rows A1.. (d, 2), det(A1, A2) > 0.
    basis
        Cartesian positions of the sites of one cell (N, 2).
    bonds
        Integers (M, 2 + d): ``i, j, n_1..n_d`` is the bond from site i of the cell 0 to site j of the cell n. Every
        bond is listed once, from either end; ``lattice.neighbours`` lists all of a given length.
    strengths
        Factors (M,) of both hoppings J and dJ of each bond; None: 1.
    points
        Name -> fractions of B1, B2 of high-symmetry points; None: G, X, Y, M (d = 2) or G, X (d = 1).
    sublattice, parent_bond
        Which site (N,) and bond (M,) of the original crystal each one is; None: itself.
    cuts
        The hoppings that are missing at edges and vacancies (:class:`Cuts`: site, neighbour, bond, vector, strength).
    name
        Text for printing.

    Raises
    ------
    ValueError
        Vectors are parallel or left-handed; a bond is listed twice, has no length or joins a site that does not exist;
        a shape is wrong or a number not finite.
    """

    vectors: np.ndarray
    basis: np.ndarray
    bonds: np.ndarray
    strengths: np.ndarray = ABSENT
    points: Mapping[str, tuple[float, ...]] = NO_POINTS
    sublattice: np.ndarray = ABSENT
    parent_bond: np.ndarray = ABSENT
    cuts: Cuts = NO_CUTS
    name: str = "lattice"

    def __post_init__(self) -> None:
        """Check the arrays and freeze them."""
        vectors = checks.cell(self.vectors)
        basis = checks.real("basis", self.basis, (None, 2), ("axis",))
        if len(basis) == 0:
            raise ValueError("basis is empty; a lattice has at least one site")
        bonds = checks.bonds_of(self.bonds, vectors, basis)
        n, m = len(basis), len(bonds)
        checked = {
            "vectors": vectors,
            "basis": basis,
            "bonds": bonds,
            "strengths": checks.real("strengths", np.ones(m) if self.strengths is None else self.strengths, (m,)),
            "points": _points(self.points, len(vectors)),
            "sublattice": checks.integers("sublattice", _or_itself(self.sublattice, n), (n,)),
            "parent_bond": checks.integers("parent_bond", _or_itself(self.parent_bond, m), (m,)),
            "cuts": checks.cuts_of(self.cuts),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def dimension(self) -> int:
        """Number d of periodic directions."""
        return len(self.vectors)

    @property
    def reciprocal(self) -> np.ndarray:
        """Rows B1.. (d, 2) with ``A_i . B_j = 2 pi delta_ij``; for d = 1 along A1."""
        return 2 * np.pi * np.linalg.pinv(self.vectors).T

    @cached_property
    def bond_vectors(self) -> np.ndarray:
        """Cartesian vectors from i to j, (M, 2)."""
        return geometry.bond_vectors(self.vectors, self.basis, self.bonds)

    @property
    def angles(self) -> np.ndarray:
        """Angles phi of the bond vectors with the x axis, (M,); exp(2 i phi) is the same from both ends of a bond."""
        phi: np.ndarray = np.arctan2(self.bond_vectors[:, 1], self.bond_vectors[:, 0])
        return phi

    @property
    def coordination(self) -> np.ndarray:
        """Number of neighbours of every site, (N,)."""
        return geometry.coordination(self.bonds, len(self.basis))

    @cached_property
    def bipartite(self) -> np.ndarray | None:
        """Colours +1 and -1 (N,), different at the ends of every bond; None where this cell has none.

        A lattice may need a larger cell: the square lattice is bipartite as ``square().supercell((2, 2))``.
        """
        return geometry.colours(self.bonds, len(self.basis))

    def path(self, points: str | Sequence[object], n: int) -> xr.DataArray:
        """Return wavevectors along straight legs between high-symmetry points, spread by length.

        Parameters
        ----------
        points
            Names separated by blanks ("G K M G"), or a list of names and of fractions of B1, B2.
        n
            Number of wavevectors in all; every corner is one of them.

        Returns
        -------
        xarray.DataArray
            (n, 2), dimensions (k, axis), with coordinates kx, ky, distance and point ("" between the corners).

        Raises
        ------
        ValueError
            A name is unknown, a corner follows itself, n is smaller than the number of corners, or d = 0.
        """
        self._periodic("wavevectors")
        return paths.k_path(points, n, self.reciprocal, self.points)

    def mesh(self, n: int | Sequence[int], offset: float | Sequence[float] = 0.0) -> xr.DataArray:
        """Return wavevectors ``k = (i + offset_1)/n_1 B1 + (j + offset_2)/n_2 B2``; one n, one offset hold for both.

        Returns
        -------
        xarray.DataArray
            (n_1, n_2, 2), dimensions (k1, k2, axis), with coordinates k1, k2 (fractions of B1, B2), kx and ky. For
            d = 1: (n_1, 2), dimensions (k1, axis).

        Raises
        ------
        ValueError
            n is not a positive integer or one for each direction, or d = 0.
        """
        self._periodic("wavevectors")
        return paths.k_mesh(n, offset, self.reciprocal)

    def supercell(self, counts: int | Sequence[object]) -> "Lattice":
        """Return the same lattice with a larger cell.

        Parameters
        ----------
        counts
            (n_1, n_2), or one number for every direction, or an integer matrix (d, d) whose rows are the new vectors in
            units of the old ones. Site i of the c-th old cell becomes site ``c N + i``, n_1 slowest.

        Raises
        ------
        ValueError
            The counts are not positive integers, the determinant of the matrix is not positive, or d = 0.
        """
        self._periodic("supercells")
        matrix = derived.cell_matrix(counts, self.dimension)
        diagonal = (matrix == np.diag(np.diag(matrix))).all()
        similar = diagonal and (np.diag(matrix) == matrix[0, 0]).all()  # its Brillouin zone has the same corners
        text = " x ".join(str(n) for n in np.diag(matrix)) if diagonal else str(matrix.tolist())
        return self._derived(geometry.tile(self._geometry, matrix), text, self.points if similar else None)

    def scaled(self, factor: float) -> "Lattice":
        """Return the same lattice with all lengths times ``factor``: ``honeycomb().scaled(3.0)`` has neighbours at
        distance 3.

        Wavevectors scale inversely, so paths and meshes follow.

        Raises
        ------
        ValueError
            The factor is not a positive number.
        """
        by = read_number("factor", factor, above=0, need="a number that multiplies all lengths")
        arrays = self._geometry
        larger = arrays._replace(
            vectors=by * arrays.vectors,
            basis=by * arrays.basis,
            cuts=arrays.cuts._replace(vector=by * arrays.cuts.vector),
        )
        return self._derived(larger, f"scaled by {by:g}", self.points)

    def ribbon(self, width: int, edge: str | tuple[int, int] = "zigzag", *, shift: float = 0.0) -> "Lattice":
        """Return a strip that is periodic along one direction of a crystal; positions are not turned.

        Parameters
        ----------
        width
            Number of cells across; 2 width sites on the honeycomb.
        edge
            "zigzag" (along A1) or "armchair" (normal to it) of a hexagonal crystal, or coprime integers (m, n) for
            ``A = m A1 + n A2``.
        shift
            Moves both cuts across the crystal, in cells: with T2 completing A to a cell, the sites kept are those at
            ``u A + v T2`` with shift <= v < shift + width. 0.5 gives bearded edges on the zigzag honeycomb.

        Returns
        -------
        Lattice
            d = 1, sites ordered from the right to the left of A, with its cuts.

        Raises
        ------
        ValueError
            d != 2, the width is not a positive integer, or it is not an edge.
        """
        if self.dimension != 2:
            raise ValueError(f"{self!r} has d = {self.dimension}; a ribbon is cut from a crystal with d = 2")
        direction = derived.edge_direction(edge, self.vectors)
        by = read_number("shift", shift, need="a number of cells")
        width = read_integer("width", width, least=1, most=WIDEST_RIBBON)
        strip = derived.strip(self._geometry, direction, width, by)
        return self._derived(strip, f"{edge if isinstance(edge, str) else direction} ribbon of width {width}")

    def across(self) -> np.ndarray:
        """Return the distance of every site from the rightmost one, measured to the left of A1 across a ribbon, (N,).

        Raises
        ------
        ValueError
            d != 1.
        """
        if self.dimension != 1:
            raise ValueError(f"{self!r} has d = {self.dimension}; only a ribbon (d = 1) has a direction across")
        distance = self.basis @ derived.normal(self.vectors[0])
        distances: np.ndarray = distance - distance.min()
        return distances

    def patch(self, shape: Sequence[int] | Shape, *, prune: bool = False, size: int = 32) -> "Lattice":
        """Return a finite piece.

        Parameters
        ----------
        shape
            Numbers of cells (n_1, n_2), or a function f(x, y) -> bool of the position, as from ``lattice.hexagon``,
            ``lattice.disk``, ``lattice.rectangle``.
        prune
            Remove sites with at most one neighbour, again and again.
        size
            A function is asked about the sites of the cells -size..size along each vector.

        Returns
        -------
        Lattice
            d = 0, with its cuts.

        Raises
        ------
        TypeError
            ``shape`` is a single number.
        ValueError
            No site is left, the patch reaches the cells at the end of the search, or d = 0.
        """
        self._periodic("patches")
        size = read_integer("size", size, least=1, most=10**12)
        if callable(shape):
            check_function("shape", shape, "x", "y")
            checks.check_cells("size", (2 * size + 1,) * self.dimension)
            piece = derived.patch_inside(self._geometry, shape, size)
        elif shape_of(shape) == () and not isinstance(shape, str):
            raise TypeError(
                "shape must be numbers of cells, one for each vector, or a function f(x, y) such as "
                f"lp.lattice.disk(3.0); got {shape!r}"
            )
        else:
            counts = checks.integers("shape", shape, (self.dimension,)).tolist()
            cells = tuple(checks.positive_integer("shape", count) for count in counts)
            checks.check_cells("shape", cells)
            piece = derived.patch_of_cells(self._geometry, cells)
        return self._derived(derived.prune(piece) if read_flag("prune", prune) else piece, "patch")

    def without(self, sites: object) -> "Lattice":
        """Return the lattice with vacancies: ``sites`` are indices or a mask (N,); what they cut is recorded.

        Raises
        ------
        ValueError
            A site is not there, or none would be left.
        """
        gone = checks.mask_of(sites, len(self.basis))
        if gone.all():
            raise ValueError(f"all {len(gone)} sites would be removed; leave at least one")
        return self._derived(geometry.remove(self._geometry, gone), f"without {gone.sum()}", self.points)

    def site_disorder(self, width: float, rng: Rng, *, law: str = "uniform") -> np.ndarray:
        """Return numbers (N,) to be added to a parameter of the sites, of mean zero.

        Parameters
        ----------
        width
            Uniform: they lie in [-width/2, width/2]. Normal: their standard deviation.
        rng
            None, an int or a Generator; the same seed gives the same numbers.
        law
            "uniform" or "normal".
        """
        return disorder.draw(len(self.basis), width, rng, law, "site")

    def bond_disorder(self, width: float, rng: Rng, *, law: str = "uniform") -> np.ndarray:
        """Return factors (M,) ``1 + x`` of the strengths, x as in :meth:`site_disorder` and independent of it.

        ``lat.replace(strengths=lat.strengths * lat.bond_disorder(0.2, rng=1))``
        """
        return 1 + disorder.draw(len(self.bonds), width, rng, law, "bond")

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, as in ``lat.replace(strengths=...)``."""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            raise TypeError(f"Lattice has no field {sorted(unknown)}; it has {[field.name for field in fields(self)]}")
        return replace(self, **changes)

    def parameters(self) -> dict[str, Any]:
        """Return the arrays that make the lattice, by name, for the record."""
        return {name: getattr(self, name) for name in ("name", "vectors", "basis", "bonds", "strengths")}

    @property
    def _geometry(self) -> Geometry:
        return Geometry(*(getattr(self, name) for name in Geometry._fields))

    def _derived(self, arrays: Geometry, text: str, points: Any = None) -> "Lattice":
        return Lattice(**arrays._asdict(), points=points, name=f"{self.name}, {text}")

    def _periodic(self, what: str) -> None:
        if self.dimension == 0:
            raise ValueError(f"{self!r} is a finite patch; {what} need a lattice that is periodic (d = 1 or 2)")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Lattice):
            return NotImplemented
        same = all(np.array_equal(a, b) for a, b in zip(self._arrays, other._arrays, strict=True))
        return same and (self.name, self.points) == (other.name, other.points)

    def __hash__(self) -> int:
        return hash((self.name, self.basis.tobytes(), self.bonds.tobytes()))

    @property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        return (*self._geometry[:-1], *self.cuts)

    def __repr__(self) -> str:
        rows = [f"A{a + 1} = ({x:g}, {y:g})" for a, (x, y) in enumerate(self.vectors)]
        cuts = [f"{len(self.cuts.site)} cuts"] if len(self.cuts.site) else []
        counts = [_plural(len(self.basis), "site"), _plural(len(self.bonds), "bond")]
        return f"Lattice({self.name}: {', '.join([*rows, *counts, *cuts])})"


def _or_itself(given: np.ndarray | None, count: int) -> np.ndarray:
    return np.arange(count) if given is None else given


def _points(given: Mapping[str, object] | None, d: int) -> dict[str, tuple[float, ...]]:
    points = POINTS[d] if given is None else given
    if not isinstance(points, Mapping):
        raise TypeError(f"points is {kind(points)}; give a dict of names and fractions of B1, B2: dict(X=(0.5, 0.0))")
    return {name: tuple(checks.real(f"point {name}", value, (d,)).tolist()) for name, value in points.items()}


def _plural(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
