"""The classification head: a softmax at every time step, and how much each step counts."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

LEAST_WEIGHT = 1e-6  # a clip of steps that all count for nothing would have no answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyConfig:
    """Settings of `ClassifyHead`.

    Attributes:
        kind: the head's name.
        pooling: how time steps make a clip's answer. ``mean``: all count alike. ``attention``:
            step t counts w_t, which the network gives with its posterior.
    """

    kind: Literal["classify"] = "classify"
    pooling: Literal["mean", "attention"] = "attention"


class FrameScores(NamedTuple):
    """What the head says at every time step.

    Attributes:
        log_probs: log-posterior of each class; a row's exponentials sum to 1.
        weights: how much the step counts in a clip's answer, in (0, 1].
    """

    log_probs: Float[Tensor, "batch frames classes"]
    weights: Float[Tensor, "batch frames"]


class ClassifyHead(nn.Module):
    """log_probs_t = log_softmax((W y_t + b) / temperature),  w_t = sigmoid(v . y_t + c) or 1.

    The clip's posterior is softmax(sum_t w_t log_probs_t / sum_t w_t): a running sum, so a stream
    has it at every step, and dividing each step's logits by the temperature divides the clip's.
    """

    causal = True

    def __init__(self, config: ClassifyConfig, *, input_size: int, num_classes: int) -> None:
        super().__init__()
        self.config = config
        self.classify = nn.Linear(input_size, num_classes)
        self.attend = nn.Linear(input_size, 1) if config.pooling == "attention" else None
        self.register_buffer("temperature", torch.ones(()))
        self.temperature: Tensor

    def forward(self, hidden: Float[Tensor, "batch frames hidden"]) -> FrameScores:
        """Scores of every step; each looks at its own hidden frame only, so there is no state."""
        log_probs = (self.classify(hidden) / self.temperature).log_softmax(dim=-1)
        if self.attend is None:
            return FrameScores(log_probs, hidden.new_ones(hidden.shape[:2]))
        weights = torch.sigmoid(self.attend(hidden)[..., 0]).clamp(min=LEAST_WEIGHT)
        return FrameScores(log_probs, weights)


def pool_clip(
    scores: FrameScores, mask: Float[Tensor, "batch frames"]
) -> Float[Tensor, "batch classes"]:
    """Log-posterior of each clip from those of its steps.

    Args:
        scores: as `ClassifyHead` gives them.
        mask: 1 where a step belongs to the clip, else 0; at least one 1 a clip.
    """
    weights = scores.weights * mask
    total = (scores.log_probs * weights[..., None]).sum(dim=1)
    return (total / weights.sum(dim=1, keepdim=True)).log_softmax(dim=-1)
