"""The model's map over whole hops: by the ordinary path, or by steps where those are sooner."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32

from auricle.models import Model, ModelState
from auricle.streaming.step import Stepper, StepPlan, StepRows, step_refusal

_SMALL_PUSHES = 4  # of one stream, before a plan is made: a short clip need not pay for it
_FEW_HOPS = 16  # for one stream, up to which steps are sooner than one call for all of them


class Heard(NamedTuple):
    """Scores of the time steps that were completed, of every stream.

    Attributes:
        log_probs: log-posterior of each class.
        weights: how much each step counts, in (0, 1].
    """

    log_probs: Float32[np.ndarray, "streams frames classes"]
    weights: Float32[np.ndarray, "streams frames"]


class Hearing:
    """A model and the memory of streams that are pushed together, a `ModelState` at any time.

    Long pushes go through `Model`, short ones through a `Stepper`; both go on where the other
    left off, so which one was taken changes nothing.
    """

    def __init__(self, model: Model, state: ModelState, *, plan: StepPlan | None = None) -> None:
        """Go on from ``state``; with a ``plan`` at hand, by steps from the first push on."""
        self.model, self.plan = model, plan
        self.stepper = None if plan is None else Stepper(plan, state)
        self._state = state
        self._streams = state.features.samples.shape[0]
        self._hop = model.config.front_end.hop_length
        self._small_pushes = 0
        self._refusal = step_refusal(model) if plan is None else None

    @property
    def refusal(self) -> str | None:
        """Why this model is never stepped; None if it can be."""
        return self._refusal

    @property
    def state(self) -> ModelState:
        """The memory; a value, which later pushes leave alone."""
        return self._state if self.stepper is None else self.stepper.state()

    def resume(self, state: ModelState) -> None:
        """Go on from another memory of as many streams."""
        self._state, self.stepper = state, None

    def hear(self, samples: Float32[np.ndarray, "streams time"]) -> Heard | None:
        """Hear whole hops of every stream; None if they completed no time step."""
        hops = samples.shape[1] // self._hop
        if not self._takes_steps(hops):
            return self._run(samples)
        if self.stepper is None:
            assert self.plan is not None
            self.stepper = Stepper(self.plan, self._state)
        if hops == 1:
            row = self.stepper.step(samples)
            return None if row is None else _with_steps(row)
        cuts = (samples[:, at : at + self._hop] for at in range(0, samples.shape[1], self._hop))
        rows = [row for row in map(self.stepper.step, cuts) if row is not None]
        if not rows:
            return None
        steps = map(_with_steps, rows)
        return Heard(*(np.concatenate(column, axis=1) for column in zip(*steps, strict=True)))

    def _takes_steps(self, hops: int) -> bool:
        if hops > _FEW_HOPS * self._streams or self._refusal is not None:
            return False
        self._small_pushes += 1
        if self.plan is None and self._small_pushes >= _SMALL_PUSHES:
            self.plan = StepPlan(self.model)
        return self.plan is not None

    def _run(self, samples: Float32[np.ndarray, "streams time"]) -> Heard | None:
        with torch.inference_mode():
            waveform = torch.from_numpy(samples.copy()).to(self.model.features.window.device)
            scores, self._state = self.model(waveform[:, None], self.state)
        self.stepper = None
        if scores.log_probs.shape[1] == 0:
            return None
        return Heard(scores.log_probs.cpu().numpy(), scores.weights.cpu().numpy())


def _with_steps(row: StepRows) -> Heard:
    """A time step's scores with an axis of steps, or of the hops that it answers."""
    streams, classes = row.log_probs.shape[0], row.log_probs.shape[-1]
    return Heard(row.log_probs.reshape(streams, -1, classes), row.weights.reshape(streams, -1))
