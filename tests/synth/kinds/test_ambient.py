import csv

import numpy as np
import pytest
import soundfile

from auricle.errors import ConfigError
from auricle.synth import SOUND_KINDS, write_background, write_stream


def rms(samples):
    return float(np.sqrt(np.mean(samples**2)))


def test_stream_holds_its_events_where_the_table_says(tmp_path):
    path = tmp_path / "stream.wav"
    events = write_stream(path, duration_s=40.0, seed=2)
    sound, sample_rate = soundfile.read(path)
    assert len(sound) == 40 * sample_rate
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(float(r["start"]), float(r["end"]), r["label"]) for r in rows] == [
        (pytest.approx(e.start_s, abs=1e-3), pytest.approx(e.end_s, abs=1e-3), e.label)
        for e in events
    ]
    assert {event.label for event in events[:4]} == set(SOUND_KINDS)
    quiet = np.ones(len(sound), dtype=bool)
    for event in events:
        quiet[int(event.start_s * sample_rate) - 1 : int(event.end_s * sample_rate) + 2] = False
    for event in events:
        loud = sound[int(event.start_s * sample_rate) : int(event.end_s * sample_rate)]
        assert rms(loud) > 2 * rms(sound[quiet])


def test_events_do_not_overlap_and_end_within_the_stream(tmp_path):
    events = write_stream(tmp_path / "s.wav", duration_s=30.0, gap_s=(0.5, 1.0))
    times = [time for event in events for time in (event.start_s, event.end_s)]
    assert times == sorted(times)
    assert times[-1] <= 30


def test_background_is_steady_and_has_no_seam(tmp_path):
    folder = write_background(tmp_path / "ambient", minutes=1.1)
    first, second = sorted(folder.iterdir())
    assert soundfile.info(first).duration == 60
    assert soundfile.info(second).duration == pytest.approx(6)
    sound, _ = soundfile.read(first)
    levels = np.sqrt(np.mean(sound.reshape(-1, 16000) ** 2, axis=1))
    assert levels.max() < 2.5 * levels.min()
    steps = np.abs(np.diff(sound))
    seams = steps[np.arange(1, 6) * 160_000 - 1]
    assert seams.max() < steps.mean() + 5 * steps.std()


def test_rooms_of_two_background_files_differ(tmp_path):
    folder = write_background(tmp_path, minutes=2.0, sample_rate=4000)
    first, second = (soundfile.read(path)[0] for path in sorted(folder.iterdir()))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("minutes", [0.0, -1.0, 1e6, float("nan")])
def test_minutes_out_of_range_are_refused(tmp_path, minutes):
    with pytest.raises(ConfigError, match="minutes: expected"):
        write_background(tmp_path / "x", minutes=minutes)


def test_stream_too_short_for_an_event_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="duration_s: expected 3 <= duration_s"):
        write_stream(tmp_path / "x.wav", duration_s=1.0)


def test_gaps_in_the_wrong_order_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="gap_s: expected"):
        write_stream(tmp_path / "x.wav", gap_s=(3.0, 1.0))
