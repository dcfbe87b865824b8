"""What is computed of every recording of a table."""

from dataclasses import dataclass
from typing import Literal

from auricle.dsp import feature_statistics_names
from auricle.errors import ConfigError, message
from auricle.features import Feature
from auricle.io import Channel, check_sample_rate

Per = Literal["file", "frame"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableConfig:
    """Settings of a table; equal settings and equal files give equal numbers.

    Attributes:
        sample_rate: Hz; recordings at another rate are resampled to it.
        features: side by side: names, or values such as ``Mfcc(convention="kaldi")``.
        hop_ms: step between frames, milliseconds, > 0; rounded to whole samples.
        per: a row a file, or a row a frame.
        statistics: over the frames of a file, where there is a row a file: mean, deviation,
            min, max, slope (per second), and percentiles such as p10.
        channel: "mono": there must be one; "mix": the mean of all; a number: that one, from 0.
    """

    sample_rate: int
    features: tuple[str | Feature, ...] = ("mfcc",)
    hop_ms: float = 10.0
    per: Per = "file"
    statistics: tuple[str, ...] = ("mean", "deviation", "p10", "p50", "p90")
    channel: Channel = "mono"

    def __post_init__(self) -> None:
        check_sample_rate(self.sample_rate, name="sample_rate")
        if not self.hop_ms > 0:
            raise ConfigError(
                message(
                    "hop_ms", expected="> 0", got=self.hop_ms, remedy="10 is what most people use."
                )
            )
        if not self.features:
            raise ConfigError(
                message(
                    "features",
                    expected="at least one feature",
                    got="none",
                    remedy="For example: mfcc,chroma,flatness.",
                )
            )
        if self.per == "file":
            feature_statistics_names((), statistics=self.statistics)
