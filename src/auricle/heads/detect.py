"""The detection head: what sounds at every hop, one class at a time or several at once."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.heads.classify import LEAST_WEIGHT, FrameScores

_RARE = 0.01  # what a new multi-label head gives each class: most of a recording is none of them


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectConfig:
    """Settings of `DetectHead`.

    Attributes:
        kind: the head's name.
        labels: ``single``: one class at a time, or none of them (a softmax over classes and
            none). ``multi``: classes may overlap (a sigmoid each).
        lookahead_ms: the answer for time t is given at t + lookahead_ms, by which the network has
            heard what follows; in [0, 10000].
        pooling: how hops make a clip's answer where only clips are labelled. ``attention``: hop t
            counts w_t, which the network gives. ``max``: the greatest of all hops counts.
    """

    kind: Literal["detect"] = "detect"
    labels: Literal["single", "multi"] = "single"
    lookahead_ms: float = 60.0
    pooling: Literal["attention", "max"] = "max"

    def __post_init__(self) -> None:
        if not 0 <= self.lookahead_ms <= 10_000:
            raise ConfigError(
                message(
                    "lookahead_ms",
                    expected="0 to 10000 milliseconds",
                    got=self.lookahead_ms,
                    remedy="60 suits syllables of a tenth of a second; give milliseconds.",
                )
            )

    def num_outputs(self, num_classes: int) -> int:
        """Columns of a posterior: the classes and, where they exclude each other, none last."""
        return num_classes + 1 if self.labels == "single" else num_classes

    def lookahead_hops(self, frame_rate: float) -> int:
        """The look-ahead in whole hops.

        Args:
            frame_rate: hops a second, Hz.
        """
        return round(self.lookahead_ms * frame_rate / 1000)


class DetectHead(nn.Module):
    """single: log_probs = log_softmax(logits);  multi: log_probs = log(sigmoid(logits)).

    logits = (W y + b) / temperature

    One hidden frame y gives the answers of ``answers`` hops, so that a trunk with a stride still
    answers for every hop: answer m of a stream comes from step floor(m / answers) and is about
    hop m - lookahead.
    """

    causal = True

    def __init__(
        self, config: DetectConfig, *, input_size: int, num_classes: int, answers: int = 1
    ) -> None:
        super().__init__()
        self.config, self.answers = config, answers
        self.num_outputs = config.num_outputs(num_classes)
        self.classify = nn.Linear(input_size, answers * self.num_outputs)
        self.attend = nn.Linear(input_size, answers) if config.pooling == "attention" else None
        if config.labels == "multi":
            nn.init.constant_(self.classify.bias, math.log(_RARE / (1 - _RARE)))
        self.register_buffer("temperature", torch.ones(()))
        self.temperature: Tensor

    def forward(self, hidden: Float[Tensor, "batch frames hidden"]) -> FrameScores:
        """Log-posteriors of every hop; each step looks at its own hidden frame only.

        Returns:
            ``log_probs`` [batch, frames * answers, outputs]; for ``single`` the last output is
            none of the classes. For ``multi`` each output is a probability of its own.
        """
        logits = self.logits(hidden)
        single = self.config.labels == "single"
        log_probs = logits.log_softmax(dim=-1) if single else nn.functional.logsigmoid(logits)
        if self.attend is None:
            return FrameScores(log_probs, log_probs.new_ones(log_probs.shape[:2]))
        weights = torch.sigmoid(self.attend(hidden)).flatten(1).clamp(min=LEAST_WEIGHT)
        return FrameScores(log_probs, weights)

    def logits(
        self, hidden: Float[Tensor, "batch frames hidden"]
    ) -> Float[Tensor, "batch answers outputs"]:
        """What is before the softmax or the sigmoids; the multi-label loss wants it."""
        batch, frames = hidden.shape[:2]
        logits: Tensor = self.classify(hidden) / self.temperature
        return logits.reshape(batch, frames * self.answers, self.num_outputs)


def pool_tags(
    scores: FrameScores,
    mask: Float[Tensor, "batch frames"],
    *,
    pooling: Literal["attention", "max"],
) -> Float[Tensor, "batch outputs"]:
    """Posterior of each output for whole clips, from those of their hops.

    attention: sum_t w_t p_t / sum_t w_t;  max: max_t p_t

    Args:
        scores: as `DetectHead` gives them.
        mask: 1 where a hop belongs to the clip, else 0; at least one 1 a clip.
    Reference:
        Wang, Li and Metze, "A comparison of five multiple instance learning pooling functions for
        sound event detection with weak labeling", ICASSP 2019.
    """
    probs = scores.log_probs.exp() * mask[..., None]
    if pooling == "max":
        return probs.amax(dim=1)
    weights = scores.weights * mask
    return (probs * weights[..., None]).sum(dim=1) / weights.sum(dim=1, keepdim=True)
