"""Tables of features: the numbers in them, and what a kill or a bad file does to them."""

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tests.tiny_set import RATE, tiny_clip

import auricle as auricle_package
from auricle.archive import TableConfig, list_recordings, parts, rows, shelf, work, write_table
from auricle.archive.front_end import columns_of, open_front_end
from auricle.archive.lock import hold
from auricle.archive.table import parts_folder
from auricle.errors import AudioError, ConfigError, MissingExtraError, OutputError
from auricle.features import Chroma, Mfcc, build_features, clip_features, features_for

CONFIG = TableConfig(sample_rate=RATE, features=("mfcc", "delta_mfcc", "flatness"))
FRAMES = replace(CONFIG, per="frame")


@pytest.fixture
def folder(tmp_path) -> Path:
    """Nine clips of other lengths, one of them in a folder within."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for at in range(9):
        name = "deep/8.wav" if at == 8 else f"{at}.wav"
        clip = tiny_clip("hiss", seed=at, duration_s=0.3 + 0.0371 * at)
        soundfile.write(tmp_path / "in" / name, clip, RATE, subtype="FLOAT")
    return tmp_path / "in"


def read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def numbers(rows: list[dict[str, str]], columns: tuple[str, ...]) -> np.ndarray:
    return np.array([[float(row[name]) for name in columns] for row in rows], dtype=np.float32)


def frames_of(path: Path) -> np.ndarray:
    """All frames in one call."""
    front_end = open_front_end(CONFIG)
    waveform = torch.from_numpy(soundfile.read(path, dtype="float32")[0])[None, None]
    return clip_features(front_end.map, waveform)[0].numpy()


def test_a_row_a_frame_holds_the_frames_of_every_file_in_order(folder, tmp_path):
    result = write_table(list_recordings([folder]), tmp_path / "t.csv", config=FRAMES)
    names, rows = read(tmp_path / "t.csv")
    assert tuple(names) == ("path", "time_s", *result.columns)
    paths = list(dict.fromkeys(row["path"] for row in rows))
    assert paths == [str(p) for p in sorted(folder.rglob("*.wav"))] and result.files == 9
    assert result.rows == len(rows)
    for path in paths:
        mine = [row for row in rows if row["path"] == path]
        wanted = frames_of(Path(path))
        np.testing.assert_allclose(numbers(mine, result.columns), wanted, rtol=1e-6, atol=1e-6)
        times = [float(row["time_s"]) for row in mine]
        np.testing.assert_allclose(times, 0.01 * np.arange(1, len(wanted) + 1), atol=1e-6)


def test_a_row_a_file_holds_statistics_of_its_frames(folder, tmp_path):
    names = ("mean", "deviation", "min", "max", "slope", "p10", "p50", "p97")
    config = replace(CONFIG, statistics=names)
    result = write_table(list_recordings([folder]), tmp_path / "t.csv", config=config)
    rows = read(tmp_path / "t.csv")[1]
    assert len(rows) == 9 and len(result.columns) == 8 * 41
    for row in rows:
        frames = frames_of(Path(row["path"])).astype(np.float64)
        seconds = np.arange(len(frames)) * 0.01
        wanted = {
            "mean": frames.mean(axis=0),
            "deviation": frames.std(axis=0),
            "min": frames.min(axis=0),
            "max": frames.max(axis=0),
            "slope": np.polyfit(seconds, frames, 1)[0],
            "p10": np.quantile(frames, 0.1, axis=0),
            "p50": np.median(frames, axis=0),
            "p97": np.quantile(frames, 0.97, axis=0),
        }
        for over, values in wanted.items():
            mine = numbers([row], tuple(n for n in result.columns if n.endswith(f"_{over}")))[0]
            np.testing.assert_allclose(mine, values, rtol=2e-5, atol=2e-5, err_msg=over)
        info = soundfile.info(row["path"])
        assert float(row["duration_s"]) == pytest.approx(info.duration, abs=1e-6)
        assert row["source_rate"] == str(RATE)


def test_a_recording_too_long_for_memory_has_the_same_row(folder, tmp_path, monkeypatch):
    recordings = list_recordings([folder])
    write_table(recordings, tmp_path / "a.csv", config=CONFIG)
    monkeypatch.setattr(rows, "_HELD_BYTES", 0)
    monkeypatch.setattr(rows, "_FRAMES_AT_ONCE", 7)
    monkeypatch.setattr(rows, "_NUMBERS_AT_ONCE", 100)
    monkeypatch.setattr("auricle.archive.rows._BLOCK_S", 0.123)
    write_table(recordings, tmp_path / "b.csv", config=CONFIG)
    one, other = read(tmp_path / "a.csv")[1], read(tmp_path / "b.csv")[1]
    columns = columns_of(CONFIG)
    np.testing.assert_allclose(numbers(one, columns), numbers(other, columns), rtol=1e-5, atol=1e-5)


def test_parquet_holds_the_numbers_of_csv(folder, tmp_path, monkeypatch):
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("auricle.archive.parquet_table._GROUP_BYTES", 20_000)
    for config in (CONFIG, FRAMES):
        for name in ("t.csv", "t.parquet"):
            write_table(list_recordings([folder]), tmp_path / name, config=config)
        names, rows = read(tmp_path / "t.csv")
        table = parquet.read_table(tmp_path / "t.parquet")
        assert table.column_names == names
        assert table.column("path").to_pylist() == [row["path"] for row in rows]
        for name in names[1:]:
            mine = np.array([float(row[name]) for row in rows])
            np.testing.assert_allclose(table.column(name).to_numpy(), mine, rtol=1e-6, atol=1e-6)
        assert b'"sample_rate": 8000' in table.schema.metadata[b"auricle"]


def test_feature_table_takes_names_and_values_at_the_common_rate(folder, tmp_path):
    notes = []
    soundfile.write(folder / "9.wav", tiny_clip("low", seed=9, rate=16000), 16000)
    result = auricle_package.feature_table(
        [str(folder)],
        str(tmp_path / "t.csv"),
        features=(Mfcc(convention="kaldi"), "chroma"),
        statistics=("mean",),
        note=notes.append,
    )
    assert result.sample_rate == RATE and result.files == 10 and result.resampled == 1
    assert len(result.columns) == 13 + 12 and "1 of 10 recordings" in notes[0]
    frames = clip_features(
        build_features(features_for(RATE, Mfcc(convention="kaldi") + Chroma(), aligned=True)),
        torch.from_numpy(soundfile.read(folder / "4.wav", dtype="float32")[0])[None, None],
    )
    row = numbers(read(tmp_path / "t.csv")[1], result.columns)[4]
    np.testing.assert_allclose(row, frames[0].mean(dim=0).numpy(), rtol=1e-4, atol=1e-4)


def test_parquet_without_pyarrow_says_how_to_install_it(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'auricle\[parquet\]'"):
        write_table(list_recordings([folder]), tmp_path / "t.parquet", config=CONFIG)
    assert not parts_folder(tmp_path / "t.parquet").exists()


def test_several_processes_write_the_table_of_one(folder, tmp_path, monkeypatch):
    recordings = list_recordings([folder])
    write_table(recordings, tmp_path / "one.csv", config=CONFIG)
    monkeypatch.setattr(work, "_FILES_A_SHARD", 2)
    monkeypatch.setattr(work, "_worth_more", lambda _: True)
    told = []
    write_table(
        recordings,
        tmp_path / "two.csv",
        config=CONFIG,
        jobs=3,
        progress=lambda done, total: told.append((done, total)),
    )
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    size = sum(recording.size for recording in recordings)
    assert told[-1] == (size, size) and len(told) > 5 and told == sorted(told)


def test_several_threads_write_the_table_of_one(folder, tmp_path, monkeypatch):
    recordings = list_recordings([folder])
    write_table(recordings, tmp_path / "one.csv", config=FRAMES)
    monkeypatch.setattr(work, "_FILES_A_SHARD", 1)
    threads, real = torch.get_num_threads(), work.make_part
    seen = set()

    def make_part(*words, **more):
        seen.add(threading.current_thread().name)
        return real(*words, **more)

    monkeypatch.setattr(work, "make_part", make_part)
    write_table(recordings, tmp_path / "two.csv", config=FRAMES, jobs=3)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert threading.main_thread().name not in seen and torch.get_num_threads() == threads


def test_an_error_of_the_disk_stops_all_threads(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_FILES_A_SHARD", 1)
    begun, real = [], work.write_rows

    def write_rows(recording, *words, **more):
        begun.append(recording)
        if len(begun) == 3:
            raise OutputError("disk: full")
        real(recording, *words, **more)

    monkeypatch.setattr(work, "write_rows", write_rows)
    with pytest.raises(OutputError, match="disk: full"):
        write_table(list_recordings([folder]), tmp_path / "t.csv", config=FRAMES, jobs=2)
    done = parts.read_parts(parts_folder(tmp_path / "t.csv"), columns=len(columns_of(FRAMES)))
    assert len(begun) - 1 >= len(done) >= 1 and not (tmp_path / "t.csv").exists()


def test_a_bad_file_is_left_out_and_named(folder, tmp_path):
    (folder / "3.wav").write_bytes(b"RIFF, they said")
    soundfile.write(folder / "4.wav", np.zeros((100, 2)), RATE)
    whole = (folder / "5.wav").read_bytes()
    (folder / "5.wav").write_bytes(whole[: len(whole) // 2])
    result = write_table(list_recordings([folder]), tmp_path / "t.csv", config=FRAMES)
    assert [one.path.name for one in result.skipped] == ["3.wav", "4.wav", "5.wav"]
    assert "--channel mix" in result.skipped[1].reason
    rows = read(tmp_path / "t.csv")[1]
    assert {Path(row["path"]).stem for row in rows} == set("012678")
    kept = [row for row in rows if row["path"].endswith("6.wav")]
    np.testing.assert_allclose(
        numbers(kept, result.columns), frames_of(folder / "6.wav"), rtol=1e-6, atol=1e-6
    )


def test_a_recording_that_breaks_in_its_middle_leaves_no_row(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("auricle.archive.rows._BLOCK_S", 0.1)
    waveform, _ = soundfile.read(folder / "2.wav", dtype="float32")
    waveform[-5] = np.nan
    soundfile.write(folder / "2.wav", waveform, RATE, subtype="FLOAT")
    result = write_table(list_recordings([folder]), tmp_path / "t.csv", config=FRAMES)
    assert [one.path.name for one in result.skipped] == ["2.wav"] and result.files == 8
    rows = read(tmp_path / "t.csv")[1]
    assert len(rows) == sum(len(frames_of(p)) for p in folder.rglob("*.wav") if p.stem != "2")


def test_no_file_that_can_be_read_is_an_error_and_no_table(folder, tmp_path):
    for path in folder.rglob("*.wav"):
        path.write_bytes(b"")
    with pytest.raises(AudioError, match=r"recordings: expected at least one .*0 bytes"):
        write_table(list_recordings([folder]), tmp_path / "t.csv", config=CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_another_rate_is_resampled_and_counted(folder, tmp_path):
    clip = tiny_clip("low", seed=0, duration_s=0.5, rate=44100)
    soundfile.write(folder / "0.wav", clip, 44100)
    result = write_table(list_recordings([folder]), tmp_path / "t.csv", config=CONFIG)
    row = read(tmp_path / "t.csv")[1][0]
    assert result.resampled == 1 and row["source_rate"] == "44100"
    assert float(row["duration_s"]) == pytest.approx(0.5, abs=1e-3)


def test_a_file_named_twice_is_in_the_table_once(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    found = list_recordings([Path("1.wav"), folder, Path("deep"), Path("./1.wav")])
    assert len(found) == 9 and found[0].path == Path("1.wav")


@pytest.fixture
def at_once(monkeypatch):
    """What is done goes to the disk at once."""
    monkeypatch.setattr(shelf, "_KEEP_S", 0.0)


class Stop(Exception):
    """Somebody pulled the plug."""


def stop_after(monkeypatch, files: int) -> list[str]:
    """Fail when so many files were done; returns the names of those that were begun."""
    begun, real = [], work.write_rows

    def write_rows(recording, *words, **more):
        if len(begun) == files:
            raise Stop
        begun.append(recording.path.name)
        real(recording, *words, **more)

    monkeypatch.setattr(work, "write_rows", write_rows)
    return begun


def test_a_run_that_was_stopped_goes_on_and_repeats_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_FILES_A_SHARD", 2)
    recordings = list_recordings([folder])
    write_table(recordings, tmp_path / "whole.csv", config=FRAMES)
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        with pytest.raises(Stop):
            write_table(recordings, tmp_path / "t.csv", config=FRAMES)
    assert not (tmp_path / "t.csv").exists()
    begun, notes = stop_after(monkeypatch, 100), []
    write_table(recordings, tmp_path / "t.csv", config=FRAMES, note=notes.append)
    assert begun == ["4.wav", "5.wav", "6.wav", "7.wav", "8.wav"]
    assert notes == ["Going on: 4 of 9 recordings are done already."]
    assert (tmp_path / "t.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not parts_folder(tmp_path / "t.csv").exists()


def half_done(folder, output, monkeypatch) -> Path:
    """A run that was stopped after two parts of two files; returns its parts."""
    monkeypatch.setattr(work, "_FILES_A_SHARD", 2)
    with monkeypatch.context() as patch:
        stop_after(patch, 4)
        with pytest.raises(Stop):
            write_table(list_recordings([folder]), output, config=CONFIG)
    return parts_folder(output)


def test_parts_that_are_not_whole_and_files_that_changed_are_done_again(
    folder, tmp_path, monkeypatch, at_once
):
    found = half_done(folder, tmp_path / "t.csv", monkeypatch)
    index = sorted(found.glob("*.json"))
    cut = next(path for path in index if "0.wav" in path.read_text(encoding="utf-8"))
    data = cut.with_suffix(".f32")
    data.write_bytes(data.read_bytes()[:-4])
    (found / "0123.f32").write_bytes(b"left over")
    clip = tiny_clip("low", seed=5, duration_s=0.5)
    soundfile.write(folder / "2.wav", clip, RATE, subtype="FLOAT")
    begun = stop_after(monkeypatch, 100)
    write_table(list_recordings([folder]), tmp_path / "t.csv", config=CONFIG)
    assert begun == [f"{at}.wav" for at in (0, 1, 2, 4, 5, 6, 7, 8)]
    write_table(list_recordings([folder]), tmp_path / "new.csv", config=CONFIG)
    assert (tmp_path / "t.csv").read_bytes() == (tmp_path / "new.csv").read_bytes()


def test_parts_that_vanish_while_the_table_is_made_are_an_error(
    folder, tmp_path, monkeypatch, at_once
):
    monkeypatch.setattr(work, "_FILES_A_SHARD", 2)
    real = work.write_rows

    def write_rows(recording, *words, **more):
        if recording.path.name == "5.wav":
            for path in parts_folder(tmp_path / "t.csv").glob("*.json"):
                path.unlink()
        real(recording, *words, **more)

    monkeypatch.setattr(work, "write_rows", write_rows)
    with pytest.raises(OutputError, match="expected every part"):
        write_table(list_recordings([folder]), tmp_path / "t.csv", config=CONFIG)
    assert not (tmp_path / "t.csv").exists()


def test_parts_of_other_settings_are_refused_and_kept(folder, tmp_path, monkeypatch):
    found = half_done(folder, tmp_path / "t.csv", monkeypatch)
    before = sorted(found.iterdir())
    with pytest.raises(OutputError, match="other settings"):
        write_table(list_recordings([folder]), tmp_path / "t.csv", config=FRAMES)
    assert sorted(found.iterdir()) == before


def test_a_folder_of_somebody_else_is_left_alone(folder, tmp_path):
    found = parts_folder(tmp_path / "t.csv")
    found.mkdir()
    (found / "thesis.json").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="something else"):
        write_table(list_recordings([folder]), tmp_path / "t.csv", config=CONFIG)
    assert (found / "thesis.json").read_text(encoding="utf-8") == "mine"


def test_two_runs_cannot_write_one_table_at_a_time(folder, tmp_path):
    found = parts_folder(tmp_path / "t.csv")
    found.mkdir()
    with hold(found), pytest.raises(OutputError, match="one run at a time"):
        write_table(list_recordings([folder]), tmp_path / "t.csv", config=CONFIG)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_kill_minus_nine_loses_no_file_and_repeats_none(folder, tmp_path, monkeypatch):
    recordings = list_recordings([folder])
    write_table(recordings, tmp_path / "whole.csv", config=CONFIG)
    code = (
        "import sys, time; from pathlib import Path; from auricle.archive import *\n"
        "from auricle.archive import shelf, work\n"
        "work._FILES_A_SHARD, shelf._KEEP_S, real = 1, 0.0, work.write_rows\n"
        "def slow(*a, **k): real(*a, **k); time.sleep(0.05)\n"
        "work.write_rows = slow\n"
        f"write_table(list_recordings([Path(sys.argv[1])]), Path(sys.argv[2]), config={CONFIG!r})"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(auricle_package.__file__).parents[1])}
    words = [sys.executable, "-c", code, str(folder), str(tmp_path / "t.csv")]
    process = subprocess.Popen(words, env=environment)
    found, deadline = parts_folder(tmp_path / "t.csv"), time.monotonic() + 60
    while len([*found.glob("[!.]*.json")]) < 3:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    begun = stop_after(monkeypatch, 100)
    write_table(recordings, tmp_path / "t.csv", config=CONFIG)
    assert 1 <= len(begun) <= 6 and len(set(begun)) == len(begun)
    assert (tmp_path / "t.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"statistics": ()}, "statistics: expected"),
        ({"statistics": ("mean", "mean")}, "different names"),
        ({"statistics": ("median",)}, "median"),
        ({"statistics": ("p101",)}, "p101"),
        ({"hop_ms": 0.0}, "hop_ms: expected > 0"),
        ({"sample_rate": 10}, "sample_rate"),
    ],
)
def test_settings_that_break_their_rule_are_refused(words, match):
    with pytest.raises((ConfigError, AudioError), match=match):
        replace(CONFIG, **words)


def test_a_table_is_csv_or_parquet(folder, tmp_path):
    with pytest.raises(ConfigError, match=r"ends in \.csv or \.parquet"):
        write_table(list_recordings([folder]), tmp_path / "t.xlsx", config=CONFIG)


def test_a_folder_without_sound_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="at least one sound file"):
        list_recordings([tmp_path])


def test_shards_keep_order_and_hold_every_recording(folder, monkeypatch):
    recordings = list_recordings([folder])
    monkeypatch.setattr(work, "_BYTES_A_SHARD", recordings[0].size * 2)
    shards = list(work.plan_shards(recordings))
    assert tuple(one for shard in shards for one in shard) == recordings
    assert len(shards) > 4 and all(shards)
    assert parts.read_parts(folder, columns=3) == {}
