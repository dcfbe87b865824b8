"""The promise measured: ``python -m bench.identity [--model PATH] [--data ../shared/data]``.

One push of the whole sound against pushes of 1, 7, 160, 1000 and 65536 samples and random cuts, at
the model's own rate, over 1 minute and over 1 hour: recordings of spoken digits with silence and
noise between them where ``--data`` holds them, else made sounds. ``max_abs_diff`` is the largest
difference of any posterior at any time step; ``events_equal`` says whether the same events came
at the same times. ``--task detect`` does the same for a detector of events on a finch's songs.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench._table import emit_json, machine_line, print_table, set_threads

if TYPE_CHECKING:
    import numpy as np

    from auricle.models import Model
    from auricle.streaming import Listener

    Waveform = np.ndarray

_THREADS = 1
Row = tuple[float, str, float, bool, int, float]


def main() -> None:
    """Run, print the table and the line of JSON."""
    options = _options()
    set_threads(_THREADS)
    import torch

    torch.set_num_threads(_THREADS)
    print(machine_line(threads=_THREADS) + "\n", flush=True)
    rows, largest, equal = [], 0.0, True
    for row in _rows(options):
        rows.append(row)
        largest, equal = max(largest, row[2]), equal and row[3]
        told = f"{row[0]:g} s, pushes of {row[1]}: {row[2]:.3g}, events equal: {row[3]}"
        print(told, file=sys.stderr, flush=True)
    header = ("sound s", "samples a push", "max abs diff", "events equal", "events", "wall s")
    print_table(header, rows)
    emit_json({"max_abs_diff": largest, "events_equal": equal, "seconds": options.seconds})


def _rows(options: argparse.Namespace) -> Iterator[Row]:
    if options.task == "detect":
        from bench._detect_identity import compare_detector

        yield from compare_detector(options.model, options.data, options.seconds)
        return
    listener = _listener(options.model, options.data)
    for seconds in (60.0, options.seconds):
        yield from _compare(listener.model, _sound(listener.sample_rate, seconds, options.data))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One call against many.")
    parser.add_argument("--task", choices=["classify", "detect"], default="classify")
    parser.add_argument("--model", type=Path, help="a model file; a small one is trained if none")
    parser.add_argument("--data", type=Path, help="folder that holds fsdd; made sounds if none")
    parser.add_argument("--seconds", type=float, default=3600.0, help="length of the long sound")
    return parser.parse_args()


def _compare(model: "Model", waveform: "Waveform") -> Iterator[Row]:
    from auricle.streaming.identity import PUSHES, difference, listen, same_events

    seconds = len(waveform) / model.config.front_end.sample_rate
    whole, events = listen(model, waveform, push=len(waveform))
    for length in (*PUSHES, 0):
        started = time.perf_counter()
        scores, heard = listen(model, waveform, push=length)
        wall_s = time.perf_counter() - started
        name, same = str(length or "random"), same_events(events, heard)
        yield seconds, name, difference(whole, scores), same, len(events), wall_s


def _listener(path: Path | None, data: Path | None) -> "Listener":
    """The model of that file, or a small one that is trained for a few epochs now."""
    import auricle
    from auricle.streaming import load_listener

    if path is not None:
        return load_listener(path)
    from auricle.synth import write_demo_set
    from auricle.training.run import fit_split

    config = auricle.TrainConfig(preset="tiny", epochs=3, threads=_THREADS)
    with tempfile.TemporaryDirectory() as folder:
        source = _digits(data) or write_demo_set(Path(folder) / "demo", clips_per_class=20)
        split = auricle.split_manifest(auricle.read_manifest(source))
        print(f"No --model: training a tiny one on {len(split.train)} clips.", file=sys.stderr)
        return fit_split(split, config).listener


def _digits(data: Path | None) -> Path | None:
    folder = None if data is None else data / "fsdd"
    return folder if folder is not None and folder.is_dir() else None


def _sound(sample_rate: int, seconds: float, data: Path | None) -> "Waveform":
    """Sounds, silence and noise of random level and length, one after the other."""
    import numpy as np

    rng = np.random.default_rng(0)
    pieces, wanted = [], round(seconds * sample_rate)
    sounds = _recordings(sample_rate, _digits(data), rng)
    while wanted > 0:
        pause = np.zeros(int(rng.integers(0, sample_rate)), dtype=np.float32)
        noise = rng.standard_normal(int(rng.integers(0, sample_rate)), dtype=np.float32)
        pieces += [next(sounds), pause, noise * np.float32(10 ** rng.uniform(-4, -1))]
        wanted -= sum(map(len, pieces[-3:]))
    return np.concatenate(pieces)[: round(seconds * sample_rate)]


def _recordings(
    sample_rate: int, digits: Path | None, rng: "np.random.Generator"
) -> "Iterator[Waveform]":
    import auricle
    from auricle.synth import SOUND_KINDS, synth_clip

    clips = auricle.read_manifest(digits).clips if digits is not None else ()
    while True:
        if clips:
            yield clips[int(rng.integers(len(clips)))].load(sample_rate=sample_rate)[0]
        else:
            kind = SOUND_KINDS[int(rng.integers(len(SOUND_KINDS)))]
            yield synth_clip(kind, rng=rng, sample_rate=sample_rate, duration_s=1.0)


if __name__ == "__main__":
    main()
