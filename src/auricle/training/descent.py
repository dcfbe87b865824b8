"""One step down the gradient, alike for classifiers and detectors."""

import torch
from torch import Tensor, nn

from auricle.errors import TrainingError, message
from auricle.ops.workers import torch_on_one_thread

_MAX_GRADIENT_NORM = 1.0


def descend(loss: Tensor, model: nn.Module, optimizer: torch.optim.Optimizer) -> float:
    """Gradients of the loss, cut to a norm of 1, and a step of the optimiser; returns the loss.

    The step runs over many small weights: among threads, waking them takes longer than the sums.

    Raises:
        TrainingError: the loss is not finite; no weight has changed.
    """
    if not torch.isfinite(loss):
        raise TrainingError(
            message(
                "loss",
                expected="a finite number",
                got=float(loss.detach()),
                remedy="Lower --learning-rate; what was learnt before is in the checkpoint.",
            )
        )
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    with torch_on_one_thread():
        nn.utils.clip_grad_norm_(model.parameters(), _MAX_GRADIENT_NORM)
        optimizer.step()
    return float(loss.detach())
