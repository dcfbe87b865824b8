"""The feature cache: computed once, whatever is broken, killed or done at the same time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from auricle.data import FeatureCache, default_cache_folder
from auricle.errors import ConfigError, OutputError, ShapeError

FRAMES = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)


def never():
    raise AssertionError("computed although it was cached")


def entries(folder):
    return sorted(folder.glob("*/*.npy"))


def test_an_entry_is_computed_once_and_read_only(tmp_path):
    cache = FeatureCache(tmp_path / "new")
    first = cache.get_or_compute("a key / of any: kind", lambda: FRAMES)
    again = FeatureCache(tmp_path / "new").get_or_compute("a key / of any: kind", never)
    assert np.array_equal(first, FRAMES) and np.array_equal(again, FRAMES)
    assert isinstance(again, np.memmap) and not again.flags.writeable
    assert cache.size_bytes() == entries(tmp_path / "new")[0].stat().st_size >= FRAMES.nbytes


def test_an_array_in_any_order_and_one_without_frames_are_kept(tmp_path):
    cache = FeatureCache(tmp_path)
    for key, array in (("f", np.asfortranarray(FRAMES)), ("empty", FRAMES[:0]), ("t", FRAMES.T)):
        assert np.array_equal(cache.get_or_compute(key, lambda array=array: array), array)
        assert np.array_equal(cache.get_or_compute(key, never), array)


def test_keys_are_kept_apart(tmp_path):
    cache = FeatureCache(tmp_path)
    cache.get_or_compute("a", lambda: FRAMES)
    assert cache.get_or_compute("b", lambda: FRAMES[:1]).shape == (1, 8)


@pytest.mark.parametrize("damage", ["truncate", "half", "flip", "zero", "empty", "pickle"])
def test_a_broken_entry_is_computed_again(tmp_path, damage):
    cache = FeatureCache(tmp_path)
    cache.get_or_compute("a", lambda: FRAMES)
    path = entries(tmp_path)[0]
    data = bytearray(path.read_bytes())
    match damage:
        case "truncate":
            data = data[:-1]
        case "half":
            data = data[: len(data) // 2]
        case "flip":
            data[500] ^= 1
        case "zero":
            data = bytearray(len(data))
        case "empty":
            data = bytearray()
        case "pickle":
            np.save(path, np.array([{}], dtype=object), allow_pickle=True)
            data = bytearray(path.read_bytes())
    path.write_bytes(data)
    computed = []
    found = cache.get_or_compute("a", lambda: computed.append(1) or FRAMES)
    assert computed == [1] and np.array_equal(found, FRAMES)
    assert np.array_equal(cache.get_or_compute("a", never), FRAMES)


@pytest.mark.parametrize("array", [FRAMES.astype(np.float64), FRAMES[0], FRAMES[None]])
def test_what_is_no_frames_is_refused(tmp_path, array):
    with pytest.raises(ShapeError, match=r"features: expected float32 \[frames, features\]"):
        FeatureCache(tmp_path).get_or_compute("a", lambda: array)
    assert entries(tmp_path) == []


def test_an_error_while_computing_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        FeatureCache(tmp_path).get_or_compute("a", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    assert list(tmp_path.rglob("*.npy")) == []


def test_a_full_cache_forgets_what_was_unused_for_longest(tmp_path):
    cache = FeatureCache(tmp_path)
    for key in "abcd":
        cache.get_or_compute(key, lambda: FRAMES)
    for age, path in enumerate(sorted(entries(tmp_path), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, (0, 1000 + age))
    cache.get_or_compute("a", never)  # young again
    size = cache.size_bytes() // 4
    small = FeatureCache(tmp_path, max_bytes=3 * size)
    assert small.trim() == 2 and small.size_bytes() <= 3 * size
    small.get_or_compute("a", never)
    small.get_or_compute("d", never)
    assert FeatureCache(tmp_path, max_bytes=0).trim() == 2


def test_a_cache_stays_within_its_limit_while_it_is_written(tmp_path):
    cache = FeatureCache(tmp_path, max_bytes=5 * FRAMES.nbytes)
    for key in range(20):
        assert np.array_equal(cache.get_or_compute(str(key), lambda: FRAMES), FRAMES)
        assert cache.size_bytes() <= 5 * FRAMES.nbytes
    assert len(entries(tmp_path)) >= 2


def test_clearing_deletes_entries_and_nothing_else(tmp_path):
    cache = FeatureCache(tmp_path)
    cache.get_or_compute("a", lambda: FRAMES)
    own = [tmp_path / "thesis.txt", tmp_path / "ab" / "mine.npy"]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine", encoding="utf-8")
    assert cache.clear() == 1 and cache.size_bytes() == 0
    assert all(path.exists() for path in own)
    assert FeatureCache(tmp_path / "not there").clear() == 0


def test_what_a_killed_process_left_is_swept_up_later(tmp_path):
    cache = FeatureCache(tmp_path)
    cache.get_or_compute("a", lambda: FRAMES)
    path = entries(tmp_path)[0]
    old, new = (path.with_name(f".{path.stem}.{digit * 12}.tmp.npy") for digit in "01")
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (0, time.time() - 7200))
    cache.trim()
    assert not old.exists() and new.exists() and cache.size_bytes() == path.stat().st_size


WORKER = """
import sys
import numpy as np
from pathlib import Path
from auricle.data import FeatureCache
cache = FeatureCache(Path(sys.argv[1]), max_bytes=int(sys.argv[2]) or None)
print("ready", flush=True)
for turn in range(int(sys.argv[3])):
    number = turn % 20
    array = np.full((200, 8), number, np.float32)
    found = cache.get_or_compute(str(number), lambda: array)
    assert np.array_equal(found, array), number
"""


def start(folder, max_bytes, turns):
    source = str(Path(__file__).resolve().parents[2] / "src")
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), str(max_bytes), str(turns)],
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("max_bytes", [0, 40_000])
def test_two_processes_share_a_cache(tmp_path, max_bytes):
    workers = [start(tmp_path, max_bytes, 400) for _ in range(2)]
    for worker in workers:
        worker.communicate(timeout=60)
    assert [worker.returncode for worker in workers] == [0, 0]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL on Windows")
def test_a_cache_survives_a_process_that_is_killed(tmp_path):
    worker = start(tmp_path, 20_000, 10**9)
    worker.stdout.readline()
    time.sleep(0.2)
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=60)
    cache = FeatureCache(tmp_path)
    for number in range(20):
        array = np.full((200, 8), number, np.float32)
        assert np.array_equal(cache.get_or_compute(str(number), lambda array=array: array), array)


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="which is no folder"):
        FeatureCache(tmp_path / "file" / "cache").get_or_compute("a", lambda: FRAMES)


def test_a_negative_limit_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="max_bytes: expected >= 0, got -1"):
        FeatureCache(tmp_path, max_bytes=-1)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/auricle"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "HOME/.cache/auricle"),
        ("linux", {}, "HOME/.cache/auricle"),
        ("darwin", {}, "HOME/Library/Caches/auricle"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/auricle/cache"),
        ("win32", {}, "HOME/AppData/Local/auricle/cache"),
        ("linux", {"AURICLE_CACHE": "/mine"}, "/mine"),
    ],
)
def test_the_default_folder_is_the_platforms(monkeypatch, platform, variables, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "AURICLE_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("HOME"))
    assert default_cache_folder() == Path(expected)
