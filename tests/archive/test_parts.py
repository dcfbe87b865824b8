"""What a table keeps in memory and what it keeps on the disk."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.tiny_set import RATE, tiny_clip

from auricle.archive import (
    TableConfig,
    list_recordings,
    part_writer,
    rows,
    shelf,
    work,
    write_table,
)
from auricle.archive.part_writer import PartWriter
from auricle.archive.parts import Entry, check_parts, read_parts
from auricle.archive.recordings import Recording
from auricle.archive.shelf import Shelf
from auricle.archive.table import parts_folder
from auricle.errors import OutputError

CONFIG = TableConfig(sample_rate=RATE, features=("mfcc",), per="frame")


def recording(at: int) -> Recording:
    return Recording(path=Path(f"{at}.wav"), size=at, changed_ns=at)


def numbers(at: int, rows: int = 3) -> np.ndarray:
    return np.full((rows, 2), at, dtype=np.float32)


def entry(at: int) -> Entry:
    return Entry(
        recording=recording(at),
        numbers=numbers(at),
        first=0,
        rows=3,
        columns=2,
        duration_s=1.0,
        source_rate=RATE,
    )


def test_a_quick_table_leaves_the_disk_alone_until_it_is_written(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", tiny_clip("hiss", seed=1), RATE)
    monkeypatch.setattr(shelf, "write_part", lambda *_: pytest.fail("a part was written"))
    monkeypatch.setattr(shelf, "_KEEP_S", 60.0)
    write_table(list_recordings([tmp_path]), tmp_path / "t.csv", config=CONFIG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "t.csv"]


def test_a_shelf_holds_no_more_than_a_second_of_work(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(shelf.time, "monotonic", lambda: now[0])
    kept = Shelf(tmp_path, settings=CONFIG)
    for at, later_s in enumerate((0.4, 0.4, 0.4, 0.4)):
        now[0] += later_s
        kept.put([entry(at)])
    on_disk = read_parts(tmp_path, columns=2)
    assert list(on_disk) == [recording(at) for at in range(3)]
    assert list(kept.held) == [recording(3)]
    check_parts(tmp_path, CONFIG)  # the settings stand beside them
    for at in range(3):
        (block,) = on_disk[recording(at)].read()
        assert np.array_equal(block, numbers(at))


def test_a_shelf_holds_no_more_than_its_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(shelf, "_KEEP_BYTES", 40)
    kept = Shelf(tmp_path, settings=CONFIG)
    kept.put([entry(0)])
    assert list(kept.held) == [recording(0)]
    kept.put([entry(1)])
    assert not kept.held and len(read_parts(tmp_path, columns=2)) == 2


@pytest.mark.parametrize("held_bytes", [0, 40, 10_000])
def test_a_writer_gives_back_every_row_wherever_it_kept_it(tmp_path, monkeypatch, held_bytes):
    monkeypatch.setattr(part_writer, "_HELD_BYTES", held_bytes)
    writer = PartWriter(tmp_path, columns=2, settings=CONFIG)
    for at in range(6):
        for part in np.split(numbers(at, rows=4), [1, 3]):
            writer.add(part)
        if at % 3 == 1:
            writer.failed()
        else:
            writer.done(recording(at), duration_s=1.0, source_rate=RATE)
    entries = writer.close()
    writer.discard()
    assert [one.recording for one in entries] == [recording(at) for at in (0, 2, 3, 5)]
    for one, at in zip(entries, (0, 2, 3, 5), strict=True):
        assert np.array_equal(np.concatenate(list(one.read())), numbers(at, rows=4))
    assert len(read_parts(tmp_path, columns=2)) == (4 if held_bytes < 10_000 else 0)


def test_a_writer_that_was_spilled_and_killed_can_be_gone_on_from(tmp_path, monkeypatch):
    monkeypatch.setattr(part_writer, "_HELD_BYTES", 0)
    writer = PartWriter(tmp_path, columns=2, settings=CONFIG)
    writer.add(numbers(0))  # and no close
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix] == [".f32"]
    check_parts(tmp_path, CONFIG)
    with pytest.raises(OutputError, match="other settings"):
        check_parts(tmp_path, TableConfig(sample_rate=RATE))
    writer.discard()


def test_a_table_whose_rows_were_spilled_is_the_same(tmp_path, monkeypatch):
    for at in range(3):
        soundfile.write(tmp_path / f"{at}.wav", tiny_clip("hiss", seed=at), RATE, subtype="FLOAT")
    recordings = list_recordings([tmp_path])
    write_table(recordings, tmp_path / "a.csv", config=CONFIG)
    monkeypatch.setattr(part_writer, "_HELD_BYTES", 1000)
    monkeypatch.setattr(rows, "_BLOCK_S", 0.1)
    write_table(recordings, tmp_path / "b.csv", config=CONFIG)
    one, other = (np.loadtxt(tmp_path / name, delimiter=",", skiprows=1, usecols=range(1, 22))
                  for name in ("a.csv", "b.csv"))  # fmt: skip
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_what_waits_for_the_disk_is_written_when_a_run_is_stopped(tmp_path, monkeypatch):
    for at in range(4):
        soundfile.write(tmp_path / f"{at}.wav", tiny_clip("hiss", seed=at), RATE)
    monkeypatch.setattr(work, "_FILES_A_SHARD", 1)
    monkeypatch.setattr(shelf, "_KEEP_S", 60.0)
    real = work.write_rows

    def write_rows(recording, *words, **more):
        if recording.path.name == "2.wav":
            raise KeyboardInterrupt
        real(recording, *words, **more)

    monkeypatch.setattr(work, "write_rows", write_rows)
    with pytest.raises(KeyboardInterrupt):
        write_table(list_recordings([tmp_path]), tmp_path / "t.csv", config=CONFIG)
    (index,) = parts_folder(tmp_path / "t.csv").glob("*.json")
    files = json.loads(index.read_text(encoding="utf-8"))["files"]
    assert [Path(one["path"]).name for one in files] == ["0.wav", "1.wav"]
