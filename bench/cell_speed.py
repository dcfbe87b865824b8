"""Time of each sequential cell and trunk beside its error: ``python -m bench.cell_speed``.

A training step is forward and backward over a batch of clips; a step is one frame of one stream
without gradients. Before anything is timed, every cell is compared with the float64 loop beside its
equation, forward and in all gradients, at the same sizes but 50 frames; one that is wrong ends the
run. All cells take turns in one process; medians are printed, and the 90th percentile of the step.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

from bench._table import emit_json, machine_line, print_table, set_threads

FORWARD, GRADIENT = 1e-5, 1e-4
CHECKED_FRAMES = 50


def main(words: Sequence[str] | None = None) -> None:
    """Check every cell, time all of them in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--input", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(words)
    set_threads(options.threads)
    import torch

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    cells = _cells(options.input, options.hidden)
    errors = {name: _errors(name, cell, options) for name, cell in cells.items()}
    maps = {**cells, **_trunks(options.input)}
    times = _times(maps, options)
    rows, figures = [], {}
    for name in maps:
        train_ms, step_us, p90_us = times[name]
        forward, gradient = errors.get(name, (None, None))
        rows.append([name, train_ms, step_us, p90_us, forward, gradient])
        figures[name] = {
            "train_ms": train_ms,
            "step_us": step_us,
            "forward_error": forward,
            "gradient_error": gradient,
        }
    print(machine_line(threads=options.threads))
    shape = f"{options.batch} x {options.frames} x {options.input} to {options.hidden}"
    header = ["map", f"training ms ({shape})", "step us", "p90", "forward error", "gradient error"]
    print_table(header, rows)
    emit_json({"bench": "cell_speed", **figures})


def _cells(width: int, hidden: int) -> dict:
    from auricle.layers import Elman, Gru, LightGru, Lru, Lstm, MinGru, MinLstm, Qrnn, RgLru

    return {
        "mingru": MinGru(width, hidden),
        "rglru": RgLru(width, hidden),
        "minlstm": MinLstm(width, hidden),
        "qrnn": Qrnn(width, hidden),
        "lru": Lru(width, hidden),
        "elman": Elman(width, hidden),
        "elman_relu": Elman(width, hidden, activation="relu"),
        "elman_sigmoid": Elman(width, hidden, activation="sigmoid"),
        "gru": Gru(width, hidden),
        "gru_before": Gru(width, hidden, reset="before"),
        "light_gru": LightGru(width, hidden),
        "lstm": Lstm(width, hidden),
        "lstm_projected": Lstm(width, hidden, projection_size=hidden // 2),
        "lstm_peephole": Lstm(width, hidden, peepholes=True),
    }


def _trunks(width: int) -> dict:
    from auricle.trunks import (
        RecurrentConfig,
        RecurrentTrunk,
        TdnnConfig,
        TdnnTrunk,
        WaveNetConfig,
        WaveNetTrunk,
    )

    return {
        "trunk recurrent": RecurrentTrunk(RecurrentConfig(), input_size=width),
        "trunk tdnn": TdnnTrunk(TdnnConfig(), input_size=width),
        "trunk wavenet": WaveNetTrunk(WaveNetConfig(), input_size=width),
    }


def _errors(name: str, cell, options: argparse.Namespace) -> tuple[float, float]:
    """Largest forward and gradient error of float32, relative to the float64 reference.

    Raises:
        SystemExit: either is above its limit.
    """
    import copy

    import torch
    from tests.recurrences import gradients, relative_error, run_cell, run_reference

    x = torch.randn(4, CHECKED_FRAMES, options.input)
    state = cell.initial_state(4)
    exact = copy.deepcopy(cell).double()
    ours = gradients(run_cell, cell, x, state)
    wide = type(state)(*(part.double() for part in state))
    theirs = gradients(run_reference, exact, x.double(), wide)
    forward, gradient = (
        max(relative_error(a, b) for a, b in zip(mine, right, strict=True))
        for mine, right in zip(ours, theirs, strict=True)
    )
    if forward > FORWARD or gradient > GRADIENT:
        raise SystemExit(f"{name}: forward error {forward:.1e}, gradient error {gradient:.1e}")
    return forward, gradient


def _times(maps: dict, options: argparse.Namespace) -> dict[str, tuple[float, float, float]]:
    """Median ms of a training step, median and 90th percentile us of one frame, in turn."""
    import torch

    clips = torch.randn(options.batch, options.frames, options.input)
    frame = torch.randn(1, 1, options.input)
    train: dict[str, list[float]] = {name: [] for name in maps}
    step: dict[str, list[float]] = {name: [] for name in maps}
    for turn in range(options.rounds + 1):
        for name, layer in maps.items():
            layer.train()
            took = _seconds(partial(_train, layer, clips))
            layer.eval()
            with torch.inference_mode():
                step_once = partial(layer, frame, layer.initial_state(1))
                frames = [_seconds(step_once) for _ in range(300)]
            if turn:  # the first turn warms up
                train[name].append(took)
                step[name] += frames
    return {
        name: (
            1e3 * statistics.median(train[name]),
            1e6 * statistics.median(step[name]),
            1e6 * statistics.quantiles(step[name], n=10)[8],
        )
        for name in maps
    }


def _train(layer, clips) -> None:
    layer.zero_grad()
    y, _ = layer(clips, layer.initial_state(len(clips)))
    y.square().mean().backward()


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
