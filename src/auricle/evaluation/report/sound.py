"""Pictures and players as data URIs."""

import base64
import io
import wave

import numpy as np
from jaxtyping import Float32, UInt8

from auricle.io import resample

LONGEST_S = 10.0
_PLAYABLE_HZ = (8000, 32000)  # browsers refuse lower rates; higher ones only cost bytes
_LOUDEST = 0.9
_COLUMNS, _ROWS = 500, 192
_RANGE_DB = (30.0, 70.0)
_FLOOR_SHARE = 0.3
_WINDOW_S = 0.032


def first_seconds(
    waveform: Float32[np.ndarray, " time"], sample_rate: int
) -> Float32[np.ndarray, " shown"]:
    """What is shown and played: at most ten seconds, at least one sample, all finite."""
    part = np.nan_to_num(waveform[: round(LONGEST_S * sample_rate)])
    return part if len(part) else np.zeros(1, dtype=np.float32)


def wav_uri(waveform: Float32[np.ndarray, " time"], sample_rate: int) -> tuple[str, float]:
    """A 16-bit wav of the sound raised to one loudness, for listening.

    Returns:
        The data URI, and the gain in dB.
    """
    rate = int(np.clip(sample_rate, *_PLAYABLE_HZ))
    sound = (
        resample(waveform, source_rate=sample_rate, target_rate=rate)
        if rate != sample_rate
        else waveform
    )
    peak = float(np.abs(sound).max()) if len(sound) else 0.0
    gain = _LOUDEST / peak if peak > 1e-5 else 1.0
    samples = np.round(np.clip(sound * gain, -1, 1) * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return _uri("audio/wav", buffer.getvalue()), float(20 * np.log10(gain))


def spectrogram_uri(waveform: Float32[np.ndarray, " time"], sample_rate: int) -> str:
    """A picture of the spectrum over time, 0 Hz at the bottom, half the rate at the top.

    From black, the noise floor, to yellow in matplotlib's magma, which rises evenly in lightness,
    so that it reads the same with any colour vision and in grey.
    """
    levels = spectrogram_levels(waveform, sample_rate)
    import matplotlib
    from PIL import Image

    colours = matplotlib.colormaps["magma"](np.arange(256), bytes=True)[:, :3]
    picture = Image.fromarray(levels)
    picture.putpalette(np.ascontiguousarray(colours).tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return _uri("image/png", buffer.getvalue())


def spectrogram_levels(
    waveform: Float32[np.ndarray, " time"], sample_rate: int
) -> UInt8[np.ndarray, "rows columns"]:
    """Level of each point, 255 for the loudest.

    0 stands for the level that 30 % of the points stay below, but for no less than 30 dB and no
    more than 70 dB below the loudest.
    """
    import torch

    from auricle.dsp import power_spectrogram

    n_fft = max(64, 1 << (round(_WINDOW_S * sample_rate) - 1).bit_length())
    hop_length = int(np.clip(-(-len(waveform) // _COLUMNS), 1, n_fft // 2))
    batch = torch.from_numpy(np.ascontiguousarray(waveform))[None]
    power = power_spectrogram(batch, n_fft=n_fft, hop_length=hop_length)[0].numpy()
    level_db = _pooled(10 * np.log10(np.maximum(power, 1e-12))).T[::-1]
    loudest_db = float(level_db.max())
    range_db = np.clip(loudest_db - np.quantile(level_db, _FLOOR_SHARE), *_RANGE_DB)
    share = np.clip(1 + (level_db - loudest_db) / range_db, 0, 1)
    return np.ascontiguousarray(np.round(255 * share).astype(np.uint8))


def _pooled(
    level_db: Float32[np.ndarray, "frames bins"],
) -> Float32[np.ndarray, "frames rows"]:
    """Fewer rows where there are more than a screen can show; the loudest of each stays."""
    step = -(-level_db.shape[1] // _ROWS)
    starts = np.arange(0, level_db.shape[1], step)
    return np.maximum.reduceat(level_db, starts, axis=1)


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
