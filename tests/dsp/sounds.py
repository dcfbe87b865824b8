"""Sounds that the tests of signal mathematics share: short, real and synthetic."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import soundfile

CLIPS = {
    "digit": ("fsdd/recordings/0_george_0.flac", 0.0),
    "sentence": ("kathleen_arctic_16k/data/arctic_a0001_1592748600.flac", 0.5),
    "birdsong": ("birdsong_koumura_bird0/Wave/0.flac", 1.0),
    "rooster": ("esc10/009 - Rooster/1-26806-A.ogg", 0.0),
}
LONGEST_S = 1.5
KINDS = ("synthetic", *CLIPS)


def synthetic(sample_rate: int = 22050) -> np.ndarray:
    """A second of a rising sweep over a steady harmonic tone and soft noise."""
    rng = np.random.default_rng(0)
    t = np.arange(sample_rate) / sample_rate
    sweep = np.sin(2 * np.pi * (200 * t + 900 * t**2)) * np.linspace(0.01, 0.5, sample_rate)
    tone = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in range(1, 8)) * 0.1
    return (sweep + tone + 0.003 * rng.standard_normal(sample_rate)).astype(np.float32)


def read(folder: Path, kind: str) -> tuple[np.ndarray, int]:
    """One short clip of a kind of sound, mono float32, and its sample rate."""
    name, start_s = CLIPS[kind]
    path = folder / name
    if not path.is_file():
        pytest.skip(f"the recording {path} is not there")
    sample_rate = soundfile.info(path).samplerate
    samples, _ = soundfile.read(
        path,
        start=round(start_s * sample_rate),
        frames=round(LONGEST_S * sample_rate),
        dtype="float32",
        always_2d=True,
    )
    return np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32)), sample_rate


def error_of_max(ours: object, reference: object) -> float:
    """Largest difference, as a share of the largest magnitude of the reference."""
    difference = np.abs(np.asarray(ours) - np.asarray(reference)).max()
    return float(difference / np.abs(np.asarray(reference)).max())


def unchecked(function):
    """The function as users run it, without the type checker that the tests put around it."""
    return inspect.unwrap(function)
