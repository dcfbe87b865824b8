"""Where to train: threads, and a device that is tried on a recurrence before it is trusted."""

import os
import statistics
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from auricle.errors import DeviceError, message
from auricle.ops.linear_recurrence import min_gru, min_gru_reference
from auricle.ops.min_gru import min_gru_layer

_TOLERANCE = 1e-4
_BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")
_MEASURE_S = 1.0
_WORTH = 0.95  # more threads must take less than this share of one thread's time


def set_threads(threads: int | None) -> int:
    """Use so many processor threads, or torch's choice; returns how many there are."""
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


@cache
def measured_threads() -> int:
    """`choose_threads` for the cores that this process may use; measured once a process."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return choose_threads(min(allowed or 1, torch.get_num_threads()))


def choose_threads(
    cores: int,
    *,
    step: Callable[[], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """One thread or ``cores`` of them, whichever takes a small training step sooner.

    Both are timed in turn for about a second. On a machine that others use, or one whose cores
    share their arithmetic units, one thread is often the quicker. Torch's number of threads and
    its random numbers are left as they were.

    Args:
        cores: what there is; the measurement is left out for one.
        step: what is timed; a convolution and a recurrence with their gradients if None.
        clock: seconds.
    """
    if cores <= 1:
        return 1
    before, step = torch.get_num_threads(), step or _small_step()
    times: dict[int, list[float]] = {1: [], cores: []}
    try:
        _timed(1, step, clock)  # loads the compiled code
        started = clock()
        while not times[cores] or clock() - started < _MEASURE_S:
            for threads, found in times.items():
                found.append(_timed(threads, step, clock))
    finally:
        torch.set_num_threads(before)
    alone, together = (statistics.median(found) for found in times.values())
    return cores if together < _WORTH * alone else 1


def _timed(threads: int, step: Callable[[], None], clock: Callable[[], float]) -> float:
    torch.set_num_threads(threads)
    started = clock()
    step()
    return clock() - started


def _small_step() -> Callable[[], None]:
    """A convolution over frames and bands, then a recurrent layer, forward and backward."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(16, 1, 64, 64, generator=generator)
    shapes = [(16, 1, 3, 3), (32, 16, 3, 3), (256, 512), (256,)]
    parameters = [0.1 * torch.randn(shape, generator=generator) for shape in shapes]
    for parameter in parameters:
        parameter.requires_grad_()
    first, second, weight, bias = parameters
    h = torch.zeros(16, 128)

    def step() -> None:
        maps = torch.conv2d(x, first, stride=(1, 2), padding=1).relu()
        maps = torch.conv2d(maps, second, stride=(1, 2), padding=1).relu()
        y, _ = min_gru_layer(maps.transpose(1, 2).flatten(2), weight, bias, h)
        torch.autograd.grad(y.square().mean(), parameters)

    return step


def open_device(name: str) -> torch.device:
    """The device, after it has computed two recurrences and their gradients rightly.

    Raises:
        DeviceError: it is not there, or differs from the processor by more than 1e-4.
    """
    device = torch.device(name)
    if name == "cpu":
        return device
    backend = torch.cuda if name == "cuda" else torch.backends.mps
    if not backend.is_available():
        raise DeviceError(
            message(
                "device",
                expected="a device that this machine has",
                got=name,
                remedy="Use --device cpu.",
            )
        )
    check_device(device)
    return device


def check_products(products: str, device: torch.device) -> None:
    """Raise unless the processor computes products of bfloat16 itself.

    Raises:
        DeviceError: bfloat16 was asked for and the device does not have it; torch would compute it
            all the same, many times slower.
    """
    capabilities = torch.cpu.get_capabilities()
    has = device.type == "cpu" and any(capabilities.get(name) for name in _BFLOAT16)
    if products == "bfloat16" and not has:
        raise DeviceError(
            message(
                "products",
                expected="a processor with instructions for bfloat16 (avx512_bf16, amx_bf16)",
                got=f"{device} without them",
                remedy="Leave --products out.",
            )
        )


def check_device(device: torch.device) -> float:
    """Largest difference between the device and the processor on a small recurrence.

    Raises:
        DeviceError: it is above 1e-4; some drivers compute recurrences wrongly, in silence.
    """
    generator = torch.Generator().manual_seed(0)
    gates = torch.randn(3, 37, 16, generator=generator)
    differences = []
    for kind in ("mingru", "gru"):
        ours = _run(kind, gates, device)
        truth = _run(kind, gates, torch.device("cpu"))
        pairs = zip(ours, truth, strict=True)
        differences += [float((a - b).abs().max()) for a, b in pairs]
    worst = float(np.max(differences))  # not a number where one of them is not
    if not worst <= _TOLERANCE:
        raise DeviceError(
            message(
                "device",
                expected=f"a recurrence equal to the processor's within {_TOLERANCE:g}",
                got=f"{worst:.2g} on {device}",
                remedy="Its driver computes wrongly; use --device cpu.",
            )
        )
    return worst


def _run(kind: str, gates: torch.Tensor, device: torch.device) -> list[torch.Tensor]:
    x = gates.to(device).requires_grad_()
    if kind == "mingru":
        h = torch.zeros(3, 8, device=device)
        on_processor = device.type == "cpu"
        y, _ = min_gru_reference(x, h) if on_processor else min_gru(x, h)
    else:
        torch.manual_seed(0)
        y, _ = torch.nn.GRU(16, 8, batch_first=True).to(device)(x)
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    return [y.detach().cpu(), gradient.cpu()]
