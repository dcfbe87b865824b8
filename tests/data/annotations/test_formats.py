"""What the programs write that our own writers do not, and files that are damaged."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.data.annotations.songs import write_songs

from auricle.data.annotations import read_annotations
from auricle.errors import AuricleError, ManifestError


@pytest.fixture
def song(tmp_path):
    return write_songs(tmp_path, "a.wav") / "a.wav"


def read(song, name, text, *, encoding="utf-8", **options):
    place = song.parent / name
    place.write_text(text, encoding=encoding, newline="")
    return read_annotations(place, **{"recordings": song, **options})


def rows(found):
    return [(e.onset_s, e.offset_s, e.label, e.low_hz, e.high_hz) for e in found.events]


def test_audacity_frequencies_that_were_not_drawn_are_none(song):
    found = read(song, "a.txt", "0.5\t1.0\tx\r\n\\\t-1.000000\t900.5\r\n1.5\t1.5\ty\r\n")
    assert rows(found) == [(0.5, 1.0, "x", None, 900.5), (1.5, 1.5, "y", None, None)]


RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"


def test_raven_counts_a_selection_once_with_its_spectrogram_bounds(song):
    found = read(
        song,
        "a.Table.1.selections.txt",
        f"{RAVEN}\tSpecies\n"
        "1\tWaveform 1\t1\t0.5\t1.0\t0.0\t4000.0\towl\n"
        "1\tSpectrogram 1\t1\t0.5\t1.0\t200.0\t900.0\towl\n"
        "2\tWaveform 1\t1\t2.0\t2.5\t0.0\t4000.0\tjay\n"
        "3\tWaveform 1\t1\t3.0\t3.5\t100.0\t900.0\tbounds of another view\n",
    )
    assert rows(found) == [
        (0.5, 1.0, "owl", 200.0, 900.0),
        (2.0, 2.5, "jay", None, None),
        (3.0, 3.5, "bounds of another view", 100.0, 900.0),
    ]
    assert found.notes[0].endswith("1 rows repeat a selection in another view, and count once.")


def test_raven_rows_of_one_view_with_equal_times_are_duplicates(song):
    row = "1\tSpectrogram 1\t1\t0.5\t1.0\t200.0\t900.0\towl\n"
    found = read(song, "a.txt", f"{RAVEN}\tSpecies\n{row}{row}")
    assert [part.kind for part in found.problems] == ["duplicate"]


def test_raven_times_over_several_files_count_from_the_start_of_each(tmp_path):
    write_songs(tmp_path, "a.wav", "b.wav")
    (tmp_path / "both.txt").write_text(
        "Begin Time (s)\tEnd Time (s)\tBegin Path\tFile Offset (s)\tCommon Name\tConfidence\n"
        "1.0\t2.0\tC:\\birds\\a.wav\t1.0\towl\t0.75\n"
        "5.0\t6.5\tC:\\birds\\b.wav\t1.0\tjay\t0.5\n",
        encoding="utf-8",
    )
    found = read_annotations(tmp_path / "both.txt")
    assert [(e.path.name, e.onset_s, e.offset_s, e.label, e.score) for e in found.events] == [
        ("a.wav", 1.0, 2.0, "owl", 0.75),
        ("b.wav", 1.0, 2.5, "jay", 0.5),
    ]


def test_raven_without_labels_asks_for_the_column(song):
    with pytest.raises(
        ManifestError, match=r"expected a column with the labels, such as Annotation"
    ):
        read(song, "a.txt", f"{RAVEN}\tMy Notes\n1\tSpectrogram 1\t1\t0.5\t1.0\t2\t9\towl\n")
    found = read(
        song,
        "a.txt",
        f"{RAVEN}\tMy Notes\n1\tSpectrogram 1\t1\t0.5\t1.0\t2\t9\towl\n",
        label_column="My Notes",
    )
    assert found.labels == ("owl",)


PRAAT = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 4
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 4
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = ""
        intervals [2]:
            xmin = 1.5
            xmax = 2.5 ! a comment with 3 numbers
            text = "say ""grüß"" 12"
        intervals [3]:
            xmin = 2.5
            xmax = 4
            text = " "
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 4
        points: size = 1
        points [1]:
            number = 0.25
            mark = "click"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_textgrid_is_read_as_praat_writes_it(song, encoding):
    found = read(song, "a.TextGrid", PRAAT, encoding=encoding)
    assert rows(found) == [
        (0.25, 0.25, "click", None, None),
        (1.5, 2.5, 'say "grüß" 12', None, None),
    ]
    assert found.events[1].place == "line 20"


def test_textgrid_gives_the_one_tier_that_is_named(song):
    assert read(song, "a.TextGrid", PRAAT, tier="clicks").labels == ("click",)
    with pytest.raises(ManifestError, match=r"expected a tier 'phones', got words, clicks"):
        read(song, "a.TextGrid", PRAAT, tier="phones")


def test_a_tier_without_events_is_told(song):
    found = read(song, "a.TextGrid", PRAAT.replace('mark = "click"', 'mark = ""'))
    assert [str(p).split(": ")[-1] for p in found.problems] == ["tier 'clicks' has no events"]


EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/old%20place/a.wav" RELATIVE_MEDIA_URL="../a.wav"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="500"/>
<TIME_SLOT TIME_SLOT_ID="t2" TIME_VALUE="1500"/><TIME_SLOT TIME_SLOT_ID="t3"/></TIME_ORDER>
<TIER TIER_ID="calls"><ANNOTATION>
<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2">
<ANNOTATION_VALUE>ruf &amp; pfiff</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION><ANNOTATION>
<ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="t2" TIME_SLOT_REF2="t3">
<ANNOTATION_VALUE>lost</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="english" PARENT_REF="calls"><ANNOTATION>
<REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1">
<ANNOTATION_VALUE>call</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>
"""


