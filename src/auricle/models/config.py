"""The whole of a model's settings, as one frozen value that turns into JSON and back."""

from dataclasses import dataclass, field
from typing import Literal

from auricle.errors import ConfigError, message
from auricle.features import CompressionConfig, FeaturesConfig, LogMelConfig
from auricle.heads import ClassifyConfig
from auricle.trunks import BidirectionalConfig, RecurrentConfig, TdnnConfig, WaveNetConfig

UNKNOWN = "unknown"
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
class ModelConfig:
    """Everything that `Model` is built from.

    Attributes:
        classes: names, in the order of the outputs; `UNKNOWN` among them if it was trained on
            background.
        front_end: samples to frames: log-mel bands, or any features side by side; holds the
            sample rate.
        channel: what to do with a recording of several channels: refuse it, mix it, or take one.
    """

    classes: tuple[str, ...]
    front_end: LogMelConfig | FeaturesConfig
    compression: CompressionConfig = field(default_factory=CompressionConfig)
    trunk: TrunkConfig = field(default_factory=RecurrentConfig)
    head: ClassifyConfig = field(default_factory=ClassifyConfig)
    decision: DecisionConfig = field(default_factory=DecisionConfig)
    channel: Literal["mono", "mix"] | int = "mono"

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise ConfigError(
                message(
                    "classes",
                    expected="at least two different names",
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
