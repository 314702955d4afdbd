"""The lists that the generic tests run over: one line per term and per integrator."""

import numpy as np

import latticepol as lp

GRID = lp.Grid.rectangle((8.0, 8.0), (32, 32))
X, Y = GRID.points
C = np.cos(2 * np.pi * X / 8) * np.cos(2 * np.pi * Y / 8)
SPOT = np.exp(-(X**2 + Y**2) / 4)


def usual_terms(wave):
    """Those of numbers and of a profile (ny, nx) of order one."""
    return [
        lp.Kinetic(1.3),
        lp.Kinetic(1.3, nu=0.2),
        lp.TETM(0.2),
        lp.Splitting(1.0, 0.3),
        lp.Zeeman(0.4),
        lp.Zeeman(0.4 * wave),
        lp.Zeeman(0.4, Delta_scale=1.7),
        lp.Potential(-2 * wave),
        lp.Gain(1.6 + 0.4 * wave, 1.0, 1.2),
        lp.Interaction(2.28, -0.3),
    ]


TERMS = [
    *usual_terms(C),
    lp.Reservoir(lp.pumps.gaussian(3.0, fwhm=3.0).circular(0.4), 1.0, 1.5, 1.0, 0.3, -0.1, tau_s=2.0),
    lp.Drive(0.5 * SPOT, omega=1.0),
    lp.Absorber(2.0, 3.0),
    lp.WignerNoise(),
]
INTEGRATORS = [lp.Strang(), lp.BlanesMoan(), lp.ETDRK4()]


def random_field(seed=0, batch=(), grid=GRID):
    """A smooth random spinor of order one."""
    rng = np.random.default_rng(seed)
    kx, ky = grid.wavevectors
    shape = (*batch, 2, *grid.shape)
    spectrum = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    psi = np.fft.ifft2(spectrum * np.exp(-(kx**2 + ky**2) / 1.5), norm="ortho")
    return psi / np.abs(psi).max()


def name(case):
    return repr(case).split("(")[0]
