"""The statistics of batch normalisation, taken from the clips as they are."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import torch
from torch import nn

from auricle.features.augment import Batch
from auricle.models import Model


class _AllHeardError(Exception):
    """Nothing that follows in this pass is needed."""


def settle_norms(model: Model, batches: Iterable[Batch]) -> None:
    """Take the statistics of batch normalisation from the training clips as they are.

    Those kept while training are of clips that were mixed, masked and padded; what the model
    will hear is not. Each pass ends at the last norm: what stands behind it is not computed.

    Args:
        model: on the device of the batches; in evaluation afterwards.
        batches: little of them is padding; every frame counts alike.
    Reference:
        Wu and Johnson, "Rethinking 'batch' in BatchNorm", arXiv:2105.07576, 2021, section 3.
    """
    norms = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    model.eval()
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.train()
    heard = 0
    with torch.no_grad(), _ends_when_heard(norms):
        for batch in batches:
            frames = int(batch.lengths.sum())
            heard += frames
            for norm in norms:
                norm.momentum = frames / heard
            with suppress(_AllHeardError):
                model.score_clips(batch.frames, batch.lengths)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.eval()


@contextmanager
def _ends_when_heard(norms: list[nn.BatchNorm2d]) -> Iterator[None]:
    """Meanwhile a pass is left when the last of the norms, whichever that is, has seen it."""
    seen: set[nn.Module] = set()

    def after(norm: nn.Module, inputs: object, output: object) -> None:
        seen.add(norm)
        if len(seen) == len(norms):
            seen.clear()
            raise _AllHeardError

    handles = [norm.register_forward_hook(after) for norm in norms]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
