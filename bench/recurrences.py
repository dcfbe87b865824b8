"""Every parallel recurrence and back end, time beside error: ``python -m bench.recurrences``.

    python -m bench.recurrences [--batch 32] [--frames 500] [--hidden 128] [--threads 2]

The gates are given, so this is the time of what stands between the product and h: for ``forward``
without gradients, and for ``step`` forward and backward with gradients of the gates and of the
memory. Back ends take turns within each cell. Errors are the largest differences from the loop in
double precision over the largest value, of outputs and of gradients; above 1e-5 or 1e-4 no time is
printed, and the command ends with 1.

JSON keys: ``CELL_BACKEND_forward_ms`` and ``..._step_ms`` (medians), ``worst_forward_error``,
``worst_gradient_error``.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from bench._table import emit_json, machine_line, print_table, set_threads

CELLS = ("linear", "min_gru", "min_lstm", "qrnn", "rg_lru", "lru")
BACKENDS = ("fused", "parallel", "reference")
LIMITS = (1e-5, 1e-4)


def main() -> None:
    """Measure, print the table and the line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    set_threads(options.threads)
    print(machine_line(threads=options.threads), flush=True)
    shape = f"[{options.batch}, {options.frames}, {options.hidden}]"
    rows, figures, errors = [], {}, []
    for cell in CELLS:
        for backend, times, error in measure(cell, options):
            red = not (error[0] <= LIMITS[0] and error[1] <= LIMITS[1])
            shown = ["red"] * 4 if red else [f"{value:.3g}" for value in times]
            rows.append([cell, shape, "float32", "cpu", backend, *shown, *error])
            errors.append(error)
            if not red:
                figures[f"{cell}_{backend}_forward_ms"] = round(times[0], 3)
                figures[f"{cell}_{backend}_step_ms"] = round(times[2], 3)
    header = ["cell", "[batch, frames, hidden]", "dtype", "device", "back end", "forward ms", "p90"]
    print_table([*header, "step ms", "p90", "forward error", "gradient error"], rows)
    forward, gradient = (max(values) for values in zip(*errors, strict=True))
    emit_json({**figures, "worst_forward_error": forward, "worst_gradient_error": gradient})
    sys.exit(not (forward <= LIMITS[0] and gradient <= LIMITS[1]))


Times = tuple[float, float, float, float]


def measure(cell: str, options: argparse.Namespace) -> list[tuple[str, Times, tuple[float, float]]]:
    """For each back end: median and p90 of forward and of a step in ms, and the two errors."""
    made = arguments(cell, options)
    truth = results(cell, {name: value.double() for name, value in made.items()}, "reference")
    forwards: dict[str, list[float]] = {backend: [] for backend in BACKENDS}
    steps: dict[str, list[float]] = {backend: [] for backend in BACKENDS}
    for turn in range(options.repeats + 2):
        for backend in BACKENDS:
            if backend == "reference" and turn > 4:
                continue
            forward, step = once(cell, made, backend)
            if turn > 1:
                forwards[backend].append(forward)
                steps[backend].append(step)
    found = []
    for backend in BACKENDS:
        ours = results(cell, made, backend)
        errors = [float((a - b).abs().max() / b.abs().max()) for a, b in zip(ours, truth)]  # noqa: B905
        times = (*spread(forwards[backend]), *spread(steps[backend]))
        found.append((backend, times, (max(errors[:2]), max(errors[2:]))))
    return found


def spread(times: list[float]) -> tuple[float, float]:
    """Median and ninetieth percentile, ms."""
    ordered = sorted(times)
    return 1e3 * statistics.median(ordered), 1e3 * ordered[int(0.9 * (len(ordered) - 1))]


def arguments(cell, options):  # type: ignore[no-untyped-def]
    """Tensors by name: what the recurrence is given, float32, from a fixed seed."""
    import torch

    generator = torch.Generator().manual_seed(0)
    batch, frames, hidden = options.batch, options.frames, options.hidden

    def normal(*shape):  # type: ignore[no-untyped-def]
        return torch.randn(*shape, generator=generator)

    match cell:
        case "linear":
            a = torch.rand(batch, frames, hidden, generator=generator)
            return {"a": a, "b": normal(batch, frames, hidden), "h": normal(batch, hidden)}
        case "lru":
            made = {"inputs": normal(batch, frames, 2 * hidden), "h": normal(batch, 2 * hidden)}
            scale = torch.rand(hidden, generator=generator)
            return {**made, "nu": normal(hidden) - 2, "theta": normal(hidden), "scale": scale}
    width = 2 if cell == "min_gru" else 3
    made = {"gates": normal(batch, frames, width * hidden), "h": normal(batch, hidden)}
    return {**made, "decay": normal(hidden) - 4} if cell == "rg_lru" else made


def call(cell, made, backend):  # type: ignore[no-untyped-def]
    """y and the last memory."""
    from auricle.ops import linear_recurrence as ops

    function: Callable = getattr(ops, "linear_recurrence" if cell == "linear" else cell)
    return function(**rename(cell, made), backend=backend)


def rename(cell, made):  # type: ignore[no-untyped-def]
    """The memory's name in the function's signature."""
    return {("c" if (cell, name) == ("qrnn", "h") else name): v for name, v in made.items()}


def results(cell, made, backend):  # type: ignore[no-untyped-def]
    """y, the last memory, and the gradients of a fixed mixture of both."""
    import torch

    needed = {name: value.detach().requires_grad_() for name, value in made.items()}
    y, last = call(cell, needed, backend)
    weights = [
        torch.cos(torch.arange(v.numel(), dtype=v.dtype)).reshape(v.shape) for v in (y, last)
    ]
    loss = (y * weights[0]).sum() + (last * weights[1]).sum()
    return [y.detach(), last.detach(), *torch.autograd.grad(loss, list(needed.values()))]


def once(cell, made, backend):  # type: ignore[no-untyped-def]
    """Seconds of one forward without gradients, and of one forward and backward."""
    import torch

    with torch.no_grad():
        started = time.perf_counter()
        y, _ = call(cell, made, backend)
        forward = time.perf_counter() - started
    needed = {name: value.detach().requires_grad_() for name, value in made.items()}
    above = torch.ones_like(y)
    started = time.perf_counter()
    y, _ = call(cell, needed, backend)
    torch.autograd.grad(y, list(needed.values()), above)
    return forward, time.perf_counter() - started


if __name__ == "__main__":
    main()
