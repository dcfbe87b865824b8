"""The whole of a model's settings, as one frozen value that turns into JSON and back."""

from dataclasses import dataclass, field
from typing import Literal

from auricle.errors import ConfigError, message
from auricle.features import CompressionConfig, FeaturesConfig, LogMelConfig
from auricle.heads import ClassifyConfig, DetectConfig
from auricle.trunks import BidirectionalConfig, RecurrentConfig, TdnnConfig, WaveNetConfig

UNKNOWN = "unknown"
HeadConfig = ClassifyConfig | DetectConfig
TrunkConfig = RecurrentConfig | BidirectionalConfig | TdnnConfig | WaveNetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionConfig:
    """How posteriors become answers.

    Attributes:
        threshold: below this posterior the answer is "unknown", in [0, 1].
        memory_s: how far back a stream's running posterior reaches, seconds; a clip's has no end.
        min_duration_s: how long a label must hold before it is an event, seconds.
        release: an event ends when its posterior falls below release * threshold, in (0, 1].
    """

    threshold: float = 0.0
    memory_s: float = 0.5
    min_duration_s: float = 0.1
    release: float = 0.8

    def __post_init__(self) -> None:
        shares_hold = 0 <= self.threshold <= 1 and 0 < self.release <= 1
        if not (shares_hold and self.memory_s > 0 and self.min_duration_s >= 0):
            raise ConfigError(
                message(
                    "threshold, memory_s, release, min_duration_s",
                    expected="threshold in [0, 1], memory_s > 0, release in (0, 1] "
                    "and min_duration_s >= 0",
                    got=f"{self.threshold}, {self.memory_s}, {self.release}, {self.min_duration_s}",
                    remedy="A threshold is a probability; 0 never answers unknown.",
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionConfig:
    """How the posteriors of a detector become events, in this order.

    Attributes:
        median: posteriors are smoothed by a running median over so many hops, odd; 1 is none.
        thresholds: a class sounds while its posterior is at least this, in [0, 1], one for each
            class or none for 0.5 each. Where classes exclude each other, the posterior is that
            of any class sounding, and the threshold that of the likeliest.
        release: what sounds goes on until its posterior falls below release * threshold, in (0, 1].
        min_gap_s: a pause of at most this length does not end an event, seconds.
        min_duration_s: a shorter event is dropped, seconds.
        vote: where classes exclude each other, ``segment`` gives all that sounds between two
            silences one label, that of the greatest posterior in all; ``none`` begins a new event
            where the likeliest class changes.
        max_event_s: a longer event is cut there, so that it is told at last; None never cuts.
        medians, min_gaps_s, min_durations_s: where classes overlap, one for each class in the
            place of median, min_gap_s and min_duration_s; empty: those for all.
    """

    median: int = 1
    thresholds: tuple[float, ...] = ()
    release: float = 1.0
    min_gap_s: float = 0.0
    min_duration_s: float = 0.0
    vote: Literal["none", "segment"] = "none"
    max_event_s: float | None = None
    medians: tuple[int, ...] = ()
    min_gaps_s: tuple[float, ...] = ()
    min_durations_s: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        counts = all(width >= 1 and width % 2 == 1 for width in (self.median, *self.medians))
        shares = all(0 <= share <= 1 for share in self.thresholds) and 0 < self.release <= 1
        lengths = (self.min_gap_s, self.min_duration_s, *self.min_gaps_s, *self.min_durations_s)
        times = min(lengths) >= 0 and (self.max_event_s or 1) > 0
        if not (counts and shares and times):
            raise ConfigError(
                message(
                    "median, thresholds, release, min_gap_s, min_duration_s, max_event_s",
                    expected="an odd median >= 1, thresholds in [0, 1], release in (0, 1], "
                    "min_gap_s and min_duration_s >= 0 and max_event_s > 0 or None",
                    got=f"{self.median}, {self.thresholds}, {self.release}, {self.min_gap_s}, "
                    f"{self.min_duration_s}, {self.max_event_s}",
                    remedy="Times are in seconds; leave them out for none of it.",
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """Everything that `Model` is built from.

    Attributes:
        classes: names, in the order of the outputs; `UNKNOWN` among them if it was trained on
            background.
        front_end: samples to frames: log-mel bands, or any features side by side; holds the
            sample rate.
        head: what the network is asked: the class of a clip, or what sounds when.
        decision: how the posteriors of a classifier become answers.
        detection: how the posteriors of a detector become events.
        channel: what to do with a recording of several channels: refuse it, mix it, or take one.
    """

    classes: tuple[str, ...]
    front_end: LogMelConfig | FeaturesConfig
    compression: CompressionConfig = field(default_factory=CompressionConfig)
    trunk: TrunkConfig = field(default_factory=RecurrentConfig)
    head: HeadConfig = field(default_factory=ClassifyConfig)
    decision: DecisionConfig = field(default_factory=DecisionConfig)
    detection: DetectionConfig = field(default_factory=DetectionConfig)
    channel: Literal["mono", "mix"] | int = "mono"

    def __post_init__(self) -> None:
        fewest = 1 if isinstance(self.head, DetectConfig) else 2
        if len(self.classes) < fewest or len(set(self.classes)) < len(self.classes):
            raise ConfigError(
                message(
                    "classes",
                    expected=f"at least {('one name', 'two different names')[fewest - 1]}",
                    got=list(self.classes),
                    remedy="A classifier needs something to tell apart; "
                    "give recordings of a second class, or of background.",
                )
            )
        if self.compression.kind == "pcen" and not isinstance(self.front_end, LogMelConfig):
            raise ConfigError(
                message(
                    "compression",
                    expected="log with features other than log_mel alone",
                    got="pcen, which divides mel bands by their level",
                    remedy='Leave compression out; "pcen" is one of the features.',
                )
            )
