"""What is drawn one below the other: a channel of a file, or the mean of its channels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from auricle.errors import ConfigError, message
from auricle.explain.picture.settings import MAX_TRACKS, PictureConfig
from auricle.io import Channel, audio_info, read_blocks

_BLOCK_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One sound of the picture.

    Attributes:
        path: the file.
        channel: which of its channels, as `read_audio` takes it.
        title: what the picture calls it.
        sample_rate: the file's own, Hz.
        start_s: where the part that is shown begins in the file, seconds.
        end_s: where it ends; None: at the end.
        num_samples: of that part.
    """

    path: Path
    channel: Channel
    title: str
    sample_rate: int
    start_s: float
    end_s: float | None
    num_samples: int

    @property
    def duration_s(self) -> float:
        """Seconds that are shown."""
        return self.num_samples / self.sample_rate

    def blocks(self, *, sample_rate: int | None = None) -> Iterator[Float32[np.ndarray, " time"]]:
        """The sound, a few seconds at a time, at its own rate or another.

        Raises:
            AudioError: it cannot be read.
        """
        return read_blocks(
            self.path,
            sample_rate=sample_rate,
            channel=self.channel,
            start_s=self.start_s,
            end_s=self.end_s,
            block_s=_BLOCK_S,
        )


def open_tracks(paths: Sequence[Path], config: PictureConfig) -> tuple[Track, ...]:
    """The tracks of some files.

    Raises:
        AudioError: a file cannot be read, or has no such channel or times.
        ConfigError: no file, or more tracks than a picture can hold.
    """
    tracks = tuple(track for path in paths for track in _tracks_of(path, config))
    if not 0 < len(tracks) <= MAX_TRACKS:
        raise ConfigError(
            message(
                "paths",
                expected=f"1 to {MAX_TRACKS} sounds in one picture, channels counted singly",
                got=len(tracks),
                remedy="Draw the others into another picture.",
            )
        )
    return tracks


def _tracks_of(path: Path, config: PictureConfig) -> Iterator[Track]:
    info = audio_info(path)
    channels: list[Channel]
    if config.channel == "each":
        channels = list(range(info.num_channels)) if info.num_channels > 1 else ["mono"]
    else:
        channels = [config.channel]
    for channel in channels:
        track = Track(
            path=path,
            channel=channel,
            title=f"{path.name}{_channel_words(channel, info.num_channels)}",
            sample_rate=info.sample_rate,
            start_s=config.start_s,
            end_s=config.end_s,
            num_samples=0,
        )
        yield _measured(track, info.num_samples)


def _channel_words(channel: Channel, num_channels: int) -> str:
    if channel == "mix" and num_channels > 1:
        return f", mean of its {num_channels} channels"
    return f", channel {channel} of {num_channels}" if isinstance(channel, int) else ""


def _measured(track: Track, in_file: int) -> Track:
    """With the length of its part; one whose header does not tell it is read to its end."""
    next(track.blocks(), None)  # raises what is wrong with channel and times
    if not in_file:
        return replace(track, num_samples=sum(map(len, track.blocks())))
    first = round(track.start_s * track.sample_rate)
    last = in_file if track.end_s is None else round(track.end_s * track.sample_rate)
    return replace(track, num_samples=max(1, min(last, in_file) - first))
