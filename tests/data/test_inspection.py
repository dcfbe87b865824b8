"""Inspection: what is there, and every problem with its file."""

import json
import time

import numpy as np
import pytest
import soundfile

from auricle.data import inspect_manifest, read_manifest, report_lines
from auricle.io import write_audio

RATE = 8000


def noise(seed, seconds=0.5, level=0.4):
    rng = np.random.default_rng(seed)
    return rng.uniform(-level, level, round(seconds * RATE)).astype(np.float32)


@pytest.fixture
def folder(tmp_path):
    """Two classes in order, so that each test spoils one thing."""
    for label in ("cat", "dog"):
        for take in range(3):
            (tmp_path / label).mkdir(exist_ok=True)
            write_audio(
                tmp_path / label / f"{take}.wav",
                noise(100 * ord(label[0]) + take),
                RATE,
            )
    return tmp_path


def problems_of(folder, **options):
    report = inspect_manifest(read_manifest(folder), **options)
    return {(p.kind, p.path.name if p.path else None): p.detail for p in report.problems}


def test_a_good_folder_has_no_problems(folder):
    report = inspect_manifest(read_manifest(folder))
    assert report.problems == () and report.num_clips == 6 and report.num_unreadable == 0
    assert report.hours == pytest.approx(3 / 3600) and report.sample_rates == {RATE: 6}
    assert report.channels == {1: 6} and report.durations.median == 0.5
    assert [(c.label, c.num_clips, c.seconds, c.num_groups) for c in report.classes] == [
        ("cat", 3, 1.5, 3),
        ("dog", 3, 1.5, 3),
    ]
    assert report_lines(report)[-1] == "no problems found"


def test_each_problem_is_found_with_its_file(folder):
    dog = folder / "dog"
    (dog / "text.wav").write_text("not audio at all, just words\n" * 9, encoding="utf-8")
    (dog / "nothing.wav").write_bytes(b"")
    soundfile.write(dog / "header.wav", np.zeros(0), RATE)
    write_audio(dog / "silent.wav", np.zeros(RATE, np.float32), RATE)
    write_audio(
        dog / "mostly.wav", np.concatenate([noise(1), np.zeros(9 * RATE, np.float32)]), RATE
    )
    write_audio(dog / "clipped.wav", np.clip(10 * noise(2), -1, 1), RATE)
    write_audio(dog / "short.wav", noise(3, seconds=0.01), RATE)
    soundfile.write(dog / "stereo.wav", np.stack([noise(4), noise(5)], axis=1), RATE)
    write_audio(
        dog / "copy.flac", soundfile.read(folder / "cat" / "0.wav", dtype="float32")[0], RATE
    )
    bad = noise(6)
    bad[4] = np.nan
    soundfile.write(dog / "nan.wav", bad, RATE, subtype="FLOAT")
    (folder / "fox").mkdir()
    write_audio(folder / "fox" / "lonely.wav", noise(7), RATE)
    found = problems_of(folder)
    assert found["unreadable", "text.wav"].startswith("expected audio that can be decoded")
    assert found["empty", "nothing.wav"] == "no samples (0 bytes)"
    assert found["empty", "header.wav"] == "no samples"
    assert found["silent", "silent.wav"] == "peak 0"
    assert found["mostly_silent", "mostly.wav"] == "95 % of 9.5 s"
    assert "samples in runs at full scale" in found["clipped", "clipped.wav"]
    assert found["short", "short.wav"] == "10.0 ms, a frame is 32 ms"
    assert found["channels", "stereo.wav"] == "2; read with --channel mix or --channel N"
    assert "cat/0.wav, but label 'dog' instead of 'cat'" in found["duplicate", "copy.flac"]
    assert "finite samples, got nan at sample 4" in found["unreadable", "nan.wav"]
    assert found["single_clip", "lonely.wav"] == "the only clip of 'fox'"
    assert len(found) == 11


def test_channels_are_no_problem_once_they_are_chosen(folder):
    path = folder / "dog" / "stereo.wav"
    soundfile.write(path, np.stack([noise(4), 0 * noise(5)], axis=1), RATE)
    assert problems_of(folder, channel="mix") == {}
    picked = problems_of(folder, channel=1)
    assert picked["silent", "stereo.wav"] == "peak 0"
    assert "expected a channel from 0 to 0, got channel 1" in picked["unreadable", "0.wav"]


def test_a_class_in_one_group_only_is_found(folder):
    rows = [
        f"{label}/{n}.wav,{label},{'x' if label == 'cat' else n}"
        for label in ("cat", "dog")
        for n in range(3)
    ]
    (folder / "manifest.csv").write_text("\n".join(["path,label,group", *rows]), encoding="utf-8")
    assert problems_of(folder) == {("single_group", None): "'cat': all 3 clips are of group 'x'"}


def test_a_single_class_is_found(tmp_path):
    for take in range(2):
        (tmp_path / "cat").mkdir(exist_ok=True)
        write_audio(tmp_path / "cat" / f"{take}.wav", noise(take), RATE)
    assert list(problems_of(tmp_path)) == [("single_class", None)]


def test_parts_of_a_file_are_named_with_their_times(tmp_path):
    sound = np.concatenate([noise(0), np.zeros(RATE // 2, np.float32)])
    write_audio(tmp_path / "a.wav", sound, RATE)
    rows = ["a.wav,x,0,0.25", "a.wav,y,0.25,0.5", "a.wav,x,0.5,1.0", "a.wav,y,0.75,3.0"]
    (tmp_path / "t.csv").write_text("\n".join(["path,label,start,end", *rows]), encoding="utf-8")
    report = inspect_manifest(read_manifest(tmp_path / "t.csv"))
    details = {p.kind: p.detail for p in report.problems if p.path}
    assert details["silent"] == "[0.500-1.000 s] peak 0"
    assert details["unreadable"].startswith("[0.750-3.000 s] expected times within its 1.000 s")


def test_the_report_is_json_and_text(folder):
    write_audio(folder / "dog" / "silent.wav", np.zeros(RATE, np.float32), RATE)
    report = inspect_manifest(read_manifest(folder))
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert plain["problems"][0]["kind"] == "silent" and plain["sample_rates"] == {"8000": 7}
    assert plain["classes"][1]["label"] == "dog"
    lines = report_lines(report)
    assert "7 clips, 2 classes, 0.1 minutes" in lines
    assert lines[-2:] == [
        "  silent (never above -60 dBFS): 1",
        "    dog/silent.wav: peak 0",
    ]


def test_long_lists_are_cut_in_text_only(tmp_path):
    (tmp_path / "a").mkdir()
    for number in range(5):
        (tmp_path / "a" / f"{number}.wav").write_bytes(b"")
    report = inspect_manifest(read_manifest(tmp_path))
    assert len(report.problems) == 6 and report.durations is None
    assert "    and 3 more (JSON lists them all)" in report_lines(report, max_per_kind=2)


def test_progress_counts_to_the_end(folder):
    seen = []
    inspect_manifest(read_manifest(folder), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 6) for n in range(1, 7)]


def test_the_shared_sets_are_inspected_in_seconds(shared_data):
    begin = time.process_time()  # of this process, since others may take the cores
    digits = inspect_manifest(read_manifest(shared_data / "fsdd"))
    assert time.process_time() - begin < 30  # 3000 files; about two seconds without type checks
    assert digits.problems == () and digits.splits == {"test": 300, "train": 2700}
    assert digits.hours * 60 == pytest.approx(21.87, abs=0.01) and digits.num_groups == 6
