"""A track's sound, small enough for a page."""

import base64
import io
import wave
from dataclasses import dataclass

import numpy as np
import soundfile
from jaxtyping import Float32

from auricle.explain.picture.tracks import Track

_PLAYABLE_HZ = (8000, 48000)  # browsers refuse lower rates, and play none that is higher
_MP3_HZ = 32000  # at which libsndfile's MP3 says how late it is, so that players make up for it
_LOUDEST = 0.9
_LARGEST_WAV = 12_000_000  # bytes; beyond, the sound is packed
_LONGEST_S = 7200.0
_MP3_LEVEL = 0.9  # of libsndfile's 0 (large) to 1 (small)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a page plays.

    Attributes:
        kind: its media type; empty for none.
        content: the file, in base64.
        words: how it differs from the recording.
    """

    kind: str
    content: str
    words: str


def page_sound(track: Track, *, peak: float) -> Sound:
    """The sound of a track, raised to one loudness: a wav, or an MP3 where that would be large.

    Args:
        track: what to play.
        peak: its greatest absolute sample.
    """
    if track.duration_s > _LONGEST_S:
        return Sound(
            kind="",
            content="",
            words=f"No sound: longer than {_LONGEST_S / 3600:g} h. --start-s and --end-s take a "
            "part of it.",
        )
    gain = _LOUDEST / peak if peak > 1e-5 else 1.0
    rate = int(np.clip(track.sample_rate, *_PLAYABLE_HZ))
    large = 2 * rate * track.duration_s > _LARGEST_WAV
    if large:
        rate = _MP3_HZ
    content = _mp3(track, gain) if large else _wav(track, rate, gain)
    gain_db = 20 * np.log10(gain)
    words = f"Sound {gain_db:+.0f} dB".replace("-", "−")
    words += f", resampled to {rate} Hz" if rate != track.sample_rate else ""
    words += ", packed as MP3" if large else ""
    return Sound(
        kind="audio/mpeg" if large else "audio/wav",
        content=base64.b64encode(content).decode("ascii"),
        words=f"{words}.",
    )


def _wav(track: Track, rate: int, gain: float) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for block in track.blocks(sample_rate=rate):
            file.writeframes(np.round(_raised(block, gain) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def _mp3(track: Track, gain: float) -> bytes:
    """In constant bit rate, so that a browser finds any second at once."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer,
        "w",
        samplerate=_MP3_HZ,
        channels=1,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=_MP3_LEVEL,
    ) as file:
        for block in track.blocks(sample_rate=_MP3_HZ):
            file.write(_raised(block, gain))
    return buffer.getvalue()


def _raised(block: Float32[np.ndarray, " time"], gain: float) -> Float32[np.ndarray, " time"]:
    return np.clip(block * np.float32(gain), -1, 1)
