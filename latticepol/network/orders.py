"""Which order a state of a network has, from the signs of s_z at its sites."""

import numpy as np

#: A site with |s_z|/s below this is linearly polarised: Newton's method leaves 1e-12 of a broken symmetry, times the
#: susceptibility, which a state that it reaches has not much above 1e4.
LINEAR = 1e-6


def label(s: np.ndarray, delta: np.ndarray, colours: np.ndarray | None) -> str:
    """Name the order of pseudospins (N, 3) in the fields delta (N,).

    "linear" (s_z = 0 everywhere), "aligned" or "anti-aligned" with the field at every site (at delta = 0: s_z > 0 or
    < 0), "antiferro" (s_z follows the colours of a bipartite lattice), else "mixed"; "" of NaN.
    """
    if np.isnan(s).any():
        return ""
    sign = np.where(np.abs(s[:, 2]) > LINEAR * np.linalg.norm(s, axis=-1), np.sign(s[:, 2]), 0.0)
    patterns = {"linear": 0 * sign, "aligned": np.where(delta < 0, -1.0, 1.0)}
    patterns["anti-aligned"] = -patterns["aligned"]
    if colours is not None:
        patterns["antiferro"] = colours * sign[0] * colours[0]
    return next((name for name, pattern in patterns.items() if np.array_equal(sign, pattern)), "mixed")
