"""Counts by intersection at every decision threshold: numba, since there are many.

``truth`` is the true events of a recording, class after class, each class by onset: onsets,
offsets (seconds) and where each class begins. ``limits`` are dtc, gtc, cttc (see `PsdsSettings`;
with cttc 0 no cross triggers are counted) and 10 ** decimals: durations are compared as whole
numbers of that fraction of a second.
Arguments are not annotated, since the test-time check of shapes cannot look into compiled code.
"""

from typing import no_type_check

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
@no_type_check
def _covered(onsets, offsets, starts, ends):
    """Of each interval, the seconds inside the others; both in order, neither overlapping."""
    sums, low = np.zeros(len(onsets)), 0
    for index in range(len(onsets)):
        while low < len(starts) and ends[low] <= onsets[index]:
            low += 1
        other = low
        while other < len(starts) and starts[other] < offsets[index]:
            left = max(onsets[index], starts[other])
            sums[index] += max(0.0, min(offsets[index], ends[other]) - left)
            other += 1
    return sums


@njit(cache=True, nogil=True)
@no_type_check
def _enough(seconds, lengths, share, scale):
    return np.rint(seconds * scale) >= np.rint(share * lengths * scale)


@njit(cache=True, nogil=True)
@no_type_check
def _count(onsets, offsets, truth, target, limits, row):
    """Fill a row: true positives, false positives, then cross triggers with each class."""
    (starts, ends, first), (dtc, gtc, cttc, scale) = truth, limits
    lengths = offsets - onsets
    own = slice(first[target], first[target + 1])
    inside = _covered(onsets, offsets, starts[own], ends[own])
    relevant = _enough(inside, lengths, dtc, scale)
    found = _covered(starts[own], ends[own], onsets[relevant], offsets[relevant])
    row[0] = _enough(found, ends[own] - starts[own], gtc, scale).sum()
    row[1] = len(onsets) - relevant.sum()
    for other in range(len(first) - 1 if cttc > 0 else 0):
        if other == target or first[other] == first[other + 1]:
            continue
        part = slice(first[other], first[other + 1])
        seconds = _covered(onsets, offsets, starts[part], ends[part])
        row[2 + other] = (_enough(seconds, lengths, cttc, scale) & ~relevant).sum()


@njit(cache=True, nogil=True)
@no_type_check
def _events(edges, scores, threshold, onsets, offsets):
    """Write the runs of frames whose score reaches the threshold; returns how many."""
    count, active = 0, False
    for frame in range(len(scores)):
        reached = scores[frame] >= threshold
        if reached and not active:
            onsets[count] = edges[frame]
        if active and not reached:
            offsets[count] = edges[frame]
            count += 1
        active = reached
    if active:
        offsets[count] = edges[-1]
        count += 1
    return count


@njit(cache=True, nogil=True)
@no_type_check
def count_at_thresholds(edges, scores, thresholds, truth, target, limits):
    """Of one recording and class, the counts at each threshold.

    Args:
        edges: where each frame begins and the last ends, seconds.
        scores: of the class, frame by frame.
        thresholds: an event is a run of frames with scores >= threshold.
        truth: as `Truth`.
        target: index of the class.
        limits: as `Tolerances`.
    Returns:
        True positives, false positives, cross triggers with each class.
    """
    rows = np.zeros((len(thresholds), 2 + len(truth[2]) - 1), dtype=np.int64)
    onsets, offsets = np.empty(len(scores)), np.empty(len(scores))
    for index in range(len(thresholds)):
        count = _events(edges, scores, thresholds[index], onsets, offsets)
        _count(onsets[:count], offsets[:count], truth, target, limits, rows[index])
    return rows


@njit(cache=True, nogil=True)
@no_type_check
def count_intersections(onsets, offsets, truth, target, limits):
    """As `count_at_thresholds`, for events that are given; in order, none overlapping."""
    row = np.zeros(2 + len(truth[2]) - 1, dtype=np.int64)
    _count(onsets, offsets, truth, target, limits, row)
    return row
