"""One training step beside the libraries people use: ``python -m bench.training_step``.

A step is forward, backward and Adam of two recurrent layers (128 and 64 wide) and a softmax of the
last output, batch 32, 500 frames, 40 features, float32. Peers step in turn, round after round, with
the same number of threads, each in a process of its own that waits between its turns. Ratios are
of medians over the rounds; those of minima stand beside them, since a busy neighbour slows torch's
and Keras' steps down more than ours, which would flatter us.

``over_products`` divides the whole step by its matrix products alone: arrays of the same shapes are
read, multiplied and written by torch or by auricle's own kernel, whichever is faster.
``over_torch_products`` takes torch's, which is what a program that calls a library for its products
needs at the least. ``over_cached_products`` takes own products of one tile that stays in the cache,
over and over: arithmetic only, which computes nothing that a layer could use, but no program of
these products can be faster.

Our step runs torch's own operators, which are small here, on one thread and our kernels on all
(`auricle.ops.workers.torch_on_one_thread`), as auricle's trainer does for the optimiser.
``growth`` is over lengths with the batch fixed at 32, so that at 100 frames a step's fixed part
weighs 160 times as much as at 16000; ``growth_equal_work`` has as many frames in every step.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from bench._own_products import own_products
from bench._table import ROOT, emit_json, machine_line, print_table, set_threads

BATCH, FRAMES, FEATURES, CLASSES, SIZES = 32, 500, 40, 10, (128, 64)
LIMIT_SHAPES = [(500, 128), (500, 256), (2000, 128), (2000, 256)]
GROWTH_FRAMES = (100, 250, 500, 1000, 4000, 16000)
EQUAL_WORK = 64_000  # frames of all items together, a multiple of every length
FORWARD_ERROR, GRADIENT_ERROR = 1e-5, 1e-4
_SPINS = "GOMP_SPINCOUNT"
Step = Callable[[], float]


class Peer:
    """A process of its own, `bench._keras_step` or `bench._torch_step`, that steps on command."""

    def __init__(self, module: str, *words: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"bench.{module}", *map(str, words)],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k != _SPINS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self.name = str(self._answer()["ready"])

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit("A peer's process ended. Install them with: pip install 'auricle[bench]'")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def step(self) -> float:
        """Seconds of one step, measured over there."""
        assert self.process.stdin is not None
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        return float(self._answer()["seconds"])

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


def keras_peer(backend: str, threads: int) -> Peer:
    """Keras' LSTM on that back end."""
    return Peer("_keras_step", backend, threads, BATCH, FRAMES, FEATURES, CLASSES, *SIZES)


def main(words: Sequence[str] | None = None) -> None:
    """Check, measure, print the tables and the line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=90.0, help="at most, for each table")
    parser.add_argument("--tensorflow", action="store_true", help="Keras on TensorFlow too")
    options = parser.parse_args(words)
    set_threads(options.threads)
    os.environ[_SPINS] = "2000"  # as the command `auricle` does; the peers keep their default
    import torch

    torch.set_num_threads(options.threads)
    print(machine_line(threads=options.threads))
    print(f"load before: {_load()}")
    forward_error, gradient_error = measure_errors()
    print(f"our step against float64: forward {forward_error:.1e}, gradients {gradient_error:.1e}")
    if not (forward_error <= FORWARD_ERROR and gradient_error <= GRADIENT_ERROR):
        sys.exit("The step that would be timed computes wrongly.")
    figures = peers(options) | limits(options) | growth(options)
    print(f"load after: {_load()}")
    emit_json(
        {
            "bench": "training_step",
            "threads": options.threads,
            **figures,
            "bytes_per_frame": memory_per_frame(),
            "forward_error": forward_error,
            "gradient_error": gradient_error,
        }
    )


def network(kind: str, sizes: Sequence[int], **options: Any) -> Any:
    """Recurrent layers and a linear one on the last output; ``mingru`` and ``rglru`` are ours."""
    import torch
    from torch import nn

    from auricle.layers import MinGru, RgLru

    ours = {"mingru": MinGru, "rglru": RgLru}

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            inputs = (FEATURES, *sizes[:-1])
            pairs = list(zip(inputs, sizes, strict=True))
            if kind in ours:
                made: list[nn.Module] = [ours[kind](*pair) for pair in pairs]
            else:
                made = [getattr(nn, kind)(*pair, batch_first=True) for pair in pairs]
            self.layers = nn.ModuleList(made)
            self.out = nn.Linear(sizes[-1], CLASSES)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                if kind in ours:
                    x, state = layer(x, layer.initial_state(x.shape[0]))
                    last = state.h
                else:
                    x, state = layer(x)
                    last = (state[0] if kind == "LSTM" else state)[0]
            return self.out(last)

    torch.manual_seed(0)
    return Network(**options)


def torch_step(kind: str, *, sizes: Sequence[int] = SIZES, batch: int = BATCH,
               frames: int = FRAMES) -> Step:  # fmt: skip
    """A function that takes a training step and returns its seconds."""
    import torch

    from auricle.ops.workers import torch_on_one_thread

    around = torch_on_one_thread if kind in ("mingru", "rglru") else nullcontext
    model = network(kind, sizes)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batch, frames, FEATURES, generator=generator)
    targets = torch.randint(CLASSES, (batch,), generator=generator)

    def step() -> float:
        started = time.perf_counter()
        with around():
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), targets).backward()
            optimizer.step()
        return time.perf_counter() - started

    step()
    step()
    return step


def measure_errors() -> tuple[float, float]:
    """Largest relative error of outputs, and of any parameter's gradient, against float64 loops."""
    import torch

    from auricle.ops.min_gru import min_gru_layer_reference

    model = network("mingru", SIZES)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(4, FRAMES, FEATURES, generator=generator)
    weights = torch.randn(4, FRAMES, SIZES[-1], generator=generator)

    def run(exact: bool) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
        kind = torch.float64 if exact else torch.float32
        model.to(kind)
        y, parameters = x.to(kind), [p for layer in model.layers for p in layer.parameters()]
        for layer in model.layers:
            memory = layer.initial_state(4)
            if exact:
                y, _ = min_gru_layer_reference(y, *layer.gates.parameters(), memory.h)
            else:
                y, _ = layer(y, memory)
        return y.detach(), torch.autograd.grad((y * weights.to(kind)).sum(), parameters)

    ours, grads = run(exact=False)
    truth, true_grads = run(exact=True)
    pairs = zip(grads, true_grads, strict=True)
    gradient = max(float((a.double() - b).norm() / b.norm()) for a, b in pairs)
    return float((ours.double() - truth).abs().max()), gradient


