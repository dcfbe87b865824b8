"""How a detector is trained, beside what `TrainConfig` says: one frozen value."""

from dataclasses import dataclass
from typing import Literal

from auricle.errors import ConfigError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSettings:
    """How events are learnt from annotated recordings.

    Attributes:
        events: single is one class at a time, multi lets classes overlap; auto takes multi where
            annotations of a recording overlap.
        lookahead_ms: the answer for time t is given at t + lookahead, milliseconds.
        hop_ms: one answer every so many milliseconds.
        window_s: length of the stretches of recordings that are learnt from, seconds; the network
            begins each with an empty memory.
        steps: training steps in all; chosen from the length of the recordings if not given.
        balance: where windows are drawn. time: anywhere alike. events: every second one holds an
            event, each event alike, so that silence does not rule. classes: the same, each class
            alike.
        gain_db: standard deviation of the level by which windows are varied, dB.
        tag_pooling: how hops make a clip's tags where no times are known.
        tune: what the decoding is chosen for on the validation recordings. segments: the error of
            the label sequence, then of hops. events: F1 of events with a collar of 200 ms. auto:
            segments where classes exclude each other, else events. none: every hop as it is.
    """

    events: Literal["auto", "single", "multi"] = "auto"
    lookahead_ms: float = 60.0
    hop_ms: float = 5.0
    window_s: float = 2.0
    steps: int | None = None
    balance: Literal["time", "events", "classes"] = "events"
    gain_db: float = 3.0
    tag_pooling: Literal["attention", "max"] = "attention"
    tune: Literal["auto", "segments", "events", "none"] = "auto"

    def __post_init__(self) -> None:
        self._check("lookahead_ms", 0 <= self.lookahead_ms <= 10_000, "0 to 10000 milliseconds")
        self._check("hop_ms", 1 <= self.hop_ms <= 1000, "1 to 1000 milliseconds")
        self._check("window_s", 0.1 <= self.window_s <= 600, "0.1 to 600 seconds")
        self._check("steps", self.steps is None or self.steps >= 1, ">= 1")
        self._check("gain_db", 0 <= self.gain_db <= 60, "0 to 60 dB")

    def _check(self, name: str, holds: bool, rule: str) -> None:
        if not holds:
            got = getattr(self, name)
            remedy = "Leave it out for the default."
            raise ConfigError(message(name, expected=rule, got=got, remedy=remedy))