def test_elan_annotations_that_refer_to_others_have_their_times(tmp_path):
    write_songs(tmp_path, "a.wav")
    (tmp_path / "notes.eaf").write_text(EAF, encoding="utf-8")
    found = read_annotations(tmp_path / "notes.eaf")
    assert rows(found) == [
        (0.5, 1.5, "ruf & pfiff", None, None),
        (0.5, 1.5, "call", None, None),
    ]
    assert found.recordings[0].path == tmp_path / "a.wav"
    assert "1 annotations without times are left out" in found.notes[0]
    assert read_annotations(tmp_path / "notes.eaf", tier="english").labels == ("call",)


def test_dcase_without_a_header_and_with_silent_recordings(tmp_path):
    write_songs(tmp_path, "a.wav", "b.wav")
    (tmp_path / "a.tsv").write_text("a.wav\t0.5\t1.0\tdog\nb.wav\t\t\t\n", encoding="utf-8")
    found = read_annotations(tmp_path / "a.tsv")
    assert found.source == "dcase" and len(found.recordings) == 2
    assert found.recordings[1].events == ()


def test_a_table_without_paths_is_of_the_recording_called_like_it(tmp_path):
    write_songs(tmp_path, "a.wav", "b.wav")
    (tmp_path / "b.csv").write_text(
        ",name,start_seconds,stop_seconds\n0,e,0.5,1.0\n1,f,2,3\n", encoding="utf-8"
    )
    found = read_annotations(tmp_path / "b.csv", label_column="name")
    assert [part.path.name for part in found.recordings] == ["b.wav"]
    assert rows(found) == [(0.5, 1.0, "e", None, None), (2.0, 3.0, "f", None, None)]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ENTITY = "expected plain XML without document types and entities"


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("a.txt", "0,5\t1,0\tx\n", "Write a decimal point, not a comma"),
        ("a.txt", "0.5\t1.0\t\n", r"expected a label for every event \(line 1, label\), got ''"),
        ("a.txt", "1.0\t0.5\tx\n", "expected an offset that is not before its onset"),
        ("a.txt", "-1.0\t0.5\tx\n", r"expected a number >= 0, such as 1.25 \(line 1, onset\)"),
        (
            "a.txt",
            "0.5\t1\ty\n0.5\tinf\tx\n",
            r"expected a number >= 0, such as 1.25 \(line 2, offset\), got 'inf'",
        ),
        ("a.txt", "0.5\t1.0\tx\n\\\t5\n", r"a line of two frequencies after its label \(line 2\)"),
        ("a.txt", "a note\n\nwith words, commas, and more, lines\n", "in one of the formats raven"),
        ("a.txt", "hello\n", "expected annotations in one of the formats raven, audacity"),
        ("a.csv", "path,onset_s,offset_s\na.wav,1,2\n", r"\(without label\)"),
        ("a.csv", "path,onset_s,offset_s,label\na.wav,1,2,\n", "line 2, label"),
        ("a.csv", "path,onset_s,offset_s,label\na.wav,1,nan,x\n", "line 2, offset_s"),
        (
            "a.csv",
            "path,onset_s,offset_s,label,split\na.wav,1,2,x,train\na.wav,2,3,x,test\n",
            "expected one split for each recording, got 'test' after 'train' .line 3",
        ),
        ("a.TextGrid", PRAAT[:600], "got the end of the file. The file is cut off or damaged"),
        ("a.TextGrid", PRAAT.replace("1.5", "one"), "expected a number for"),
        ("a.TextGrid", PRAAT.replace('"TextGrid"', '"Pitch"'), "expected a TextGrid"),
        ("a.eaf", EAF[:700], "expected whole XML, got .* from the parser"),
        ("a.eaf", EAF.replace("milliseconds", "PAL-frames"), "an ELAN document in milliseconds"),
        ("a.eaf", BOMB + EAF.split("\n", 1)[1], ENTITY),
        ("a.xml", EXTERNAL + "<Sequences>&a;</Sequences>", ENTITY),
        ("a.xml", "<Sequences>" + "<a>" * 200 + "</a>" * 200 + "</Sequences>", "more than 100"),
        ("a.xml", '<?xml version="1.0" encoding="gb2312"?><Sequences/>', "expected whole XML"),
        ("a.TextGrid", PRAAT.replace("size = 2", "size = 1e999"), "expected a number >= 0"),
        ("a.TextGrid", PRAAT.replace("size = 2", "size = 2.5"), "expected a whole number"),
        ("a.txt", "1\t2\tx\n1_0\t2_0\ty\n", r"\(line 2, onset\), got '1_0'"),
        ("a.tsv", "filename\tonset\toffset\na.wav\t1\t2\n", r"without event_label"),
    ],
)
def test_a_damaged_file_is_refused_with_the_reason(song, name, text, match):
    with pytest.raises(ManifestError, match=match) as caught:
        read(song, name, text)
    assert str(song.parent / name) in str(caught.value)


