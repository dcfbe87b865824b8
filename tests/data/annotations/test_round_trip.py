"""What is written is read back: to the bit where the format can hold it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.annotations.songs import (
    DURATION_S,
    RATE,
    annotations_of,
    in_order,
    write_songs,
)

from auricle.data.annotations import read_annotations, what_is_lost, write_annotations
from auricle.data.annotations.formats import SUFFIXES
from auricle.data.annotations.textgrid import textgrid_text

BANDS = {"low_hz": 500.25, "high_hz": 3000.125}
AWKWARD = [
    '"quoted',
    "two\u2028lines",
    'say "hi"',
    "a & b <c>",
    "ü, ñ; 鳥",
    "! not a comment",
    "12.5",
    "x = 3",
    "<exists>",
]
SONGS = {
    "a.wav": [
        (0.1, 0.25, "a", BANDS),
        (0.25, 0.5, "b"),  # touches
        (0.4, 0.75, "c", {"low_hz": 100.0, "score": 0.875}),  # overlaps
        (0.4, 0.75, "c", {"low_hz": 100.0, "score": 0.875}),  # twice
        (2.0, 2.0, "point"),
        *((3 + i / 10, 3.05 + i / 10, label) for i, label in enumerate(AWKWARD)),
    ],
    "deep/b.wav": [(1.0, 1.5, "a"), (0.5, 0.7, "unsorted")],
    "deep/silent.wav": [],
}
KEEPS_BANDS = {"raven", "audacity", "csv"}
KEEPS_SCORES = {"raven", "csv"}
HAS_TIERS = {"textgrid", "elan"}
TOLERANCE_S = {"elan": 0.5e-3, "koumura": 0.5 / RATE}


def output_of(folder, format):
    """Beside the recordings, where the format has one file for all."""
    one_file = format in {"csv", "dcase", "koumura"}
    return folder / f"all{SUFFIXES[format]}" if one_file else folder / "notes"


def as_held(found, format):
    """The events as the format can hold them."""
    bands = {} if format in KEEPS_BANDS else {"low_hz": None, "high_hz": None}
    scores = {} if format in KEEPS_SCORES else {"score": None}
    return [replace(part, **bands, **scores) for part in found]


def assert_same(got, wanted, *, format):
    if format in HAS_TIERS:
        got, wanted = in_order(got), in_order(wanted)
    tolerance = TOLERANCE_S.get(format, 0.0)
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted, strict=True):
        assert abs(one.onset_s - other.onset_s) <= tolerance + 1e-12
        assert abs(one.offset_s - other.offset_s) <= tolerance + 1e-12
        assert replace(one, onset_s=0.0, offset_s=0.0) == replace(other, onset_s=0.0, offset_s=0.0)


@pytest.mark.parametrize("format", SUFFIXES)
def test_events_are_read_back_as_they_were_written(tmp_path, format):
    folder = write_songs(tmp_path, *SONGS)
    wanted = annotations_of(folder, SONGS)
    write_annotations(wanted, output_of(folder, format), format=format)
    source = output_of(folder, format)
    back = read_annotations(source, recordings=folder, format=format)
    assert_same(back.events, as_held(wanted.events, format), format=format)
    assert [part.path for part in back.recordings] == [part.path for part in wanted.recordings]


@pytest.mark.parametrize("format", [name for name in SUFFIXES if name != "audacity"])
def test_what_was_written_is_known_by_its_content(tmp_path, format):
    folder = write_songs(tmp_path, *SONGS)
    (place, *_) = write_annotations(
        annotations_of(folder, SONGS), output_of(folder, format), format=format
    )
    renamed = place.rename(place.with_suffix(".txt"))
    assert read_annotations(renamed, recordings=folder, strict=False).source == format


def test_audacity_labels_are_known_by_their_content(tmp_path):
    folder = write_songs(tmp_path, "a.wav")
    files = write_annotations(annotations_of(folder, SONGS), tmp_path / "notes", format="audacity")
    assert read_annotations(files[0], recordings=folder).source == "audacity"


def test_a_short_textgrid_is_read_as_the_long_one(tmp_path):
    folder = write_songs(tmp_path, "a.wav")
    recording = annotations_of(folder, {"a.wav": SONGS["a.wav"]}).recordings[0]
    for name, short in (("long", False), ("short", True)):
        place = tmp_path / f"{name}.TextGrid"
        place.write_text(textgrid_text(recording, short=short), encoding="utf-8")
    both = [
        read_annotations(tmp_path / f"{name}.TextGrid", recordings=folder / "a.wav").events
        for name in ("long", "short")
    ]
    assert both[0] == both[1] and len(both[0]) == len(SONGS["a.wav"])


def test_csv_keeps_split_group_and_fold(tmp_path):
    folder = write_songs(tmp_path, *SONGS)
    wanted = annotations_of(folder, SONGS, split="train", group="bird", fold=2)
    write_annotations(wanted, folder / "all.csv", format="csv")
    assert read_annotations(folder / "all.csv").recordings == wanted.recordings
    assert what_is_lost(wanted, "csv") == ()


def test_what_a_format_cannot_hold_is_said_once(tmp_path):
    found = annotations_of(tmp_path, {"a.wav": [(0.1234567, 0.2, "a", {**BANDS, "score": 0.5})]})
    assert [text.split(": ")[0] for text in what_is_lost(found, "elan")] == [
        "elan cannot hold frequency bounds",
        "elan cannot hold scores",
        "elan cannot hold times finer than a millisecond",
    ]
    assert what_is_lost(found, "raven") == ()
    write_songs(tmp_path, "a.wav")
    for time_s, lost in (
        (0.5, ()),
        (0.50001, ("koumura cannot hold times finer than a sample: ",)),
    ):
        said = what_is_lost(annotations_of(tmp_path, {"a.wav": [(time_s, 0.75, "a")]}), "koumura")
        assert said == tuple(f"{text}they are rounded to it." for text in lost)
    assert what_is_lost(found, "audacity") == ("audacity cannot hold scores: they are left out.",)


TIMES = st.floats(0.0, DURATION_S, allow_nan=False, width=64)
LABELS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs"]), min_size=1)
HERTZ = st.none() | st.floats(0.0, RATE / 2)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(TIMES, TIMES, LABELS, HERTZ, HERTZ), max_size=6),
    format=st.sampled_from(sorted(set(SUFFIXES) - {"koumura", "elan"})),
)
def test_any_events_survive(tmp_path, rows, format):
    folder = write_songs(tmp_path, "a.wav") if not (tmp_path / "a.wav").exists() else tmp_path
    events = [
        (min(a, b), max(a, b), label.strip(), {"low_hz": low, "high_hz": high})
        for a, b, label, low, high in rows
    ]
    wanted = annotations_of(folder, {"a.wav": [*events, (0.0, 1.0, "always")]})
    place = folder / f"a{SUFFIXES[format]}"
    write_annotations(wanted, place, format=format)
    back = read_annotations(place, format=format)
    assert_same(back.events, as_held(wanted.events, format), format=format)
