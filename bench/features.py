"""What features cost beside librosa: ``python -m bench.features [--audio FOLDER]``.

One thread on both sides, in turn, medians of rounds; the error stands beside the speed, and where
it is above 1e-4 of librosa's greatest value no time is printed.

``mfcc_over_librosa``: librosa's time for the MFCC of a clip of 5 s at 16 kHz over ours
(`auricle.dsp.clip_mfcc`), the lesser of librosa's default settings and of 32 ms / 10 ms with 40
filters. ``mfcc_batch_over_librosa``: the same for 32 clips at once; librosa gets the quicker of one
call for all and a loop. ``hop_us``: one hop of 10 ms through the streaming map of MFCC, Python
included, median of rounds of means. ``table_over_librosa``: from FLAC files on disk to a CSV of
mean and deviation of MFCC, `auricle.archive.write_table` with two jobs against a loop of
``librosa.load`` and ``librosa.feature``, on two cores; the loop's libraries may use both. Before
each turn there is a rest: OpenBLAS's second thread, which librosa's products begin, keeps its core
busy for more than 50 ms after the last of them.
Keys that end in ``processor`` are the same by the processor time of the thread, for the table of
all threads: on a machine that others use too, wall time also counts the waiting for a core.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench._table import emit_json, machine_line, print_table, set_threads

if TYPE_CHECKING:
    import numpy as np

_RATE, _SECONDS, _BATCH = 16000, 5, 32
_TOLERANCE = 1e-4
_REST_S = 0.3  # until the threads of the other side let go of their cores
_SETTINGS = (
    {"n_fft": 2048, "hop_length": 512, "n_mels": 128},
    {"n_fft": 512, "hop_length": 160, "n_mels": 40},
)
_CHILD = "--threads-of-the-table"


class Compared(NamedTuple):
    """One way beside the other."""

    what: str
    ours_ms: float
    librosa_ms: float
    processor_ratio: float
    error: float

    @property
    def ratio(self) -> float:
        """How many times librosa's time is ours."""
        return self.librosa_ms / self.ours_ms


