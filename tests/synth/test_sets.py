import csv
import hashlib
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auricle.errors import ConfigError, OutputError
from auricle.synth import BUILT_IN_SPECS, load_spec, parse_spec, write_demo_set, write_set
from auricle.synth.sets import writing
from auricle.synth.sets.composing import compose, recordings_of
from auricle.synth.sets.drawing import check_sounds
from auricle.synth.sets.recipes import RECIPES

PITCH = "frequency_hz"
SMALL = {
    "kind": "scenes",
    "scenes": 6,
    "scenes_per_group": 2,
    "duration_s": 3.0,
    "events": [2, 4],
    "max_overlap": 2,
    "snr_db": [5, 15],
    "sample_rate": 8000,
    "classes": {
        "beep": {"sound": "sine", "frequency_hz": [500, 1500], "duration_s": [0.3, 1.0]},
        "click": {"sound": "clicks", "duration_s": [0.2, 0.5]},
        "hiss": {"sound": "band", "centre_hz": [1000, 2000], "duration_s": [0.2, 0.6]},
    },
}
CLIPS = {
    "kind": "clips",
    "clips_per_class": 4,
    "clips_per_source": 2,
    "duration_s": [0.5, 0.8],
    "format": "flac",
    "classes": {"low": {"sound": "sine", "frequency_hz": 300}, "voice": {"sound": "speech"}},
}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def digests(root):
    files = [path for path in root.rglob("*") if path.is_file()]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def overlap_of(events):
    moments = [float(event["onset_s"]) for event in events]
    return max(
        sum(float(e["onset_s"]) <= at < float(e["offset_s"]) for e in events) for at in moments
    )


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write_set(parse_spec(SMALL), tmp_path_factory.mktemp("sets") / "scenes")


def test_tables_list_every_recording_and_every_event(scenes):
    manifest, annotations = rows_of(scenes / "manifest.csv"), rows_of(scenes / "annotations.csv")
    assert [row["path"] for row in manifest] == sorted(path.name for path in scenes.glob("*.wav"))
    assert len(manifest) == 6
    assert [row["group"] for row in manifest] == ["group000"] * 2 + ["group001"] * 2 + [
        "group002"
    ] * 2
    for row in manifest:
        events = [event for event in annotations if event["path"] == row["path"]]
        assert 2 <= len(events) <= 4
        assert row["label"] == ";".join(sorted({event["label"] for event in events}))
        assert overlap_of(events) <= 2
        for event in events:
            assert 0 <= float(event["onset_s"]) < float(event["offset_s"]) <= 3.0
            assert float(event["low_hz"]) < float(event["high_hz"]) <= 4000
            assert 5 <= float(event["snr_db"]) <= 15
            assert event["group"] == row["group"]


def test_written_events_are_where_the_table_says(scenes):
    """The sound of a beep is 20 dB above its band's surroundings between its times only."""
    checked = 0
    for event in rows_of(scenes / "annotations.csv"):
        if event["label"] != "beep" or float(event["snr_db"]) < 8:
            continue
        wave, rate = soundfile.read(scenes / event["path"])
        first, last = (round(float(event[key]) * rate) for key in ("onset_s", "offset_s"))
        centre_hz = (float(event["low_hz"]) + float(event["high_hz"])) / 2
        carried = wave * np.exp(-2j * np.pi * centre_hz * np.arange(len(wave)) / rate)
        inside = np.abs(carried[first:last].mean())
        assert inside > 3 * np.abs(carried[: max(first - 200, 1)].mean())
        checked += 1
    assert checked >= 3


def test_same_seed_writes_the_same_files_and_another_seed_others(scenes, tmp_path):
    again = write_set(parse_spec(SMALL), tmp_path / "again")
    other = write_set(parse_spec(SMALL, seed=1), tmp_path / "other")
    assert digests(again) == digests(scenes)
    assert not set(digests(other).values()) & set(digests(scenes).values())