def peers(options: argparse.Namespace) -> dict[str, float]:
    """Everyone in turn; our advantage over each."""
    keras = [keras_peer("jax", options.threads)]
    if options.tensorflow:
        keras.append(keras_peer("tensorflow", options.threads))
    others = [
        Peer("_torch_step", kind, options.threads, FRAMES, *SIZES)
        for kind in ("LSTM", "GRU", "RNN")
    ]
    steps: dict[str, Step] = {
        "auricle MinGru": torch_step("mingru"),
        "auricle RgLru": torch_step("rglru"),
    }
    steps |= {peer.name: peer.step for peer in others}
    steps |= {f"{peer.name} LSTM": peer.step for peer in keras}
    times = in_turn(steps, options)
    for peer in (*keras, *others):
        peer.close()
    ours = times["auricle MinGru"]
    middle, least = statistics.median(ours), min(ours)
    rows = [
        [name, *spread(values), f"{statistics.median(values) / middle:.1f}",
         f"{min(values) / least:.1f}"]
        for name, values in times.items()
    ]  # fmt: skip
    print(f"\nOne training step, {len(ours)} rounds in turn")
    header = ["layers", "median ms", "quartiles ms", "least ms", "median / ours", "least / ours"]
    print_table(header, rows)
    keys = {"torch LSTM": "over_torch_lstm", "torch GRU": "over_torch_gru",
            "torch RNN": "over_torch_rnn", f"{keras[0].name} LSTM": "over_keras_lstm"}  # fmt: skip
    if options.tensorflow:
        keys[f"{keras[1].name} LSTM"] = "over_keras_tensorflow_lstm"
    figures = {
        "step_ms": 1e3 * middle,
        "rglru_over_mingru": statistics.median(times["auricle RgLru"]) / middle,
    }
    for name, key in keys.items():
        figures[key] = statistics.median(times[name]) / middle
        figures[f"{key}_least"] = min(times[name]) / least
    return figures


