"""The gated linear recurrences that cells are made of: one map each, in several forms.

In all of them, with ``lengths``: y is 0 from a clip's length on, no gradient comes from or goes to
those frames whatever stands there, and the last memory is that of the clip's last valid frame.
"""

import math

import torch
from jaxtyping import Float, Inexact, Int64
from torch import Tensor
from torch.nn import functional

from auricle.errors import ConfigError, ShapeError, message
from auricle.ops.linear_recurrence.dispatch import Backend, recur


def linear_recurrence(
    a: Inexact[Tensor, "batch frames hidden"],
    b: Inexact[Tensor, "batch_b frames_b hidden_b"],
    h: Inexact[Tensor, "memories hidden_h"],
    *,
    lengths: Int64[Tensor, " clips"] | None = None,
    backend: Backend = "auto",
) -> tuple[Inexact[Tensor, "batch frames hidden"], Inexact[Tensor, "batch hidden"]]:
    """Run h_t = a_t * h_(t-1) + b_t over the frames, channel by channel, real or complex.

    Args:
        a, b: any number; of one shape and type (float32, float64, complex64 or complex128; half
            precision in the parallel form only, computed in float32).
        h: the memory before the first frame.
        lengths: valid frames of each clip, 0 to ``frames``; see the module's text.
        backend: ``fused`` is compiled for the processor, ``parallel`` is plain torch on any device
            (and what `torch.compile` and exports to other runtimes take), ``triton`` is for CUDA,
            ``reference`` is the loop. ``auto`` takes ``fused`` where it can run, else ``parallel``;
            and ``parallel`` for up to 128 frames without gradients, so that a short clip and a
            live stream need not wait for compiled code to load.
    Returns:
        h_t of every frame, and the last of them.
    Raises:
        ShapeError: ``a``, ``b`` and ``h`` do not fit together, or a length is out of range.
        StateError: ``h`` is of another batch size, dtype or device.
        ConfigError: a back end was named that cannot run on these tensors.
    >>> ones = torch.ones(1, 4, 1)
    >>> linear_recurrence(0.5 * ones, ones, torch.zeros(1, 1))[0].flatten()
    tensor([1.0000, 1.5000, 1.7500, 1.8750])
    """
    if a.shape != b.shape or a.dtype != b.dtype:
        raise ShapeError(
            message(
                "a",
                expected=f"the shape and type of b, {list(b.shape)} in {b.dtype}",
                got=f"{list(a.shape)} in {a.dtype}",
                remedy="Expand a constant factor with `expand_as`.",
            )
        )
    return recur("linear", b, a, h, lengths=lengths, backend=backend)


