"""Overlapping events: a detector trained and tested on mixtures over background.

    python -m bench.mixtures [--source synth] [--seed 0] [--threads 2]
    python -m bench.mixtures --source esc10 --data ../shared/data

Ten classes, up to three events at once, each 10 dB above the background in the test.

synth: the synthesiser's ``overlap`` set, made anew with sources of its own for each part
(`bench/_synthetic_mixtures.py`). Its classes differ by rule, so this tells how well overlapping
events are found, not how well sounds of the world are told apart.

esc10: stretches of ESC-10's clips (`bench/_mixtures.py` says what an event is), far harder, with
some 25 clips a class. Fold 5 makes the recordings of the test; of the others, some sources of each
class those that the decoding is tuned on, and the rest those that are trained on, so that no source
that clips were cut from is heard on two sides; which is asserted.

JSON keys: ``source``, ``event_f1`` (onset within 200 ms, offset within 200 ms or half the event's
length, all events alike; goal >= 0.6), ``event_f1_low`` and ``event_f1_high`` (95 % of draws of
recordings), ``psds`` and ``psds2`` (DCASE's two settings, from posteriors at every threshold),
``class_f1``, ``onset_f1`` (the offset not asked for), ``validation_f1`` (event F1 of the recordings
that the decoding was tuned on), ``snr_db``, ``lookahead_ms``, ``train_s``.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench._mixtures import RATE, SECONDS, Mixture, mix, read_parts, shares_at_once
from bench._synthetic_mixtures import write_synthetic_part
from bench._table import emit_json, machine_line, print_table, set_threads

if TYPE_CHECKING:
    from auricle.data.annotations import AnnotatedRecording
    from auricle.streaming import Detector

Recordings = dict[str, tuple["AnnotatedRecording", ...]]
Mixtures = dict[str, list[Mixture]]
COUNTS = {"train": 400, "validation": 90, "test": 90}
TRAIN_SNR_DB = (6.0, 16.0)
LOOKAHEAD_MS, HOP_MS, WINDOW_S = 400.0, 20.0, 5.0


def main() -> None:
    """Mix, train, test, print the tables and the line of JSON."""
    options = _options()
    set_threads(options.threads)
    print(machine_line(threads=options.threads), flush=True)
    with tempfile.TemporaryDirectory() as name:
        write = write_parts if options.source == "esc10" else write_synthetic_parts
        parts, mixtures = write(Path(name), options)
        started = time.perf_counter()
        detector = train(parts, options)
        train_s = time.perf_counter() - started
        tuned = measure(detector, parts["validation"])["event_f1"]
        figures = measure(detector, parts["test"])
    if options.save is not None:
        detector.save(options.save)
    _tell(figures, mixtures["test"])
    emit_json(
        {"source": options.source}
        | figures
        | {
            "validation_f1": tuned,
            "snr_db": options.snr_db,
            "lookahead_ms": LOOKAHEAD_MS,
            "train_s": round(train_s, 1),
        }
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Overlapping events.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--source", choices=("synth", "esc10"), default="synth")
    parser.add_argument("--save", type=Path, help="where to keep the detector; nowhere if absent")
    parser.add_argument("--products", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--snr-db", type=float, default=10.0, help="of events in the test")
    parser.add_argument("--steps", type=int, default=600, help="training steps")
    parser.add_argument("--seed", type=int, default=0, help="of mixtures and training")
    parser.add_argument("--threads", type=int, default=2, help="threads (default 2)")
    return parser.parse_args()


def write_parts(folder: Path, options: argparse.Namespace) -> tuple[Recordings, Mixtures]:
    """Mix and write every part; no source of sound is in two of them."""
    recordings: Recordings = {}
    mixtures: Mixtures = {}
    for at, (part, stretches) in enumerate(read_parts(options.data).items()):
        training, snr_db = part == "train", _snr_db(part, options)
        rngs = [np.random.default_rng([options.seed, at, i]) for i in range(COUNTS[part])]
        mixtures[part] = [mix(stretches, rng, snr_db=snr_db, vary=training) for rng in rngs]
        recordings[part] = tuple(
            _write(one, folder / f"{part}{i}.flac") for i, one in enumerate(mixtures[part])
        )
    sources = [set().union(*(one.sources for one in mixed)) for mixed in mixtures.values()]
    assert len(set.union(*sources)) == sum(map(len, sources)), "a source is on two sides"
    return recordings, mixtures


def write_synthetic_parts(folder: Path, options: argparse.Namespace) -> tuple[Recordings, Mixtures]:
    """Have the synthesiser write every part, each from sources of its own."""
    recordings: Recordings = {}
    mixtures: Mixtures = {}
    for at, (part, scenes) in enumerate(COUNTS.items()):
        recordings[part], mixtures[part] = write_synthetic_part(
            folder / part,
            scenes=scenes,
            snr_db=_snr_db(part, options),
            seed=options.seed,
            part=at,
        )
    return recordings, mixtures


def _snr_db(part: str, options: argparse.Namespace) -> tuple[float, float]:
    return TRAIN_SNR_DB if part == "train" else (options.snr_db, options.snr_db)


def _write(mixture: Mixture, path: Path) -> "AnnotatedRecording":
    from auricle.data.annotations import AnnotatedEvent, AnnotatedRecording
    from auricle.io import write_audio

    write_audio(path, mixture.sound, RATE)
    events = tuple(
        AnnotatedEvent(path=path, onset_s=onset_s, offset_s=offset_s, label=label)
        for onset_s, offset_s, label in mixture.events
    )
    return AnnotatedRecording(path=path, events=events, duration_s=SECONDS, sample_rate=RATE)


def train(
    parts: dict[str, tuple["AnnotatedRecording", ...]], options: argparse.Namespace
) -> "Detector":
    """A detector trained on the training part and tuned on the validation part."""
    from auricle.cli.display import Display
    from auricle.training.config import TrainConfig
    from auricle.training.detection.dividing import RecordingSplit
    from auricle.training.detection.run import fit_detector
    from auricle.training.detection.settings import DetectSettings

    kept_apart = f"Sources of {options.source} kept apart."
    split = RecordingSplit(**parts, kind="group", description=kept_apart)
    labels = sorted({event.label for one in parts["train"] for event in one.events})
    config = TrainConfig(
        seed=options.seed, threads=options.threads, dropout=0.3, products=options.products
    )
    settings = DetectSettings(
        lookahead_ms=LOOKAHEAD_MS,
        hop_ms=HOP_MS,
        window_s=WINDOW_S,
        steps=options.steps,
        balance="classes",
    )
    with Display(quiet=False) as display:
        return fit_detector(split, labels, config, settings, reporter=display).detector


def measure(detector: "Detector", recordings: Sequence["AnnotatedRecording"]) -> dict[str, object]:
    """Every figure, on recordings that were held out."""
    from auricle.evaluation.detection import timed_events, true_events
    from auricle.metrics import (
        DCASE_PSDS1,
        DCASE_PSDS2,
        SED_EVAL,
        EventCollars,
        ScoreCurves,
        count_events,
        psds,
    )

    truths = [true_events(one) for one in recordings]
    answers, curves, durations_s = [], [], []
    for one in recordings:
        found, probs = detector.detect_probs(one.path)
        answers.append(timed_events(found.events))
        edges_s = np.arange(len(probs.probs) + 1) * detector.hop_s
        curves.append(ScoreCurves(edges_s=edges_s, scores=probs.probs.astype(float)))
        durations_s.append(found.duration_s)
    labels = detector.classes
    counts = count_events(truths, answers, collars=SED_EVAL, labels=labels)
    onsets = count_events(truths, answers, collars=EventCollars(offset_s=None), labels=labels)
    low, high = counts.interval("f1")
    areas = [
        psds(curves, truths, durations_s=durations_s, labels=labels, settings=settings).psds
        for settings in (DCASE_PSDS1, DCASE_PSDS2)
    ]
    return {
        "event_f1": round(counts.micro().f1, 4),
        "event_f1_low": round(low, 4),
        "event_f1_high": round(high, 4),
        "precision": round(counts.micro().precision, 4),
        "recall": round(counts.micro().recall, 4),
        "onset_f1": round(onsets.micro().f1, 4),
        "psds": round(areas[0], 4),
        "psds2": round(areas[1], 4),
        "class_f1": {name: round(score.f1, 4) for name, score in counts.per_class().items()},
    }


def _tell(figures: dict[str, object], mixtures: Sequence[Mixture]) -> None:
    events = sum(len(one.events) for one in mixtures)
    shares = ", ".join(f"{n}: {100 * x:.0f} %" for n, x in enumerate(shares_at_once(mixtures)))
    print(f"\n{len(mixtures)} recordings of {SECONDS:g} s, {events} events; at once {shares}\n")
    per_class = figures["class_f1"]
    assert isinstance(per_class, dict)
    print_table(("class", "event F1"), sorted(per_class.items()))
    rows = [(k, v) for k, v in figures.items() if isinstance(v, float)]
    print()
    print_table(("measure", "value"), rows)
    print()


if __name__ == "__main__":
    main()
