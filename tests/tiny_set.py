"""A tiny set of recordings that even the smallest network can learn."""

import csv
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000
CLASSES = ("high", "hiss", "low")
TINY = ("--preset", "tiny", "--threads", "1", "--no-baselines", "--augment", "none")


def tiny_clip(kind: str, *, seed: int, duration_s: float = 0.5, rate: int = RATE) -> np.ndarray:
    """A low tone, a high tone or a hiss, of random pitch and level."""
    rng = np.random.default_rng([seed, CLASSES.index(kind)])
    time_s = np.arange(round(duration_s * rate)) / rate
    hiss = rng.standard_normal(len(time_s))
    pitch_hz = {"low": 250.0, "high": 1700.0, "hiss": 0.0}[kind] * rng.uniform(0.9, 1.1)
    tone = np.sin(2 * np.pi * pitch_hz * time_s + rng.uniform(0, 6))
    sound = hiss if kind == "hiss" else tone + 0.02 * hiss
    return (rng.uniform(0.1, 0.25) * sound).clip(-0.99, 0.99).astype(np.float32)


def write_tiny_set(folder: Path, *, clips_per_class: int = 10, num_groups: int = 5) -> Path:
    """Class folders; the file's name holds its group: ``r3_0.wav`` is take 0 of recorder r3."""
    for kind in CLASSES:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for at in range(clips_per_class):
            path = folder / kind / f"r{at % num_groups}_{at // num_groups}.wav"
            soundfile.write(path, tiny_clip(kind, seed=at), RATE)
    return folder


def write_table(path: Path, rows: list[dict[str, object]]) -> Path:
    """A CSV of these rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path
