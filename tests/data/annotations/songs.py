"""Short recordings and annotations of them, for the tests of annotation formats."""

from pathlib import Path

import numpy as np

from auricle.data.annotations import AnnotatedEvent, AnnotatedRecording, Annotations
from auricle.io import write_audio

RATE = 8000
DURATION_S = 4.0


def write_songs(folder: Path, *names: str, duration_s: float = DURATION_S, rate: int = RATE):
    """Recordings of noise; returns the folder."""
    rng = np.random.default_rng(0)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        noise = rng.uniform(-0.5, 0.5, round(duration_s * rate)).astype(np.float32)
        write_audio(folder / name, noise, rate)
    return folder


def event(path: Path, onset_s: float, offset_s: float, label: str, **more) -> AnnotatedEvent:
    return AnnotatedEvent(path=path, onset_s=onset_s, offset_s=offset_s, label=label, **more)


def annotations_of(folder: Path, events_by_name, **about) -> Annotations:
    """A set of recordings under a folder, each with its ``(onset, offset, label, extras)``."""
    recordings = []
    for name, rows in events_by_name.items():
        path = folder / name
        events = tuple(event(path, *row[:3], **(row[3] if len(row) > 3 else {})) for row in rows)
        more = {"duration_s": DURATION_S, "sample_rate": RATE} if path.is_file() else {}
        recordings.append(AnnotatedRecording(path=path, events=events, **more, **about))
    return Annotations(recordings=tuple(recordings), source="csv", root=folder)


def in_order(events):
    """Sorted, for formats with tiers, which keep no order between them."""
    return sorted(
        events, key=lambda part: (str(part.path), part.onset_s, part.offset_s, part.label)
    )
