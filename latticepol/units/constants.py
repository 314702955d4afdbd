"""Constants of nature in meV, ps, um and tesla: CODATA, from scipy.constants (docs/physics.md, section 7)."""

from scipy import constants

_MEV = 1e-3 * constants.e

#: Planck's constant over 2 pi in meV ps.
hbar: float = constants.hbar / (_MEV * 1e-12)
#: Mass of the electron in meV ps^2/um^2.
m_e: float = constants.m_e / (_MEV * (1e-12 / 1e-6) ** 2)
#: Bohr magneton in meV/T.
mu_B: float = constants.value("Bohr magneton") / _MEV

#: The units of a model whose numbers are in ps and um: ``lp.SpinorGPE(grid, terms, units=lp.units.PS_UM)``.
PS_UM = {"time": "ps", "length": "um"}
