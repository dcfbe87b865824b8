"""Where to train: threads, and a device that is tried on a recurrence before it is trusted."""

import numpy as np
import torch

from auricle.errors import DeviceError, message
from auricle.ops.linear_recurrence import min_gru, min_gru_reference

_TOLERANCE = 1e-4


def set_threads(threads: int | None) -> int:
    """Use so many processor threads, or torch's choice; returns how many there are."""
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


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
