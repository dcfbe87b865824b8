"""``auricle features``: the command around the tables that `tests/archive` checks."""

import csv
from pathlib import Path

import pytest
import soundfile
from tests.cli.conftest import start, wait
from tests.tiny_set import RATE, tiny_clip

from auricle.archive import work


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def test_a_folder_becomes_a_table_with_a_row_a_file(auricle, tiny_set, tmp_path):
    words = ("features", tiny_set, "-o", tmp_path / "t.csv", "--features", "mfcc, flatness")
    done = auricle(*words, "--statistics", "mean,p90")
    assert done.status == 0 and done.err == ""
    assert "30 rows of 42 numbers from 30 recordings" in done.out
    names = header(tmp_path / "t.csv")
    assert names[:4] == ["path", "duration_s", "source_rate", "mfcc_00_mean"]
    assert names[-1] == "flatness_p90" and len(names) == 45


def test_a_row_a_frame_and_another_hop(auricle, tiny_set, tmp_path):
    words = ("features", tiny_set / "low", "-o", tmp_path / "t.csv", "--per", "frame")
    assert "250 rows of 20 numbers" in auricle(*words, "--hop-ms", "20").out
    assert header(tmp_path / "t.csv")[:3] == ["path", "time_s", "mfcc_00"]


def test_the_rate_is_that_of_most_recordings_and_resampling_is_said(auricle, tmp_path):
    for name, rate in (("a", RATE), ("b", RATE), ("c", 16000)):
        soundfile.write(tmp_path / f"{name}.wav", tiny_clip("low", seed=0, rate=rate), rate)
    done = auricle("features", tmp_path, "-o", tmp_path / "t.csv")
    assert done.status == 0 and "at 8000 Hz" in done.out
    assert "1 of 3 recordings are not at 8000 Hz and will be resampled" in done.err
    done = auricle("features", tmp_path, "-o", tmp_path / "t.csv", "--rate", "16000")
    assert "2 of 3 recordings were resampled to 16000 Hz" in done.err


def test_bad_files_are_reported_and_skipped_and_the_status_is_one(auricle, tiny_set, tmp_path):
    (tmp_path / "empty.wav").write_bytes(b"")
    soundfile.write(tmp_path / "two.wav", tiny_clip("low", seed=0)[:, None].repeat(2, 1), RATE)
    words = ("features", tmp_path, tiny_set / "low", tmp_path / "gone.wav")
    done = auricle(*words, "-o", tmp_path / "t.csv")
    assert done.status == 1 and "Traceback" not in done.err
    for reason in ("0 bytes", "--channel mix", "no such file", "3 of 13 recordings"):
        assert reason in done.err
    assert "10 rows of" in done.out
    done = auricle(*words, "-o", tmp_path / "t.csv", "--channel", "mix")
    assert done.status == 1 and "11 rows of" in done.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--features", "mfccs"), "got mfccs"),
        (("--features", ""), "at least one feature"),
        (("--statistics", "middle"), "statistics: expected"),
        (("--rate", "0"), "sample rate of 100 to 500000 Hz, got 0 Hz"),
        (("--hop-ms", "0"), "hop_ms: expected > 0"),
        (("--jobs", "0"), "jobs: expected >= 1"),
        (("-o", "table.xlsx"), ".csv or .parquet"),
    ],
)
def test_bad_words_are_one_message_before_any_work(auricle, tiny_set, tmp_path, words, reason):
    done = auricle("features", tiny_set / "low", "-o", tmp_path / "t.csv", *words)
    assert done.status == 1 and reason in done.message
    assert not [*tmp_path.iterdir()]


def test_a_folder_without_sound_is_said(auricle, tmp_path):
    done = auricle("features", tmp_path, "-o", tmp_path / "t.csv")
    assert done.status == 1 and "at least one sound file" in done.message


def test_ctrl_c_says_how_to_go_on(auricle, tiny_set, tmp_path, monkeypatch):
    real, count = work.write_rows, []

    def interrupted(*words: object, **more: object) -> None:
        count.append(1)
        if len(count) == 7:
            raise KeyboardInterrupt
        real(*words, **more)

    monkeypatch.setattr(work, "_FILES_A_SHARD", 3)
    monkeypatch.setattr(work, "write_rows", interrupted)
    words = ("features", tiny_set, "-o", tmp_path / "t.csv", "--jobs", "1")  # so that 6 are whole
    stopped = auricle(*words)
    assert stopped.status == 130 and "goes on where it stopped" in stopped.message
    assert (tmp_path / "t.csv.parts").is_dir() and not (tmp_path / "t.csv").exists()
    done = auricle(*words)
    assert done.status == 0 and "Going on: 6 of 30" in done.err and "30 rows" in done.out
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_process_of_its_own_writes_parquet_and_no_bar_where_there_is_no_terminal(
    tiny_set, tmp_path
):
    pytest.importorskip("pyarrow")
    done = wait(start("features", tiny_set, "-o", tmp_path / "t.parquet", "--jobs", "2"))
    assert done.status == 0 and done.err == "" and "30 rows" in done.out