def min_gru(
    gates: Float[Tensor, "batch frames two_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    lengths: Int64[Tensor, " clips"] | None = None,
    backend: Backend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The minimal GRU's recurrence; equation and shapes as in `min_gru_reference`.

    ``lengths``, ``backend`` and errors as in `linear_recurrence`.
    """
    return recur("min_gru", gates, None, h, lengths=lengths, backend=backend)


def min_lstm(
    gates: Float[Tensor, "batch frames three_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    lengths: Int64[Tensor, " clips"] | None = None,
    backend: Backend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The minimal LSTM's recurrence, its two gates normalised to sum to one.

    f_t = sigmoid(gates[:, t, :hidden]),  i_t = sigmoid(gates[:, t, hidden : 2 * hidden])
    c_t = gates[:, t, 2 * hidden:]
    h_t = f_t / (f_t + i_t) * h_(t-1) + i_t / (f_t + i_t) * c_t

    Exact where both gates underflow: the ratio is computed from the gates' logarithms.
    ``lengths``, ``backend`` and errors as in `linear_recurrence`.

    Reference:
        Feng et al., "Were RNNs All We Needed?", arXiv:2410.01201, 2024, section 3.2.
    """
    return recur("min_lstm", gates, None, h, lengths=lengths, backend=backend)


def qrnn(
    gates: Float[Tensor, "batch frames three_hidden"],
    c: Float[Tensor, "memories hidden"],
    *,
    lengths: Int64[Tensor, " clips"] | None = None,
    backend: Backend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The quasi-recurrent network's fo-pooling.

    f_t = sigmoid(gates[:, t, :hidden]),  z_t = tanh(gates[:, t, hidden : 2 * hidden])
    o_t = sigmoid(gates[:, t, 2 * hidden:])
    c_t = f_t * c_(t-1) + (1 - f_t) * z_t,  y_t = o_t * c_t

    ``lengths``, ``backend`` and errors as in `linear_recurrence`.

    Returns:
        y_t of every frame, and the last c_t.
    Reference:
        Bradbury et al., "Quasi-recurrent neural networks", ICLR 2017, section 2.1.
    """
    return recur("qrnn", gates, None, c, lengths=lengths, backend=backend)


def rg_lru(
    gates: Float[Tensor, "batch frames three_hidden"],
    h: Float[Tensor, "memories hidden"],
    *,
    decay: Float[Tensor, " channels"],
    c: float = 8.0,
    lengths: Int64[Tensor, " clips"] | None = None,
    backend: Backend = "auto",
) -> tuple[Float[Tensor, "batch frames hidden"], Float[Tensor, "batch hidden"]]:
    """The real-gated linear recurrent unit of Griffin.

    r_t = sigmoid(gates[:, t, :hidden]),  i_t = sigmoid(gates[:, t, hidden : 2 * hidden])
    v_t = gates[:, t, 2 * hidden:]
    a_t = exp(-c * softplus(decay) * r_t)
    h_t = a_t * h_(t-1) + sqrt(1 - a_t^2) * i_t * v_t

    The root's derivative is infinite at a = 1, but what reaches r and ``decay`` goes to 0 there;
    the compiled form computes that product as one, and no gradient is clipped.
    ``lengths``, ``backend`` and errors as in `linear_recurrence`.

    Args:
        decay: learned, any real; smaller is slower.
        c: how fast the fastest channel forgets, > 0.
    Reference:
        De et al., "Griffin: mixing gated linear recurrences with local attention for efficient
        language models", arXiv:2402.19427, 2024, section 2.4.
    """
    if not c > 0:
        raise ConfigError(message("c", expected="c > 0", got=c, remedy="The paper takes 8."))
    _check_channels("decay", decay, h)
    log_rate = log_softplus(decay) + math.log(c)
    return recur("rg_lru", gates, log_rate, h, lengths=lengths, backend=backend)


def lru(
    inputs: Float[Tensor, "batch frames two_hidden"],
    h: Float[Tensor, "memories two_hidden_h"],
    *,
    nu: Float[Tensor, " channels"],
    theta: Float[Tensor, " channels_theta"],
    scale: Float[Tensor, " channels_scale"],
    lengths: Int64[Tensor, " clips"] | None = None,
    backend: Backend = "auto",
) -> tuple[Float[Tensor, "batch frames two_hidden"], Float[Tensor, "batch two_hidden"]]:
    """The linear recurrent unit: a diagonal complex recurrence with the same factor at all frames.

    h_t = exp(-exp(nu) + i * exp(theta)) * h_(t-1) + scale * u_t

    Complex numbers are pairs: ``inputs`` (u), ``h`` and the result hold all real parts first and
    then all imaginary ones. One real product then yields u, vectors need no shuffling, and
    runtimes without complex numbers can take the map.
    ``lengths``, ``backend`` and errors as in `linear_recurrence`.

    Args:
        nu, theta: any real; |eigenvalue| = exp(-exp(nu)) < 1, its angle exp(theta), radians.
        scale: real; sqrt(1 - |eigenvalue|^2) keeps the variance of white input.
    Reference:
        Orvieto et al., "Resurrecting recurrent neural networks for long sequences", ICML 2023.
    """
    for name, value in (("nu", nu), ("theta", theta), ("scale", scale)):
        _check_channels(name, value, h, pairs=True)
    size, angle = torch.exp(-torch.exp(nu)), torch.exp(theta)
    p = torch.stack([size * torch.cos(angle), size * torch.sin(angle), scale])
    return recur("lru", inputs, p, h, lengths=lengths, backend=backend)


def _check_channels(name: str, value: Tensor, h: Tensor, *, pairs: bool = False) -> None:
    hidden = h.shape[1] // 2 if pairs else h.shape[1]
    if value.shape != (hidden,) or value.dtype != h.dtype:
        raise ShapeError(
            message(
                name,
                expected=f"one number for each of {hidden} channels, in {h.dtype}",
                got=f"{list(value.shape)} in {value.dtype}",
                remedy="Match the cell's size and type.",
            )
        )


def log_softplus(x: Tensor) -> Tensor:
    """log(softplus(x)), which is x to 5e-14 where x < -30."""
    return torch.where(x < -30, x, torch.log(functional.softplus(x.clamp(min=-30))))
