"""Overlapping events that the synthesiser makes: its built-in ``overlap`` set, in three parts.

Each part is a set of its own seed, so its sources (pitches, voices, rooms, backgrounds) are drawn
anew and stand in no other part. What an event is, and its level above the background, stands in
`docs/synthesis.md`.
"""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench._mixtures import MOST_AT_ONCE, SECONDS, Mixture

if TYPE_CHECKING:
    from auricle.data.annotations import AnnotatedRecording

SPEC = "overlap"
_EVENTS = [8, 18]  # tried for each recording, twice those of the built-in 10 s
_SEEDS_APART = 1000


def write_synthetic_part(
    folder: Path, *, scenes: int, snr_db: tuple[float, float], seed: int, part: int
) -> tuple[tuple["AnnotatedRecording", ...], list[Mixture]]:
    """The recordings of one part, and what sounds in each.

    Args:
        folder: where to write; it does not exist yet.
        scenes: how many recordings.
        snr_db: least and greatest level of an event above the background.
        seed: of the benchmark.
        part: 0, 1, 2: each draws other sources.
    """
    from auricle.data.annotations import read_annotations
    from auricle.synth import parse_spec, spec_text, write_set

    table = tomllib.loads(spec_text(SPEC)) | {
        "scenes": scenes,
        "duration_s": SECONDS,
        "events": _EVENTS,
        "snr_db": list(snr_db),
    }
    assert table["max_overlap"] == MOST_AT_ONCE
    write_set(parse_spec(table, seed=_SEEDS_APART * part + seed), folder)
    recordings = tuple(read_annotations(folder / "annotations.csv").recordings)
    assert len(recordings) == scenes, (len(recordings), scenes)
    return recordings, [_mixture(one) for one in recordings]


def _mixture(recording: "AnnotatedRecording") -> Mixture:
    events = [(event.onset_s, event.offset_s, event.label) for event in recording.events]
    return Mixture(sound=np.empty(0), events=events, sources={str(recording.path)})
