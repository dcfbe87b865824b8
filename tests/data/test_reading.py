"""Every kind of list of recordings, and what is refused."""

import numpy as np
import pytest

from auricle.data import Clip, read_manifest, write_manifest
from auricle.errors import AudioError, ManifestError
from auricle.io import write_audio

RATE = 8000


def make_sound(path, seed=None):
    """A short noise that no other path has."""
    rng = np.random.default_rng(abs(hash(str(path))) if seed is None else seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_audio(path, rng.uniform(-0.5, 0.5, 800).astype(np.float32), RATE)
    return path


def labels_of(manifest):
    return {clip.path.name: clip.label for clip in manifest.clips}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_folder_of_class_folders_is_read(tmp_path):
    for name in ("dog/a.wav", "dog/deep/er/b.WAV", "cat/c.Flac", "cat/.hidden.wav", ".git/x/d.wav"):
        make_sound(tmp_path / name)
    write(tmp_path / "dog" / "notes.txt", "hello")
    manifest = read_manifest(tmp_path)
    assert labels_of(manifest) == {"a.wav": "dog", "b.WAV": "dog", "c.Flac": "cat"}
    assert manifest.classes == ("cat", "dog") and manifest.source == "folder"


def test_what_is_left_out_is_noted(tmp_path):
    for name in ("dog/a.wav", "cat/b.wav", "_background_noise_/n.wav", "stray.wav"):
        make_sound(tmp_path / name)
    write(tmp_path / "dog" / "x.m4a", "")
    manifest = read_manifest(tmp_path)
    notes = " ".join(manifest.notes)
    assert len(manifest) == 2
    assert "1 audio files outside any class" in notes and "_background_noise_" in notes
    assert "1 .m4a files" in notes


def test_split_folders_are_a_split(tmp_path):
    for name in ("train/dog/a.wav", "train/cat/b.wav", "Val/dog/c.wav", "test/cat/d.wav"):
        make_sound(tmp_path / name)
    manifest = read_manifest(tmp_path)
    assert manifest.classes == ("cat", "dog")
    assert {c.path.name: c.split for c in manifest.clips} == {
        "a.wav": "train",
        "b.wav": "train",
        "c.wav": "validation",
        "d.wav": "test",
    }


@pytest.mark.parametrize(
    ("name", "head", "comma"),
    [
        ("list.csv", "path,label,group,split,fold,start,end", ","),
        ("list.tsv", "Path\tLabel\tGroup\tSplit\tFold\tStart\tEnd", "\t"),
        ("list.csv", "\ufefffile;label;group;split;fold;start;end", ";"),
    ],
    ids=["csv", "tsv", "excel"],
)
def test_a_table_is_read_with_all_its_columns(tmp_path, name, head, comma):
    make_sound(tmp_path / "in" / "a, b.wav")
    make_sound(tmp_path / "c.wav")
    rows = ['"in/a, b.wav"|dog|g1|Train|1|0.01|0.05', "c.wav|cat||dev|2.0||"]
    text = "\n".join([head, *(row.replace("|", comma) for row in rows)]) + "\n\n"
    manifest = read_manifest(write(tmp_path / name, text))
    first, second = manifest.clips
    assert first == Clip(
        path=tmp_path / "in" / "a, b.wav",
        label="dog",
        group="g1",
        split="train",
        fold=1,
        start_s=0.01,
        end_s=0.05,
    )
    assert second == Clip(path=tmp_path / "c.wav", label="cat", split="validation", fold=2)
    assert manifest.group_rule.startswith("the column 'group'; 1 clips without a value")
    assert len(first.load()[0]) == 320


def test_other_columns_may_be_the_class_and_the_group(tmp_path):
    make_sound(tmp_path / "a.wav")
    table = write(tmp_path / "manifest.csv", "path,species,Speaker\na.wav,robin,x\n")
    manifest = read_manifest(tmp_path, label_column="Species", group_column="speaker")
    assert (manifest.clips[0].label, manifest.clips[0].group) == ("robin", "x")
    assert read_manifest(table, label_column="species").clips[0].group is None


def test_paths_written_on_windows_are_found(tmp_path):
    make_sound(tmp_path / "in" / "a.wav")
    manifest = read_manifest(write(tmp_path / "t.csv", "path,label\nin\\a.wav,x\n"))
    assert manifest.clips[0].path.is_file()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "got an empty file"),
        ("path,label\n", "got only a header"),
        ("path,class\na.wav,x\n", r"columns path, label, got path, class \(without label\)"),
        ("label,where\nx,a.wav\n", r"without path"),
        ("path,label\na.wav,\n", r"a value in every row \(line 2, column 'label'\)"),
        ("path,label\n,x\n", r"line 2, column 'path'"),
        ("path,label\na.wav,x\nno.wav,x\n", r"1 of 2 missing: .*no\.wav \(line 3\)"),
        ("path,label\na.wav,x,y,z\n", "got 4 in line 2"),
        ("path,label,start,end\na.wav,x,2,1\n", "start < end"),
        ("path,label,start\na.wav,x,soon\n", r"seconds >= 0.*line 2, column 'start'"),
        ("path,label,start\na.wav,x,-1\n", "seconds >= 0"),
        ("path,label,fold\na.wav,x,one\n", r"whole number.*column 'fold'"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(tmp_path, text, match):
    make_sound(tmp_path / "a.wav")
    table = write(tmp_path / "t.csv", text)
    with pytest.raises(ManifestError, match=match) as caught:
        read_manifest(table)
    assert "\n" not in str(caught.value) and "t.csv" in str(caught.value)


def test_a_table_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes("path,label\nä.wav,x\n".encode("utf-16"))
    with pytest.raises(ManifestError, match="expected UTF-8 text"):
        read_manifest(tmp_path / "t.csv")


def test_places_without_recordings_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "text" / "a" / "b.txt", "")
    make_sound(tmp_path / "flat" / "a.wav")
    write(tmp_path / "aac" / "dog" / "a.m4a", "")
    for name, match in (
        ("missing", "got nothing there"),
        ("empty", "got an empty folder"),
        ("text", "got 1 files, none of them audio"),
        ("flat", "got 1 audio files in the folder itself"),
        ("aac", r"only 1 \.m4a files"),
        ("flat/a.wav", "got one audio file"),
    ):
        with pytest.raises(ManifestError, match=match):
            read_manifest(tmp_path / name)


