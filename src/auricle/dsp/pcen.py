"""Per-channel energy normalisation: each band over its own recent level."""

import math

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from auricle.dsp.checks import check_positive, check_real
from auricle.errors import ConfigError, message


def pcen_update(*, frame_rate: float, time_constant_s: float) -> float:
    """The share of a new frame in the level, as librosa derives it from a time constant.

    T = time_constant_s * frame_rate;  s = (sqrt(1 + 4 T^2) - 1) / (2 T^2)

    Raises:
        ConfigError: a rate or time that is not above zero.
    """
    check_positive(frame_rate=frame_rate, time_constant_s=time_constant_s)
    square = (time_constant_s * frame_rate) ** 2
    return (math.sqrt(1 + 4 * square) - 1) / (2 * square)


def pcen(
    energy: Float[Tensor, "batch frames mels"],
    *,
    frame_rate: float,
    time_constant_s: float = 0.4,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    eps: float = 1e-6,
    level: Float64[np.ndarray, "batch mels"] | None = None,
) -> tuple[Float[Tensor, "batch frames mels"], Float64[np.ndarray, "batch mels"]]:
    """Compress mel energy by its recent level, filter by filter; causal.

    m_t = (1 - s) m_(t-1) + s E_t
    y_t = (E_t / (eps + m_t)^gain + bias)^power - bias^power

    Args:
        energy: mel power or magnitude, >= 0; librosa's defaults are meant for magnitudes of
            samples times 2**31.
        frame_rate: Hz.
        time_constant_s: memory of the level, seconds; s from `pcen_update`.
        gain, bias, power, eps: the paper's alpha, delta, r and epsilon; bias and power > 0.
        level: m before the first frame; 1, as librosa assumes, if None.
    Returns:
        y, and the level after the last frame, for the next call.
    Raises:
        ShapeError: integers, or NaN.
        ConfigError: a setting out of its range.
    Reference:
        Wang et al., "Trainable frontend for robust and far-field keyword spotting", ICASSP 2017;
        equal to ``librosa.pcen``.
    """
    from auricle.dsp.recursion import run_one_pole  # loads numba

    check_real(energy, name="energy")
    check_positive(bias=bias, power=power, eps=eps)
    update = pcen_update(frame_rate=frame_rate, time_constant_s=time_constant_s)
    batch, frames, mels = energy.shape
    if level is None:  # one pole's steady state for an input of 1, as scipy's lfilter_zi
        level = np.ones((batch, mels))
    if level.shape != (batch, mels):
        remedy = "Pass on the level that the last call returned."
        raise ConfigError(
            message("level", expected=f"[{batch}, {mels}]", got=list(level.shape), remedy=remedy)
        )
    rows = energy.detach().double().transpose(1, 2).reshape(batch * mels, frames).numpy()
    moved = level.reshape(-1).copy()
    recent = run_one_pole(np.ascontiguousarray(rows), moved, update)
    smooth = torch.from_numpy(recent).reshape(batch, mels, frames).transpose(1, 2)
    scale = torch.exp(-gain * (math.log(eps) + torch.log1p(smooth / eps)))
    y = bias**power * torch.expm1(power * torch.log1p(energy.double() * scale / bias))
    return y.to(energy.dtype), moved.reshape(batch, mels)
