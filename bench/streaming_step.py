"""What a hop of 10 ms costs: ``python -m bench.streaming_step [--model PATH]``.

One thread. ``hop_us_mean`` and ``hop_us_p99``: one hop of one stream through front end, trunk and
head. ``push_us_mean``: `Stream.push` of a hop, events included. ``streams_per_core``: how many
streams at once `ManyStreams.push` keeps up with, a hop of each at a time, events included: the
median of the rounds. ``over_ordinary``: time of the ordinary path for a hop of one stream over that
of the step, medians of rounds taken in turn. ``hop_us_processor`` and
``streams_per_core_processor`` are the same by the thread's processor time: on a machine that others
use too, wall time also counts the waiting for a core.
``max_abs_diff``: largest difference of any posterior from one call for the whole sound, over models
at 8, 16, 22.05 and 44.1 kHz, both compressions, and many streams; if it is above 1e-5 or events
differ, no time is printed.
Without ``--model`` the default model is built with random weights, which cost the same.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal, NamedTuple

from bench._table import emit_json, machine_line, print_table, set_threads

if TYPE_CHECKING:
    import numpy as np

    from auricle.models import Model

    Waveforms = np.ndarray

_THREADS = 1
_TOLERANCE = 1e-5
_RATES = (8000, 16000, 22050, 44100)
_CLASSES = tuple(f"class {index}" for index in range(10))


class Timing(NamedTuple):
    """Of one way: seconds of each call by the wall clock, and of each round by the processor's."""

    calls_s: list[list[float]]
    processor_s: list[float]

    def median_s(self) -> float:
        """Median over the rounds of a call's mean time."""
        return median(mean_of(calls) for calls in self.calls_s)

    def every(self) -> list[float]:
        """All calls, shortest first."""
        return sorted(call for calls in self.calls_s for call in calls)

    def processor_call_s(self) -> float:
        """Mean processor time of a call."""
        return sum(self.processor_s) / sum(map(len, self.calls_s))

    def row(self, what: str, *, streams: int) -> tuple[object, ...]:
        """Microseconds a call: mean, median of rounds, least and most round, p99, processor's."""
        every, rounds = self.every(), [mean_of(calls) for calls in self.calls_s]
        processor = sum(self.processor_s) / len(every)
        times = (
            mean_of(every),
            median(rounds),
            min(rounds),
            max(rounds),
            quantile(every),
            processor,
        )
        return what, streams, *(seconds * 1e6 for seconds in times)


def main() -> None:
    """Check, measure, print the tables and the line of JSON."""
    options = _options()
    set_threads(_THREADS)
    import torch

    torch.set_num_threads(_THREADS)
    print(machine_line(threads=_THREADS))
    print(f"Load on its cores before: {_load()}\n", flush=True)
    largest = _check(options)
    model = _model(options, 16000, "log")
    ways = _ways(model, options.streams)
    timings = _measure(ways, options)
    header = ("what, a hop at a time", "streams", "mean us", "median round us", "least", "most")
    rows = [timings[what].row(what, streams=streams) for what, (streams, _) in ways.items()]
    print_table((*header, "p99 us", "processor us"), rows)
    _emit(timings, options.streams, model, largest)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a hop of a stream costs.")
    parser.add_argument("--model", type=Path, help="a model file; random weights if none")
    parser.add_argument("--preset", choices=("tiny", "small", "base"), default="small")
    parser.add_argument("--cell", choices=("mingru", "rglru"), default="mingru")
    parser.add_argument("--streams", type=int, default=256, help="streams at once (default 256)")
    parser.add_argument("--rounds", type=int, default=15, help="rounds in turn (default 15)")
    parser.add_argument("--hops", type=int, default=400, help="hops a round (default 400)")
    return parser.parse_args()