def test_a_column_is_not_chosen_from_a_folder(tmp_path):
    make_sound(tmp_path / "dog" / "a.wav")
    with pytest.raises(ManifestError, match="A column can only be chosen from a table"):
        read_manifest(tmp_path, group_column="speaker")


def test_a_foreign_metadata_table_does_not_hide_the_class_folders(tmp_path):
    make_sound(tmp_path / "dog" / "a.wav")
    write(tmp_path / "metadata.csv", "licence,author\nCC0,me\n")
    manifest = read_manifest(tmp_path)
    assert manifest.classes == ("dog",) and "metadata.csv is not used" in manifest.notes[0]


@pytest.mark.parametrize("header", [("", ""), ("file\n", "label\n"), ("", "y\n")])
def test_the_classic_pair_of_paths_is_read(tmp_path, header):
    for name in ("a.wav", "b.wav"):
        make_sound(tmp_path / name)
    write(tmp_path / "audio_data.csv", header[0] + "a.wav\nb.wav\n")
    write(tmp_path / "labels.csv", header[1] + "yes\nno\n")
    manifest = read_manifest(tmp_path)
    assert labels_of(manifest) == {"a.wav": "yes", "b.wav": "no"}
    assert manifest.source == "audio_data+labels"


@pytest.mark.parametrize("style", ["plain", "pandas", "pandas_index"])
def test_the_classic_pair_of_samples_is_read(tmp_path, style):
    rows, labels = [[0.5, -0.5, 0.25], [0.125, 0.0, ""]], ["yes", "no"]
    head, label_head = [], []
    if style != "plain":
        head, label_head = [[0, 1, 2]], [["0"]]
    cells, names = [*head, *rows], [*label_head, *([name] for name in labels)]
    if style == "pandas_index":
        cells = [[index, *row] for index, row in zip(["", 0, 1], cells, strict=True)]
        names = [[index, *row] for index, row in zip(["", 0, 1], names, strict=True)]
    write(tmp_path / "audio_data.csv", "\n".join(",".join(map(str, row)) for row in cells))
    write(tmp_path / "labels.csv", "\n".join(",".join(map(str, row)) for row in names))
    manifest = read_manifest(tmp_path, sample_rate=100)
    waveforms = [clip.load()[0].tolist() for clip in manifest.clips]
    assert [clip.label for clip in manifest.clips] == labels
    assert waveforms == [[0.5, -0.5, 0.25], [0.125, 0.0]]
    assert manifest.clips[1].path.name == "audio_data.csv#2"


