"""How many particles a separated set of modes has (docs/physics.md, section 5).

The modes of the largest Re w, where they are separated from all others at every k, span a space that changes smoothly
with k. The norm ``<u|u> - <v|v>`` is a Hermitian form on it, with a positive eigenvalue for every particle and a
negative one for every partner: their numbers change only where an eigenvalue vanishes. Without loss the eigenvalues of
modes are their own norms. Two modes that have locked, or a diffusive pair, have norm 0 each; the form on both has one
eigenvalue of each sign, so that a pair is one particle and one partner.
"""

from typing import NamedTuple

import numpy as np

from latticepol.numerics.blas import on_one_thread


class Count(NamedTuple):
    """What a set of modes is made of at every k, each (points,)."""

    particles: np.ndarray
    #: The smallest modulus of an eigenvalue of the norm: at 0 a particle becomes a partner.
    smallest: np.ndarray


@on_one_thread
def norm_form(right: np.ndarray, rows: int) -> np.ndarray:
    """Return the norm on the spaces of the modes of the largest Re w (points, rows, rows): the leading block of n x n
    numbers is that on the highest n modes, in orthonormal vectors.

    Parameters
    ----------
    right
        All right vectors (points, m, m), sorted by Re w, u in the first ``rows`` rows and v in as many that follow;
        what else moves has no norm.
    rows
        See above.
    """
    highest = right[:, : 2 * rows, ::-1][..., :rows]
    u = np.linalg.qr(highest)[0][:, :rows]
    form: np.ndarray = 2 * u.conj().swapaxes(-1, -2) @ u - np.eye(rows)  # u^+ u + v^+ v = 1
    return form


@on_one_thread
def count_particles(form: np.ndarray, above: int) -> Count:
    """Return what the ``above`` modes of the largest Re w are made of, from their `norm_form`."""
    norm = np.linalg.eigvalsh(form[:, :above, :above])
    return Count((norm > 0).sum(axis=-1), abs(norm).min(axis=-1))