def _load() -> str:
    """Processes that wanted a core in the last minute, where the system says so."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _model(options: argparse.Namespace, rate: int, compression: Literal["log", "pcen"]) -> "Model":
    """The model of that file, or the default one with weights that make every part matter."""
    import torch

    import auricle
    from auricle.features import CompressionConfig
    from auricle.features.log_mel import log_mel_for
    from auricle.models import DecisionConfig, Model, ModelConfig, preset

    if options.model is not None:
        return auricle.load(options.model).model
    torch.manual_seed(0)
    config = ModelConfig(
        classes=_CLASSES,
        front_end=log_mel_for(rate),
        compression=CompressionConfig(kind=compression),
        trunk=preset(options.preset, kind=options.cell),
        decision=DecisionConfig(threshold=0.3),
    )
    model = Model(config).eval()
    mean, deviation = (-10.0, 4.0) if compression == "log" else (0.3, 0.3)
    mels = config.front_end.n_mels
    model.compression.set_statistics(torch.full((mels,), mean), torch.full((mels,), deviation))
    _move_from_start(model)
    return model


def _move_from_start(model: "Model") -> None:
    """Normalisations that do something, and a classifier that changes its mind."""
    import torch
    from torch import nn

    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d | nn.LayerNorm):
                part.weight.uniform_(0.6, 1.4)
                part.bias.uniform_(-0.2, 0.2)
            if isinstance(part, nn.BatchNorm2d) and part.running_var is not None:
                part.running_var.uniform_(0.5, 2.0)
        model.head.classify.weight.mul_(10)
        sounds = torch.from_numpy(_sounds(20, model.config.front_end.sample_rate))[:, None]
        scores, _ = model(sounds, model.initial_state(len(sounds)))
        model.head.classify.bias -= scores.log_probs.mean(dim=(0, 1))
        model.head.temperature.fill_(1.3)


def _sounds(streams: int, samples: int) -> "Waveforms":
    """Tones in noise, of a level that changes every 0.1 s or so; another for each stream."""
    import numpy as np

    rng = np.random.default_rng(0)
    pitch = np.cumsum(np.repeat(rng.uniform(0.02, 1.0, (streams, samples // 1600 + 1)), 1600, 1), 1)
    level = np.repeat(10 ** rng.uniform(-3, -0.3, pitch[:, ::1600].shape), 1600, axis=1)
    noise = 0.1 * rng.standard_normal((streams, samples))
    waveforms: Waveforms = (np.sin(pitch[:, :samples]) + noise) * level[:, :samples]
    return waveforms.astype(np.float32)


def _check(options: argparse.Namespace) -> float:
    """Largest difference from one call for the whole sound; ends the run if it is too large."""
    models = [_model(options, rate, kind) for rate in _RATES for kind in ("log", "pcen")]
    rows, largest = [], 0.0
    for model in models[:1] if options.model else models:
        found, equal, events = _compare(model)
        largest = max(largest, found)
        config = model.config
        rows.append(
            (config.front_end.sample_rate, config.front_end.hop_length, config.compression.kind)
            + (found, equal, events)
        )
        if not (found <= _TOLERANCE and equal):
            sys.exit(f"{rows[-1]}: not the map of the ordinary path; no time is printed")
    header = ("sample rate Hz", "hop", "compression", "max abs diff", "events equal", "events")
    print_table(header, rows)
    print()
    return largest


def _compare(model: "Model") -> tuple[float, bool, int]:
    """One call for each sound against hops of one stream and of several together."""
    from auricle.streaming import ManyStreams
    from auricle.streaming.deciding import join_scores
    from auricle.streaming.identity import difference, listen, same_events

    hop = model.config.front_end.hop_length
    waveforms = _sounds(20, 2 * model.config.front_end.sample_rate)
    wholes = [listen(model, waveform, push=len(waveform)) for waveform in waveforms]
    many, parts, events = ManyStreams(model, streams=20), [], [[] for _ in waveforms]
    for start in range(0, waveforms.shape[1], hop):
        more, scores = many.push_both(waveforms[:, start : start + hop])
        parts.append(scores)
        events = [old + new for old, new in zip(events, more, strict=True)]
    last = many.finish()
    several = [join_scores(list(column)) for column in zip(*parts, strict=True)]
    largest, equal = 0.0, True
    for i, (whole, whole_events) in enumerate(wholes):
        one, one_events = listen(model, waveforms[i], push=hop)
        largest = max(largest, difference(whole, one), _until(several[i], whole))
        equal = equal and same_events(whole_events, one_events)
        equal = equal and same_events(whole_events, events[i] + last[i])
    return largest, equal, sum(len(found) for _, found in wholes)


def _until(scores: object, whole: object) -> float:
    """Difference without the step that only the end of the sound completes."""
    from auricle.streaming import StepScores
    from auricle.streaming.identity import difference

    assert isinstance(scores, StepScores) and isinstance(whole, StepScores)
    return difference(StepScores(*(column[: len(scores.times_s)] for column in whole)), scores)


def _ways(model: "Model", streams: int) -> dict[str, tuple[int, Callable[["Waveforms"], object]]]:
    """What is timed: each takes a hop of every stream."""
    import torch

    from auricle.streaming import ManyStreams, Stream
    from auricle.streaming.step import Stepper, StepPlan

    stepper = Stepper(StepPlan(model), model.initial_state(1))
    stream, many = Stream(model), ManyStreams(model, streams=streams)
    state = model.initial_state(1)

    def ordinary(hop: "Waveforms") -> None:
        nonlocal state
        with torch.inference_mode():
            state = model(torch.from_numpy(hop)[None], state)[1]

    return {
        "ordinary path": (1, ordinary),
        "step": (1, stepper.step),
        "Stream.push": (1, lambda hop: stream.push(hop[0])),
        "ManyStreams.push": (streams, many.push),
    }


def _measure(
    ways: dict[str, tuple[int, Callable[["Waveforms"], object]]], options: argparse.Namespace
) -> dict[str, Timing]:
    """Each way in turn, round after round; the first round warms up and is not kept."""
    hop = _model(options, 16000, "log").config.front_end.hop_length
    sounds = _sounds(options.streams, hop * options.hops)
    timings = {what: Timing([], []) for what in ways}
    for turn in range(options.rounds + 1):
        for what, (streams, hear) in ways.items():
            calls, processor_s = [], 0.0
            for at in range(0, hop * options.hops, hop):
                chunk = sounds[:streams, at : at + hop].copy()
                before, started = time.thread_time(), time.perf_counter()
                hear(chunk)
                calls.append(time.perf_counter() - started)
                processor_s += time.thread_time() - before
            if turn:
                timings[what].calls_s.append(calls)
                timings[what].processor_s.append(processor_s)
    return timings


def mean_of(values: list[float]) -> float:
    """Arithmetic mean."""
    return sum(values) / len(values)


def quantile(ascending: list[float], share: float = 0.99) -> float:
    """The value that so large a share does not exceed."""
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def _emit(timings: dict[str, Timing], streams: int, model: "Model", largest: float) -> None:
    front_end = model.config.front_end
    hop_s = front_end.hop_length / front_end.sample_rate
    step, push = timings["step"], timings["Stream.push"]
    many, ordinary = timings["ManyStreams.push"], timings["ordinary path"]
    real_time_s = streams * hop_s  # sound that one push of all streams brings
    means = [mean_of(calls) for calls in many.calls_s]
    print(
        f"\nStreams at once on one core: {real_time_s / many.median_s():.0f} by the median round "
        f"({real_time_s / max(means):.0f} to {real_time_s / min(means):.0f}), "
        f"{real_time_s / many.processor_call_s():.0f} by processor time."
    )
    emit_json(
        {
            "hop_us_mean": round(mean_of(step.every()) * 1e6, 1),
            "hop_us_p99": round(quantile(step.every()) * 1e6, 1),
            "streams_per_core": round(real_time_s / many.median_s()),
            "push_us_mean": round(mean_of(push.every()) * 1e6, 1),
            "over_ordinary": round(ordinary.median_s() / step.median_s(), 2),
            "hop_us_processor": round(step.processor_call_s() * 1e6, 1),
            "streams_per_core_processor": round(real_time_s / many.processor_call_s()),
            "max_abs_diff": largest,
        }
    )


if __name__ == "__main__":
    main()
