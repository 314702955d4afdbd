"""The reference problem with one thing more: in the words of latticepol, and as changes of saturable.xmds."""

from typing import NamedTuple

import field
import numpy as np

import latticepol as lp


class Variant(NamedTuple):
    """The terms of ours, and what replaces what in the input of XMDS2."""

    case: field.Case
    changes: dict[str, str]


OPERATOR = """        <operator kind="ex">
          <operator_names> tetm_plus tetm_minus </operator_names>
          <![CDATA[
          tetm_plus = -i*0.1*(kx - i*ky)*(kx - i*ky);
          tetm_minus = -i*0.1*(kx + i*ky)*(kx + i*ky);
          ]]>
        </operator>
        <integration_vectors>"""

RESERVOIR = """  <vector name="reservoir" type="real" dimensions="y x">
    <components> n_plus n_minus </components>
    <initialisation>
      <![CDATA[
      n_plus = 0.0;
      n_minus = 0.0;
      ]]>
    </initialisation>
  </vector>
  <sequence>"""

#: the pump P = 2 W; R = 1, Gamma_R = 2, g_R = 0.1, g_cross = -0.02, tau_s = 1
RATES = """dn_plus_dt = 2.0*W - (2.0 + mod2(plus))*n_plus + (n_minus - n_plus);
        dn_minus_dt = 2.0*W - (2.0 + mod2(minus))*n_minus + (n_plus - n_minus);
        const complex gain_plus = 0.5*i*(n_plus - Gamma) + 0.1*n_plus - 0.02*n_minus;
        const complex gain_minus = 0.5*i*(n_minus - Gamma) + 0.1*n_minus - 0.02*n_plus;
        const complex common = V;"""

VARIANTS = {
    "tetm-alone": Variant(
        field.Case("TE-TM", lambda c: [*field.saturable(c), lp.TETM(0.1)]),
        {
            "        <integration_vectors>": OPERATOR,
            "dplus_dt = kinetic[plus]": "dplus_dt = kinetic[plus] + tetm_plus[minus]",
            "dminus_dt = kinetic[minus]": "dminus_dt = kinetic[minus] + tetm_minus[plus]",
        },
    ),
    "reservoir-alone": Variant(
        field.Case("reservoir", field.reservoir),
        {
            "  <sequence>": RESERVOIR,
            "<integration_vectors> psi": "<integration_vectors> psi reservoir",
            "const real S = 0.5*(mod2(plus) + mod2(minus));": "",
            "const complex common = V + 0.5*i*(W - Gamma - eta*S);": RATES,
            "(common + 0.5*Delta": "(common + gain_plus + 0.5*Delta",
            "(common - 0.5*Delta": "(common + gain_minus - 0.5*Delta",
        },
    ),
    "pulse-alone": Variant(
        field.Case("pulse in time", field.pulsed),
        {"*i*(W - Gamma": "*i*(W*exp(-M_LN2*(t - 2.5)*(t - 2.5)) - Gamma"},
    ),
}


def model(name: str, points: int) -> tuple[lp.SpinorGPE, np.ndarray, None, float]:
    """Model, initial psi, initial reservoir (empty) and final time, as in reference_xmds/problems.py."""
    return *field.problem(VARIANTS[name].case, points), None, 5.0


def text(name: str, saturable: str) -> str:
    """The input of XMDS2, made of that of the saturable problem.

    Raises
    ------
    ValueError
        What is to be changed does not occur there, or more than once.
    """
    for old, new in VARIANTS[name].changes.items():
        if saturable.count(old) != 1:
            raise ValueError(f"saturable.xmds holds {old!r} {saturable.count(old)} times, need 1")
        saturable = saturable.replace(old, new)
    return saturable
