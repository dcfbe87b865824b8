"""What the first training step would wait for, done while the recordings are read."""

import copy
import threading
from contextlib import suppress

import torch

from auricle.models import Model
from auricle.training.config import TrainConfig
from auricle.training.loop import build_optimizer

_FRAMES = 32
_done: set[str] = set()


def begin_to_warm(model: Model, config: TrainConfig) -> threading.Thread | None:
    """Load compiled kernels and late parts of torch in a thread, once in a process.

    A copy of the model takes one step on a few frames of nothing. No random number is drawn, so
    that the run is the same with and without it.

    Args:
        model: on the processor.
        config: of the optimiser.
    Returns:
        The thread, to be joined before training; None if there is nothing to do.
    """
    kind = repr(model.config.trunk)
    if kind in _done:
        return None
    _done.add(kind)
    thread = threading.Thread(
        target=_one_step, args=(copy.deepcopy(model).eval(), config), name="warming", daemon=True
    )
    thread.start()
    return thread


def _one_step(model: Model, config: TrainConfig) -> None:
    frames = torch.zeros(2, _FRAMES, model.config.front_end.n_features)
    lengths = torch.full((2,), _FRAMES)
    with suppress(Exception):  # whatever is wrong, the run itself will meet it and say so
        optimizer = build_optimizer(model, config)
        model.score_clips(frames, lengths)[2].sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
