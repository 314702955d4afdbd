"""What the equation conserves and respects, and the closed forms it reduces to."""

import numpy as np
import pytest
from gpe_cases import GRID, C, X, Y, random_field

import latticepol as lp

#: Hundred steps of fields of order one: 300 transforms of 3 eps each, which add up like a random walk, are 1e-14.
ROUNDING = 1e-12
#: What a packet has at the edge of the box, at r = 12 and t = 1: exp(-12^2/2|z|^2) at most.
TAIL = 1e-10
#: Error of the fourth-order composition at the steps used here.
STEP = 1e-8
#: Simpson's rule over a time in which rates change by a few per cent.
SIMPSON = 3e-4
#: Rounding of complex64, 6e-8, in the 1200 transforms of the fourth-order composition, and its growth with the field.
SINGLE = 1e-4
#: Norm that a round trip of transforms in complex64 may lose or gain: less than the rounding of one number, 6e-8, of
#: which many waves average. With what the plan loses it would be 1.3e-7, always a loss.
DRIFT = 4e-8

CONSERVATIVE = [
    lp.Kinetic(2.0),
    lp.TETM(0.1),
    lp.Splitting(1.0),
    lp.Zeeman(0.4),
    lp.Potential(-C),
    lp.Interaction(2.0, -0.3),
]
LOSSY = [lp.Kinetic(2.0, nu=0.05), lp.TETM(0.1), lp.Splitting(1.0, 0.2), lp.Zeeman(0.4 * C), lp.Potential(-C),
         lp.Interaction(2.0, -0.3), lp.Drive(0.3 * np.exp(1j * X)), lp.Absorber(2.0, 1.5)]  # fmt: skip


def final(model, psi0, t_end=1.0, dt=0.01, **options):
    out = lp.evolve(model, psi0, t_end, dt=dt, progress=False, **options)
    return out.psi.values[-1]


def test_number_and_energy_are_conserved_without_gain():
    model = lp.SpinorGPE(GRID, [*CONSERVATIVE, lp.Zeeman(0.5 * C)])
    out = lp.evolve(
        model, random_field(), 2.0, dt=0.01, save=lp.every(0.5), variables=["number", "energy"], progress=False
    )
    assert np.ptp(out.number.values) < ROUNDING * out.number[0]
    assert np.ptp(out.energy.values) < STEP * out.number[0]


@pytest.mark.parametrize(
    "gain", [lp.Gain(1.5 + 0.3 * C, 1.0, 0.8), lp.Reservoir(np.stack([2 + C, 1 - C]), 1.0, 1.5, 1.0)]
)
def test_budget(gain):
    """dN/dt = gain - loss + drive, at one time exactly and along a run by the trapezoidal rule in Simpson's form."""
    model = lp.SpinorGPE(GRID, [*LOSSY, gain])
    names = ["number", "gain", "loss", "drive"]
    out = lp.evolve(model, random_field(), 0.2, dt=0.005, save=lp.every(0.1), variables=names, progress=False)
    rate = (out.gain - out.loss + out.drive).values
    simpson = (rate[0] + 4 * rate[1] + rate[2]) * 0.2 / 6
    assert abs(float(out.number[2] - out.number[0]) / simpson - 1) < SIMPSON
    psi = random_field()
    n = None if isinstance(gain, lp.Gain) else np.ones_like(psi.real)
    start = lp.evolve(model, psi if n is None else (psi, n), 0.0, dt=0.1, variables=names, progress=False)
    velocity = 2 * GRID.integrate((psi.conj() * model.rhs(psi, 0.0, n)[0]).real).sum()
    assert abs(float((start.gain - start.loss + start.drive)[0]) - velocity) < ROUNDING * 100


