"""Writing recordings."""

from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from jaxtyping import Float

from auricle.errors import AudioError, OutputError, message
from auricle.io.atomic import write_atomically
from auricle.io.checks import check_sample_rate, check_waveform

Depth = Literal["pcm16", "pcm24", "float"]

_LOSSLESS = {
    ".wav": "WAV",
    ".wave": "WAV",
    ".rf64": "RF64",
    ".aif": "AIFF",
    ".aiff": "AIFF",
    ".flac": "FLAC",
}
_LOSSY = {
    ".ogg": ("OGG", "VORBIS"),
    ".oga": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}


def write_audio(
    path: Path,
    waveform: Float[np.ndarray, " time"],
    sample_rate: int,
    *,
    depth: Depth = "pcm16",
) -> None:
    """Write one channel of sound, atomically, in the format that the suffix names.

    Args:
        path: .wav, .rf64, .aiff, .flac, .ogg, .opus or .mp3.
        waveform: at least one sample, within [-1, 1] unless it is written as floats.
        sample_rate: Hz, 100 to 500000; opus and mp3 allow only some.
        depth: of lossless formats. "pcm16" rounds to 1/32768, "float" (not FLAC) to nothing.
    Raises:
        AudioError: the waveform, the rate or the suffix cannot be written so.
        OutputError: the file cannot be written.
    """
    check_waveform(waveform, name=str(path))
    check_sample_rate(sample_rate, name=str(path))
    suffix = path.suffix.lower()
    container, subtype = _container(path, suffix, depth)
    if not (depth == "float" and suffix in _LOSSLESS):
        _check_level(path, waveform)
    samples = _quantise(waveform, depth) if suffix in _LOSSLESS else waveform.astype(np.float32)
    with write_atomically(path) as temporary:
        try:
            soundfile.write(str(temporary), samples, sample_rate, format=container, subtype=subtype)
        except (soundfile.SoundFileError, ValueError) as error:
            raise _refused(path, sample_rate, error) from error


def _container(path: Path, suffix: str, depth: Depth) -> tuple[str, str]:
    if suffix in _LOSSY:
        return _LOSSY[suffix]
    if suffix in _LOSSLESS and not (suffix == ".flac" and depth == "float"):
        return _LOSSLESS[suffix], {"pcm16": "PCM_16", "pcm24": "PCM_24", "float": "FLOAT"}[depth]
    raise AudioError(
        message(
            str(path),
            expected=f"one of {', '.join(sorted({*_LOSSLESS, *_LOSSY}))}, and no floats in FLAC",
            got=f"suffix {path.suffix!r} with depth {depth!r}",
            remedy="Name the file .wav if in doubt.",
        )
    )


def _quantise(waveform: Float[np.ndarray, " time"], depth: Depth) -> np.ndarray:
    """Integers that read back as the nearest value; libsndfile's own conversion rounds down."""
    if depth == "float":
        return waveform.astype(np.float32)
    bits = 16 if depth == "pcm16" else 24
    full = 1 << (bits - 1)
    levels = np.clip(np.rint(waveform.astype(np.float64) * full), -full, full - 1)
    return levels.astype(np.int16) if bits == 16 else levels.astype(np.int32) << 8


def _check_level(path: Path, waveform: Float[np.ndarray, " time"]) -> None:
    peak = float(np.abs(waveform).max(initial=0.0))
    if peak > 1.0:
        raise AudioError(
            message(
                str(path),
                expected="samples in [-1, 1]",
                got=f"a peak of {peak:.3f}",
                remedy="Lower the level, or write a .wav with depth='float'.",
            )
        )


def _refused(path: Path, sample_rate: int, error: Exception) -> AudioError | OutputError:
    reason = getattr(error, "error_string", "") or str(error)
    if "rror" in reason and "ystem" in reason or "write" in reason.lower():
        return OutputError(
            message(
                str(path),
                expected="to write the file",
                got=repr(reason),
                remedy="Free space or choose another place.",
            )
        )
    return AudioError(
        message(
            str(path),
            expected=f"a rate that {path.suffix} allows",
            got=f"{sample_rate} Hz ({reason.rstrip('.')})",
            remedy="Resample it, or write a .wav.",
        )
    )
