"""Odd events are reported with file and line, and none is changed."""

import pytest
from tests.data.annotations.songs import write_songs

from auricle.data.annotations import annotation_problem_lines, read_annotations
from auricle.errors import AudioError, ManifestError

HEADER = "path,onset_s,offset_s,label,low_hz,high_hz\n"


def read(folder, rows, **options):
    """The annotations of these rows of a CSV; the first row is line 2."""
    table = folder / "songs.csv"
    table.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return read_annotations(table, **options)


def told(found):
    return [(part.kind, part.place) for part in found.problems]


def test_good_annotations_have_no_problems(tmp_path):
    write_songs(tmp_path, "a.wav")
    found = read(tmp_path, ["a.wav,0.5,1.0,x,,", "a.wav,1.5,2.0,y,,"])
    assert found.problems == () and found.labels == ("x", "y") and not found.overlapping


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        (["a.wav,0.5,1.0,x,,", "a.wav,0.9,2.0,y,,"], [("overlapping", "line 3")]),
        (["a.wav,0.5,1.0,x,,", "a.wav,1.0,2.0,y,,"], [("touching", "line 3")]),
        (["a.wav,0.1,0.3,x,,", "a.wav,0.30000000000000004,1,y,,"], [("touching", "line 3")]),
        (["a.wav,0.5,0.5,x,,"], [("zero_length", "line 2")]),
        (["a.wav,1.5,2.0,x,,", "a.wav,0.5,1.0,y,,"], [("unsorted", "line 3")]),
        (["a.wav,0.5,1.0,x,,", "a.wav,0.5,1.0,x,,"], [("duplicate", "line 3")]),
        (["a.wav,0.5,1.0,x,,", "a.wav,0.5,1.0,x,5,9"], [("overlapping", "line 3")]),
        (["a.wav,0,3,x,,", "a.wav,0.5,1,y,,", "a.wav,2,2.5,y,,"], [("overlapping", "line 3"),
                                                                    ("overlapping", "line 4")]),
        (["a.wav,3.5,4.0009,x,,"], []),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_odd_is_told_with_its_line(tmp_path, rows, problems):
    write_songs(tmp_path, "a.wav")
    found = read(tmp_path, rows)
    assert told(found) == problems
    assert len(found.events) == len(rows), "an event was mended away"
    assert all(str(tmp_path / "songs.csv") in str(part) for part in found.problems)


def test_an_overlap_names_both_events(tmp_path):
    write_songs(tmp_path, "a.wav")
    found = read(tmp_path, ["a.wav,0.5,1.0,x,,", "a.wav,0.9,2.0,y,,"])
    assert found.overlapping
    assert str(found.problems[0]).endswith(
        "songs.csv, line 3: 'y' 0.900-2.000 s overlaps 'x' 0.500-1.000 s (line 2)"
    )


@pytest.mark.parametrize(
    ("rows", "kind", "match"),
    [
        (
            ["a.wav,3.5,4.5,x,,"],
            "out_of_file",
            r"songs.csv, line 2: expected events inside their recording, "
            r"got 'x' 3.500-4.500 s, but a.wav ends at 4.000 s",
        ),
        (
            ["a.wav,1,2,x,,", "gone.wav,1,2,x,,", "gone.wav,2,3,x,,"],
            "missing_recording",
            r"line 3: expected the recording of every annotation, got 2 events of .*gone.wav",
        ),
        (
            ["a.wav,1,2,x,100,6000"],
            "above_nyquist",
            r"line 2: expected frequencies below half .* reaches 6000.0 Hz, but a.wav has 8000 Hz",
        ),
    ],
    ids=["out of file", "missing", "above half the rate"],
)
def test_what_nothing_can_be_learnt_from_is_refused_unless_it_is_allowed(
    tmp_path, rows, kind, match
):
    write_songs(tmp_path, "a.wav")
    with pytest.raises(ManifestError, match=match):
        read(tmp_path, rows)
    found = read(tmp_path, rows, strict=False)
    assert kind in [part.kind for part in found.problems]
    assert len(found.events) == len(rows)


def test_a_recording_shorter_than_its_annotation_is_refused_with_the_number_of_events(tmp_path):
    write_songs(tmp_path, "a.wav", duration_s=1.0)
    rows = [f"a.wav,{i},{i}.5,x,," for i in range(4)]
    with pytest.raises(ManifestError, match=r"'x' 1.000-1.500 s, but a.wav ends at 1.000 s "):
        read(tmp_path, rows)
    with pytest.raises(ManifestError, match=r"\(and 2 more\)"):
        read(tmp_path, rows)


def test_a_broken_recording_is_refused_with_the_decoders_reason_unless_it_is_allowed(tmp_path):
    (write_songs(tmp_path, "a.wav", "b.wav") / "b.wav").write_bytes(b"RIFF no sound at all")
    rows = ["a.wav,1,2,x,,", "b.wav,1,2,x,,"]
    with pytest.raises(AudioError, match="b.wav: expected audio that can be decoded"):
        read(tmp_path, rows)
    found = read(tmp_path, rows, allow=["unreadable_recording"])
    assert [part.kind for part in found.problems] == ["unreadable_recording"]
    assert found.recordings[1].duration_s is None and len(found.events) == 2


def test_a_label_that_must_occur_and_does_not_is_refused(tmp_path):
    write_songs(tmp_path, "a.wav")
    with pytest.raises(ManifestError, match="expected events for every label, got label 'z' has"):
        read(tmp_path, ["a.wav,1,2,x,,"], labels=["x", "z"])


def test_a_missing_recording_without_events_is_told_too(tmp_path):
    write_songs(tmp_path, "a.wav")
    found = read(tmp_path, ["a.wav,1,2,x,,", "gone.wav,,,,,"], strict=False)
    assert told(found) == [("missing_recording", "")]


def test_an_annotation_without_events_is_refused(tmp_path):
    write_songs(tmp_path, "a.wav")
    with pytest.raises(ManifestError, match="expected at least one event, got none"):
        read(tmp_path, ["a.wav,,,,,"])
    assert len(read(tmp_path, ["a.wav,,,,,"], strict=False)) == 1


def test_the_lines_for_a_terminal_count_what_they_leave_out(tmp_path):
    write_songs(tmp_path, "a.wav")
    found = read(tmp_path, ["a.wav,1,2,x,,"] * 9)
    lines = annotation_problem_lines(found.problems, max_per_kind=2)
    assert lines[0] == "twice the same: 8" and lines[-1] == "  and 6 more" and len(lines) == 4