def test_free_wave_packet():
    """exp(-r^2/2 s^2) spreads to s^2/z exp(-r^2/2z), z = s^2 + 2 i c t, with c = 1/2m."""
    grid = lp.Grid.rectangle((24.0, 24.0), (64, 64))
    x, y = grid.points
    packet = lambda z: np.exp(-(x**2 + y**2) / (2 * z)) / z  # noqa: E731
    psi0 = np.stack([packet(1.0), 0 * x])
    got = final(lp.SpinorGPE(grid, [lp.Kinetic(0.8)]), psi0)
    assert np.abs(got[0] - packet(1 + 2j / 1.6)).max() < TAIL
    # with TE-TM psi_+ is the mean of two packets with c = 1/2m +- beta, psi_- winds twice and carries the rest
    got = final(lp.SpinorGPE(grid, [lp.Kinetic(0.8), lp.TETM(0.2)]), psi0)
    mean = 0.5 * (packet(1 + 2j * (0.625 + 0.2)) + packet(1 + 2j * (0.625 - 0.2)))
    assert np.abs(got[0] - mean).max() < 1e-8
    k = np.fft.fft2(psi0[0])
    kx, ky = grid.wavevectors
    k2 = kx**2 + ky**2
    winding = np.where(k2 > 0, (kx + 1j * ky) ** 2 / np.where(k2 > 0, k2, 1), 0)
    minus = np.fft.ifft2(-1j * np.sin(0.2 * k2) * winding * np.exp(-0.625j * k2) * k)
    assert np.abs(got[1] - minus).max() < 1e-8
    right, up = got[1][32, 40], got[1][40, 32]
    assert abs(up / right + 1) < 1e-8  # exp(2 i phi) at phi = pi/2


def test_plane_wave_on_an_oblique_cell_with_bloch_phase():
    grid = lp.Grid(((3**0.5, 0.0), (3**0.5 / 2, 1.5)), (12, 10), q=(0.4, -0.3))
    (x, y), (kx, ky) = grid.points, (k[2, 3] for k in grid.wavevectors)
    terms = [lp.Kinetic(0.7), lp.TETM(0.2), lp.Splitting(1.0, 0.2), lp.Zeeman(0.3)]
    model = lp.SpinorGPE(grid, terms)
    energy, states = np.linalg.eig(model.k_matrix(np.array([kx, ky])))
    psi0 = states[:, 0, None, None] * np.exp(1j * ((kx - 0.4) * x + (ky + 0.3) * y))
    assert np.abs(final(model, psi0, 0.5) - np.exp(-0.5j * energy[0]) * psi0).max() < ROUNDING


def test_galilean_symmetry():
    m, q = 1.0, 2 * np.pi / 8 * 3
    gain = [lp.Interaction(2.0, 0.3), lp.Gain(1.5, 1.0, 0.8), lp.Kinetic(m)]
    t = 3 * (8 / 32) * m / q  # the boosted field moves by 3 points
    boost = np.exp(1j * q * X)
    model = lp.SpinorGPE(GRID, gain)
    still = final(model, 0.5 * random_field(), t)
    moving = final(model, 0.5 * random_field() * boost, t)
    assert np.abs(np.roll(still, 3, axis=-1) * boost * np.exp(-0.5j * q * q / m * t) - moving).max() < STEP


def test_translation_symmetry():
    shift = lambda a: np.roll(a, (3, -5), axis=(-2, -1))  # noqa: E731
    model = lp.SpinorGPE(GRID, [*CONSERVATIVE[:-2], lp.Potential(-C), lp.Gain(1.5 + C, 1.0, 0.8)])
    moved = model.replace(V=shift(-C), W=shift(1.5 + C))
    assert np.abs(shift(final(model, random_field())) - final(moved, shift(random_field()))).max() < ROUNDING


@pytest.mark.parametrize("Delta", [0.4, 0.4 * C + 0.1])
def test_spin_flip_symmetry(Delta):
    """Exchange of the spins, y -> -y and Delta -> -Delta."""
    flip = lambda a: np.roll(a[..., ::-1, :], 1, axis=-2)  # noqa: E731
    V = np.cos(2 * np.pi * (X + 2 * Y) / 8)
    terms = [lp.Kinetic(2.0), lp.TETM(0.1), lp.Splitting(1.0, 0.2), lp.Interaction(2.0, -0.3), lp.Gain(1.5, 1.0, 0.8)]
    model = lp.SpinorGPE(GRID, [*terms, lp.Zeeman(Delta), lp.Potential(V)])
    mirrored = model.replace(Delta=-flip(Delta) if np.ndim(Delta) else -Delta, V=flip(V))
    psi = random_field()
    assert np.abs(flip(final(model, psi, 0.2))[::-1] - final(mirrored, flip(psi)[::-1], 0.2)).max() < STEP
    assert np.abs(final(model, psi, 0.2) - final(mirrored, psi, 0.2)).max() > 0.01


