r"""Many trajectories side by side, each followed until it is certain where it ends (docs/physics.md, section 2).

The spinor is integrated, not the pseudospin. With s = (|psi_+|^2 + |psi_-|^2)/2, s_z = (|psi_+|^2 - |psi_-|^2)/2 and
s_x + i s_y = psi_+^* psi_-,

    2 dpsi_+/dtau = (p - s) psi_+ - i (a s_z + delta) psi_+ + i (1 + i g) psi_-,
    2 dpsi_-/dtau = (p - s) psi_- + i (a s_z + delta) psi_- + i (1 + i g) psi_+.

It is polynomial, regular at s = 0, and turns by half the angle. The code holds psi/sqrt(2), so that s = |psi|^2.

Method: the pair 5(4) of Ch. Tsitouras, Comput. Math. Appl. 62, 770 (2011), doi:10.1016/j.camwa.2011.06.002, with the
error of a step measured against |psi|. ``LANES`` trajectories advance in one loop without branches, which compiles
to vector instructions; each has its own parameters, time and step. A lane that has finished takes the next trajectory
of the queue. No lane's arithmetic looks at another, so the order, the chunks and the threads do not matter.

Quantity c of lane i is ``lanes[c * LANES + i]``: one flat array and a constant distance, so that the compiler sees that
the rows do not overlap. What the loop calls is inlined by force; a call would keep it from being vectorised.
"""

import math

import numpy as np

from latticepol.numerics.compiled import compiled
from latticepol.pseudospin.capture import NUMBERS

#: Microseconds per trajectory on the map of the paper, with vectors of eight doubles: 2.3 with 8 lanes, 1.45 with 16,
#: 1.30 with 32, 1.24 with 64, of which more stand idle at the end.
LANES = 32
#: Steps between two looks at whether a trajectory is captured.
STRIDE = 4
#: Verdict on a trajectory that no stable state captured in its time; verdicts from 0 are the numbers of stable states.
UNSETTLED = -1
#: Verdict on one that fell below its smallest size.
DIED = -2
#: Verdict on one that goes on.
RUNNING = -3
#: The ``stop`` of what is not to be stopped.
NEVER = np.zeros(1, bool)
#: No step is longer, so that a spinor that dies is looked at in time.
_LONGEST = 10.0
#: A step this short is a failure.
_SHORTEST = 1e-200

#: Rows of the array that holds the lanes: those of psi, real and imaginary parts, begin here.
_PSI = 0
#: Those of 2 dpsi/dtau.
_SLOPE = 4
#: Those of the parameters.
_P = 8
_A = 9
_G = 10
_DELTA = 11
#: Those of the step and of the time.
_STEP = 12
_TIME = 13
#: How many there are.
_ROWS = 14

A21 = 0.161
A31, A32 = -0.008480655492356989, 0.335480655492357
A41, A42, A43 = 2.8971530571054935, -6.359448489975075, 4.3622954328695815
A51, A52, A53, A54 = 5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525
A61, A62, A63, A64, A65 = (
    5.86145544294642,
    -12.92096931784711,
    8.159367898576159,
    -0.071584973281401,
    -0.028269050394068383,
)
A71, A72, A73, A74, A75, A76 = (
    0.09646076681806523,
    0.01,
    0.4798896504144996,
    1.379008574103742,
    -3.290069515436081,
    2.324710524099774,
)
E1, E2, E3, E4, E5, E6, E7 = (
    -0.00178001105222577714,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    1.0 / 66.0,
)

# A product and a sum may become one instruction: all of a step is inlined into one loop, so that it is the same in
# every process, and what is kept is where a trajectory ends.
_compiled = compiled(nogil=True, error_model="numpy", fastmath={"contract"})
_inlined = compiled(nogil=True, error_model="numpy", fastmath={"contract"}, forceinline=True)


@_inlined
def slope(psi, p, a, g, delta):
    """Return 2 dpsi/dtau of psi = (Re, Im of psi_+, Re, Im of psi_-) / sqrt(2)."""
    u, v, x, y = psi
    plus = u * u + v * v
    minus = x * x + y * y
    gain = p - (plus + minus)
    field = a * (plus - minus) + delta
    return (
        gain * u + field * v - g * x - y,
        gain * v - field * u + x - g * y,
        gain * x - field * y - g * u - v,
        gain * y + field * x + u - g * v,
    )


