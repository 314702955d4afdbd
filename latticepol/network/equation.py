"""The local part of a network and its derivatives, as array functions (docs/physics.md, section 3)::

    G_s = [ (i/2)(p - S) + (a1 |psi_s|^2 + a2 |psi_-s|^2)/2 + s delta/2 ] psi_s ,   i dpsi/dt = G + hopping + F

``psi`` has shape (..., N, 2), site and spin; the parameters broadcast to (..., N).
"""

from typing import NamedTuple

import numpy as np


class SiteParameters(NamedTuple):
    """The local parameters at one time, each broadcastable to (..., N)."""

    p: np.ndarray
    delta: np.ndarray
    a1: np.ndarray
    a2: np.ndarray


def energies(psi: np.ndarray, c: SiteParameters) -> np.ndarray:
    """Return the bracket [...] of both components, (..., N, 2)."""
    number = psi.real**2 + psi.imag**2
    gain = 0.5j * (c.p - 0.5 * number.sum(axis=-1))
    spin = np.array([0.5, -0.5])
    shift = 0.5 * (c.a1[..., None] * number + c.a2[..., None] * number[..., ::-1]) + c.delta[..., None] * spin
    bracket: np.ndarray = gain[..., None] + shift
    return bracket


def action(psi: np.ndarray, c: SiteParameters) -> np.ndarray:
    """Return G, (..., N, 2)."""
    acted: np.ndarray = energies(psi, c) * psi
    return acted


def derivatives(psi: np.ndarray, c: SiteParameters) -> tuple[np.ndarray, np.ndarray]:
    """Return A = dG/dpsi and B = dG/dpsi^*, each (..., N, 2, 2).

    With f = (a1 - i/2)/2 for equal and (a2 - i/2)/2 for opposite spins, ``A_ss' = [...] delta_ss' + f psi_s
    psi_s'^*`` and ``B_ss' = f psi_s psi_s'``.
    """
    same, other = (0.5 * (np.broadcast_to(a, psi.shape[:-1]) - 0.5j) for a in (c.a1, c.a2))
    f = np.stack([np.stack([same, other], axis=-1), np.stack([other, same], axis=-1)], axis=-2)
    A = f * psi[..., :, None] * psi.conj()[..., None, :]
    B = f * psi[..., :, None] * psi[..., None, :]
    A[..., [0, 1], [0, 1]] += energies(psi, c)
    return A, B


def pseudospin(psi: np.ndarray) -> np.ndarray:
    """Return (S_x, S_y, S_z), shape (..., 3): S_x + i S_y = psi_+^* psi_-, S_z = (|psi_+|^2 - |psi_-|^2)/2."""
    plus, minus = psi[..., 0], psi[..., 1]
    coherence = plus.conj() * minus
    return np.stack([coherence.real, coherence.imag, 0.5 * (np.abs(plus) ** 2 - np.abs(minus) ** 2)], axis=-1)


def spinor(s: np.ndarray) -> np.ndarray:
    """Return spinors (..., 2) with the pseudospins s (..., 3); psi_+ is real, so that equal states are in phase."""
    size = np.linalg.norm(s, axis=-1)
    plus, minus = (np.sqrt(np.maximum(size + sign * s[..., 2], 0.0)) for sign in (1, -1))
    return np.stack([plus + 0j, minus * np.exp(1j * np.arctan2(s[..., 1], s[..., 0]))], axis=-1)
