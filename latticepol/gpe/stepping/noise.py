"""Compiled Wigner noise (docs/physics.md, section 1)."""

import math

from latticepol.numerics.compiled import compiled


@compiled()
def add_local(psi, n, xi, k, gamma, h, regular):
    """Apply psi += noise of covariance [(max(W - eta S_w, 0) + R n_s + Gamma) delta_ss' + gamma sigma_x] h vacuum/2 per
    point.

    ``xi`` are complex normal numbers of unit variance, the shape of psi (B, 2, N). Returns False where the covariance
    is not positive.
    """
    for b in range(psi.shape[0]):
        w, loss = k.w[b % k.w.shape[0]], k.loss[b % k.loss.shape[0]]
        eta, R, dichroism = k.eta[b % k.eta.size], k.R[b % k.R.size], gamma[b % gamma.size]
        scale = math.sqrt(0.5 * h * k.vacuum[b % k.vacuum.size])
        for i in range(psi.shape[2]):
            size = 0.5 * (abs(psi[b, 0, i]) ** 2 + abs(psi[b, 1, i]) ** 2)
            both = max(w[i] + loss[i] - eta * size, 0.0) + loss[i]
            plus = both + (R * n[b, 0, i] if n.shape[2] > 0 else 0.0)
            minus = both + (R * n[b, 1, i] if n.shape[2] > 0 else 0.0)
            if plus * minus < dichroism * dichroism or plus < 0:
                regular = False
            elif plus > 0:
                root = math.sqrt(plus)
                cross = dichroism / root
                psi[b, 0, i] += scale * root * xi[b, 0, i]
                psi[b, 1, i] += scale * (cross * xi[b, 0, i] + math.sqrt(max(minus - cross * cross, 0.0)) * xi[b, 1, i])
            else:
                psi[b, 1, i] += scale * math.sqrt(minus) * xi[b, 1, i]
    return regular
