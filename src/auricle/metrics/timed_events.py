"""The events of one recording, as scores take them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from auricle.errors import ConfigError, ShapeError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvents:
    """The events of one recording, true or estimated, in any order.

    Attributes:
        onsets_s: seconds, >= 0.
        offsets_s: seconds, >= onsets_s.
        labels: of each event.
    """

    onsets_s: Float[np.ndarray, " events"]
    offsets_s: Float[np.ndarray, " events"]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.labels)
        if self.onsets_s.shape != (count,) or self.offsets_s.shape != (count,):
            got = f"{self.onsets_s.shape}, {self.offsets_s.shape} and {count} labels"
            raise _bad("onsets_s, offsets_s, labels", "one of each per event", got)
        finite = np.isfinite(self.onsets_s) & np.isfinite(self.offsets_s)
        right = finite & (self.onsets_s >= 0) & (self.offsets_s >= self.onsets_s)
        if not right.all():
            first = int(np.argmin(right))
            got = f"{self.onsets_s[first]} to {self.offsets_s[first]} for event {first}"
            raise _bad("events", "0 <= onset <= offset, in seconds", got)

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(cls, events: Iterable[tuple[float, float, str]]) -> "TimedEvents":
        """From ``(onset_s, offset_s, label)``, as sed_eval and sed_scores_eval take them.

        >>> len(TimedEvents.of([(0.5, 1.0, "dog"), (2.0, 2.5, "cat")]))
        2
        """
        rows = list(events)
        return cls(
            onsets_s=np.array([row[0] for row in rows], dtype=np.float64),
            offsets_s=np.array([row[1] for row in rows], dtype=np.float64),
            labels=tuple(row[2] for row in rows),
        )

    def of_label(self, label: str) -> Float[np.ndarray, "events 2"]:
        """Onset and offset of each event of one label, by onset, then by offset."""
        chosen = np.array([name == label for name in self.labels], dtype=bool)
        onsets, offsets = self.onsets_s[chosen], self.offsets_s[chosen]
        order = np.lexsort((offsets, onsets))
        return np.stack([onsets[order], offsets[order]], axis=1)


def all_labels(
    references: Sequence[TimedEvents],
    estimates: Sequence[TimedEvents],
    *,
    labels: Sequence[str] | None,
) -> tuple[str, ...]:
    """The classes to score: those given, or all that occur, sorted.

    Raises:
        ShapeError: not one estimate for each reference.
        ConfigError: an event has a label that is not among those given.
    """
    if len(references) != len(estimates):
        got = f"{len(references)} references and {len(estimates)} estimates"
        raise _bad("estimates", "one entry for each recording", got)
    seen = {name for part in (*references, *estimates) for name in part.labels}
    if labels is None:
        return tuple(sorted(seen))
    unknown = sorted(seen - set(labels))
    if unknown:
        raise ConfigError(
            message(
                "labels",
                expected="every label that occurs",
                got=f"events of {', '.join(map(repr, unknown[:3]))}",
                remedy="Add them, or take those events out.",
            )
        )
    return tuple(labels)


def _bad(name: str, expected: str, got: str) -> ShapeError:
    return ShapeError(message(name, expected=expected, got=got, remedy="Were columns exchanged?"))
