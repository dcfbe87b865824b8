"""One finch's syllables, hop by hop: ``python -m bench.birdsong --data ../shared/data``.

Trains the detector of ``auricle train --annotations``, with its default settings, on the training
songs of TweetyNet's published split of Bird0 and tests it on the test songs, for each seed. All
errors are shares (0.01 is one per cent), means over songs as TweetyNet's are:

frame_error_raw       hops whose greatest posterior is not the annotated label, silence included
frame_error_smoothed  the same of the decoded events; the decoding is tuned on validation songs
segment_error_rate    edits that turn the decoded labels into the annotated ones, over their number
frame_error_2ms       as smoothed, but at every 2 ms, TweetyNet's grid, whatever the hop is
train_s               features, training and tuning of one seed, wall time; cpu_s: processor time

``--curve`` trains on 30, 120, 480 and 600 s of songs drawn at random from the training songs,
three draws each; ``--part val`` tests on the validation songs and tunes on every seventh training
song instead: that is where settings are chosen.
"""

import argparse
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench._table import emit_json, machine_line, print_table, set_threads

if TYPE_CHECKING:
    from auricle.data.annotations import AnnotatedRecording, Annotations
    from auricle.training.detection.dividing import RecordingSplit
    from auricle.training.detection.settings import DetectSettings

SET = "birdsong_koumura_bird0"
CURVE_S = (30, 120, 480, 600)
DRAWS = 3
TWEETYNET_RAW = {30: 0.0322, 120: 0.0220, 480: 0.0178, 600: 0.0183}
_GRID_S = 0.002
_TUNING_SHARE = 7  # every so manieth training song, where the validation songs are tested on


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one training gave; errors are shares."""

    frame_error_raw: float
    frame_error_smoothed: float
    segment_error_rate: float
    frame_error_2ms: float
    event_f1: float
    train_s: float
    cpu_s: float
    steps: int
    train_audio_s: float


def main() -> None:
    """Run, print the tables and the line of JSON."""
    options = _options()
    set_threads(options.threads)
    print(machine_line(threads=options.threads) + "\n", flush=True)
    annotations, split = read_split(options.data / SET, part=options.part)
    if options.curve:
        _print_curve(options, annotations, split)
        return
    runs = []
    for seed in options.seeds:
        output = options.output if seed == options.seeds[0] else None
        runs.append(train_once(options, annotations, split, seed=seed, output=output))
        print(f"seed {seed}: {runs[-1]}", file=sys.stderr, flush=True)
    header = ("seed", *Run.__annotations__)
    rows = [(seed, *vars(run).values()) for seed, run in zip(options.seeds, runs, strict=True)]
    print_table(header, rows)
    names = ("frame_error_raw", "frame_error_smoothed", "segment_error_rate", "frame_error_2ms")
    figures = {name: mean([getattr(run, name) for run in runs]) for name in names}
    seconds = {name: max(getattr(run, name) for run in runs) for name in ("train_s", "cpu_s")}
    settings = _settings(options)
    emit_json({**figures, **seconds, "lookahead_ms": settings.lookahead_ms, "part": options.part})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help=f"folder that holds {SET}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--part", choices=["test", "val"], default="test")
    parser.add_argument("--steps", type=int, help="training steps; the default's if not given")
    parser.add_argument("--lookahead-ms", type=float, help="the default's if not given")
    parser.add_argument("--curve", action="store_true", help="less training audio, three draws")
    parser.add_argument("--points", type=int, nargs="+", choices=CURVE_S, default=CURVE_S)
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws a point of the curve")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, help="keep the model of the first seed there")
    return parser.parse_args()


def _settings(options: argparse.Namespace) -> "DetectSettings":
    from auricle.training.detection.settings import DetectSettings

    settings = DetectSettings(steps=options.steps)
    if options.lookahead_ms is not None:
        settings = replace(settings, lookahead_ms=options.lookahead_ms)
    return settings


def read_split(folder: Path, *, part: str) -> "tuple[Annotations, RecordingSplit]":
    """The songs with TweetyNet's corrected annotation, in the published parts."""
    from auricle.data.annotations import read_annotations
    from auricle.training.detection.dividing import divide_recordings
    from auricle.training.split_config import SplitConfig

    annotations = read_annotations(folder / "annotation_tweetynet.csv", recordings=folder)
    split = divide_recordings(annotations, SplitConfig(split="column"), seed=0)
    assert (len(split.train), len(split.validation), len(split.test)) == (85, 9, 41), split
    if part == "test":
        return annotations, split
    tuning = split.train[::_TUNING_SHARE]
    train = tuple(song for song in split.train if song not in tuning)
    return annotations, replace(split, train=train, validation=tuning, test=split.validation)