def test_uniform_field_in_the_momentum_part_is_the_same_in_the_local_part():
    uniform = lp.SpinorGPE(GRID, [*CONSERVATIVE, lp.Gain(1.5, 1.0, 0.8)])
    profile = uniform.replace(Delta=0.4 + 0 * X)
    assert np.abs(final(uniform, random_field()) - final(profile, random_field())).max() < STEP


@pytest.mark.parametrize("integrator", [lp.Strang(), pytest.param(lp.ETDRK4(), marks=pytest.mark.slow)])
def test_batch_is_separate_runs(integrator):
    """Every kind of parameter may differ along the batch, each alone."""
    values = np.array([0.8, 1.1, 1.5])
    column = values[:, None, None]
    terms = [lp.Kinetic(2.0), lp.Splitting(1.0, 0.2), lp.Interaction(2.0, -0.3), lp.Potential(-C), lp.Zeeman(0.3)]
    model = lp.SpinorGPE(GRID, [*terms, lp.Gain(1.2 + 0.2 * C, 1.0, 0.8), lp.Drive(0.3)])
    psi = random_field(batch=(3,))
    for name in ("mass", "epsilon", "alpha1", "alpha2", "Delta", "Gamma", "eta"):
        together = final(model.replace(**{name: column}), psi, 0.2, 0.02, integrator=integrator)
        for i in range(3):
            alone = final(model.replace(**{name: values[i]}), psi[i], 0.2, 0.02, integrator=integrator)
            assert np.abs(together[i] - alone).max() < ROUNDING
    for name, profile in (("V", -C), ("W", 1 + 0.2 * C), ("Delta", C), ("F", np.stack([C, 1j * C]))):
        scale = column if name in ("W", "Delta") else column[:, None]
        together = final(model.replace(**{name: scale * profile}), psi, 0.2, 0.02, integrator=integrator)
        for i in range(3):
            alone = final(model.replace(**{name: values[i] * profile}), psi[i], 0.2, 0.02, integrator=integrator)
            assert np.abs(together[i] - alone).max() < ROUNDING


def test_batch_that_does_not_fit():
    batch = lp.SpinorGPE(GRID, [lp.Kinetic(2.0), lp.Gain(np.ones((3, 1, 1)), 1.0, 0.8)])
    with pytest.raises(ValueError, match=r"batch axes \(3,\), the field has \(2,\)"):
        final(batch, random_field(batch=(2,)), 0.5)


@pytest.mark.parametrize(
    "integrator", [lp.Strang(), lp.BlanesMoan(), pytest.param(lp.ETDRK4(), marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("gain", [
    lp.Gain(1.5 + C, 1.0, 0.8),
    pytest.param(lp.Reservoir(np.stack([2 + C, 1 - C]), 1.0, 1.5, 1.0, 0.2, 0.1, tau_s=1.0), marks=pytest.mark.slow),
], ids=["gain", "reservoir"])  # fmt: skip
def test_single_precision(integrator, gain):
    """That of a reservoir has compiled functions of its own."""
    model = lp.SpinorGPE(GRID, [*CONSERVATIVE, gain, lp.Drive(0.2)])
    double = final(model, random_field(), integrator=integrator)
    single = final(model.replace(dtype="complex64"), random_field(), integrator=integrator)
    assert single.dtype == np.complex64
    assert np.abs(double - single).max() < SINGLE * np.abs(double).max()


@pytest.mark.parametrize("terms", [[lp.Kinetic(1.0)], [lp.Kinetic(1.0), lp.TETM(0.1), lp.Splitting(1.0)]])
@pytest.mark.parametrize("counts", [(32, 32), (48, 40)])
@pytest.mark.parametrize(("integrator", "stages"), [(lp.Strang(), 1), (lp.BlanesMoan(), 6)])
@pytest.mark.parametrize("dt", [0.02, 0.001])
def test_single_precision_keeps_the_number(terms, counts, integrator, stages, dt):
    """Its rounding has no side, also in small steps, in which it has the most to add up."""
    grid = lp.Grid.rectangle((8.0, 8.0), counts)
    model = lp.SpinorGPE(grid, [*terms, lp.Interaction(2.0, -0.3)], dtype="complex64")
    psi, steps = random_field(grid=grid), 600 // stages
    out = final(model, psi, steps * dt, dt, integrator=integrator).astype(complex)
    before = np.sum(np.abs(psi.astype(np.complex64).astype(complex)) ** 2)
    assert abs(np.sum(np.abs(out) ** 2) / before - 1) < DRIFT * steps * stages
