"""Recordings that cannot be used, each written by a function."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from tests.tiny_set import RATE, tiny_clip


def _cut(path: Path, **options: str) -> None:
    soundfile.write(path, np.tile(tiny_clip("hiss", seed=99), 8), RATE, **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _float(path: Path, value: float) -> None:
    sound = tiny_clip("hiss", seed=99)
    sound[1000] = value
    soundfile.write(path, sound, RATE, subtype="FLOAT")


def _rate(path: Path, rate: int) -> None:
    soundfile.write(path, tiny_clip("hiss", seed=99), rate)


BAD_FILES: dict[str, Callable[[Path], object]] = {
    "zero_bytes.wav": lambda path: path.write_bytes(b""),
    "no_samples.wav": lambda path: soundfile.write(path, np.zeros(0, np.float32), RATE),
    "truncated.wav": _cut,
    "truncated.flac": _cut,
    "truncated.mp3": _cut,
    "text.wav": lambda path: path.write_text("these are words", encoding="utf-8"),
    "nan.wav": lambda path: _float(path, float("nan")),
    "infinite.wav": lambda path: _float(path, float("inf")),
    "rate_1_hz.wav": lambda path: _rate(path, 1),
    "rate_768_khz.wav": lambda path: _rate(path, 768_000),
    "channels_33.wav": lambda path: soundfile.write(path, np.zeros((4000, 33)), RATE),
}