def test_a_recording_does_not_depend_on_those_before_it(scenes):
    spec = parse_spec(SMALL)
    scene = compose(spec, recordings_of(spec)[4])
    written, _ = soundfile.read(scenes / "scene_00004.wav")
    np.testing.assert_allclose(scene.sound.waveform, written, atol=1 / 60000)


def test_a_set_that_was_stopped_goes_on_and_ends_the_same(scenes, tmp_path, monkeypatch):
    root, calls = tmp_path / "stopped", []

    def until_third(spec, recording):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(recording.path)
        return compose(spec, recording)

    monkeypatch.setattr(writing, "compose", until_third)
    with pytest.raises(KeyboardInterrupt):
        write_set(parse_spec(SMALL), root)
    assert not (root / "manifest.csv").exists()
    journal = root / "synth-set.jsonl"
    journal.write_text(journal.read_text(encoding="utf-8") + '{"path": "sc', encoding="utf-8")
    calls.clear()
    monkeypatch.setattr(writing, "compose", lambda s, r: (calls.append(r.path), compose(s, r))[1])
    seen = []
    write_set(parse_spec(SMALL), root, progress=lambda done, total: seen.append((done, total)))
    assert calls == ["scene_00003.wav", "scene_00004.wav", "scene_00005.wav"]
    assert seen[-1] == (6, 6)
    assert digests(root) == digests(scenes)
    calls.clear()
    write_set(parse_spec(SMALL), root)
    assert calls == []


def test_a_set_of_another_version_is_made_anew(tmp_path, monkeypatch):
    spec = parse_spec({**SMALL, "scenes": 2})
    monkeypatch.setattr(writing, "_version", lambda: "0.0.1")
    write_set(spec, tmp_path / "set")
    monkeypatch.undo()
    calls = []
    monkeypatch.setattr(writing, "compose", lambda s, r: (calls.append(r.path), compose(s, r))[1])
    write_set(spec, tmp_path / "set")
    assert len(calls) == 2


def test_another_spec_replaces_the_set_and_leaves_foreign_files(tmp_path):
    root = write_set(parse_spec(SMALL), tmp_path / "set")
    (root / "notes.txt").write_text("mine", encoding="utf-8")
    write_set(parse_spec({**SMALL, "scenes": 2, "format": "flac"}), root)
    assert sorted(path.name for path in root.iterdir()) == [
        "annotations.csv",
        "manifest.csv",
        "notes.txt",
        "scene_00000.flac",
        "scene_00001.flac",
        "synth-set.jsonl",
    ]


def test_a_list_that_was_tampered_with_deletes_nothing_outside(tmp_path):
    victim = tmp_path / "victim.wav"
    victim.write_bytes(b"mine")
    root = tmp_path / "set"
    root.mkdir()
    rows = [{"auricle synth set": {}}, {"path": "../victim.wav"}, {"path": str(victim)}]
    text = "\n".join(json.dumps(row) for row in rows)
    (root / "synth-set.jsonl").write_text(text, encoding="utf-8")
    write_set(parse_spec({**SMALL, "scenes": 1}), root)
    assert victim.read_bytes() == b"mine"


