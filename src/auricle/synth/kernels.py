"""Loops over samples that no array operation can do, compiled."""

from typing import no_type_check

import numpy as np
from numba import njit

FLAGS = {"nogil": True, "cache": True, "error_model": "numpy"}
FULL = 0.45  # of the sample rate: partials up to here have their full weight
NONE = 0.49  # ... and from here on none
BLOCK = 16  # samples that are summed side by side


@njit(**FLAGS)
@no_type_check
def sum_partials(cycles, ratio, weights, out):
    """out[t] = sum over k of weights[k-1] sin(2 pi k cycles[t]), while k ratio[t] < NONE.

    The next sine comes from the two before: sin((k+1)a) = 2 cos(a) sin(ka) - sin((k-1)a).
    """
    turn, sine, before = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    total, step = np.zeros(BLOCK), np.zeros(BLOCK)
    slope = 1 / (NONE - FULL)
    for start in range(0, len(cycles), BLOCK):
        size = min(BLOCK, len(cycles) - start)
        lowest = 1.0
        for j in range(BLOCK):
            t = min(start + j, start + size - 1)
            angle = 2 * np.pi * cycles[t]
            turn[j], sine[j], before[j] = 2 * np.cos(angle), np.sin(angle), 0.0
            total[j], step[j] = 0.0, ratio[t]
            lowest = min(lowest, ratio[t])
        last = min(len(weights), int(NONE / lowest))
        for k in range(last):
            for j in range(BLOCK):
                gain = min(1.0, max(0.0, (NONE - (k + 1) * step[j]) * slope))
                total[j] += weights[k] * gain * sine[j]
                following = turn[j] * sine[j] - before[j]
                before[j] = sine[j]
                sine[j] = following
        for j in range(size):
            out[start + j] = total[j]


@njit(**FLAGS)
@no_type_check
def karplus_strong(out, delay, weight, loss, passing):
    """Let a string ring in place: ``out`` holds the pluck, and gets what comes round again.

    out[t] += loss * allpass(weight out[t-d] + (1-weight)/2 (out[t-d-1] + out[t-d+1]))
    """
    side, previous_in, previous_out = (1 - weight) / 2, 0.0, 0.0
    for t in range(delay, len(out)):
        late = out[t - delay - 1] if t > delay else 0.0
        smooth = weight * out[t - delay] + side * (late + out[t - delay + 1])
        passed = passing * (smooth - previous_out) + previous_in
        previous_in, previous_out = smooth, passed
        out[t] += loss * passed


@njit(**FLAGS)
@no_type_check
def ring_drops(out, places, ratios, decays, levels):
    """out[place + t] += level sin(2 pi ratio t) exp(-t / decay) for each drop, to a thousandth."""
    for k in range(len(places)):
        size = min(int(7 * decays[k]), len(out) - places[k])
        turn = np.exp(-1 / decays[k] + 2j * np.pi * ratios[k])
        now = complex(levels[k], 0.0)
        for t in range(size):
            out[places[k] + t] += now.imag
            now *= turn


@njit(**FLAGS)
@no_type_check
def feedback_delays(dry, out, delays, gains, poles, signs):
    """Delay lines that feed each other through a Hadamard matrix; ``out`` is what they say.

    line k holds what entered it delays[k] samples ago, times gains[k], through one pole.
    """
    lines = len(delays)
    store = np.zeros((lines, delays.max()))
    place = np.zeros(lines, dtype=np.int64)
    low, mixed = np.zeros(lines), np.zeros(lines)
    for t in range(len(dry)):
        total = 0.0
        for k in range(lines):
            heard = gains[k] * (1 - poles[k]) * store[k, place[k]] + poles[k] * low[k]
            low[k] = heard
            mixed[k] = heard
            total += signs[k] * heard
        out[t] = total
        span = 1
        while span < lines:
            for start in range(0, lines, 2 * span):
                for k in range(start, start + span):
                    a, b = mixed[k], mixed[k + span]
                    mixed[k], mixed[k + span] = a + b, a - b
            span *= 2
        for k in range(lines):
            store[k, place[k]] = dry[t] + mixed[k] / np.sqrt(lines)
            place[k] += 1
            if place[k] == delays[k]:
                place[k] = 0


@njit(**FLAGS)
@no_type_check
def vocal_tract(throat, hiss, formants, widths, nasal, fric, fric_widths, fric_gains, rate, hop):
    """Klatt's synthesiser: a cascade of resonators for the throat, a row of them for the hiss.

    Resonator: y[t] = a x[t] + b y[t-1] + c y[t-2], c = -exp(-2 pi w/r),
    b = 2 exp(-pi w/r) cos(2 pi f/r), a = 1 - b - c; the nasal zero is its inverse.
    Coefficients are those of frame t // hop.
    """
    num, rows = formants.shape[1], fric.shape[1]
    a, b, c = np.zeros(num), np.zeros(num), np.zeros(num)
    y1, y2 = np.zeros(num), np.zeros(num)
    fa, fb, fc = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    fy1, fy2 = np.zeros(rows), np.zeros(rows)
    x1, x2, h1, h2, p1, p2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    pole = np.exp(-np.pi * 100.0 / rate)
    pb, pc = 2 * pole * np.cos(2 * np.pi * 270.0 / rate), -pole * pole
    zb, zc, za = pb, pc, 1.0
    out = np.zeros(len(throat))
    for t in range(len(throat)):
        frame = t // hop
        if t % hop == 0:
            for k in range(num):
                decay = np.exp(-np.pi * widths[frame, k] / rate)
                c[k] = -decay * decay
                b[k] = 2 * decay * np.cos(2 * np.pi * formants[frame, k] / rate)
                a[k] = 1 - b[k] - c[k]
            for k in range(rows):
                decay = np.exp(-np.pi * fric_widths[frame, k] / rate)
                fc[k] = -decay * decay
                fb[k] = 2 * decay * np.cos(2 * np.pi * fric[frame, k] / rate)
                fa[k] = fric_gains[frame, k] * (1 - decay * decay) / 2
            zb, zc = 2 * pole * np.cos(2 * np.pi * nasal[frame] / rate), pc
            za = 1 / (1 - zb - zc)
        x = throat[t]
        zeroed = za * (x - zb * x1 - zc * x2)
        x2, x1 = x1, x
        y = (1 - pb - pc) * zeroed + pb * p1 + pc * p2
        p2, p1 = p1, y
        for k in range(num):
            y = a[k] * y + b[k] * y1[k] + c[k] * y2[k]
            y2[k], y1[k] = y1[k], y
        edge = hiss[t] - h2
        total = fric_gains[frame, rows] * (hiss[t] - h1)
        for k in range(rows):
            f = fa[k] * edge + fb[k] * fy1[k] + fc[k] * fy2[k]
            fy2[k], fy1[k] = fy1[k], f
            total += f
        h2, h1 = h1, hiss[t]
        out[t] = y + total
    return out