@_inlined
def _add(c, k, psi):
    """Return psi + c k."""
    return psi[0] + c * k[0], psi[1] + c * k[1], psi[2] + c * k[2], psi[3] + c * k[3]


@_inlined
def _square(psi):
    return psi[0] * psi[0] + psi[1] * psi[1] + psi[2] * psi[2] + psi[3] * psi[3]


@_inlined
def _try_step(psi, k1, h, p, a, g, delta):
    """Take one step; return the new psi, its slope, and the estimated error of the new psi."""
    k2 = slope(_add(h * A21, k1, psi), p, a, g, delta)
    k3 = slope(_add(h * A32, k2, _add(h * A31, k1, psi)), p, a, g, delta)
    k4 = slope(_add(h * A43, k3, _add(h * A42, k2, _add(h * A41, k1, psi))), p, a, g, delta)
    at5 = _add(h * A54, k4, _add(h * A53, k3, _add(h * A52, k2, _add(h * A51, k1, psi))))
    k5 = slope(at5, p, a, g, delta)
    at6 = _add(h * A65, k5, _add(h * A64, k4, _add(h * A63, k3, _add(h * A62, k2, _add(h * A61, k1, psi)))))
    k6 = slope(at6, p, a, g, delta)
    new = _add(h * A73, k3, _add(h * A72, k2, _add(h * A71, k1, psi)))
    new = _add(h * A76, k6, _add(h * A75, k5, _add(h * A74, k4, new)))
    k7 = slope(new, p, a, g, delta)
    zero = (0.0, 0.0, 0.0, 0.0)
    error = _add(h * E3, k3, _add(h * E2, k2, _add(h * E1, k1, zero)))
    error = _add(h * E7, k7, _add(h * E6, k6, _add(h * E5, k5, _add(h * E4, k4, error))))
    return new, k7, error


@_compiled
def _advance(lanes, tol):
    """Take one step, accepted or not, in every lane.

    The next step is 0.9 (tol/error)^(1/4) times as long: roots of 2^n compile to vector instructions, powers do not.
    """
    for i in range(LANES):
        psi = (lanes[i], lanes[LANES + i], lanes[2 * LANES + i], lanes[3 * LANES + i])
        k1 = (lanes[4 * LANES + i], lanes[5 * LANES + i], lanes[6 * LANES + i], lanes[7 * LANES + i])
        h = lanes[_STEP * LANES + i]
        new, k7, error = _try_step(
            psi,
            k1,
            0.5 * h,
            lanes[_P * LANES + i],
            lanes[_A * LANES + i],
            lanes[_G * LANES + i],
            lanes[_DELTA * LANES + i],
        )
        ratio = _square(error) / (tol * tol * _square(psi))
        accepted = ratio <= 1.0
        factor = 0.9 / math.sqrt(math.sqrt(math.sqrt(ratio)))
        factor = factor if factor > 0.2 else 0.2
        factor = factor if factor < 4.0 else 4.0
        lanes[i] = new[0] if accepted else psi[0]
        lanes[LANES + i] = new[1] if accepted else psi[1]
        lanes[2 * LANES + i] = new[2] if accepted else psi[2]
        lanes[3 * LANES + i] = new[3] if accepted else psi[3]
        lanes[4 * LANES + i] = k7[0] if accepted else k1[0]
        lanes[5 * LANES + i] = k7[1] if accepted else k1[1]
        lanes[6 * LANES + i] = k7[2] if accepted else k1[2]
        lanes[7 * LANES + i] = k7[3] if accepted else k1[3]
        lanes[_TIME * LANES + i] += h if accepted else 0.0
        h *= factor
        lanes[_STEP * LANES + i] = h if h < _LONGEST else _LONGEST


@_inlined
def _form(regions, c, psi):
    """Return V/w at psi, in the capture region whose numbers are regions[c], regions[c + LANES], ..."""
    u, v, x, y = psi
    y_x = 2.0 * (u * x + v * y) - regions[c]
    y_y = 2.0 * (u * y - v * x) - regions[c + LANES]
    y_z = u * u + v * v - x * x - y * y - regions[c + 2 * LANES]
    along_x = regions[c + 3 * LANES] * y_x + regions[c + 4 * LANES] * y_y + regions[c + 5 * LANES] * y_z
    along_y = regions[c + 6 * LANES] * y_y + regions[c + 7 * LANES] * y_z
    return along_x * y_x + along_y * y_y + regions[c + 8 * LANES] * y_z * y_z


