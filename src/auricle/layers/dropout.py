"""Dropout whose random numbers cost little."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

_LEVELS = 1 << 16  # of the 16 random bits for each value


class Dropout(nn.Module):
    """In training, each value is 0 with probability p and x / (1 - p) otherwise; else nothing.

    ``p`` is rounded to 1/65536 and the scale belongs to the rounded one, so the mean is kept. On
    the processor, four values share one 64-bit random number, where `torch.nn.Dropout` draws a
    number for each: a quarter of its time there, and other draws for the same seed. Other devices
    take torch's own.

    Args:
        p: share of values set to zero in training, in [0, 1).

    Reference:
        Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
        JMLR 15, 2014.
    """

    causal = True

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The same shape, with values left out."""
        dropped = round(self.p * _LEVELS)
        if not self.training or not dropped:
            return x
        if x.device.type != "cpu":
            return nn.functional.dropout(x, self.p, training=True)
        bits = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        kept = bits.view(torch.int16)[: x.numel()] >= dropped - _LEVELS // 2
        scale = _LEVELS / (_LEVELS - dropped)
        return x * kept.to(x.dtype).mul_(scale).view(x.shape)

    def extra_repr(self) -> str:
        """Shown by print."""
        return f"p={self.p}"
