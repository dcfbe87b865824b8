"""Time cut into segments of equal length, each active or not in each class."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from auricle.errors import ConfigError, message
from auricle.metrics.detection_counts import DetectionCounts
from auricle.metrics.timed_events import TimedEvents, all_labels


def count_segments(
    references: Sequence[TimedEvents],
    estimates: Sequence[TimedEvents],
    *,
    segment_s: float = 1.0,
    labels: Sequence[str] | None = None,
) -> DetectionCounts:
    """Count active segments, in each recording, for each class.

    A segment [k * segment_s, (k + 1) * segment_s) is active in a class if an event of it lies
    there at all: from floor(onset / segment_s) to ceil(offset / segment_s), as in sed_eval. An
    event of no length is active in no segment, unless it lies inside one.

    Args:
        references: of each recording, the true events.
        estimates: of each recording, the estimated ones.
        segment_s: seconds, > 0.
        labels: the classes; None: all that occur.
    Raises:
        ShapeError: not one estimate for each reference.
        ConfigError: segment_s is not above 0, or an event's label is not among ``labels``.
    Reference:
        Mesaros, Heittola and Virtanen 2016, as for `count_events`.
    """
    if not segment_s > 0:
        raise ConfigError(
            message("segment_s", expected="> 0", got=segment_s, remedy="1.0 is customary.")
        )
    names = all_labels(references, estimates, labels=labels)
    counts = np.zeros((3, len(references), len(names)), dtype=np.int64)
    for row, (truth, answer) in enumerate(zip(references, estimates, strict=True)):
        length = max(_num_segments(truth, segment_s), _num_segments(answer, segment_s))
        for column, name in enumerate(names):
            true = _active(truth, name, length=length, segment_s=segment_s)
            found = _active(answer, name, length=length, segment_s=segment_s)
            counts[:, row, column] = true.sum(), found.sum(), (true & found).sum()
    return DetectionCounts(
        labels=names, num_reference=counts[0], num_estimated=counts[1], hits=counts[2]
    )


def _num_segments(events: TimedEvents, segment_s: float) -> int:
    return int(np.ceil(events.offsets_s.max(initial=0.0) / segment_s))


def _active(
    events: TimedEvents, label: str, *, length: int, segment_s: float
) -> Bool[np.ndarray, " segments"]:
    """By the running sum of events that begin and end, so that hours of them stay cheap."""
    intervals = events.of_label(label)
    changes = np.zeros(length + 1, dtype=np.int64)
    np.add.at(changes, np.floor(intervals[:, 0] / segment_s).astype(np.int64), 1)
    np.add.at(changes, np.ceil(intervals[:, 1] / segment_s).astype(np.int64), -1)
    return np.asarray(np.cumsum(changes)[:-1] > 0)
