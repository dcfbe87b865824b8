"""Reading recordings, whole or block by block, with the same numbers."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float32

from auricle.errors import AudioError, message
from auricle.io.channels import Channel, check_channel, select_channel
from auricle.io.checks import check_finite, check_sample_rate
from auricle.io.info import (
    UNKNOWN_LENGTH,
    AudioInfo,
    SoundReader,
    cut_off,
    describe,
    open_sound,
    undecodable,
)
from auricle.io.resample import StreamResampler

Waveform = Float32[np.ndarray, " time"]

_MAX_OVERRUN_S = (
    0.05  # an end time this far behind the last sample is a rounded table, not an error
)
_MP3_RUN_UP = 1 << 16  # samples before a start: frames lean on bits of up to 46 frames before them
_UNKNOWN_STEP = 1 << 16


def read_audio(
    path: Path,
    *,
    sample_rate: int | None = None,
    channel: Channel = "mono",
    start_s: float = 0.0,
    end_s: float | None = None,
) -> tuple[Waveform, int]:
    """Read one channel of a recording, or a part of it.

    Args:
        path: any file that libsndfile decodes.
        sample_rate: Hz to resample to; None keeps the file's.
        channel: "mono": there must be one; "mix": the mean of all; a number: that one, from 0.
        start_s: where to begin, seconds, >= 0.
        end_s: where to end, seconds; None reads to the end.
    Returns:
        The waveform, within [-1, 1] but for float files, and its sample rate in Hz.
    Raises:
        AudioError: the file is missing, broken, cut off or without sound; it has NaN or infinite
            samples, a rate outside 100 to 500000 Hz, or other channels or times than asked for.
    """
    blocks: list[Waveform] = []
    with open_sound(path) as sound:
        source_rate: int = sound.samplerate
        blocks.extend(
            _blocks(
                sound,
                path,
                sample_rate=sample_rate,
                channel=channel,
                start_s=start_s,
                end_s=end_s,
                block_s=60.0,
            )
        )
    waveform = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    return waveform, source_rate if sample_rate is None else sample_rate


def read_blocks(
    path: Path,
    *,
    sample_rate: int | None = None,
    channel: Channel = "mono",
    start_s: float = 0.0,
    end_s: float | None = None,
    block_s: float = 10.0,
) -> Iterator[Waveform]:
    """Read a recording of any length in constant memory; joined, the blocks are `read_audio`.

    Args:
        path: any file that libsndfile decodes.
        sample_rate: Hz to resample to; None keeps the file's.
        channel: as in `read_audio`.
        start_s: where to begin, seconds, >= 0.
        end_s: where to end, seconds; None reads to the end.
        block_s: length of a block before resampling, seconds, > 0; the last one may be shorter.
    Yields:
        Blocks, none of them empty.
    Raises:
        AudioError: as `read_audio`; a file that is cut off is known only when its end is reached.
    """
    with open_sound(path) as sound:
        yield from _blocks(
            sound,
            path,
            sample_rate=sample_rate,
            channel=channel,
            start_s=start_s,
            end_s=end_s,
            block_s=block_s,
        )


@contextmanager
def open_blocks(
    path: Path,
    *,
    sample_rate: int | None = None,
    channel: Channel = "mono",
    block_s: float = 10.0,
) -> Iterator[tuple[AudioInfo, Iterator[Waveform]]]:
    """`audio_info` and `read_blocks` of a recording that is opened once.

    Args:
        path, sample_rate, channel, block_s: as in `read_blocks`.
    Yields:
        What its header says, and its blocks, to be read before the context is left.
    Raises:
        AudioError: as `read_blocks`.
    """
    with open_sound(path) as sound:
        blocks = _blocks(
            sound,
            path,
            sample_rate=sample_rate,
            channel=channel,
            start_s=0.0,
            end_s=None,
            block_s=block_s,
        )
        yield describe(sound, path), blocks


def _blocks(
    sound: SoundReader,
    path: Path,
    *,
    sample_rate: int | None,
    channel: Channel,
    start_s: float,
    end_s: float | None,
    block_s: float,
) -> Iterator[Waveform]:
    rate: int = sound.samplerate
    check_channel(channel, num_channels=sound.channels, name=str(path))
    target = rate if sample_rate is None else sample_rate
    check_sample_rate(target, name="sample_rate")
    first, last = _range(path, sound, start_s=start_s, end_s=end_s)
    resampler = StreamResampler(rate, target)
    position = first
    for samples in _decode(sound, path, first=first, last=last, step=max(1, round(block_s * rate))):
        alone = samples.shape[1] == 1  # and nobody else's: no copy is needed
        block = samples[:, 0] if alone else select_channel(samples, channel)
        check_finite(block, name=str(path), first_sample=position, sample_rate=rate)
        position += len(block)
        ready = resampler.push(block)
        if len(ready):
            yield ready
    rest = resampler.finish()
    if position == first:
        raise _without_sound(path)
    if len(rest):
        yield rest


def _decode(
    sound: SoundReader, path: Path, *, first: int, last: int, step: int
) -> Iterator[Float32[np.ndarray, "time channels"]]:
    try:
        _go_to(sound, first)
        position = first
        while position < last:
            count = min(step, last - position)
            if sound.frames >= UNKNOWN_LENGTH:
                count = min(count, _UNKNOWN_STEP)
            samples = sound.read(count, dtype="float32", always_2d=True)
            position += len(samples)
            if len(samples):
                yield samples
            if len(samples) < count:
                break
    except soundfile.SoundFileError as error:
        raise undecodable(path, error) from error
    if position + sound.shortfall < last < UNKNOWN_LENGTH:
        raise cut_off(path, expected=last, got=position, unit="samples")


def _go_to(sound: SoundReader, first: int) -> None:
    """Move to a sample. A decoder of MP3 that starts in the middle is wrong for a while."""
    if first and sound.format == "MP3":
        start = max(0, first - _MP3_RUN_UP)
        sound.seek(start)
        sound.read(first - start, dtype="float32")
    elif first and sound.frames >= UNKNOWN_LENGTH:
        while first > 0:
            first -= len(sound.read(min(first, _UNKNOWN_STEP))) or first
    elif first:
        sound.seek(first)


def _range(
    path: Path, sound: SoundReader, *, start_s: float, end_s: float | None
) -> tuple[int, int]:
    """First and one past the last sample, at the file's rate."""
    rate, total = sound.samplerate, sound.frames
    if total == 0:
        raise _without_sound(path)
    end = math.inf if end_s is None else end_s
    if not 0 <= start_s < end:
        raise AudioError(
            message(
                str(path),
                expected="0 <= start_s < end_s",
                got=f"start_s={start_s}, end_s={end_s}",
                remedy="Times are in seconds from the start of the file.",
            )
        )
    first = round(start_s * rate)
    last = total if end_s is None else round(end_s * rate)
    if total < UNKNOWN_LENGTH and (first >= total or last > total + _MAX_OVERRUN_S * rate):
        raise AudioError(
            message(
                str(path),
                expected=f"times within its {total / rate:.3f} s",
                got=f"start_s={start_s}, end_s={end_s}",
                remedy="Are the times in milliseconds or samples? They must be in seconds.",
            )
        )
    return first, min(max(last, first + 1), total)


def _without_sound(path: Path) -> AudioError:
    return AudioError(
        message(
            str(path),
            expected="at least one sample",
            got="none",
            remedy="The recording is empty: leave it out or record it again.",
        )
    )