def main() -> None:
    """Check, measure, print the tables and the line of JSON."""
    options = _options()
    set_threads(2 if options.threads_of_the_table else 1)
    import torch

    if options.threads_of_the_table:
        torch.set_num_threads(1)  # the jobs share the two cores
        print(json.dumps(_table(options)))
        return
    torch.set_num_threads(1)
    print(machine_line(threads=1), flush=True)
    print(f"Load on its cores before: {_load()}\n", flush=True)
    single = [_compare(settings, clips=1, options=options) for settings in _SETTINGS]
    batch = [_compare(settings, clips=_BATCH, options=options) for settings in _SETTINGS]
    header = ("what", "ours ms", "librosa ms", "librosa / ours", "by processor time", "max error")
    rows = [(c.what, c.ours_ms, c.librosa_ms, c.ratio, *c[3:]) for c in (*single, *batch)]
    print_table(header, rows)
    hop_us, rounds, processor_us = _hop_us(options)
    spread = f"(rounds {min(rounds):.1f} to {max(rounds):.1f}; processor {processor_us:.1f})"
    print(f"\nA hop of 10 ms of MFCC: {hop_us:.1f} us {spread}")
    table = _table_in_own_process(options)
    emit_json(
        {
            "mfcc_over_librosa": round(min(c.ratio for c in single), 2),
            "mfcc_batch_over_librosa": round(min(c.ratio for c in batch), 2),
            "table_over_librosa": table["wall"],
            "hop_us": round(hop_us, 1),
            "mfcc_over_librosa_processor": round(min(c.processor_ratio for c in single), 2),
            "mfcc_batch_over_librosa_processor": round(min(c.processor_ratio for c in batch), 2),
            "table_over_librosa_processor": table["processor"],
            "hop_us_processor": round(processor_us, 1),
            "max_error": max(c.error for c in (*single, *batch)),
        }
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What features cost beside librosa.")
    parser.add_argument("--rounds", type=int, default=15, help="rounds in turn (default 15)")
    parser.add_argument("--audio", type=Path, help="folder of FLAC files; made ones if none")
    parser.add_argument("--files", type=int, default=120, help="files of the table (default 120)")
    parser.add_argument(_CHILD, action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _load() -> str:
    """Processes that wanted a core in the last minute, where the system says so."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _sounds(clips: int, seconds: float) -> "np.ndarray":
    """Harmonic tones that glide, in noise."""
    import numpy as np

    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * _RATE)) / _RATE
    glide = np.cumsum(rng.uniform(100, 300, (clips, 1)) * (1 + 0.2 * np.sin(2 * np.pi * t)), 1)
    phase = 2 * np.pi * glide / _RATE
    tone = sum(np.sin(k * phase) / k for k in range(1, 9))
    sounds: np.ndarray = 0.1 * tone + 0.01 * rng.standard_normal((clips, len(t)))
    return sounds.astype(np.float32)


def _compare(settings: dict[str, int], *, clips: int, options: argparse.Namespace) -> Compared:
    import librosa
    import numpy as np
    import torch

    from auricle.dsp import clip_mfcc

    sounds = _sounds(clips, _SECONDS)
    waveform = torch.from_numpy(sounds)

    def ours() -> "np.ndarray":
        return clip_mfcc(waveform, sample_rate=_RATE, **settings).numpy()

    def together() -> "np.ndarray":
        found: np.ndarray = librosa.feature.mfcc(y=sounds, sr=_RATE, **settings)
        return found

    def loop() -> "np.ndarray":
        return np.stack([librosa.feature.mfcc(y=clip, sr=_RATE, **settings) for clip in sounds])

    reference = together().swapaxes(1, 2)
    error = float(np.abs(ours() - reference).max() / np.abs(reference).max())
    if not error <= _TOLERANCE:
        sys.exit(f"{settings}: {error:.2g} from librosa; no time is printed")
    ways = [ours, together] if clips == 1 else [ours, together, loop]
    calls = 10 if clips == 1 else 1
    times = _in_turn(ways, calls=calls, rounds=options.rounds if clips == 1 else 7)
    what = f"{clips} x {_SECONDS} s, n_fft {settings['n_fft']}, {settings['n_mels']} filters"
    ours_s, best_s = times[0], min(times[1:])
    processor = min(taken.processor_s for taken in times[1:]) / ours_s.processor_s
    return Compared(what, ours_s.wall_s * 1e3, best_s.wall_s * 1e3, processor, error)


class Taken(NamedTuple):
    """Seconds of a call, by the clock on the wall and by processor time."""

    wall_s: float
    processor_s: float


def _in_turn(ways: Sequence[Callable[[], object]], *, calls: int, rounds: int) -> list[Taken]:
    """Medians over rounds of a call's time; a first round warms up."""
    times: list[list[Taken]] = [[] for _ in ways]
    for turn in range(rounds + 1):
        for way, kept in zip(ways, times, strict=True):
            before, started = time.thread_time(), time.perf_counter()
            for _ in range(calls):
                way()
            wall, processor = time.perf_counter() - started, time.thread_time() - before
            if turn:
                kept.append(Taken(wall / calls, processor / calls))
    return [Taken(*map(median, zip(*kept, strict=True))) for kept in times]


def _hop_us(options: argparse.Namespace) -> tuple[float, list[float], float]:
    """The streaming map, hop after hop, checked against one call for all.

    Returns:
        Median round, all rounds, and the median round by processor time; microseconds a hop.
    """
    import torch

    from auricle.features import build_features, features_for

    front_end = build_features(features_for(_RATE, ("mfcc",)))
    hop = front_end.config.hop_length
    waveform = torch.from_numpy(_sounds(1, 4.0))[None]
    hops = list(waveform.split(hop, dim=2))
    rounds, processor = [], []
    with torch.inference_mode():
        whole, _ = front_end(waveform, front_end.initial_state(1))
        for turn in range(options.rounds + 1):
            state, frames = front_end.initial_state(1), []
            before, started = time.thread_time(), time.perf_counter()
            for chunk in hops:
                frame, state = front_end(chunk, state)
                frames.append(frame)
            if turn:
                rounds.append((time.perf_counter() - started) / len(hops) * 1e6)
                processor.append((time.thread_time() - before) / len(hops) * 1e6)
    error = float((torch.cat(frames, dim=1) - whole).abs().max() / whole.abs().max())
    if not error <= 1e-6:
        sys.exit(f"streaming MFCC: {error:.2g} from one call; no time is printed")
    return median(rounds), rounds, median(processor)


def _table_in_own_process(options: argparse.Namespace) -> dict[str, float]:
    """Thread counts are settled when libraries load, so the table has a process of its own."""
    import subprocess

    words = [sys.executable, "-m", "bench.features", _CHILD, "--files", str(options.files)]
    if options.audio is not None:
        words += ["--audio", str(options.audio)]
    done = subprocess.run(words, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(done.stderr)
    lines = done.stdout.strip().splitlines()
    print("\n".join(lines[:-1]), flush=True)
    found: dict[str, float] = json.loads(lines[-1])
    return found


def _table(options: argparse.Namespace) -> dict[str, float]:
    """Prints what was compared; returns the ratios, by the clock and by processor time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = _flac_files(options, folder)
        ours, librosa = _time_tables(paths, folder)
        error = _table_error(folder)
        if not error <= _TOLERANCE:
            sys.exit(f"tables differ by {error:.2g} of the greatest value; no time is printed")
    print(f"\nTable of {len(paths)} FLAC files; error {error:.1e} of the maximum")
    ratios = {}
    for index, kind in enumerate(("wall", "processor")):
        sides = [[taken[index] for taken in side] for side in (ours, librosa)]
        mine, theirs = (median(side) for side in sides)
        ratios[kind] = round(theirs / mine, 2)
        quickest = "{:.3f} and {:.3f} s".format(*map(min, sides))
        print(
            f"{kind} time: ours {mine:.3f} s, librosa loop {theirs:.3f} s, {ratios[kind]:.2f} "
            f"times; quickest rounds {quickest}"
        )
    return ratios


def _flac_files(options: argparse.Namespace, folder: Path) -> list[Path]:
    if options.audio is not None:
        return sorted(options.audio.rglob("*.flac"))[: options.files]
    import soundfile

    paths = []
    for index, clip in enumerate(_sounds(options.files, _SECONDS)):
        paths.append(folder / f"{index:04d}.flac")
        soundfile.write(paths[-1], clip, _RATE)
    return paths


def _time_tables(paths: Sequence[Path], folder: Path) -> tuple[list[Taken], list[Taken]]:
    from auricle.archive import TableConfig, list_recordings, write_table
    from auricle.features import Mfcc

    config = TableConfig(
        sample_rate=_RATE, features=(Mfcc(),), per="file", statistics=("mean", "deviation")
    )

    def ours() -> None:
        recordings = list_recordings(paths)
        write_table(recordings, folder / "ours.csv", config=config, jobs=2)

    times: tuple[list[Taken], list[Taken]] = ([], [])
    for turn in range(6):
        for way, kept in zip((ours, lambda: _librosa_loop(paths, folder)), times, strict=True):
            time.sleep(_REST_S)
            before, started = time.process_time(), time.perf_counter()
            way()
            wall, processor = time.perf_counter() - started, time.process_time() - before
            if turn:
                kept.append(Taken(wall, processor))
    return times


def _librosa_loop(paths: Sequence[Path], folder: Path) -> None:
    """As its documentation would have one write it, on the frames of our causal map."""
    import librosa
    import numpy as np

    cut = {"n_fft": 512, "win_length": 400, "hop_length": 160, "center": False}
    before = 400 - 160 + (512 - 400) // 2
    with (folder / "librosa.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        for path in paths:
            waveform, rate = librosa.load(path, sr=None)
            padded = np.pad(waveform, (before, 512))
            power = librosa.feature.melspectrogram(y=padded, sr=rate, n_mels=40, **cut)
            level = librosa.power_to_db(power[:, : -(-len(waveform) // 160)], top_db=None)
            mfcc = librosa.feature.mfcc(S=level, sr=rate, n_mfcc=20)
            row = np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)])
            table.writerow([path, *row.tolist()])


def _table_error(folder: Path) -> float:
    """Largest difference of a mean or deviation, relative to the greatest."""
    import numpy as np

    with (folder / "ours.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name.startswith("mfcc")]
    ours = np.array([[float(row[name]) for name in names] for row in rows])
    with (folder / "librosa.csv").open(encoding="utf-8", newline="") as file:
        reference = np.array([[float(x) for x in row[1:]] for row in csv.reader(file)])
    if ours.shape != reference.shape:
        sys.exit(f"tables of shapes {ours.shape} and {reference.shape}")
    return float(np.abs(ours - reference).max() / np.abs(reference).max())


if __name__ == "__main__":
    main()
