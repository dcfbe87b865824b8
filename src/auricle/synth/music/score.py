"""A score: notes and strokes in time, played into one sound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_between, check_rate
from auricle.synth.music.tuning import Tuning, note_hz
from auricle.synth.music.voices import DRUMS, VOICES, Drum, Voice, drum, play_note
from auricle.synth.sound import Sound, finish

LabelBy = Literal["instrument", "pitch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note or stroke.

    Attributes:
        instrument: a voice or a drum, by name.
        onset_s: s from the start, ≥ 0.
        duration_s: s, its release included, 0.01 to 60.
        pitch: name, number or frequency (as a float), of a voice; drums have none.
        level_db: peak beside the loudest, dB, -60 to 0.
    """

    instrument: Voice | Drum
    onset_s: float
    duration_s: float = 0.5
    pitch: str | int | float | None = None
    level_db: float = 0.0

    def __post_init__(self) -> None:
        check_between("onset_s", self.onset_s, 0.0, 3600.0)
        check_between("duration_s", self.duration_s, 0.01, 60.0)
        check_between("level_db", self.level_db, -60.0, 0.0)
        if (self.pitch is None) != (self.instrument in DRUMS):
            raise ConfigError(
                message(
                    "pitch",
                    expected=f"a note for {', '.join(VOICES)}; none for {', '.join(DRUMS)}",
                    got=f"{self.pitch!r} for {self.instrument!r}",
                    remedy="For example: Note(instrument='organ', onset_s=0.0, pitch='A4').",
                )
            )


def play_score(
    notes: Sequence[Note],
    *,
    rng: np.random.Generator,
    tuning: Tuning | None = None,
    label_by: LabelBy = "instrument",
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Play all notes into one sound, an event each.

    Args:
        notes: in any order, at least one.
        rng: the only source of chance.
        tuning: equal temperament at 440 Hz if not given.
        label_by: whether an event is called ``organ`` or ``A4``; drums keep their names.
        sample_rate: Hz, 4000 to 192000.
        peak: largest absolute sample, above 0 and at most 1.
    Raises:
        ConfigError: there is no note, or a setting is out of range.
    """
    check_rate(sample_rate)
    if not notes:
        raise ConfigError(
            message("notes", expected="at least one", got="none", remedy="Give a Note.")
        )
    length = max(round((note.onset_s + note.duration_s) * sample_rate) for note in notes)
    wave, events = np.zeros(length + 1), []
    for note in sorted(notes, key=lambda note: note.onset_s):
        sound = _played(note, rng=rng, tuning=tuning, sample_rate=sample_rate)
        start = round(note.onset_s * sample_rate)
        wave[start : start + len(sound.waveform)] += sound.waveform
        (event,) = sound.events
        named = str(note.pitch) if label_by == "pitch" and note.pitch is not None else event.label
        events.append(replace(event, label=named).later(start / sample_rate))
    return finish(wave, sample_rate=sample_rate, peak=peak, events=events, edge_s=0.0)


def _played(
    note: Note, *, rng: np.random.Generator, tuning: Tuning | None, sample_rate: int
) -> Sound:
    peak = 10 ** (note.level_db / 20)
    for kind in DRUMS:
        if kind == note.instrument:
            return drum(
                kind, rng=rng, duration_s=note.duration_s, sample_rate=sample_rate, peak=peak
            )
    voice = next(voice for voice in VOICES if voice == note.instrument)
    given = note.pitch
    frequency_hz = given if isinstance(given, float) else note_hz(given or 0, tuning=tuning)
    return play_note(
        voice,
        frequency_hz,
        rng=rng,
        duration_s=note.duration_s,
        sample_rate=sample_rate,
        peak=peak,
    )
