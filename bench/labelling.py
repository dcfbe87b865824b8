"""How fast ``auricle label`` hears recordings on disk, and how much memory it needs for long ones.

    python -m bench.labelling [--model PATH] [--data ../shared/data] [--hours 2] [--long-hours 8]

Files of 15 minutes, FLAC at 32 kHz, become Raven tables; the time is that of the whole command,
its processes' start included. With ``--data`` the sound is that of the finch's songs, joined, else
noise with tones. Without ``--model`` the detector has the default size and weights that were never
trained: its time and memory are those of a trained one, its labels mean nothing.

JSON keys: ``times_real_time`` (goal >= 100 on two cores), ``hours``, ``jobs``, ``label_s`` and
``cpu_s`` (time of the command and of its processors: where the second is much less than two of the
first, something else had the processors), ``rss_1min_mb`` and
``rss_8h_mb`` (largest resident set of labelling one recording of that length, MB of 10^6 bytes;
goal: equal, within 100), ``label_8h_s`` (time that took, one process, s), ``events_an_hour``.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench._command import auricle_command, environment, run_command, wait_and_watch
from bench._table import emit_json, machine_line, print_table, set_threads

if TYPE_CHECKING:
    import numpy as np

_RATE = 32_000
_FILE_S = 900.0
_BYTES_A_SECOND = 2 * _RATE


def main() -> None:
    """Measure, print the table and the line of JSON."""
    options = _options()
    set_threads(1)  # a process's; there is one for each core
    print(machine_line(threads=1), flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        _check_space(folder, options)
        model = options.model or _write_untrained(folder)
        figures: dict[str, float | int] = {}
        if options.hours:
            figures |= _speed(model, folder, options)
        if options.long_hours:
            figures |= _memory(model, folder, options)
    print_table(("measure", "value"), list(figures.items()))
    emit_json(figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Labelling from disk to Raven tables.")
    parser.add_argument("--model", type=Path, help="a detector; an untrained one if absent")
    parser.add_argument("--data", type=Path, help="the folder that holds the finch's songs")
    parser.add_argument("--folder", type=Path, help="where recordings are written for a while")
    parser.add_argument("--hours", type=float, default=2.0, help="of sound for the speed; 0: none")
    parser.add_argument("--long-hours", type=float, default=8.0, help="of the long one; 0: none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return parser.parse_args()


def _check_space(folder: Path, options: argparse.Namespace) -> None:
    need = 3600 * _BYTES_A_SECOND * max(options.hours, options.long_hours)
    free = shutil.disk_usage(folder).free
    if free < need:
        sys.exit(f"{folder}: expected {need / 1e9:.1f} GB of free space, got {free / 1e9:.1f} GB. "
                 "Free some, name another --folder, or lower the hours.")  # fmt: skip


def _speed(model: Path, folder: Path, options: argparse.Namespace) -> dict[str, float | int]:
    """Times real time of the whole command, over files of 15 minutes."""
    recordings = folder / "recordings"
    recordings.mkdir()
    seconds = 3600 * options.hours
    for at in range(max(1, round(seconds / _FILE_S))):
        _write_flac(recordings / f"r{at:03d}.flac", min(seconds, _FILE_S), options.data, seed=at)
    heard_s = len(list(recordings.iterdir())) * min(seconds, _FILE_S)
    words = ("--jobs", str(options.jobs), "--to", "raven", "--quiet")
    warm = ("label", model, recordings / "r000.flac", "-o", folder / "warm", *words)
    run_command(auricle_command(*warm))  # compiled kernels are cached
    started, before = time.perf_counter(), os.times()
    run_command(auricle_command("label", model, recordings, "-o", folder / "labels", *words))
    elapsed_s, after = time.perf_counter() - started, os.times()
    cpu_s = sum(after[2:4]) - sum(before[2:4])  # of processes that have ended
    events = _check_tables(folder / "labels", recordings)
    shutil.rmtree(recordings)
    return {
        "times_real_time": round(heard_s / elapsed_s, 1),
        "hours": heard_s / 3600,
        "label_s": round(elapsed_s, 1),
        "cpu_s": round(cpu_s, 1),
        "jobs": options.jobs,
        "events_an_hour": round(3600 * events / heard_s),
    }


def _check_tables(labels: Path, recordings: Path) -> int:
    """A table for every recording, each a Raven table; the number of their selections."""
    events = 0
    for recording in recordings.iterdir():
        lines = (labels / f"{recording.stem}.txt").read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("Selection\tView\tChannel\tBegin Time (s)"), lines[0]
        events += len(lines) - 1
    return events


def _memory(model: Path, folder: Path, options: argparse.Namespace) -> dict[str, float | int]:
    """Peak resident set of one process on a minute and on hours."""
    found: dict[str, float | int] = {}
    for name, seconds in (("1min", 60.0), (f"{options.long_hours:g}h", 3600 * options.long_hours)):
        recording = folder / f"{name}.flac"
        _write_flac(recording, seconds, options.data, seed=0)
        command = auricle_command("label", model, recording, "-o", folder / name, "--jobs", "1")
        started = time.perf_counter()
        with tempfile.TemporaryFile() as output:
            peak_bytes, status = wait_and_watch(command, environment(), output)
            output.seek(0)
            said = output.read().decode()
        if status != 0:
            sys.exit(f"{' '.join(command)}\nended with {status}\n{said}")
        found[f"rss_{name}_mb"] = round(peak_bytes / 1e6, 1)
        found[f"label_{name}_s"] = round(time.perf_counter() - started, 1)
        recording.unlink()
    return found


def _write_flac(path: Path, seconds: float, data: Path | None, *, seed: int) -> None:
    """A recording of that length, a part at a time."""
    import soundfile

    left = round(seconds * _RATE)
    with soundfile.SoundFile(path, "w", samplerate=_RATE, channels=1, subtype="PCM_16") as file:
        for part in _sounds(data, seed):
            file.write(part[:left])
            left -= min(left, len(part))
            if left == 0:
                return


def _sounds(data: Path | None, seed: int) -> "Iterator[np.ndarray]":
    """Songs in random order again and again, or noise with a tone now and then."""
    import numpy as np
    import soundfile

    rng = np.random.default_rng(seed)
    if data is not None:
        songs = sorted((data / "birdsong_koumura_bird0").rglob("*.flac"))
        assert songs, f"no songs in {data}"
        while True:
            sound, rate = soundfile.read(songs[int(rng.integers(len(songs)))], dtype="float32")
            assert rate == _RATE
            yield sound
    time_s = np.arange(10 * _RATE) / _RATE
    while True:
        tone = np.sin(2 * np.pi * rng.uniform(1000, 6000) * time_s) * (np.sin(8 * time_s) > 0.3)
        yield (0.1 * tone + 0.01 * rng.standard_normal(len(time_s))).astype(np.float32)


def _write_untrained(folder: Path) -> Path:
    """A detector of the default size, in a process of its own, so that this one stays small."""
    code = (
        "import sys, torch\n"
        "from auricle.features import log_mel_for\n"
        "from auricle.heads import DetectConfig\n"
        "from auricle.models import DetectionConfig, Model, ModelConfig\n"
        "from auricle.streaming import Detector\n"
        "from auricle.training.config import TrainConfig\n"
        "from auricle.training.detection.building import detector_trunk\n"
        "from auricle.training.detection.settings import DetectSettings\n"
        "torch.manual_seed(0)\n"
        "settings = DetectSettings()\n"
        "config = ModelConfig(\n"
        "    classes=tuple('abcdefghij'),\n"
        "    front_end=log_mel_for(32000, hop_ms=settings.hop_ms),\n"
        "    trunk=detector_trunk(TrainConfig()),\n"
        "    head=DetectConfig(lookahead_ms=settings.lookahead_ms),\n"
        "    detection=DetectionConfig(median=9, min_duration_s=0.05),\n"
        ")\n"
        "Detector(Model(config)).save(sys.argv[1])\n"
    )
    path = folder / "untrained.auricle"
    run_command([sys.executable, "-c", code, str(path)])
    return path


if __name__ == "__main__":
    main()