WHOLE = {
    "a.txt": "0.5\t1.0\tx\n\\\t200\t900\n1.5\t1.5\ty\n",
    "a.sel.txt": f"{RAVEN}\tSpecies\n1\tSpectrogram 1\t1\t0.5\t1.0\t200.0\t900.0\towl\n",
    "a.TextGrid": PRAAT,
    "a.eaf": EAF,
    "a.tsv": "filename\tonset\toffset\tevent_label\na.wav\t0.5\t1.0\tdog\n",
    "a.csv": "path,onset_s,offset_s,label,low_hz\na.wav,0.5,1,dog,20\n",
    "a.xml": "<Sequences><Sequence><WaveFileName>a.wav</WaveFileName><Position>0</Position><Note>"
    "<Position>8</Position><Length>8</Length><Label>a</Label></Note></Sequence></Sequences>",
}


def test_text_that_is_not_utf8_is_refused(song):
    with pytest.raises(ManifestError, match="expected UTF-8 text, got other bytes"):
        read(song, "a.txt", "0.5\t1.0\tgrün\n", encoding="latin-1")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ManifestError, match="expected a file or a folder of annotations"):
        read_annotations(tmp_path / "gone.csv")


def test_a_folder_without_annotations_is_refused(tmp_path):
    with pytest.raises(ManifestError, match="expected annotations .*, got none"):
        read_annotations(tmp_path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_file_that_was_damaged_anywhere_is_read_or_refused_and_never_crashes(song, data):
    name = data.draw(st.sampled_from(sorted(WHOLE)))
    whole = WHOLE[name].encode()
    first = data.draw(st.integers(0, len(whole)))
    last = data.draw(st.integers(first, min(len(whole), first + 40)))
    junk = data.draw(st.binary(max_size=6) | st.sampled_from([b"\t", b"\n", b'"', b"<", b"nan"]))
    place = song.parent / name
    place.write_bytes(whole[:first] + junk + whole[last:])
    with suppress(AuricleError):
        found = read_annotations(place, recordings=song, strict=False)
        assert all(0 <= e.onset_s <= e.offset_s and e.label for e in found.events)
