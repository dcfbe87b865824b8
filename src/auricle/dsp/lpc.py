"""Linear prediction: the all-pole filter whose output a sound could be."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_waveform
from auricle.errors import ConfigError, message

LpcMethod = Literal["burg", "autocorrelation"]


def lpc(
    waveform: Float[Tensor, "batch time"], *, order: int, method: LpcMethod = "burg"
) -> Float[Tensor, "batch {order}+1"]:
    """Coefficients a of A(z) = 1 + a_1 z^-1 + ... + a_p z^-p that make A(z) x smallest.

    burg: least forward and backward error, one reflection coefficient at a time; no window needed.
    autocorrelation: the normal equations R a = -r, solved by Levinson's recursion; window the
    waveform first, since it is taken to be silent outside.

    Either gives a stable filter 1 / A(z). Silence gives 1, 0, ..., 0. Computed in float64.

    Args:
        waveform: any amplitude; time > order.
        order: number of poles, > 0; two a resonance, and two for the spectrum's slope.
        method: how they are found.
    Returns:
        a_0 = 1, a_1, ..., a_order; some programs return them with the other sign.
    Raises:
        ConfigError: order not above zero, or an unknown method.
        ShapeError: not [batch, time] of finite float32 or float64, or time <= order.
    Reference:
        Marple, "A new autoregressive spectrum analysis algorithm", IEEE Trans. Acoustics, Speech
        and Signal Processing 28(4), 1980 (Burg's method, as ``librosa.lpc``); Makhoul, "Linear
        prediction: a tutorial review", Proc. IEEE 63(4), 1975.
    """
    check_positive(order=order)
    check_waveform(waveform, shortest=order + 1)
    if method == "burg":
        return _burg(waveform.double(), order).to(waveform.dtype)
    if method == "autocorrelation":
        return _levinson(waveform.double(), order).to(waveform.dtype)
    raise ConfigError(
        message(
            "method",
            expected="'burg' or 'autocorrelation'",
            got=repr(method),
            remedy="Take 'burg', which needs no window.",
        )
    )


def _burg(samples: Float[Tensor, "batch time"], order: int) -> Float[Tensor, "batch {order}+1"]:
    """k_m = -2 sum(f b) / sum(f^2 + b^2);  f' = f + k b,  b' = b + k f."""
    a = samples.new_ones(len(samples), 1)
    forward, backward = samples[:, 1:], samples[:, :-1]
    for _ in range(order):
        energy = (forward.square() + backward.square()).sum(dim=1, keepdim=True)
        k = -2 * (forward * backward).sum(dim=1, keepdim=True) / _or_one(energy)
        a = _reflected(a, k)
        forward, backward = (forward + k * backward)[:, 1:], (backward + k * forward)[:, :-1]
    return a


def _levinson(samples: Float[Tensor, "batch time"], order: int) -> Float[Tensor, "batch {order}+1"]:
    """k_m = -(r_m + sum_i a_i r_{m-i}) / E_{m-1};  E_m = (1 - k_m^2) E_{m-1}."""
    time = samples.shape[1]
    lags = [(samples[:, lag:] * samples[:, : time - lag]).sum(dim=1) for lag in range(order + 1)]
    r = torch.stack(lags, dim=1)
    a = samples.new_ones(len(samples), 1)
    error = r[:, :1]
    for m in range(1, order + 1):
        k = -(a * r[:, 1 : m + 1].flip(1)).sum(dim=1, keepdim=True) / _or_one(error)
        a = _reflected(a, k)
        error = error * (1 - k.square())
    return a


def _reflected(
    a: Float[Tensor, "batch taps"], k: Float[Tensor, "batch 1"]
) -> Float[Tensor, "batch taps+1"]:
    nothing = torch.zeros_like(k)
    return torch.cat([a, nothing], dim=1) + k * torch.cat([nothing, a.flip(1)], dim=1)


def _or_one(energy: Tensor) -> Tensor:
    """What may be divided by: where there is no energy left there is nothing to predict."""
    return torch.where(energy > torch.finfo(energy.dtype).tiny, energy, torch.ones_like(energy))


def lpc_spectrum(
    coefficients: Float[Tensor, "batch taps"], *, n_fft: int
) -> Float[Tensor, "batch bins"]:
    """The power response 1 / |A|^2 of the all-pole filter, the envelope of the sound's spectrum.

    Args:
        coefficients: from `lpc`.
        n_fft: length of the Fourier transform, samples, >= taps; bins = n_fft // 2 + 1.
    Raises:
        ConfigError: n_fft smaller than the number of coefficients.
    """
    taps = coefficients.shape[1]
    if n_fft < taps:
        raise ConfigError(
            message(
                "n_fft",
                expected=f"n_fft >= order + 1 = {taps}",
                got=n_fft,
                remedy="Raise n_fft; a longer transform only draws the curve more finely.",
            )
        )
    response = torch.fft.rfft(coefficients, n=n_fft)
    power: Tensor = 1 / (response.real.square() + response.imag.square())
    return power