def test_a_folder_with_other_files_and_a_file_are_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="expected an absent folder, an empty one"):
        write_set(parse_spec(SMALL), tmp_path)
    with pytest.raises(OutputError, match="got a file"):
        write_set(parse_spec(SMALL), tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_clips_lie_in_folders_of_their_class_and_groups_are_sources(tmp_path):
    root = write_set(parse_spec(CLIPS), tmp_path / "clips")
    rows = rows_of(root / "manifest.csv")
    assert [row["path"] for row in rows[:4]] == [
        "low/low000_0.flac",
        "low/low000_1.flac",
        "low/low001_0.flac",
        "low/low001_1.flac",
    ]
    assert {row["label"] for row in rows} == {"low", "voice"}
    assert len({row["group"] for row in rows}) == 4
    events = rows_of(root / "annotations.csv")
    assert len(events) == 8
    low = [event for event in events if event["label"] == "low"]
    assert all(280 < float(event["low_hz"]) < 320 for event in low)
    for row in rows:
        info = soundfile.info(root / row["path"])
        assert 0.5 <= info.duration <= 0.81
        assert (info.samplerate, info.format) == (16000, "FLAC")


def test_scenes_without_events_are_background(tmp_path):
    root = write_set(parse_spec({**SMALL, "scenes": 2, "events": 0}), tmp_path / "quiet")
    assert {row["label"] for row in rows_of(root / "manifest.csv")} == {"background"}
    assert [(r["path"], r["label"]) for r in rows_of(root / "annotations.csv")] == [
        ("scene_00000.wav", ""),
        ("scene_00001.wav", ""),
    ]


def test_the_demo_spec_writes_the_demo_set(tmp_path):
    direct = write_demo_set(tmp_path / "direct", clips_per_class=2, seed=4)
    root = write_set(parse_spec({"kind": "demo", "clips_per_class": 2}, seed=4), tmp_path / "spec")
    theirs, ours = digests(direct), digests(root)
    assert theirs.items() <= ours.items()
    assert set(ours) - set(theirs) == {"annotations.csv"}
    events = rows_of(root / "annotations.csv")
    assert len(events) == 8
    assert all(1.0 <= float(event["offset_s"]) <= 2.5 for event in events)
    assert load_spec("demo").count == 80


@pytest.mark.parametrize("name", BUILT_IN_SPECS)
def test_every_built_in_spec_makes_what_it_says(name):
    spec = load_spec(name)
    if spec.kind == "demo":
        return
    check_sounds(spec)
    recording = recordings_of(spec)[-1]
    scene = compose(spec, recording)
    assert np.isfinite(scene.sound.waveform).all()
    assert 0.001 < np.abs(scene.sound.waveform).max() <= 0.95
    assert len(scene.sound.events) >= spec.events[0]


def test_the_overlap_spec_has_ten_classes_up_to_three_at_once():
    spec = load_spec("overlap")
    assert (len(spec.classes), spec.max_overlap) == (10, 3)
    most, labels = [], set()
    for recording in recordings_of(spec)[:12]:
        events = compose(spec, recording).sound.events
        labels |= {event.label for event in events}
        rows = [{"onset_s": event.onset_s, "offset_s": event.offset_s} for event in events]
        most.append(overlap_of(rows))
    assert max(most) == 3
    assert len(labels) == 10


@pytest.mark.parametrize("sound", RECIPES)
def test_every_recipe_can_be_made_with_nothing_said(sound):
    spec = parse_spec({"kind": "clips", "clips_per_class": 1, "classes": {"it": {"sound": sound}}})
    check_sounds(spec)
    scene = compose(spec, recordings_of(spec)[0])
    assert len(scene.sound.events) == 1
    assert np.isfinite(scene.sound.waveform).all()


@pytest.mark.parametrize("sound", RECIPES)
@pytest.mark.parametrize("end", ["low", "high"])
def test_every_setting_at_its_limit_makes_a_sound_or_a_clear_error(sound, end):
    table = {key: getattr(number, end) for key, number in RECIPES[sound].numbers.items()}
    pitches = [key for key, number in RECIPES[sound].numbers.items() if number.is_pitch]
    table |= {"sound": sound, "duration_s": 0.02}
    clips = {"kind": "clips", "clips_per_class": 1, "duration_s": 0.1}
    try:
        spec = parse_spec({**clips, "classes": {"it": table}})
        check_sounds(spec)
        scene = compose(spec, recordings_of(spec)[0])
    except ConfigError as error:
        assert end == "high"
        assert any(f"it ({sound}): {key}: expected" in str(error) for key in [*pitches, PITCH])
    else:
        assert len(scene.sound.events) == 1
        assert np.isfinite(scene.sound.waveform).all()


def bad(**changes):
    return {**SMALL, **changes}


def one(**settings):
    return bad(classes={"beep": settings})


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "kind: expected one of clips, scenes, demo, got nothing"),
        (bad(kind="clip"), "kind: expected .*For example: clips"),
        (bad(scene=5), "scene: expected one of .*Did you mean 'scenes'"),
        (bad(clips_per_class=5), "clips_per_class: expected one of"),
        (bad(scenes=0), "scenes: expected a whole number from 1"),
        (bad(scenes=2.5), "scenes: expected a whole number"),
        (bad(scenes=True), "scenes: expected a whole number"),
        (bad(duration_s="long"), "duration_s: expected a number or"),
        (bad(snr_db=[20, 0]), r"snr_db: expected a number or \[lowest, highest\]"),
        (bad(snr_db=[1, 2, 3]), "snr_db: expected"),
        (bad(sample_rate=10), "sample_rate: expected a whole number from 4000"),
        (bad(format="mp3"), "format: expected one or more of wav, flac"),
        (bad(classes={}), "classes: expected a table for each class"),
        (bad(classes={"a/b": {"sound": "sine"}}), "classes: expected names of letters"),
        (bad(classes={"a": 5}), "classes.a: expected a table, got 5"),
        (one(sound="sinus"), "classes.beep.sound: expected .*For example: sine"),
        (one(), "classes.beep.sound: expected one of"),
        (one(sound="sine", frequenzy_hz=5), "classes.beep.frequenzy_hz: .*'frequency_hz'"),
        (one(sound="sine", frequency_hz=[1, 2]), "classes.beep.frequency_hz: expected a number"),
        (one(sound="drum", kind="bongo"), "classes.beep.kind: expected"),
        (one(sound="speech", words=["zero", "nix"]), "classes.beep.words: expected"),
        (one(sound="sine", duration_s=0), "classes.beep.duration_s: expected"),
        (bad(background={"sound": "rain", "wet": 1}), "background.wet: expected one of"),
        (bad(room={"rt60": 1}), "room.rt60: expected .*Did you mean 'rt60_s'"),
        (bad(room=5), "room: expected a table"),
    ],
)
def test_a_bad_spec_gives_an_error_that_names_the_key(table, text):
    with pytest.raises(ConfigError, match=text):
        parse_spec(table)


