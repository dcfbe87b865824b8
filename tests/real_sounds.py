"""Sounds on which features are compared with other libraries: made ones and real recordings."""

from pathlib import Path

import numpy as np

from auricle.io import read_audio

_SECONDS = 1.5
_RECORDINGS = {
    "digit": "fsdd/recordings/7_jackson_3.flac",
    "speech": "kathleen_arctic_16k",
    "birdsong": "birdsong_koumura_bird0",
    "dog": "esc10/001 - Dog bark",
    "rain": "esc10/002 - Rain",
}
MADE = ("sweep", "noise")
RECORDED = tuple(_RECORDINGS)


def made(name: str) -> tuple[np.ndarray, int]:
    """A sweep over two octaves that grows out of noise, or noise in bursts with silence between."""
    rng, rate = np.random.default_rng(0), 16000
    t = np.arange(round(_SECONDS * rate)) / rate
    if name == "sweep":
        tone = np.sin(2 * np.pi * (300 * t + 400 * t**2)) * np.linspace(0.01, 0.8, len(t))
        return (tone + 0.003 * rng.standard_normal(len(t))).astype(np.float32), rate
    bursts = 0.2 * rng.standard_normal(len(t)) * (np.sin(2 * np.pi * 3 * t) > 0)
    return bursts.astype(np.float32), rate


def recorded(name: str, folder: Path) -> tuple[np.ndarray, int]:
    """The loudest stretch of a recording of ``folder``."""
    path = folder / _RECORDINGS[name]
    if path.is_dir():
        kinds = (".flac", ".wav", ".ogg")
        path = next(p for p in sorted(path.rglob("*")) if p.suffix.lower() in kinds)
    waveform, rate = read_audio(path)
    size = min(len(waveform), round(_SECONDS * rate))
    energy = np.concatenate([[0.0], np.cumsum(waveform.astype(np.float64) ** 2)])
    start = int(np.argmax(energy[size:] - energy[:-size]))
    return np.ascontiguousarray(waveform[start : start + size]), rate
