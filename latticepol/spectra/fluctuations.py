"""The door to fluctuations: what noise and a weak probe make of a stationary state."""

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_flag, read_number
from latticepol.linear_problem import BASIS, NEUTRAL
from latticepol.model import Linearisable, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.spectra.arguments import read_basis, read_state, wavevectors
from latticepol.spectra.batches import BATCH, in_batches
from latticepol.spectra.dispersion import NAMBU, Variables
from latticepol.spectra.signals import STOKES, Fluctuations, Seen

#: Labels of the spins of a probe.
SPINS = np.array(["+", "-"])
#: Numbers in the matrices of one batch of wavevectors: all the frequencies take longer than the matrix.
NUMBERS = BATCH // 64


@on_one_thread
def response(
    model: Linearisable,
    state: xr.Dataset | None,
    *,
    k: object,
    omega: object,
    noise: float | None = None,
    probe: bool = False,
    unstable: bool = False,
    basis: int | None = BASIS,
) -> xr.Dataset:
    """Return the spectra of the fluctuations that noise makes of a stationary state, and its linear response
    (docs/physics.md, section 4)::

        chi = (omega - L_k)^-1 ,    S = chi D chi^dagger

    Parameters
    ----------
    model
        A ``lp.Network``, a ``lp.SpinorGPE``, or another :class:`latticepol.model.Stationary`; of the empty system any
        :class:`latticepol.model.Linearisable`.
    state
        What ``lp.steady_state`` returns; None: the empty system below threshold.
    k
        As for :func:`bogoliubov`, in the extended zone: a plane wave is what leaves the sample in one direction.
    omega
        Real frequencies (n,) relative to mu: what is emitted has the energy mu + omega.
    noise
        Strength D of white noise, ``<xi xi^*> = D delta(t - t')`` for each spin and site, and of a field ``D
        delta(r - r') delta(t - t')``; None: the noise of the model, with its correlations of the spins.
    probe
        Also return what a weak laser brings; the model then needs no noise.
    unstable
        Go on where the state grows at other wavevectors than k, which a small sample may not hold.
    basis
        As for :func:`bogoliubov`. In a projection the phase mode is not quite at 0, and frequencies up to ten times its
        own are on it.

    Returns
    -------
    xarray.Dataset
        - ``spectral_density`` (..., omega, spin): the population of the plane wave k per frequency, as ``lp.spectrum``
          finds it in an evolution, without the condensate itself; its integral over omega is the population. It shows
          particles mostly at w > 0 and their ghosts at w < 0. With Wigner noise it has the half quantum of the vacuum
          in it. Of a network the plane wave is ``sum_n psi_n exp(-i k.r_n)/sqrt(N)``.
        - ``stokes_noise`` (..., omega, stokes): the same of S, S_x, S_y and S_z, to first order about the state.
        - ``response`` (..., omega, nambu, spin, probe), with ``probe=True``: u, the amplitude of the plane wave k, and
          v, of which v^* is that of -k at 2 mu - omega, for a drive ``exp(i k.r - i (mu + omega) t)`` of amplitude 1 on
          the spin ``probe``.
        - ``mu`` and ``growth_rate`` of the state.

        At the frequency of a mode that does not decay, as the phase mode at k = 0 and omega = 0, the first and the
        third are inf: the linewidth of the condensate itself is not a linear effect. The Stokes components, which the
        phase mode leaves alone, have their limit there.

    Raises
    ------
    TypeError
        The model lacks something of its Protocol, or an argument holds no numbers.
    ValueError
        The state grows, or a mode at one of the k, so that nothing becomes stationary; there is no noise; omega is not
        real or not (n,).
    """
    check_model(model, Linearisable)
    z = np.atleast_1d(read_array("omega", omega, dims=("omega",), need="frequencies (n,)"))
    if z.ndim > 1 or not z.size:
        raise ValueError(f"omega has the shape {z.shape}; give frequencies (n,), for example np.linspace(-5, 5, 400)")
    strength = None if noise is None else read_number("noise", noise, least=0, need="a strength")
    probe, unstable = read_flag("probe", probe), read_flag("unstable", unstable)
    psi, mu, growth = (None, 0.0, np.nan) if state is None else read_state(model, state)
    what = model.linear_problem(psi, mu, basis=read_basis(basis))
    rounding = NEUTRAL * (1 + abs(mu)) + _phase_mode(state)
    if growth > rounding and not unstable:
        raise ValueError(
            f"the state must be stable, or its fluctuations grow; its growth rate is {growth:.4g}: give a stable one, "
            "or unstable=True for a sample that holds only the k that are given"
        )
    points, dims, coords = wavevectors(k)
    inside, twist = what.folded(points.reshape(-1, 2))
    quiet = strength is None and what.noise(inside[:1]) is None
    if quiet and not probe:
        raise ValueError("the model has no noise; give noise=1.0, the strength of white noise, or probe=True")
    about = Fluctuations(what, psi, z, strength, rounding)

    def seen(index: np.ndarray) -> list[Seen]:
        return [about.at(inside[i], None if twist is None else twist[i]) for i in index]

    found = [one for batch in in_batches(seen, np.arange(len(inside)), what.size, numbers=NUMBERS) for one in batch]
    density, stokes, chi = (
        np.stack(parts).reshape(*points.shape[:-1], *parts[0].shape) for parts in zip(*found, strict=True)
    )
    axes = (*dims, "omega")
    variables: Variables = {} if state is None else {"mu": ((), mu), "growth_rate": ((), growth)}
    names = {"omega": z}
    spin, nambu = "spin" in what.dims, what.paired
    if not quiet:
        variables["spectral_density"] = ((*axes, "spin"), density) if spin else (axes, density[..., 0])
    if not quiet and stokes.size:
        variables["stokes_noise"], names["stokes"] = ((*axes, "stokes"), stokes), STOKES
    if probe:
        chi = chi if spin else chi[..., 0, 0]
        inner = ("nambu",) * nambu + ("spin", "probe") * spin
        variables["response"] = ((*axes, *inner), chi if nambu else chi.squeeze(len(axes)))
        names |= {name: labels for name, labels in (("probe", SPINS), ("nambu", NAMBU)) if name in inner}
    attributes = {} if strength is None else {"noise": strength}
    return model.to_dataset(variables, {**coords, **names}, title="fluctuations and linear response", **attributes)


def _phase_mode(state: xr.Dataset | None) -> float:
    """Return how far the phase mode of a truncated basis is from 0, where the state says so."""
    if state is None or "phase_mode" not in state:
        return 0.0
    error = read_number("phase_mode", state.phase_mode, finite=False)
    return error if np.isfinite(error) else 0.0