def test_samples_are_resampled_when_loaded(tmp_path):
    write(tmp_path / "audio_data.csv", ",".join(["0.1"] * 200))
    write(tmp_path / "labels.csv", "x")
    waveform, rate = read_manifest(tmp_path, sample_rate=200).clips[0].load(sample_rate=400)
    assert rate == 400 and len(waveform) == 400


@pytest.mark.parametrize(
    ("data", "labels", "rate", "match"),
    [
        ("0.1,0.2\n", "x\n", None, "expected a sample rate for rows of samples"),
        ("100,-200\n", "x\n", 8000, "got a peak of 200 in line 1"),
        ("0.1,loud\n0.1,loud\n0.2,1\n", "x\ny\n", 8000, "no numbers in line 2"),
        ("0.1\n0.2\n", "x\n", 8000, "expected 2 labels.*got 1 labels"),
        ("0.1\n0.2\n", "x\ny\nz\nw\n", 8000, "got 4 labels"),
        ("no.wav\n", "x\n", None, r"1 of 1 missing"),
        ("\n", "x\n", 8000, "got no line"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused(tmp_path, data, labels, rate, match):
    write(tmp_path / "audio_data.csv", data)
    write(tmp_path / "labels.csv", labels)
    with pytest.raises(ManifestError, match=match):
        read_manifest(tmp_path, sample_rate=rate)


def test_a_pair_with_nan_is_refused(tmp_path):
    write(tmp_path / "audio_data.csv", "0.1,nan\n")
    write(tmp_path / "labels.csv", "x\n")
    with pytest.raises(AudioError, match=r"audio_data\.csv#1: expected finite samples"):
        read_manifest(tmp_path, sample_rate=8000)


def test_a_pair_whose_labels_are_missing_is_refused(tmp_path):
    table = write(tmp_path / "sounds.csv", "0.1,0.2\n")
    with pytest.raises(ManifestError, match="no such file"):
        read_manifest(table, labels=tmp_path / "labels.csv", sample_rate=8000)


@pytest.mark.parametrize("wrapped", [False, True])
def test_esc50_is_read_as_published(tmp_path, wrapped):
    root = tmp_path / "ESC-50-master" if wrapped else tmp_path
    rows = [
        ("1-100032-A-0.wav", 1, "dog"),
        ("2-100032-B-0.wav", 2, "dog"),
        ("1-7-A-1.wav", 1, "cat"),
    ]
    for name, _, _ in rows:
        make_sound(root / "audio" / name)
    lines = [f"{name},{fold},0,{label},True,100032,A" for name, fold, label in rows]
    head = "filename,fold,target,category,esc10,src_file,take"
    table = write(root / "meta" / "esc50.csv", "\n".join([head, *lines]))
    for path in (tmp_path, table):
        manifest = read_manifest(path)
        assert manifest.source == "esc50" and manifest.classes == ("cat", "dog")
        assert [(c.fold, c.group) for c in manifest.clips] == [
            (1, "100032"),
            (2, "100032"),
            (1, "7"),
        ]
    assert "Freesound" in manifest.group_rule


def test_speech_commands_are_read_as_published(tmp_path):
    for name in (
        "yes/aaaaaaaa_nohash_0.wav",
        "yes/aaaaaaaa_nohash_1.wav",
        "no/bbbbbbbb_nohash_0.wav",
    ):
        make_sound(tmp_path / name)
    make_sound(tmp_path / "no" / "aaaaaaaa_nohash_0.wav")
    make_sound(tmp_path / "_background_noise_" / "tap.wav")
    write(tmp_path / "validation_list.txt", "yes/aaaaaaaa_nohash_1.wav\n")
    write(tmp_path / "testing_list.txt", "no/bbbbbbbb_nohash_0.wav\n")
    manifest = read_manifest(tmp_path)
    assert manifest.source == "speech_commands" and manifest.classes == ("no", "yes")
    found = {(c.path.parent.name, c.path.name): (c.split, c.group) for c in manifest.clips}
    assert found["yes", "aaaaaaaa_nohash_1.wav"] == ("validation", "aaaaaaaa")
    assert found["no", "bbbbbbbb_nohash_0.wav"] == ("test", "bbbbbbbb")
    assert found["no", "aaaaaaaa_nohash_0.wav"] == ("train", "aaaaaaaa")


def test_a_manifest_that_is_written_reads_back(tmp_path):
    for name in ("dog/s1/a.wav", "dog/s2/b.wav", "cat/s1/ü c.wav"):
        make_sound(tmp_path / "in" / name)
    manifest = read_manifest(tmp_path / "in")
    for table in (tmp_path / "in" / "list.csv", tmp_path / "else" / "list.tsv"):
        write_manifest(manifest, table)
        back = read_manifest(table)
        assert [(c.label, c.group) for c in back.clips] == [
            (c.label, c.group) for c in manifest.clips
        ]
        assert all(a.path.samefile(b.path) for a, b in zip(back.clips, manifest.clips, strict=True))
        assert back.fingerprint() == manifest.fingerprint()
    assert "dog/s1/a.wav" in (tmp_path / "in" / "list.csv").read_text(encoding="utf-8")


def test_samples_and_times_survive_writing(tmp_path):
    samples = np.linspace(-1, 1, 100)
    write(tmp_path / "audio_data.csv", ",".join(map(repr, samples.tolist())))
    write(tmp_path / "labels.csv", "x")
    pair = read_manifest(tmp_path, sample_rate=8000)
    write_manifest(pair, tmp_path / "out" / "list.csv")
    back = read_manifest(tmp_path / "out" / "list.csv")
    assert np.array_equal(back.clips[0].load()[0], pair.clips[0].load()[0])
    make_sound(tmp_path / "a.wav")
    table = write(tmp_path / "t.csv", "path,label,start,end\na.wav,x,0.01,0.1\na.wav,y,0.05,\n")
    segments = read_manifest(table)
    write_manifest(segments, tmp_path / "u.csv")
    assert read_manifest(tmp_path / "u.csv").clips == segments.clips


def test_the_shared_sets_are_read_as_they_are(shared_data):
    digits = read_manifest(shared_data / "fsdd", group_column="speaker")
    assert len(digits) == 3000 and len(digits.classes) == 10
    assert set(digits.groups) == {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"}
    assert read_manifest(shared_data / "fsdd").groups == digits.groups
    sounds = read_manifest(shared_data / "esc10")
    assert len(sounds) == 400 and len(set(sounds.groups)) == 304
    assert all(c.path.name.split("-")[1] == c.group for c in sounds.clips)
    with pytest.raises(ManifestError, match="without label"):
        read_manifest(shared_data / "yesno")
