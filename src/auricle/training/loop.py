"""The training loop: epochs over examples, a schedule, the best weights kept."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.features import FeaturesConfig, silence_frame
from auricle.features.augment import Augment, AugmentConfig, Batch
from auricle.features.augment_columns import AugmentColumns
from auricle.models import Model
from auricle.training.config import TrainConfig
from auricle.training.descent import descend
from auricle.training.examples import Examples, collate, evaluation_batches, training_order
from auricle.training.settling import settle_norms

_FRAME_LOSS_SHARE = 0.1
_WARM_UP = 0.2
_STEPS = 3000
_FRAME_BUDGET = 13_000_000
_EPOCH_RANGE = (12, 90)
_SMALL_SET = 1000
_SMOOTHED_EPOCHS = 5  # few validation clips make one epoch's loss a matter of luck
_EVALUATION_FRAMES = 8_000  # at a time, which a cache holds; a clip that is longer comes alone
_SETTLING_FRAMES, _SETTLING_ALIKE = 8_000, 0.9  # little of a batch is padding
_EPOCH_SEED_STEP = 1_000_003


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """What one epoch did; a line of the log.

    Attributes:
        validation_loss, validation_error: mean log-loss of the validation clips, and the standard
            error of that mean.
    """

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    validation_error: float
    learning_rate: float
    seconds: float

    def to_dict(self) -> dict[str, float | int]:
        """As JSON."""
        return asdict(self)


@dataclass(slots=True)
class Progress:
    """Where a run stands after an epoch: all that resuming needs beside the model itself.

    Attributes:
        best_epoch: the epoch whose weights are kept.
        best_loss: lowest validation loss, a mean of five epochs.
        best_error: the standard error of that loss, over validation clips.
    """

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    best_error: float = 0.0
    best_weights: dict[str, Tensor] = field(default_factory=dict)
    history: list[EpochRecord] = field(default_factory=list)
    stopped_early: bool = False


def augment_config(strength: str) -> AugmentConfig | None:
    """The augmentation of that name; None for ``none``."""
    match strength:
        case "none":
            return None
        case "light":
            return AugmentConfig(speed=0.08, pitch=0.06, mixup=0.0, noise_probability=0.3)
        case "strong":
            return AugmentConfig(speed=0.3, pitch=0.25, mixup=0.5, frequency_mask_width=0.2)
        case _:
            return AugmentConfig()


def choose_batch_size(examples: Examples) -> int:
    """32 examples a step, 16 of a small set, so that an epoch still has some steps."""
    return 16 if len(examples) < _SMALL_SET else 32


def choose_epochs(examples: Examples, *, batch_size: int, most: int) -> int:
    """Passes over the training set: 3000 steps or 13 million frames, whichever is less work.

    Args:
        most: frames counted of each clip at the most.
    Returns:
        Between 12 and 90.
    """
    low, high = _EPOCH_RANGE
    by_steps = _STEPS / max(1, math.ceil(len(examples) / batch_size))
    by_frames = _FRAME_BUDGET / max(1, examples.num_frames(most))
    return max(low, min(high, round(min(by_steps, by_frames))))


def learning_rate_at(step: int, *, steps: int, highest: float) -> float:
    """Cosine up from highest / 25 over the first fifth of the steps, cosine down to near zero.

    Reference:
        Smith and Topin, "Super-convergence", arXiv:1708.07120, 2017.
    """
    warm = max(1, int(_WARM_UP * steps))
    if step < warm:
        low, share = highest / 25, step / warm
    else:
        low, share = highest * 1e-4, 1 - (step - warm) / max(1, steps - warm)
    return low + (highest - low) * (1 - math.cos(math.pi * share)) / 2


def build_optimizer(model: Model, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW, all weights in one call; only matrices decay."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98), fused=True)


class Fit:
    """One model on its way from its first weights to its best ones."""

    def __init__(
        self,
        model: Model,
        config: TrainConfig,
        *,
        train: Examples,
        validation: Examples,
        noise: Examples | None = None,
    ) -> None:
        """``noise`` holds background frames that are mixed in; the model gives the device."""
        self.model, self.config = model, config
        self.train, self.validation, self.noise = train, validation, noise
        self.most = max(1, round(config.max_clip_s * model.config.front_end.frame_rate))
        self.batch_size = config.batch_size or choose_batch_size(train)
        self.epochs = config.epochs or choose_epochs(
            train, batch_size=self.batch_size, most=self.most
        )
        self.optimizer = build_optimizer(model, config)
        self.progress = Progress()
        self._floor = silence_frame(model.features)
        self._classes = len(model.config.classes)
        self._augment = augment_config(config.augment)
        self._class_weights = class_weights(train, self._classes, config.class_weights)
        self._steps_an_epoch = math.ceil(len(train) / self.batch_size)

    @property
    def _device(self) -> torch.device:
        return next(self.model.parameters()).device

    @property
    def done(self) -> bool:
        """Whether the last epoch is over, or patience is."""
        return self.progress.stopped_early or self.progress.epoch >= self.epochs

    def run(self, after_epoch: Callable[["Fit", EpochRecord], None]) -> None:
        """Train to the end, then put the best weights into the model.

        Raises:
            TrainingError: the loss is not finite.
        """
        while not self.done:
            record = self.run_epoch()
            after_epoch(self, record)
        self.model.load_state_dict(self.progress.best_weights)
        self.settle_norms()
        self.model.eval()

    def settle_norms(self) -> None:
        """`settling.settle_norms` with the training clips."""
        batches = self._clean_batches(self.train, budget=_SETTLING_FRAMES, alike=_SETTLING_ALIKE)
        settle_norms(self.model, (batch for _, batch in batches))

    def run_epoch(self) -> EpochRecord:
        """One pass; random choices depend on the seed and the epoch alone, so it can be redone."""
        started = time.perf_counter()
        epoch = self.progress.epoch
        seed = self.config.seed * _EPOCH_SEED_STEP + epoch
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        train_loss = self._pass(generator)
        loss, accuracy, error = self.evaluate()
        record = EpochRecord(
            epoch=epoch + 1,
            epochs=self.epochs,
            train_loss=train_loss,
            validation_loss=loss,
            validation_accuracy=accuracy,
            validation_error=error,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            seconds=time.perf_counter() - started,
        )
        self._remember(record)
        return record

    def evaluate(self) -> tuple[float, float, float]:
        """Of the validation clips (the training clips if none): log-loss, accuracy, and the
        standard error of the loss."""
        log_probs = self.clip_log_probs(self.validation)
        targets = torch.from_numpy(self.validation.targets)
        losses = nn.functional.nll_loss(log_probs, targets, reduction="none").double()
        error = float(losses.std(correction=0)) / math.sqrt(len(losses))
        accuracy = float((log_probs.argmax(dim=1) == targets).float().mean())
        return float(losses.mean()), accuracy, error

    def clip_log_probs(self, examples: Examples) -> Float[Tensor, "clips classes"]:
        """Log-posterior of every clip, in the order of the examples."""
        self.model.eval()
        result = torch.empty(len(examples), self._classes)
        with torch.inference_mode():
            for chosen, batch in self._clean_batches(examples):
                log_probs = self.model.score_clips(batch.frames, batch.lengths)[2]
                result[torch.from_numpy(chosen)] = log_probs.cpu()
        return result

    def _clean_batches(
        self, examples: Examples, *, budget: int = _EVALUATION_FRAMES, alike: float = 0.0
    ) -> Iterator[tuple[np.ndarray, Batch]]:
        """All clips as they are, on the model's device, about ``budget`` frames at a time."""
        batches = evaluation_batches(
            examples,
            num_classes=self._classes,
            floor=self._floor,
            most=8 * self.most,
            budget=budget,
            alike=alike,
        )
        for chosen, batch in batches:
            frames, lengths = batch.frames.to(self._device), batch.lengths.to(self._device)
            yield chosen, Batch(frames, lengths, batch.targets)

    def _pass(self, generator: torch.Generator) -> float:
        self.model.train()
        lengths = [min(len(frames), self.most) for frames in self.train.frames]
        order = training_order(lengths, self.batch_size, generator=generator)
        total = 0.0
        for at, chosen in enumerate(order):
            step = self.progress.epoch * self._steps_an_epoch + at
            total += self._step(self._batch(chosen, generator), step)
        return total / len(order)

    def _batch(self, chosen: np.ndarray, generator: torch.Generator) -> Batch:
        batch = collate(
            self.train,
            chosen,
            num_classes=self._classes,
            floor=self._floor,
            most=self.most,
            generator=generator,
        )
        if self._augment is None:
            return batch
        front_end = self.model.config.front_end
        if isinstance(front_end, FeaturesConfig):
            columns = AugmentColumns(
                self._augment,
                silence=self._floor,
                deviation=self.model.compression.deviation.cpu(),
                widths=front_end.widths,
                generator=generator,
            )
            return columns(batch)
        noise = self.noise.frames if self.noise is not None else None
        floor = float(self._floor[0])
        augment = Augment(self._augment, floor=floor, generator=generator, noise=noise)
        return augment(batch)

    def _step(self, batch: Batch, step: int) -> float:
        steps = self.epochs * self._steps_an_epoch
        rate = learning_rate_at(step, steps=steps, highest=self.config.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        bfloat16 = self.config.products == "bfloat16"
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            loss = self._loss(batch)
        return descend(loss, self.model, self.optimizer)

    def _loss(self, batch: Batch) -> Tensor:
        """Cross-entropy of the clip's posterior, and a share of that of its time steps."""
        frames, lengths = batch.frames.to(self._device), batch.lengths.to(self._device)
        scores, mask, clips = self.model.score_clips(frames, lengths)
        smoothing = self.config.label_smoothing
        targets = batch.targets * self._class_weights
        targets = (targets * (1 - smoothing) + smoothing / self._classes).to(self._device)
        clip_loss = -(targets * clips).sum(dim=1).mean()
        steps = -(scores.log_probs * targets[:, None]).sum(dim=2) * mask
        return clip_loss + _FRAME_LOSS_SHARE * (steps.sum(dim=1) / mask.sum(dim=1)).mean()

    def _remember(self, record: EpochRecord) -> None:
        """Keep the latest epoch that is no worse than the best by more than its standard error.

        The learning rate falls to the end, so of epochs that the validation clips cannot tell
        apart the latest is the likeliest to be the best.

        Reference:
            The one-standard-error rule: Breiman et al., "Classification and regression trees",
            1984, section 3.4.3.
        """
        state = self.progress
        state.epoch = record.epoch
        state.history.append(record)
        recent = state.history[-_SMOOTHED_EPOCHS:]
        loss = sum(one.validation_loss for one in recent) / len(recent)
        if loss < state.best_loss:
            state.best_loss, state.best_error = loss, record.validation_error
        if loss <= state.best_loss + state.best_error:
            state.best_epoch = record.epoch
            weights = self.model.state_dict()
            state.best_weights = {name: value.clone() for name, value in weights.items()}
        waited = record.epoch - state.best_epoch
        state.stopped_early = 0 < self.config.patience <= waited


def class_weights(examples: Examples, num_classes: int, kind: str) -> Float[Tensor, " classes"]:
    """1 for each class, or the inverse of its share, with a mean of 1 over the clips."""
    if kind == "none":
        return torch.ones(num_classes)
    counts = np.bincount(examples.targets, minlength=num_classes)
    weights = len(examples) / (num_classes * np.maximum(counts, 1))
    return torch.from_numpy(weights).float()
