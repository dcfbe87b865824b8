"""The training loop of a detector: windows, a schedule, and the mean of the last weights."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.models import Model
from auricle.training.config import TrainConfig
from auricle.training.descent import descend
from auricle.training.detection.scoring import validation_loss
from auricle.training.detection.windows import Annotated, Windows, WindowSampler
from auricle.training.loop import EpochRecord, Progress, build_optimizer, learning_rate_at

STEPS_AN_EPOCH = 50
_BATCH = 16
_AVERAGE = 0.97  # of the weights: what a step keeps of the mean before it
_STEP_RANGE, _PASSES = (300, 6000), 18
_LEAST_DOUBT = 1e-7  # 1 - p of a sure answer, whose logarithm is needed
_EPOCH_SEED_STEP = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is learnt.

    Attributes:
        epochs: parts of ``STEPS_AN_EPOCH`` steps after which the run is looked at and kept.
        batch_size: windows a step.
    """

    epochs: int
    batch_size: int


def choose_plan(frames: int, *, size: int, steps: int | None, batch_size: int | None) -> Plan:
    """Eighteen passes over the recordings, in 300 to 6000 steps.

    Args:
        frames: of all recordings.
        size: of a window, frames.
        steps: in all, where they were chosen; rounded up to whole epochs.
    """
    batch = batch_size or _BATCH
    low, high = _STEP_RANGE
    wanted = steps or max(low, min(high, round(_PASSES * frames / (size * batch))))
    return Plan(epochs=math.ceil(wanted / STEPS_AN_EPOCH), batch_size=batch)


Batch = TypeVar("Batch")


@runtime_checkable
class Task(Protocol[Batch]):
    """What is learnt: how examples are drawn, the loss, and how it goes on held-out recordings."""

    def draw(self, batch: int, rng: np.random.Generator) -> Batch:
        """So many examples."""
        ...

    def loss(self, model: Model, batch: Batch) -> Tensor:
        """The loss of these examples."""
        ...

    def look(self, model: Model) -> tuple[float, float]:
        """Loss and error on held-out recordings."""
        ...


class EventTask:
    """Events with times: cross-entropy of every hop, its answer being ``lookahead`` hops late."""

    def __init__(self, sampler: WindowSampler, validation: list[Annotated]) -> None:
        self.sampler, self.validation = sampler, validation

    def draw(self, batch: int, rng: np.random.Generator) -> Windows:
        """So many windows."""
        return self.sampler.draw(batch, rng)

    def loss(self, model: Model, batch: Windows) -> Tensor:
        """The loss of these windows."""
        device = next(model.parameters()).device
        frames, targets = batch.frames.to(device), batch.targets.to(device)
        scores, _ = model.forward_frames(frames, model.initial_network_state(len(frames)))
        late = scores.log_probs[:, self.sampler.lookahead :][:, : targets.shape[1]]
        return frame_loss(late, targets, single=self.sampler.single)

    def look(self, model: Model) -> tuple[float, float]:
        """Loss and error of the validation recordings."""
        return validation_loss(model, self.validation)


class DetectFit(Generic[Batch]):
    """One detector on its way from its first weights to the mean of its last ones."""

    def __init__(
        self,
        model: Model,
        config: TrainConfig,
        *,
        plan: Plan,
        task: Task[Batch],
    ) -> None:
        self.model, self.config, self.plan, self.task = model, config, plan, task
        self.epochs = plan.epochs
        self.optimizer = build_optimizer(model, config)
        self.progress = Progress()

    @property
    def done(self) -> bool:
        """Whether the last epoch is over."""
        return self.progress.epoch >= self.epochs

    def run(self, after_epoch: Callable[["DetectFit[Batch]", EpochRecord], None]) -> None:
        """Train to the end, then put the mean weights into the model.

        Raises:
            TrainingError: the loss is not finite.
        """
        while not self.done:
            after_epoch(self, self.run_epoch())
        self.model.load_state_dict(self.progress.best_weights)
        self.model.eval()

    def run_epoch(self) -> EpochRecord:
        """So many steps; random choices depend on the seed and the epoch alone."""
        started, epoch = time.perf_counter(), self.progress.epoch
        torch.manual_seed(self.config.seed * _EPOCH_SEED_STEP + epoch)
        rng = np.random.default_rng([self.config.seed, epoch])
        self.model.train()
        losses = [
            self._step(self.task.draw(self.plan.batch_size, rng), epoch * STEPS_AN_EPOCH + at)
            for at in range(STEPS_AN_EPOCH)
        ]
        loss, error = self._look()
        record = EpochRecord(
            epoch=epoch + 1,
            epochs=self.epochs,
            train_loss=float(np.mean(losses)),
            validation_loss=loss,
            validation_accuracy=1 - error,
            validation_error=0.0,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            seconds=time.perf_counter() - started,
        )
        state = self.progress
        state.epoch = state.best_epoch = record.epoch
        state.best_loss = loss
        state.history.append(record)
        return record

    def _look(self) -> tuple[float, float]:
        """Loss and error of the mean weights on the validation recordings."""
        kept = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.progress.best_weights)
        self.model.eval()
        found = self.task.look(self.model)
        self.model.load_state_dict(kept)
        return found

    def _step(self, batch: Batch, step: int) -> float:
        steps = self.epochs * STEPS_AN_EPOCH
        rate = learning_rate_at(step, steps=steps, highest=self.config.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.products == "bfloat16"):
            loss = self.task.loss(self.model, batch)
        value = descend(loss, self.model, self.optimizer)
        self._average(step)
        return value

    def _average(self, step: int) -> None:
        """mean += (1 - d) (weights - mean), with a d that grows to its value.

        Reference:
            Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM
            Journal on Control and Optimization 30(4), 1992.
        """
        keep = min(_AVERAGE, (step + 1) / (step + 10))
        weights, mean = self.model.state_dict(), self.progress.best_weights
        for name, value in weights.items():
            if name not in mean or not value.is_floating_point():
                mean[name] = value.clone()
            else:
                mean[name].lerp_(value, 1 - keep)


def frame_loss(
    log_probs: Float[Tensor, "batch hops outputs"], targets: Tensor, *, single: bool
) -> Tensor:
    """Mean log-loss of hops: of the class, or of each class sounding or not.

    Args:
        log_probs: as `DetectHead` gives them.
        targets: [batch, hops] of classes, or [batch, hops, classes] of 0 and 1.
    """
    if single:
        return nn.functional.nll_loss(log_probs.flatten(0, 1), targets.flatten())
    absent = (-torch.expm1(log_probs)).clamp(min=_LEAST_DOUBT).log()
    return -(targets * log_probs + (1 - targets) * absent).sum(dim=2).mean()
