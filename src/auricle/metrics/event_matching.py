"""Events found: right label, onset and offset each within a collar."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from auricle.errors import ConfigError, message
from auricle.metrics.detection_counts import DetectionCounts
from auricle.metrics.timed_events import TimedEvents, all_labels

_SLACK_S = 1e-3  # candidates are looked for this much more widely, then tested exactly

Intervals = Float[np.ndarray, "_ 2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCollars:
    """When an estimated event counts as a true one of the same label.

    |onset difference| <= onset_s, and
    |offset difference| <= max(offset_s, offset_share * duration of the true event)

    Attributes:
        onset_s: seconds, >= 0; None: the onset is not asked for.
        offset_s: seconds, >= 0; None: the offset is not asked for.
        offset_share: of the true event's duration, in [0, 1].
        decimals: differences are rounded to so many digits before they are compared, as
            mir_eval does with 4; None compares them as they are, as sed_eval does.
    """

    onset_s: float | None = 0.2
    offset_s: float | None = 0.2
    offset_share: float = 0.5
    decimals: int | None = None

    def __post_init__(self) -> None:
        sides = [collar for collar in (self.onset_s, self.offset_s) if collar is not None]
        if not sides or min(sides) < 0 or not 0 <= self.offset_share <= 1:
            raise ConfigError(
                message(
                    "collars",
                    expected="onset_s or offset_s or both, >= 0, and 0 <= offset_share <= 1",
                    got=self,
                    remedy="0.2 s and half the duration are customary for sounds.",
                )
            )


SED_EVAL = EventCollars()
"""sed_eval's defaults, those of DCASE: 200 ms, and for the offset half the duration if longer."""

MIR_EVAL = EventCollars(onset_s=0.05, offset_s=0.05, offset_share=0.2, decimals=4)
"""mir_eval's defaults for notes: 50 ms, and for the offset a fifth of the duration if longer."""


def count_events(
    references: Sequence[TimedEvents],
    estimates: Sequence[TimedEvents],
    *,
    collars: EventCollars = SED_EVAL,
    labels: Sequence[str] | None = None,
) -> DetectionCounts:
    """Count the events that were found, in each recording, for each class.

    Each true event is matched to at most one estimated one and vice versa, so that as many as
    possible are matched (a maximum matching; mir_eval and sed_eval do the same).

    Args:
        references: of each recording, the true events.
        estimates: of each recording, the estimated ones.
        collars: how near is near enough.
        labels: the classes; None: all that occur.
    Raises:
        ShapeError: not one estimate for each reference.
        ConfigError: an event's label is not among ``labels``.
    Reference:
        Mesaros, Heittola and Virtanen, "Metrics for polyphonic sound event detection", Applied
        Sciences 6(6), 2016; Raffel et al., "mir_eval", ISMIR 2014.
    """
    names = all_labels(references, estimates, labels=labels)
    counts = np.zeros((3, len(references), len(names)), dtype=np.int64)
    for row, (truth, answer) in enumerate(zip(references, estimates, strict=True)):
        for column, name in enumerate(names):
            true, found = truth.of_label(name), answer.of_label(name)
            hits = _count_matches(true, found, collars=collars)
            counts[:, row, column] = len(true), len(found), hits
    return DetectionCounts(
        labels=names, num_reference=counts[0], num_estimated=counts[1], hits=counts[2]
    )


def _count_matches(true: Intervals, found: Intervals, *, collars: EventCollars) -> int:
    """The size of the largest matching; Hopcroft and Karp's, from SciPy."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    rows, columns = _candidates(true, found, collars=collars)
    near = _near(true[rows], found[columns], collars=collars)
    if not near.any():
        return 0
    shape = (len(true), len(found))
    graph = csr_array((near[near], (rows[near], columns[near])), shape=shape)
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def _candidates(
    true: Intervals, found: Intervals, *, collars: EventCollars
) -> tuple[Int[np.ndarray, " pairs"], Int[np.ndarray, " pairs"]]:
    """Pairs that may match: near by one side, so that hours of events stay few pairs."""
    side = 1 if collars.onset_s is None else 0
    reach = np.full(len(true), collars.onset_s or 0.0)
    if side == 1:
        reach = _offset_reach(true, collars=collars)
    order = np.argsort(found[:, side], kind="stable")
    times = found[order, side]
    first = np.searchsorted(times, true[:, side] - reach - _SLACK_S, side="left")
    last = np.searchsorted(times, true[:, side] + reach + _SLACK_S, side="right")
    counts = last - first
    rows = np.repeat(np.arange(len(true)), counts)
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, order[np.repeat(first, counts) + steps]


def _near(
    true: Float[np.ndarray, "pairs 2"],
    found: Float[np.ndarray, "pairs 2"],
    *,
    collars: EventCollars,
) -> Bool[np.ndarray, " pairs"]:
    distance = np.abs(true - found)
    if collars.decimals is not None:
        distance = np.around(distance, decimals=collars.decimals)
    near = np.ones(len(true), dtype=bool)
    if collars.onset_s is not None:
        near &= distance[:, 0] <= collars.onset_s
    if collars.offset_s is not None:
        near &= distance[:, 1] <= _offset_reach(true, collars=collars)
    return near


def _offset_reach(
    true: Float[np.ndarray, "pairs 2"], *, collars: EventCollars
) -> Float[np.ndarray, " pairs"]:
    durations = true[:, 1] - true[:, 0]
    return np.asarray(np.maximum(collars.offset_share * durations, collars.offset_s or 0.0))
