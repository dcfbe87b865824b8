"""The events of one recording as targets of its hops."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64

from auricle.data.annotations import AnnotatedEvent
from auricle.models import Detection


class EventTrack:
    """Sorted events, painted onto any stretch of hops when they are asked for.

    A hop belongs to an event where its middle lies in [onset, offset). Events of no length
    belong to the hop that they fall into.

    Args:
        events: of one recording.
        classes: names in the order of the outputs; an event of another label is of class -1.
        hop_s: seconds of a hop.
    """

    def __init__(
        self, events: Sequence[AnnotatedEvent | Detection], classes: Sequence[str], *, hop_s: float
    ) -> None:
        index = {name: at for at, name in enumerate(classes)}
        ordered = sorted(events, key=lambda event: (event.onset_s, event.offset_s))
        self.num_classes, self.hop_s = len(classes), hop_s
        self.labels = np.array([index.get(event.label, -1) for event in ordered], dtype=np.int64)
        onsets = np.array([event.onset_s for event in ordered], dtype=np.float64)
        offsets = np.array([event.offset_s for event in ordered], dtype=np.float64)
        # hop n has its middle at (n + 0.5) hop_s; rounding errors of 1e-9 hops are no difference
        self.first = np.ceil(onsets / hop_s - 0.5 - 1e-9).astype(np.int64)
        stop = np.ceil(offsets / hop_s - 0.5 - 1e-9).astype(np.int64)
        self.stop = np.maximum(stop, self.first + 1)
        self._latest = np.maximum.accumulate(self.stop) if len(ordered) else self.stop

    def single(self, start: int, stop: int) -> Int64[np.ndarray, " hops"]:
        """The class of each hop from ``start`` to ``stop``; num_classes for none.

        Where events overlap after all, the one that began last is taken.
        """
        targets = np.full(stop - start, self.num_classes, dtype=np.int64)
        for at in self._within(start, stop):
            targets[max(0, self.first[at] - start) : max(0, self.stop[at] - start)] = self.labels[
                at
            ]
        return targets

    def multi(self, start: int, stop: int) -> Float32[np.ndarray, "hops classes"]:
        """1 where the class sounds in the hop, else 0."""
        targets = np.zeros((stop - start, self.num_classes), dtype=np.float32)
        known = (at for at in self._within(start, stop) if self.labels[at] >= 0)
        for at in known:
            hops = slice(max(0, self.first[at] - start), max(0, self.stop[at] - start))
            targets[hops, self.labels[at]] = 1
        return targets

    def _within(self, start: int, stop: int) -> range:
        """Events that may reach into the hops: those before end too early, those after late."""
        low = int(np.searchsorted(self._latest, start, side="right"))
        high = int(np.searchsorted(self.first, stop, side="left"))
        return range(low, high)
