"""The two loops of pYIN, compiled: which pitches a frame could have, and the likeliest path.

Compiled, or read from the cache, when this module is imported; serial, and they release the
interpreter's lock. Arrays are C-contiguous.
"""

from typing import no_type_check

import numpy as np
from numba import njit

_FLAGS = {"nogil": True, "cache": True, "error_model": "numpy"}
_DECAY = 2.0  # of the prior over troughs: the shorter period is the likelier one
_NO_TROUGH = 0.01  # probability of the lowest trough where none is below the threshold


@njit("void(float64[::1], int64[::1], int64, float64[::1], float64[::1])", **_FLAGS)
@no_type_check  # numba compiles these bodies: no checker may wrap them
def trough_probabilities(heights, below, count, prior, probs):
    """P(trough m) = sum over thresholds s of P(s) P(m | s), the troughs in order of period.

    P(m | s) is Boltzmann's, exp(-2 m) (1 - exp(-2)) / (1 - exp(-2 n)), over the n troughs lower
    than s; where there is none the lowest trough of all gets 0.01 P(s). Thresholds are
    (s + 1) / len(prior). ``below`` is room to work in.
    """
    steps = len(prior)
    lowest = 0
    for m in range(count):
        probs[m] = 0.0
        if heights[m] < heights[lowest]:
            lowest = m
    for s in range(steps):
        threshold = (s + 1) / steps
        n = 0
        for m in range(count):
            if heights[m] < threshold:
                below[n] = m
                n += 1
        if n == 0:
            probs[lowest] += _NO_TROUGH * prior[s]
        scale = prior[s] * (1 - np.exp(-_DECAY)) / (1 - np.exp(-_DECAY * n)) if n else 0.0
        for position in range(n):
            probs[below[position]] += scale * np.exp(-_DECAY * position)


@njit(
    "void(float64[:, ::1], float64[:, ::1], float64[::1], float64, int64, float64, float64,"
    " float64[:, ::1])",
    **_FLAGS,
)
@no_type_check
def candidates(difference, shifts, prior, sample_rate, min_period, fmin, bins_per_octave, observed):
    """observed[frame, bin]: how likely the frame has the pitch fmin * 2 ** (bin / bins_per_octave).

    Where two troughs fall into one bin the longer period's counts.
    """
    frames, lags = difference.shape
    bins = observed.shape[1]
    heights, probs = np.empty(lags), np.empty(lags)
    at, below = np.empty(lags, dtype=np.int64), np.empty(lags, dtype=np.int64)
    for frame in range(frames):
        d, count = difference[frame], 0
        for k in range(lags):
            falls = d[k] < d[k - 1] if k > 0 else d[0] < d[1]
            if falls and (k == 0 or k == lags - 1 or d[k] <= d[k + 1]):
                at[count], heights[count] = k, d[k]
                count += 1
        trough_probabilities(heights, below, count, prior, probs)
        for m in range(count):
            f0_hz = sample_rate / (min_period + at[m] + shifts[frame, at[m]])
            pitch = max(0.0, np.rint(bins_per_octave * np.log2(f0_hz / fmin)))
            if probs[m] > 0 and pitch < bins:
                observed[frame, int(pitch)] = probs[m]


@njit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], int64[::1])",
    **_FLAGS,
)
@no_type_check
def best_in_reach(value, log_total, log_triangle, best, origin):
    """best[j] = max_k value[k] + log P(j | k) over the bins k in reach of j, and that k."""
    bins, reach = len(value), len(log_triangle) - 1
    for j in range(bins):
        first = max(0, j - reach)
        best[j], origin[j] = -np.inf, first
        for k in range(first, min(bins, j + reach + 1)):
            score = value[k] - log_total[k] + log_triangle[abs(j - k)]
            if score > best[j]:
                best[j], origin[j] = score, k


@njit(
    "void(float64[:, ::1], float64[::1], float64[::1], float64[::1], float64, int64[::1])", **_FLAGS
)
@no_type_check
def likeliest_path(observed, voiced, log_total, log_triangle, switch, states):
    """Viterbi: states[frame] = bin of a voiced frame, or bins + bin of an unvoiced one.

    From one frame to the next the bin moves by a triangle's odds, and voicing changes with the
    probability ``switch``. A move out of the triangle's reach is all but impossible, not wholly.
    """
    frames, bins = observed.shape
    tiny = np.finfo(np.float64).tiny
    stay, change, never = np.log(1 - switch), np.log(switch), np.log(tiny)
    origins = np.empty((frames, 2 * bins), dtype=np.uint16)
    value, following = np.empty(2 * bins), np.empty(2 * bins)
    best, origin = np.empty((2, bins)), np.empty((2, bins), dtype=np.int64)
    for j in range(bins):
        value[j] = np.log(observed[0, j] + tiny)
        value[bins + j] = np.log((1 - voiced[0]) / bins + tiny)
    for frame in range(1, frames):
        jump = np.argmax(value)
        for block in range(2):
            part = value[block * bins : (block + 1) * bins]
            best_in_reach(part, log_total, log_triangle, best[block], origin[block])
        silent = np.log((1 - voiced[frame]) / bins + tiny)
        for j in range(2 * bins):
            block, k = j // bins, j % bins
            from_voiced = best[0, k] + (stay if block == 0 else change)
            from_silent = best[1, k] + (change if block == 0 else stay)
            score, start = from_voiced, origin[0, k]
            if from_silent > score:
                score, start = from_silent, bins + origin[1, k]
            if value[jump] + never > score:
                score, start = value[jump] + never, jump
            origins[frame, j] = start
            following[j] = score + (np.log(observed[frame, k] + tiny) if block == 0 else silent)
        value, following = following, value
    states[frames - 1] = np.argmax(value)
    for frame in range(frames - 1, 0, -1):
        states[frame - 1] = origins[frame, states[frame]]