def train_once(
    options: argparse.Namespace,
    annotations: "Annotations",
    split: "RecordingSplit",
    *,
    seed: int,
    output: Path | None = None,
) -> Run:
    """Train with one seed, without a cache, and test."""
    import torch

    from auricle.training.config import TrainConfig
    from auricle.training.detection.pipeline import train_detector

    torch.set_num_threads(options.threads)
    config = TrainConfig(seed=seed, threads=options.threads)
    started = time.process_time()
    outcome = train_detector(annotations, split, config, _settings(options))
    cpu_s = time.process_time() - started
    if output is not None:
        outcome.detector.save(output)
    results, classes = outcome.results, outcome.detector.classes
    assert results.frame_error is not None and results.segment_error_rate is not None
    return Run(
        frame_error_raw=results.frame_error_raw,
        frame_error_smoothed=results.frame_error,
        segment_error_rate=results.segment_error_rate,
        frame_error_2ms=mean([_fine_error(score, classes) for score in outcome.scores]),
        event_f1=results.event_f1,
        train_s=sum(outcome.fitted.seconds.values()),
        cpu_s=cpu_s,
        steps=outcome.fitted.steps,
        train_audio_s=seconds_of(split.train),
    )


def _fine_error(score, classes) -> float:  # type: ignore[no-untyped-def]
    """Share of moments, 2 ms apart, at which the decoded label is not the true one."""
    from auricle.evaluation.event_track import EventTrack

    count = int(score.found.duration_s / _GRID_S)
    true = EventTrack(score.recording.events, classes, hop_s=_GRID_S).single(0, count)
    found = EventTrack(score.found.events, classes, hop_s=_GRID_S).single(0, count)
    return float((true != found).mean())


def _print_curve(
    options: argparse.Namespace, annotations: "Annotations", split: "RecordingSplit"
) -> None:
    curve, rows = {}, []
    for seconds in options.points:
        errors = []
        for draw in range(options.draws):
            part = replace(split, train=draw_songs(split.train, seconds, seed=draw))
            run = train_once(options, annotations, part, seed=draw)
            print(f"{seconds} s, draw {draw}: {run}", file=sys.stderr, flush=True)
            rows.append((seconds, draw, TWEETYNET_RAW[seconds], *vars(run).values()))
            errors.append(run.frame_error_raw)
        curve[str(seconds)] = mean(errors)
    print_table(("audio s", "draw", "TweetyNet raw", *Run.__annotations__), rows)
    below = all(curve[str(seconds)] < TWEETYNET_RAW[seconds] for seconds in options.points)
    emit_json({"curve": curve, "below_tweetynet": below, "draws": options.draws})


def draw_songs(
    songs: "tuple[AnnotatedRecording, ...]", seconds: float, *, seed: int
) -> "tuple[AnnotatedRecording, ...]":
    """Random songs of at most so many seconds together; a song that would be too long is passed."""
    import numpy as np

    chosen, total = [], 0.0
    for at in np.random.default_rng(seed).permutation(len(songs)):
        length = songs[at].duration_s or 0.0
        if total + length <= seconds:
            chosen.append(songs[at])
            total += length
    return tuple(chosen)


def seconds_of(songs: "tuple[AnnotatedRecording, ...]") -> float:
    """Length of all songs, seconds."""
    return sum(song.duration_s or 0.0 for song in songs)


def mean(values: list[float]) -> float:
    """Their mean."""
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
