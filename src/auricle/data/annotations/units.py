"""Seconds, milliseconds or samples: what a time in an annotation counts."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from auricle.data.annotations.checks import TOLERANCE_S
from auricle.data.annotations.parsed import Mark, Parsed, bad_annotation
from auricle.errors import ConfigError, ManifestError, message

Times = Literal["auto", "s", "ms"]
Placed = list[tuple[Mark, Path]]
Known = Mapping[Path, tuple[float | None, int | None]]

_MS_PER_S = 1000.0
_TOO_LONG = 5.0  # so many times its recording's length: a wrong unit, not a short recording
_RATE_TOLERANCE = 0.01


def scale(parsed: Parsed, placed: Placed, *, times: Times, known: Known) -> Placed:
    """The marks in seconds.

    Raises:
        ConfigError: milliseconds are asked of a format that fixes its unit.
        ManifestError: times are samples, and the recording that would tell the rate is missing.
    """
    if parsed.unit == "samples":
        return [(_from_samples(parsed, mark, known[path][1]), path) for mark, path in placed]
    if times != "ms":
        return placed
    if parsed.unit_is_said:
        raise ConfigError(
            message(
                "times",
                expected="'auto' for a format that fixes its unit",
                got=f"'ms' for {parsed.path}",
                remedy="Leave --times out.",
            )
        )
    return [
        (replace(mark, onset=mark.onset / _MS_PER_S, offset=mark.offset / _MS_PER_S), path)
        for mark, path in placed
    ]


def check_seconds(parsed: Parsed, placed: Placed, *, times: Times, known: Known) -> None:
    """Refuse times that are milliseconds by mistake; guessed from the recordings' lengths.

    They are when some event ends at five times its recording's length or later, and a
    thousandth of every time lies inside its recording.

    Raises:
        ManifestError: they look like milliseconds, and ``times`` is "auto".
    """
    measured = [(mark, path, known[path][0]) for mark, path in placed]
    lengths = [(mark, path, length) for mark, path, length in measured if length is not None]
    if times != "auto" or parsed.unit_is_said or not lengths:
        return
    if any(mark.offset / _MS_PER_S > length + TOLERANCE_S for mark, _, length in lengths):
        return
    mark, path, length = max(lengths, key=lambda part: part[0].offset / max(part[2], TOLERANCE_S))
    if mark.offset < _TOO_LONG * length:
        return
    raise bad_annotation(
        parsed.path,
        "times in seconds",
        f"{mark.onset:g} to {mark.offset:g} in {path.name}, which is {length:.3f} s long "
        f"({mark.place})",
        "They look like milliseconds: say so with --times ms (times='ms'), or --times s if "
        "they are seconds.",
    )


def check_claimed_rates(parsed: Parsed, placed: Placed, *, known: Known) -> None:
    """Refuse a table that was made on a recording of another sample rate.

    Raises:
        ManifestError: its columns of samples and seconds imply another rate than the recording's.
    """
    for mark, path in placed:
        rate = known[path][1]
        if mark.sample_rate is None or rate is None:
            continue
        if abs(mark.sample_rate - rate) > _RATE_TOLERANCE * rate:
            raise bad_annotation(
                parsed.path,
                f"a table made on {path.name}, which has {rate} Hz",
                f"one of a recording at {mark.sample_rate:.0f} Hz ({mark.place})",
                "Name the recording it was made on with --recordings, or make the table anew.",
            )


def _from_samples(parsed: Parsed, mark: Mark, rate: int | None) -> Mark:
    if rate is None:
        raise _no_rate(parsed, mark)
    return replace(mark, onset=mark.onset / rate, offset=mark.offset / rate)


def _no_rate(parsed: Parsed, mark: Mark) -> ManifestError:
    return bad_annotation(
        parsed.path,
        "the recordings beside it, since its times are samples and only they tell the rate",
        f"no {mark.recording} ({mark.place})",
        "Name the folder that holds the recordings with --recordings.",
    )
