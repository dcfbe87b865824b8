"""Every gated linear recurrence as a loop that reads beside its equation."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Inexact, Int64
from torch import Tensor

Step = Callable[[Tensor, Tensor | None, Tensor], tuple[Tensor, Tensor]]


def min_gru_reference(
    gates: Float[Tensor, "batch frames two_hidden"], h: Float[Tensor, "batch hidden"]
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """Run the minimal GRU's recurrence, one frame after the other.

    z_t = sigmoid(gates[:, t, :hidden])
    c_t = gates[:, t, hidden:]
    h_t = (1 - z_t) * h_(t-1) + z_t * c_t

    Args:
        gates: update gate before its sigmoid, then candidate; any real.
        h: the memory before the first frame.
    Returns:
        h_t of every frame, and the last of them (``h`` itself when there is no frame).
    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024, section 3.1.
    """
    return unroll("min_gru", gates, None, h)


def unroll(
    cell: str,
    x: Inexact[Tensor, "batch frames _"],
    p: Inexact[Tensor, "..."] | None,
    h: Inexact[Tensor, "batch memory"],
    *,
    lengths: Int64[Tensor, " batch"] | None = None,
) -> tuple[Inexact[Tensor, "batch frames _"], Inexact[Tensor, "batch memory"]]:
    """Run one cell's step over the frames; from a clip's length on its memory stands still.

    Returns:
        y_t of every frame, 0 from a clip's length on, and the last memory.
    """
    step, outputs = _STEPS[cell], []
    for t, x_t in enumerate(x.unbind(dim=1)):
        y_t, after = step(x_t, p[:, t] if cell == "linear" and p is not None else p, h)
        if lengths is not None:
            runs = (t < lengths)[:, None]
            y_t, after = torch.where(runs, y_t, 0), torch.where(runs, after, h)
        outputs.append(y_t)
        h = after
    if not outputs:
        return x.new_empty(x.shape[0], 0, h.shape[1]), h
    return torch.stack(outputs, dim=1), h


def _linear(b: Tensor, a: Tensor | None, h: Tensor) -> tuple[Tensor, Tensor]:
    """h_t = a_t * h_(t-1) + b_t"""
    assert a is not None
    h = a * h + b
    return h, h


def _min_gru(gates: Tensor, _: Tensor | None, h: Tensor) -> tuple[Tensor, Tensor]:
    """z = sigmoid(z_pre);  h_t = (1 - z) * h_(t-1) + z * c"""
    z_pre, c = gates.chunk(2, dim=-1)
    z = torch.sigmoid(z_pre)
    h = (1 - z) * h + z * c
    return h, h


def _min_lstm(gates: Tensor, _: Tensor | None, h: Tensor) -> tuple[Tensor, Tensor]:
    """f, i = sigmoid(f_pre), sigmoid(i_pre);  h_t = f / (f + i) * h_(t-1) + i / (f + i) * c

    i / (f + i) = sigmoid(log(i) - log(f)), which is defined where both gates underflow.
    """
    f_pre, i_pre, c = gates.chunk(3, dim=-1)
    log_f, log_i = torch.nn.functional.logsigmoid(f_pre), torch.nn.functional.logsigmoid(i_pre)
    h = torch.sigmoid(log_f - log_i) * h + torch.sigmoid(log_i - log_f) * c
    return h, h


def _qrnn(gates: Tensor, _: Tensor | None, c: Tensor) -> tuple[Tensor, Tensor]:
    """f, z, o = sigmoid, tanh, sigmoid;  c_t = f * c_(t-1) + (1 - f) * z;  y_t = o * c_t"""
    f_pre, z_pre, o_pre = gates.chunk(3, dim=-1)
    f = torch.sigmoid(f_pre)
    c = f * c + (1 - f) * torch.tanh(z_pre)
    return torch.sigmoid(o_pre) * c, c


def _rg_lru(gates: Tensor, log_rate: Tensor | None, h: Tensor) -> tuple[Tensor, Tensor]:
    """r, i = sigmoid, sigmoid;  a = exp(-rate * r);  h_t = a * h_(t-1) + sqrt(1 - a^2) * i * v

    The square root's argument is held above 1e-30, where its derivative is still finite.
    """
    r_pre, i_pre, v = gates.chunk(3, dim=-1)
    assert log_rate is not None
    decay = torch.exp(log_rate) * torch.sigmoid(r_pre)
    scale = torch.sqrt((-torch.expm1(-2 * decay)).clamp(min=1e-30))
    h = torch.exp(-decay) * h + scale * torch.sigmoid(i_pre) * v
    return h, h


def _lru(u: Tensor, p: Tensor | None, h: Tensor) -> tuple[Tensor, Tensor]:
    """h_t = eigenvalue * h_(t-1) + scale * u_t, with complex numbers as pairs"""
    assert p is not None
    real, imaginary, scale = p
    u_re, u_im = u.chunk(2, dim=-1)
    h_re, h_im = h.chunk(2, dim=-1)
    after_re = real * h_re - imaginary * h_im + scale * u_re
    after_im = real * h_im + imaginary * h_re + scale * u_im
    h = torch.cat([after_re, after_im], dim=-1)
    return h, h


_STEPS: dict[str, Step] = {
    "linear": _linear,
    "min_gru": _min_gru,
    "min_lstm": _min_lstm,
    "qrnn": _qrnn,
    "rg_lru": _rg_lru,
    "lru": _lru,
}
