"""Streams in lockstep: a hop of each in, their posteriors out."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32

from auricle.features import LogMelState
from auricle.models import ModelState, NetworkState
from auricle.streaming.step.front_end import FrontEndStep
from auricle.streaming.step.plan import StepPlan
from auricle.streaming.step.recurrent import BlockStep
from auricle.streaming.step.stem import ConvStep
from auricle.trunks import TrunkState


class StepRows(NamedTuple):
    """Scores of one time step, a row for each stream; a detector's step answers several hops.

    Attributes:
        log_probs: log-posterior of each class.
        weights: how much the step counts, in (0, 1].
    """

    log_probs: Float32[np.ndarray, "streams *answers classes"]
    weights: Float32[np.ndarray, "streams *answers"]


class Stepper:
    """The map of `Model`, one hop at a time, on memory that is laid out for it.

    All streams of a stepper have heard whole hops and stand at the same place of every stride.
    Its memory is a `ModelState` in another order: take it out with `state`, go on in `Model`.
    """

    def __init__(self, plan: StepPlan, state: ModelState) -> None:
        """Go on from ``state``, which is copied.

        Args:
            state: of streams that have heard whole hops, as `Model` returns it.
        """
        network, trunk = state.network, state.network.trunk
        assert isinstance(trunk, TrunkState), type(trunk)  # a plan is of a `RecurrentTrunk`
        samples = state.features
        assert isinstance(samples, LogMelState), type(samples)  # a plan is of a `LogMel`
        self.plan, self.streams = plan, samples.samples.shape[0]
        self._front_end = FrontEndStep(plan.front_end, samples, network.compression)
        self._stem = [ConvStep(*pair) for pair in zip(plan.stem, trunk.stem, strict=True)]
        self._blocks = [
            BlockStep(block, memory)  # type: ignore[arg-type]
            for block, memory in zip(plan.blocks, trunk.cells, strict=True)
        ]
        first, last = plan.stem[0], plan.stem[-1]
        self._features = [slot.numpy()[:, 0, 0] for slot in self._stem[0].slots]
        assert first.in_channels == 1
        maps = torch.zeros(self.streams, last.out_bands, last.out_channels)
        self._maps, self._flat = maps.transpose(1, 2)[:, :, None], maps.flatten(1)
        self._x = torch.zeros(self.streams, plan.project.bias.shape[0])
        self._x_np = self._x.numpy()

    def step(self, hop: Float32[np.ndarray, "streams hop"]) -> StepRows | None:
        """Hear one hop of each stream.

        Args:
            hop: hop_length samples of each stream, in [-1, 1].
        Returns:
            Their scores; None for a hop inside a stride, which has none.
        """
        with torch.inference_mode(), np.errstate(all="ignore"):
            self._front_end.step(hop, self._features[self._stem[0].newest])
            if not self._convolve():
                return None
            self.plan.project.into(self._flat, self._x)
            for block in self._blocks:
                block.step(self._x, self._x_np)
            return StepRows(*self.plan.head.step(self._x))

    def _convolve(self) -> bool:
        """The new frame through the stem; whether it came out at the end."""
        stem = self._stem
        for index, conv in enumerate(stem):
            maps = conv.step()
            if maps is None:
                return False
            later = stem[index + 1] if index + 1 < len(stem) else None
            target = self._maps if later is None else later.slots[later.newest]
            torch.clamp_min(maps, 0, out=target)
        return True

    def state(self) -> ModelState:
        """The streams' memory as `Model` holds it; a copy."""
        features, compression = self._front_end.state()
        stem = tuple(conv.state() for conv in self._stem)
        cells = tuple(block.state() for block in self._blocks)
        return ModelState(features, NetworkState(compression, TrunkState(stem, cells)))