@_compiled
def _look(lanes, regions, smallest, t_max, verdict):
    """Judge every lane."""
    for i in range(LANES):
        psi = (lanes[i], lanes[LANES + i], lanes[2 * LANES + i], lanes[3 * LANES + i])
        over = (lanes[_TIME * LANES + i] >= t_max) | (lanes[_STEP * LANES + i] < _SHORTEST)
        result = UNSETTLED if over else RUNNING
        verdict[i] = DIED if _square(psi) < smallest[i] else result
    for k in range(regions.size // (NUMBERS * LANES)):
        for i in range(LANES):
            psi = (lanes[i], lanes[LANES + i], lanes[2 * LANES + i], lanes[3 * LANES + i])
            verdict[i] = k if _form(regions, k * NUMBERS * LANES + i, psi) < 1.0 else verdict[i]


@_compiled
def _spinor(s):
    """Return the psi/sqrt(2) of pseudospin s whose larger component is real and positive."""
    size = math.sqrt(s[0] * s[0] + s[1] * s[1] + s[2] * s[2])
    large = math.sqrt(0.5 * (size + abs(s[2])))
    if large == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    re, im = 0.5 * s[0] / large, 0.5 * s[1] / large
    if s[2] >= 0.0:
        return large, 0.0, re, im
    return re, -im, large, 0.0


@_compiled
def _enter(lanes, i, s, p, a, g, delta):
    """Put a trajectory into lane i."""
    psi = _spinor(s)
    k1 = slope(psi, p, a, g, delta)
    for c in range(4):
        lanes[(_PSI + c) * LANES + i] = psi[c]
        lanes[(_SLOPE + c) * LANES + i] = k1[c]
    lanes[_P * LANES + i] = p
    lanes[_A * LANES + i] = a
    lanes[_G * LANES + i] = g
    lanes[_DELTA * LANES + i] = delta
    lanes[_STEP * LANES + i] = 0.1 / (1.0 + abs(p) + abs(g) + abs(delta) + (1.0 + a) * _square(psi))
    lanes[_TIME * LANES + i] = 0.0


@_compiled
def _surround(regions, i, captures, j):
    """Put the capture regions (K, NUMBERS) of a point into lane i; a slice would take a second to compile."""
    for k in range(captures.shape[1]):
        for n in range(NUMBERS):
            regions[(k * NUMBERS + n) * LANES + i] = captures[j, k, n]


@_compiled
def follow(starts, p, a, g, delta, captures, vacuum, tol, t_max, stop):
    """Follow every trajectory to its end.

    Parameters
    ----------
    starts : (N, n, 3)
        Initial pseudospins of the n trajectories of N points.
    p, a, g, delta : (N,)
    captures : (N, K, NUMBERS)
        Capture regions, infinite forms where a point has fewer than K.
    vacuum : (N,)
        The size below which a trajectory has died.
    tol
        Error of one step over |psi|.
    t_max
        The time after which a trajectory is given up.
    stop : (1,) bool
        Set from outside to leave at once; the outcome is then worth nothing.

    Returns
    -------
    (N, n) int8
        Number of the region that captured the trajectory, or UNSETTLED or DIED.
    """
    points, realizations = starts.shape[:2]
    total = points * realizations
    outcome = np.empty((points, realizations), np.int8)
    lanes = np.zeros(_ROWS * LANES)
    regions = np.zeros(captures.shape[1] * NUMBERS * LANES)
    smallest = np.zeros(LANES)
    verdict = np.full(LANES, UNSETTLED)
    holds = np.full(LANES, -1)  # the trajectory in each lane
    queue = 0
    running = 0
    while True:
        for i in range(LANES):
            if verdict[i] == RUNNING:
                continue
            if holds[i] >= 0:
                outcome[holds[i] // realizations, holds[i] % realizations] = verdict[i]
                holds[i] = -1
                running -= 1
            if queue < total:
                j = queue // realizations
                _enter(lanes, i, starts[j, queue % realizations], p[j], a[j], g[j], delta[j])
                smallest[i] = vacuum[j]
                _surround(regions, i, captures, j)
                holds[i] = queue
                queue += 1
                running += 1
        if running == 0 or stop[0]:
            return outcome
        for _ in range(STRIDE):
            _advance(lanes, tol)
        _look(lanes, regions, smallest, t_max, verdict)
