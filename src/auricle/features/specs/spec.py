"""What every feature that is wanted is: a frozen value that adds up with others."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from auricle.errors import ConfigError, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The hop that all features share, and the window of those that have none of their own.

    Attributes:
        sample_rate: Hz.
        win_length, hop_length, n_fft: samples.
    """

    sample_rate: int
    win_length: int
    hop_length: int
    n_fft: int

    @property
    def frame_rate(self) -> float:
        """Frames a second, Hz."""
        return self.sample_rate / self.hop_length

    def frames(self, duration_s: float) -> int:
        """Hops in a duration, at least one."""
        return max(1, round(duration_s * self.frame_rate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One feature that is wanted; ``a + b`` puts features side by side."""

    def __add__(self, other: "Spec | FeatureSet") -> "FeatureSet":
        return FeatureSet((self,)) + other

    def columns(self, clock: Clock) -> tuple[str, ...]:
        """Name of each column."""
        raise NotImplementedError

    def delay_frames(self) -> int:
        """Frames by which the middle of what a column tells lies behind the newest frame."""
        return 0

    def check(self, holds: bool, *, rule: str, got: object) -> None:
        """Raise `ConfigError` in the house's form if a rule does not hold."""
        if not holds:
            remedy = "Leave it out for the default."
            raise ConfigError(message(type(self).__name__, expected=rule, got=got, remedy=remedy))


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Features side by side, in this order."""

    specs: tuple[Spec, ...]

    def __add__(self, other: "Spec | FeatureSet") -> "FeatureSet":
        more = other.specs if isinstance(other, FeatureSet) else (other,)
        return FeatureSet((*self.specs, *more))

    def __iter__(self) -> Iterator[Spec]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)


def numbered(name: str, count: int) -> tuple[str, ...]:
    """``name_00``, ``name_01``, ... with as many digits as are needed."""
    width = math.floor(math.log10(max(1, count - 1))) + 1
    return tuple(f"{name}_{index:0{width}d}" for index in range(count))
