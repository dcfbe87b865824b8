"""Tiny annotated recordings: tones and hisses with silence between them."""

import csv
from pathlib import Path

import numpy as np
import soundfile
from tests.tiny_set import CLASSES, RATE, tiny_clip


def annotated_waveform(*, seed, events=12, overlap=False):
    """A waveform and its events: (onset_s, offset_s, label)."""
    rng = np.random.default_rng(seed)
    pieces, rows, at = [], [], 0
    for index in range(events):
        kind = CLASSES[int(rng.integers(len(CLASSES)))]
        clip = tiny_clip(kind, seed=1000 * seed + index, duration_s=float(rng.uniform(0.1, 0.3)))
        pause = np.zeros(int(rng.uniform(0.08, 0.3) * RATE), dtype=np.float32)
        start = at + len(pause)
        rows.append((start / RATE, (start + len(clip)) / RATE, kind))
        pieces += [pause, clip]
        at = start + len(clip)
    waveform = np.concatenate([*pieces, np.zeros(RATE // 5, dtype=np.float32)])
    waveform += 1e-4 * rng.standard_normal(len(waveform)).astype(np.float32)
    if overlap:
        onset, offset, _ = rows[0]
        other = tiny_clip("low", seed=seed, duration_s=offset - onset)
        waveform[round(onset * RATE) : round(onset * RATE) + len(other)] += other
        rows.append((onset, offset, "low" if rows[0][2] != "low" else "high"))
    return waveform, rows


def write_annotated_set(folder: Path, *, recordings=8, overlap=False, split=True) -> Path:
    """Recordings beside ``events.csv``; the last two are test, the one before is validation."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for at in range(recordings):
        waveform, events = annotated_waveform(seed=at, overlap=overlap)
        soundfile.write(folder / f"r{at}.wav", waveform, RATE)
        rows += [
            {"path": f"r{at}.wav", "onset_s": f"{a:.4f}", "offset_s": f"{b:.4f}", "label": name}
            for a, b, name in events
        ]
    _write(folder / "events.csv", rows)
    if split:
        parts = ["train"] * (recordings - 3) + ["val", "test", "test"]
        _write(
            folder / "manifest.csv",
            [{"path": f"r{at}.wav", "split": part} for at, part in enumerate(parts)],
        )
    return folder / "events.csv"


def _write(path: Path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
