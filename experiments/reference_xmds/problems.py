"""The problems of the input files in the words of latticepol: functions of the number of points along x and y."""

import numpy as np

import latticepol as lp


def saturable(points: int = 96) -> tuple[lp.SpinorGPE, np.ndarray, np.ndarray | None, float]:
    """Model, initial psi, initial reservoir (none) and final time of saturable.xmds."""
    grid = lp.Grid.rectangle((32.0, 32.0), (points, points))
    x, y = grid.points
    c = np.cos(2 * np.pi * x / 8) * np.cos(2 * np.pi * y / 8)
    terms = [
        lp.Kinetic(1.0),
        lp.Splitting(1.0, 0.1),
        lp.Zeeman(0.1),
        lp.Potential(-2 * c),
        lp.Gain(1.6 + 0.4 * c, 1.0, 1.0),
        lp.Interaction(2.28, 0.0),
    ]
    plus = 0.1 * (1 + 0.3 * np.exp(-(x**2 + y**2) / 4))
    return lp.SpinorGPE(grid, terms), np.stack([plus, plus * np.exp(0.3j)]), None, 5.0


def reservoir(points: int = 64) -> tuple[lp.SpinorGPE, np.ndarray, np.ndarray | None, float]:
    """Model, initial psi, initial reservoir and final time of reservoir.xmds."""
    grid = lp.Grid.rectangle((16.0, 16.0), (points, points))
    x, y = grid.points
    q, cos = np.pi / 8, np.cos
    pump = np.stack(
        [
            6 * np.exp(3 * cos(q * (x - 1)) + 2 * cos(q * y) - 5),
            4 * np.exp(2 * cos(q * (x + 1)) + 3 * cos(q * (y - 1)) - 5),
        ]
    )
    terms = [
        lp.Kinetic(1.0),
        lp.TETM(0.15),
        lp.Splitting(0.5, 0.1),
        lp.Zeeman(0.2),
        lp.Potential(-0.4 * cos(q * x) - 0.3 * np.sin(q * y)),
        lp.Interaction(1.0, -0.2),
        lp.Reservoir(pump, R=1.0, Gamma_R=1.5, Gamma=1.0, g_R=0.3, g_cross=-0.1, tau_s=2.0),
    ]
    plus = 0.8 * np.exp(2 * cos(q * x) + 2 * cos(q * y) - 4 + 1j * q * x)
    minus = 0.6 * np.exp(2 * cos(q * x) + 2 * cos(q * (y + 1)) - 4 - 1j * q * y)
    return lp.SpinorGPE(grid, terms), np.stack([plus, minus]), pump / (2 * 1.5), 4.0


def pulse(points: int = 64) -> tuple[lp.SpinorGPE, np.ndarray, np.ndarray | None, float]:
    """Model, initial psi, initial reservoir (none) and final time of pulse.xmds."""
    grid = lp.Grid.rectangle((16.0, 16.0), (points, points))
    x, y = grid.points
    q, cos = np.pi / 8, np.cos
    W = lp.pumps.profile(4 * np.exp(2 * cos(q * x) + 2 * cos(q * (y - 1)) - 4)) * lp.pumps.pulse(2.0, fwhm=1.0)
    size = np.exp(2 * cos(q * (x + 1)) + 3 * cos(q * y) - 5 + 1j * q * x)
    shape = np.array([0.9, 0.4j])[:, None, None] * size
    terms = [
        lp.Kinetic(1.0, nu=0.02),
        lp.TETM(-0.1),
        lp.Splitting(0.4, -0.05),
        lp.Zeeman(0.1 + 0.3 * cos(q * x) + 0.2 * np.sin(q * y)),
        lp.Gain(0.3 * lp.pumps.uniform(1.0) + W, 0.4, 0.8),
        lp.Interaction(1.2, 0.3),
        lp.Drive(lambda x, y, t: shape * np.exp(-4 * np.log(2) * (t - 1) ** 2 / 0.64), omega=0.7),
    ]
    psi0 = np.array([0.1 + 0.05j, 0.06])[:, None, None] * np.ones(grid.shape)
    return lp.SpinorGPE(grid, terms), psi0, None, 4.0