def limits(options: argparse.Namespace) -> dict[str, float]:
    """The whole step over its matrix products alone, in three readings; the largest of each."""
    rows = []
    worst = {"over_products": 0.0, "over_products_least": 0.0, "over_torch_products": 0.0,
             "over_cached_products": 0.0}  # fmt: skip
    for frames, hidden in LIMIT_SHAPES:
        sizes = (hidden, hidden // 2)
        peer = Peer("_torch_step", "products", options.threads, frames, *sizes)
        room = {"batch": BATCH, "frames": frames}
        steps: dict[str, Step] = {
            "step": torch_step("mingru", sizes=sizes, frames=frames),
            "own": own_products(_products(sizes), **room, whole=True),
            "torch": peer.step,
            "cached": own_products(_products(sizes), **room, whole=False),
        }
        times = in_turn(steps, options, share=1 / len(LIMIT_SHAPES))
        peer.close()
        middle = {name: statistics.median(values) for name, values in times.items()}
        ratios = {
            "over_products": middle["step"] / min(middle["own"], middle["torch"]),
            "over_products_least": min(times["step"]) / min(*times["own"], *times["torch"]),
            "over_torch_products": middle["step"] / middle["torch"],
            "over_cached_products": middle["step"] / middle["cached"],
        }
        worst = {name: max(value, ratios[name]) for name, value in worst.items()}
        cells = (1e3 * middle[name] for name in steps)
        rows.append([frames, hidden, *(f"{value:.2f}" for value in (*cells, *ratios.values()))])
    print("\nThe step and its products alone, medians in turn, ms")
    names = [name.removeprefix("over_") for name in worst]
    print_table(["frames", "hidden", "step", "own", "torch", "cached", *names], rows)
    return worst


def _products(sizes: Sequence[int]) -> list[tuple[int, int, bool]]:
    """Inputs and gates of each layer, and whether its input needs a gradient."""
    inputs = (FEATURES, *sizes[:-1])
    pairs = zip(inputs, sizes, strict=True)
    return [(columns, 2 * hidden, at > 0) for at, (columns, hidden) in enumerate(pairs)]


def torch_products(sizes: Sequence[int], frames: int) -> Step:
    """The products of a step by torch: all frames at once, into memory that is there."""
    import torch

    calls: list[Callable[[], object]] = []
    for columns, gates, wants_x in _products(sizes):
        x, w = torch.randn(BATCH * frames, columns), torch.randn(gates, columns)
        g, grad_w, grad_x = (
            torch.randn(BATCH * frames, gates),
            torch.empty_like(w),
            torch.empty_like(x),
        )
        calls.append(lambda x=x, w=w, g=g: torch.mm(x, w.t(), out=g))
        calls.append(lambda x=x, g=g, out=grad_w: torch.mm(g.t(), x, out=out))
        if wants_x:
            calls.append(lambda w=w, g=g, out=grad_x: torch.mm(g, w, out=out))

    def step() -> float:
        started = time.perf_counter()
        for call in calls:
            call()
        return time.perf_counter() - started

    step()
    return step


def growth(options: argparse.Namespace) -> dict[str, float]:
    """Time a frame over lengths, with the batch fixed, and with the frames of a step fixed."""
    figures = {}
    for key, batches in (
        ("growth", {frames: BATCH for frames in GROWTH_FRAMES}),
        ("growth_equal_work", {frames: EQUAL_WORK // frames for frames in GROWTH_FRAMES}),
    ):
        steps = {
            str(frames): torch_step("mingru", batch=batch, frames=frames)
            for frames, batch in batches.items()
        }
        times = in_turn(steps, options)
        numbers = {str(frames): frames * batch for frames, batch in batches.items()}
        per = {name: 1e9 * statistics.median(v) / numbers[name] for name, v in times.items()}
        least = {name: 1e9 * min(v) / numbers[name] for name, v in times.items()}
        print(f"\nTime a frame and item, nanoseconds: {key}")
        rows = [
            [name, batches[int(name)], f"{per[name]:.0f}", f"{least[name]:.0f}"] for name in steps
        ]
        print_table(["frames", "batch", "median", "least"], rows)
        figures[key] = max(per.values()) / min(per.values())
        figures[f"{key}_least"] = max(least.values()) / min(least.values())
    return figures


def memory_per_frame() -> float:
    """Bytes kept for the backward pass, for each frame of each item."""
    import torch

    model, kept = network("mingru", SIZES), {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    found = []
    for frames in (1000, 2000):
        kept.clear()
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            model(torch.randn(2, frames, FEATURES)).sum()
        found.append(sum(size for size, _ in kept.values()))
    return (found[1] - found[0]) / 2000


def in_turn(
    steps: dict[str, Step], options: argparse.Namespace, *, share: float = 1.0
) -> dict[str, list[float]]:
    """Rounds in which each takes a step that counts after two that do not, until time is up.

    The first step finds the caches, and perhaps a core, in the hands of the one before; training
    takes thousands in a row.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    started = time.perf_counter()
    for _ in range(options.rounds):
        for name, step in steps.items():
            step()
            step()
            times[name].append(step())
        if time.perf_counter() - started > share * options.seconds:
            break
    return times


def spread(seconds: Sequence[float]) -> list[str]:
    """Median, quartiles and least, milliseconds."""
    low, middle, high = statistics.quantiles(seconds, n=4)
    return [
        f"{1e3 * middle:.2f}",
        f"{1e3 * low:.2f} to {1e3 * high:.2f}",
        f"{1e3 * min(seconds):.2f}",
    ]


def _load() -> str:
    return (
        ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    )


if __name__ == "__main__":
    main()