def test_a_sound_that_cannot_be_made_is_refused_before_anything_is_written(tmp_path):
    spec = parse_spec(one(sound="sine", frequency_hz=[500, 4500]))
    with pytest.raises(ConfigError, match=r"beep \(sine\): frequency_hz: expected 0 < freq"):
        write_set(spec, tmp_path / "set")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.toml", "kind = x\n", "a.toml: expected well-formed TOML.*line 1"),
        ("a.json", "{", "a.json: expected well-formed TOML, or JSON"),
        ("a.json", "[1]", "a.json: expected a table of settings, got list"),
    ],
)
def test_a_file_that_is_no_spec_is_refused(tmp_path, name, content, text):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=text):
        load_spec(path)


def test_a_spec_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="expected a .toml or .json file, or one of alarms, demo"):
        load_spec(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="seed: expected seed >= 0"):
        load_spec("overlap", seed=-1)


def test_json_says_the_same_as_toml(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL), encoding="utf-8")
    assert load_spec(path) == parse_spec(SMALL)


def blocks_of_page(language):
    page = (Path(__file__).parents[2] / "docs" / "synthesis.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_page_shows_a_spec_and_code_that_work():
    (spec,), (code,) = blocks_of_page("toml"), blocks_of_page("python")
    assert len(parse_spec(tomllib.loads(spec)).classes) == 2
    names = {}
    exec(code, names)
    assert [event.label for event in names["scene"].sound.events] == ["hello", "bell"]


def test_the_page_lists_every_sound_and_every_setting():
    page = (Path(__file__).parents[2] / "docs" / "synthesis.md").read_text(encoding="utf-8")
    for sound, recipe in RECIPES.items():
        for word in (sound, *recipe.numbers, *recipe.words, *recipe.pools):
            assert f"`{word}`" in page, word
    assert all(f"`{name}`" in page for name in BUILT_IN_SPECS)
