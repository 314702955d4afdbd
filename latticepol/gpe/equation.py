"""The local part of the equation: its coefficients, right-hand side and derivatives (docs/physics.md, section 1)::

    i dpsi_s/dt = [V + s Delta/2 + (i/2)(W - Gamma - eta S + R n_s) + g_R n_s + g_cross n_-s
                   + (1/2)(alpha1 |psi_s|^2 + alpha2 |psi_-s|^2)] psi_s + F_s
      dn_s/dt   = P_s - (Gamma_R + R |psi_s|^2) n_s + (n_-s - n_s) mixing

The terms say which coefficients they bring; here they are added up. The vacuum of the truncated Wigner approximation is
taken out: ``|psi_s|^2 -> |psi_s|^2 - vacuum`` for the same spin, ``- vacuum/2`` for the other one and in S and R
|psi_s|^2.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from latticepol.gpe.coefficients import SPIN_SIGNS, Coefficients
from latticepol.gpe.profiles.sampling import Sampled, sample
from latticepol.gpe.terms.base import HOOKS, Term, number
from latticepol.gpe.terms.parameters import COEFFICIENTS
from latticepol.grid import Grid
from latticepol.numerics.compiled import compiled
from latticepol.numerics.elementary import BLOCK, copy


@dataclass(frozen=True)
class Equation:
    """The coefficients of all terms on a grid."""

    grid: Grid
    coefficients: dict[str, Sampled]
    actions: tuple[Term, ...]

    @classmethod
    def of(cls, terms: Sequence[Term], grid: Grid) -> "Equation":
        """Add up what the terms bring.

        Raises
        ------
        ValueError
            A term brings an unknown coefficient, or one that does not fit the grid; a reservoir stands next to
            saturable gain.
        TypeError
            What a term brings is not a dict.
        """
        total = _total(terms, [term.local(grid) for term in terms], grid)
        if "P" in total and np.any(total.get("eta", Sampled(np.zeros(1))).steady):
            raise ValueError("a Reservoir replaces the saturable gain: use Gain with eta = 0 next to it, or no Gain")
        actions = tuple(term for term in terms if type(term).action is not Term.action)
        return cls(grid, total, actions)

    @cached_property
    def steady(self) -> bool:
        """Whether no coefficient but the drive depends on time."""
        return not any(value.moving for name, value in self.coefficients.items() if name != "F")

    @property
    def reservoir(self) -> bool:
        """Whether there is a reservoir n_s."""
        return "P" in self.coefficients

    @property
    def noisy(self) -> bool:
        """Whether there is Wigner noise."""
        return "vacuum" in self.coefficients

    def value(self, name: str, t: float) -> np.ndarray:
        """Return a coefficient at time t, broadcastable to (..., ny, nx), zero where no term brings it."""
        return self.coefficients[name].at(t) if name in self.coefficients else np.zeros((1, 1))

    def flat(self, batch: tuple[int, ...], dtype: np.dtype) -> Coefficients:
        """Return the coefficients prepared for compiled loops over a field with the batch axes ``batch``."""
        return Coefficients(self.coefficients, self.grid, batch, np.dtype(dtype))


def outside_strip(terms: Sequence[Term], grid: Grid) -> dict[str, Sampled]:
    """Return the coefficients that are left outside of a strip."""
    return _total(terms, [term.outside_strip(grid) for term in terms], grid)


def _total(terms: Sequence[Term], given: Sequence[Mapping[str, Any]], grid: Grid) -> dict[str, Sampled]:
    """Return the sums of what is given of each term, by name."""
    total: dict[str, Sampled] = {}
    for term, coefficients in zip(terms, given, strict=True):
        for name, value in _brought(term, coefficients, grid):
            total[name] = total[name] + value if name in total else value
    return total


def _brought(term: Term, given: Mapping[str, Any], grid: Grid) -> Iterator[tuple[str, Sampled]]:
    """Return the coefficients of a term by name, on the grid."""
    kind = type(term).__name__
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{kind}.local returns a {type(given).__name__}; return a dict, as in {{'V': 0.1 * x**2}}: a number or "
            f"an array {grid.shape}; the names are {tuple(COEFFICIENTS)}"
        )
    if "vacuum" in given and (
        len(given) > 1 or any(getattr(type(term), hook) is not getattr(Term, hook) for hook in HOOKS if hook != "local")
    ):
        raise ValueError(
            f"{kind} brings noise (vacuum) and more; a search for a stationary state leaves terms with noise out: make "
            "two terms of it"
        )
    for name, value in given.items():
        if name not in COEFFICIENTS:
            raise ValueError(f"{kind} brings the coefficient {name!r}; known are {tuple(COEFFICIENTS)}")
        if not isinstance(value, Sampled):
            what, row = f"{name} of {kind}.local", COEFFICIENTS[name]
            bare = number(what, value) if row.number else value
            value = sample(what, bare, grid, spins=row.spins, real=row.real)
        yield name, value


@compiled()
def _rates(psi, n, w, V, R, g_R, g_cross, eta, alpha1, alpha2, half, out):
    """Set out_s = -i [...] psi_s; psi, n, V and out are pairs of the two spins."""
    for i in range(w.shape[0]):
        plus, minus = psi[0][i], psi[1][i]
        N_plus = plus.real * plus.real + plus.imag * plus.imag
        N_minus = minus.real * minus.real + minus.imag * minus.imag
        gain_plus = half * (w[i] - half * eta * (N_plus + N_minus))
        gain_minus = gain_plus
        energy_plus = V[0][i] + half * (alpha1 * N_plus + alpha2 * N_minus)
        energy_minus = V[1][i] + half * (alpha1 * N_minus + alpha2 * N_plus)
        if n[0].shape[0] > 0:
            n_plus, n_minus = n[0][i], n[1][i]
            gain_plus += half * R * n_plus
            gain_minus += half * R * n_minus
            energy_plus += g_R * n_plus + g_cross * n_minus
            energy_minus += g_R * n_minus + g_cross * n_plus
        out[0][i] = complex(gain_plus, -energy_plus) * plus
        out[1][i] = complex(gain_minus, -energy_minus) * minus


@compiled()
def _reservoir_rates(psi, n_same, n_other, P, R, Gamma_R, mixing, shift, out):
    for i in range(n_same.shape[0]):
        number = psi[i].real * psi[i].real + psi[i].imag * psi[i].imag - shift
        out[i] = P[i] - (Gamma_R + R * number) * n_same[i] + mixing * (n_other[i] - n_same[i])


@compiled()
def rates(psi, n, c, half, out, out_n):
    """Put dpsi/dt into ``out``, which may be psi, and dn/dt into ``out_n``, without the drive; flat psi and n (B, 2,
    N), n (B, 2, 0) if none."""
    work = np.empty((2, BLOCK), psi.dtype)
    for b in range(psi.shape[0]):
        w = c.w[b % c.w.shape[0]]
        eta, alpha1, alpha2 = c.eta[b % c.eta.size], c.alpha1[b % c.alpha1.size], c.alpha2[b % c.alpha2.size]
        R, g_R, g_cross = c.R[b % c.R.size], c.g_R[b % c.g_R.size], c.g_cross[b % c.g_cross.size]
        Gamma_R, mixing = c.Gamma_R[b % c.Gamma_R.size], c.mixing[b % c.mixing.size]
        if n.shape[2] > 0:
            for s in range(2):
                P, shift = c.P[b % c.P.shape[0], s % c.P.shape[1]], half * c.vacuum[b % c.vacuum.size]
                _reservoir_rates(psi[b, s], n[b, s], n[b, 1 - s], P, R, Gamma_R, mixing, shift, out_n[b, s])
        V, last = c.V[b % c.V.shape[0]], c.V.shape[1] - 1
        for i in range(0, psi.shape[2], BLOCK):
            j = min(i + BLOCK, psi.shape[2])
            fields, reservoir = (psi[b, 0, i:j], psi[b, 1, i:j]), (n[b, 0, i:j], n[b, 1, i:j])
            energies, made = (V[0, i:j], V[last, i:j]), (work[0, : j - i], work[1, : j - i])
            _rates(fields, reservoir, w[i:j], energies, R, g_R, g_cross, eta, alpha1, alpha2, half, made)
            for s in range(2):
                copy(made[s], out[b, s, i:j])


def derivatives(
    equation: Equation, psi: np.ndarray, t: float = 0.0, n: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return A = dG/dpsi and B = dG/dpsi^* of the local G = i dpsi/dt at fixed reservoir n, each (..., 2, 2, ny, nx).

    With f = (alpha1 - i eta/2)/2 for equal and (alpha2 - i eta/2)/2 for opposite spins::

        A_ss' = [...] delta_ss' + f psi_s psi_s'^*,   B_ss' = f psi_s psi_s'
    """
    alike = (name for name, row in COEFFICIENTS.items() if not row.spins)
    value = {name: equation.value(name, t)[..., None, :, :] for name in alike}
    same = 0.5 * (value["alpha1"] - 0.5j * value["eta"])
    other = 0.5 * (value["alpha2"] - 0.5j * value["eta"])
    number = np.abs(psi) ** 2
    vacuum = value["vacuum"]
    bracket = value["V"] + 0.5 * SPIN_SIGNS * value["Delta"] + 0.5j * (value["W"] - value["Gamma"])
    bracket = bracket + same * (number - vacuum) + other * (number[..., ::-1, :, :] - 0.5 * vacuum)
    bracket = bracket - 0.125j * value["eta"] * vacuum
    same_n = n + np.zeros_like(number)
    bracket = bracket + (0.5j * value["R"] + value["g_R"]) * same_n + value["g_cross"] * same_n[..., ::-1, :, :]
    rows = np.concatenate([same, other], axis=-3), np.concatenate([other, same], axis=-3)
    f = np.stack(rows, axis=-4)
    outer = psi[..., :, None, :, :]
    A = f * outer * psi.conj()[..., None, :, :, :]
    B = f * outer * psi[..., None, :, :, :]
    for s in range(2):
        A[..., s, s, :, :] += bracket[..., s, :, :]
    for term in equation.actions:
        of_psi, of_partner = _derivatives(term, psi, equation.grid, t)
        A, B = A + of_psi, B + of_partner
    return A, B


def _derivatives(term: Term, psi: np.ndarray, grid: Grid, t: float) -> Sequence[np.ndarray]:
    """Return the derivatives of the action of a term.

    Raises
    ------
    ValueError
        They are not two matrices at every point: numpy would spread them over spins.
    """
    found: Any = term.derivatives(psi, *grid.points, t)
    shapes = [np.shape(one) for one in found] if isinstance(found, tuple | list) else [np.shape(found)]
    if len(shapes) != 2 or any(shape[-4:-2] != (2, 2) for shape in shapes):
        need = (*psi.shape[:-2], 2, *psi.shape[-2:])
        raise ValueError(
            f"{type(term).__name__}.derivatives must return dG/dpsi and dG/dpsi^*, each of the shape {need}, which is "
            f"(..., spin, spin, y, x); got {shapes}: return two such arrays"
        )
    pair: Sequence[np.ndarray] = found
    return pair
