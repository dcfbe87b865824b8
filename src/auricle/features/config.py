"""Which features stand side by side, on which clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from auricle.dsp import mel_filter_bank
from auricle.errors import ConfigError, message
from auricle.features.specs import Clock, Delta, Feature, FeatureSet, Spec, feature_named

_MOST_DOUBLINGS = 7
_OVERLAP = 2.5  # windows of so many hops


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesConfig:
    """Settings of `FeatureFrontEnd`; `features_for` fills in the clock.

    Attributes:
        sample_rate: Hz; no default, since guessing it is a bug.
        win_length: window of the features that have none of their own, samples.
        hop_length: step between frames, samples, 0 < hop_length <= win_length.
        n_fft: length of the shared Fourier transform, samples, >= win_length.
        features: what stands side by side, in this order; each at most once.
        aligned: hold all columns back to the slowest, so that a row tells of one moment (for
            tables). Otherwise every column is as new as it can be (for listening).
    """

    kind: Literal["features"] = "features"
    sample_rate: int
    win_length: int
    hop_length: int
    n_fft: int
    features: tuple[Feature, ...]
    aligned: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.hop_length <= self.win_length <= self.n_fft or self.sample_rate <= 0:
            lengths = f"{self.hop_length}, {self.win_length}, {self.n_fft} at {self.sample_rate} Hz"
            raise ConfigError(
                message(
                    "hop_length, win_length, n_fft, sample_rate",
                    expected="0 < hop_length <= win_length <= n_fft and sample_rate > 0",
                    got=lengths,
                    remedy="A hop longer than the window skips audio; lower it.",
                )
            )
        names = self.names
        if not names or len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ConfigError(
                message(
                    "features",
                    expected="at least one feature, each once",
                    got=f"{', '.join(twice[:3])} twice" if twice else "none",
                    remedy="Name features as in mfcc,delta_mfcc,chroma.",
                )
            )

    @property
    def clock(self) -> Clock:
        """Hop and window."""
        return Clock(
            sample_rate=self.sample_rate,
            win_length=self.win_length,
            hop_length=self.hop_length,
            n_fft=self.n_fft,
        )

    @property
    def frame_rate(self) -> float:
        """Frames a second, Hz."""
        return self.sample_rate / self.hop_length

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each column."""
        clock = self.clock
        return tuple(name for spec in self.features for name in spec.columns(clock))

    @property
    def n_features(self) -> int:
        """How many columns."""
        return len(self.names)

    @property
    def widths(self) -> tuple[int, ...]:
        """Columns of each feature."""
        clock = self.clock
        return tuple(len(spec.columns(clock)) for spec in self.features)

    @property
    def delay_frames(self) -> tuple[int, ...]:
        """Of each column: frames by which what it tells lies behind the newest frame."""
        clock = self.clock
        delays = [(spec.delay_frames(), len(spec.columns(clock))) for spec in self.features]
        most = max(delay for delay, _ in delays)
        return tuple(
            most if self.aligned else delay for delay, width in delays for _ in range(width)
        )


def features_for(
    sample_rate: int,
    features: Sequence[str | Feature] | FeatureSet | Feature = ("mfcc",),
    *,
    hop_ms: float | int = 10.0,
    aligned: bool = False,
) -> FeaturesConfig:
    """Features at a sample rate: windows of 2.5 hops, n_fft at which every mel filter holds a bin.

    Args:
        sample_rate: Hz.
        features: names (``"mfcc"``, ``"delta_mfcc"``, ``"chroma"``, ...), values
            (``Mfcc(convention="kaldi")``) or a sum of values (``Mfcc() + Chroma()``).
        hop_ms: step between frames, milliseconds; rounded to whole samples.
        aligned: as in `FeaturesConfig`.
    Raises:
        ConfigError: an unknown name, or the same feature twice.
    """
    given = (features,) if isinstance(features, str | Spec) else tuple(features)
    specs = tuple(feature_named(one) if isinstance(one, str) else one for one in given)
    hop_length = max(1, round(sample_rate * hop_ms / 1000))
    win_length = max(2, round(_OVERLAP * hop_length))
    return FeaturesConfig(
        sample_rate=sample_rate,
        win_length=win_length,
        hop_length=hop_length,
        n_fft=_enough_bins(sample_rate, win_length, specs),
        features=specs,  # type: ignore[arg-type]
        aligned=aligned,
    )


def _enough_bins(sample_rate: int, win_length: int, specs: Sequence[Spec]) -> int:
    """The power of two from the window on at which every mel filter of these holds a bin."""
    plain = [spec.of if isinstance(spec, Delta) else spec for spec in specs]
    counts = [int(getattr(spec, "filters", getattr(spec, "n_mels", 1))) for spec in plain]
    shortest = 1 << (win_length - 1).bit_length()
    for n_fft in (shortest << doublings for doublings in range(_MOST_DOUBLINGS)):
        try:
            mel_filter_bank(
                sample_rate=sample_rate, n_fft=n_fft, n_mels=max(counts, default=1), fmin=0.0
            )
        except ConfigError:
            continue
        return n_fft
    return shortest  # the part will say what is wrong
