"""A field as a crystal: reciprocal cell, larger cells, ribbons."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import xarray as xr

from latticepol.arrays import read_array
from latticepol.gpe import output
from latticepol.gpe.geometry import strip, supercell
from latticepol.gpe.stationary import StationaryField
from latticepol.gpe.stepping import momentum
from latticepol.gpe.stepping.engine import RESERVOIR
from latticepol.lattice.derived import cell_matrix
from latticepol.results.growth import read_growth


class PeriodicField(StationaryField):
    """Its cell, copies of it and pieces; see :class:`latticepol.model.Cuttable`."""

    @property
    def reciprocal(self) -> np.ndarray:
        """Rows B1 and B2 of the reciprocal cell."""
        return self.grid.reciprocal

    def k_matrix(self, k: np.ndarray) -> np.ndarray:
        """Return H(k), shape (..., 2, 2), at Cartesian wavevectors (..., 2).

        Raises
        ------
        ValueError
            k is not (..., 2), or not finite.
        """
        k = read_array("k", k, dims=("axis",), need="Cartesian wavevectors (..., 2)")
        if k.shape[-1:] != (2,):
            raise ValueError(
                f"k must have shape (..., 2), Cartesian wavevectors; got {k.shape}: give kx and ky along the last axis"
            )
        h = momentum.stacked(self.terms, [(np.atleast_2d(k[..., 0]), np.atleast_2d(k[..., 1]))])
        return h.reshape(*k.shape[:-1], 2, 2)

    def supercell(self, counts: int | Sequence[object] | np.ndarray) -> Self:
        """Return the same model on a larger cell, with the same points.

        Arrays (..., ny, nx) are copied, numbers stay, functions and pumps are evaluated on the larger grid, where they
        must be periodic. ``tile`` does it for a field or a state.

        Parameters
        ----------
        counts
            (n_1, n_2), or one number for both directions, or an integer matrix (2, 2) whose rows are the new vectors in
            units of A1 and A2, with a positive determinant.

        Raises
        ------
        ValueError
            The counts give no cell; the points of the small cells are none of a grid along the new vectors; a function
            or a pump is not the same in every cell.

        Notes
        -----
        With n1, n2 points in the small cell there are ``N_i = gcd(M_i1 n1, M_i2 n2)`` along row i of the matrix M, and
        ``N_1 N_2 = n1 n2 det M`` is needed. It always holds for (n_1, n_2); [[1, 0], [-1, 2]], which makes a rectangle
        of a hexagonal cell, takes twice as many points along A1 as along A2.
        """
        matrix = cell_matrix(counts, 2)
        grid = supercell.larger(self.grid, matrix)
        where = grid.places(self.grid)
        large = self.replace(grid=grid, terms=supercell.tiled_terms(self.terms, self.grid, where))
        supercell.check_periodic(self, large, where)
        return large

    def tile(self, state: object, counts: int | Sequence[object]) -> Any:
        """Return a field of this model on the cell of ``supercell(counts)``, where it is as stationary as it was: both
        cells have the same H (docs/physics.md, section 1).

        Parameters
        ----------
        state
            An array (..., ny, nx), or what ``lp.steady_state`` returns.
        counts
            As for :meth:`supercell`.

        Returns
        -------
        np.ndarray or xarray.Dataset
            An array of an array; of a state one with the same mu, residual, growth rate and phase mode: all wavevectors
            of the small cell, over which the growth rate was searched for, are those of the large one too.

        Raises
        ------
        ValueError
            As for :meth:`supercell`, or the state does not fit the grid.
        TypeError
            A Dataset that holds no stationary state.
        """
        where = supercell.larger(self.grid, cell_matrix(counts, 2)).places(self.grid)
        if not isinstance(state, xr.Dataset):
            values = read_array("the field", state, real=False, finite=False, dims=output.FIELD[1:])
            if values.shape[-2:] != self.grid.shape:
                raise ValueError(
                    f"the field must have shape (..., *{self.grid.shape}), that of the cell; got {values.shape}: "
                    "give a field of this model"
                )
            return values[..., where[0], where[1]]
        names = ("mu", "residual", "growth_rate", "phase_mode", "certified", "k_fastest", "omega_fastest")
        if not set(names) <= set(state.variables):
            raise TypeError(
                "state must be a stationary state, as lp.steady_state returns it; of another field give psi.values"
            )
        start = self.read_start(state)
        if start.dims:
            raise ValueError(f"state holds several states along {start.dims}; choose one with .sel(...)")
        psi, n = start.psi[..., where[0], where[1]], start.auxiliary.get(RESERVOIR)
        n = None if n is None else n[..., where[0], where[1]]
        kept = {name: state.attrs[name] for name in ("status", "message") if name in state.attrs}
        return self.supercell(counts).as_state(
            psi, n, float(state.mu), float(state.residual), read_growth(state), **kept
        )

    def cut_ribbon(
        self, width: int, edge: str | tuple[int, int], *, compensated: bool, wall: float | None, pad: int, basis: int
    ) -> strip.FieldRibbon:
        """Return ``width`` cells, then ``pad`` cells in which a wall stands; see ``geometry/strip.py``."""
        if compensated:
            raise ValueError(
                "edges = 'compensated' replaces missing hoppings, and a field has none: its edge is a wall; use "
                "'relaxed'"
            )
        return strip.cut(self.without_noise(), edge, width, pad, wall, basis)
