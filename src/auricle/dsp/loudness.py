"""Loudness as broadcasters measure it: ITU-R BS.1770, in LUFS."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from auricle.dsp.checks import check_positive, check_real
from auricle.errors import ShapeError, message

OFFSET_LUFS = -0.691
FLOOR_LUFS = -120.0
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE = 10.0
_BLOCK_S, _BLOCK_STEP_S = 0.4, 0.1
_SURROUND_WEIGHTS = (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)  # L, R, C, LFE, Ls, Rs


@lru_cache(maxsize=32)
def k_weighting(sample_rate: int) -> Float64[np.ndarray, "2 5"]:
    """The two filters before the measurement, at any rate: b0, b1, b2, a1, a2 of each.

    The shelf (the head, +4 dB) and the high-pass (below 38 Hz) whose bilinear transforms at 48 kHz
    are the coefficients that the recommendation prints.

    Args:
        sample_rate: Hz, > 0.
    Reference:
        ITU-R BS.1770-5, annex 1; analogue parameters after De Man, "Evaluation of implementations
        of the EBU R128 loudness measurement", AES 145, 2018.
    """
    check_positive(sample_rate=sample_rate)
    shelf = _shelf(
        sample_rate, hz=1681.974450955533, gain_db=3.999843853973347, q=0.7071752369554196
    )
    return np.array([shelf, _high_pass(sample_rate, hz=38.13547087602444, q=0.5003270373238773)])


def _shelf(sample_rate: int, *, hz: float, gain_db: float, q: float) -> tuple[float, ...]:
    k = _warped(sample_rate, hz)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    b0 = (high + band * k / q + k * k) / a0
    b1 = 2 * (k * k - high) / a0
    b2 = (high - band * k / q + k * k) / a0
    return b0, b1, b2, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0


def _high_pass(sample_rate: int, *, hz: float, q: float) -> tuple[float, ...]:
    k = _warped(sample_rate, hz)
    a0 = 1 + k / q + k * k
    return 1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0


def _warped(sample_rate: int, hz: float) -> float:
    """Below 3.4 kHz the shelf would lie above half the rate; it then stays just below it."""
    return math.tan(math.pi * min(hz / sample_rate, 0.49))


def k_weight(
    waveform: Float[Tensor, "rows time"],
    *,
    sample_rate: int,
    memory: Float64[np.ndarray, "rows 2 2"] | None = None,
) -> tuple[Float64[np.ndarray, "rows time"], Float64[np.ndarray, "rows 2 2"]]:
    """The weighted waveform, and the filters' memory for the next samples; causal.

    Args:
        waveform: any amplitude.
        memory: what the last call returned; silence before if None.
    """
    from auricle.dsp.recursion import run_biquads  # loads numba

    rows = waveform.shape[0]
    held = np.zeros((rows, 2, 2)) if memory is None else memory.copy()
    samples = np.ascontiguousarray(waveform.detach().double().numpy())
    return run_biquads(samples, held, k_weighting(sample_rate)), held


def momentary_loudness(
    waveform: Float[Tensor, "batch channels time"],
    *,
    sample_rate: int,
    window_s: float = _BLOCK_S,
    step_s: float = _BLOCK_STEP_S,
    weights: Sequence[float] | None = None,
) -> Float[Tensor, "batch steps"]:
    """Loudness over a sliding window, not gated, LUFS; at least -120.

    L = -0.691 + 10 log10(sum_c G_c mean(y_c^2)),  y K-weighted

    Args:
        waveform: in [-1, 1]; mono, stereo, or five or six channels (L, R, C, [LFE,] Ls, Rs).
        sample_rate: Hz.
        window_s: 0.4 is momentary, 3 is short-term; the clip must be as long.
        step_s: from one value to the next, seconds.
        weights: G of each channel; those of the recommendation if None.
    Raises:
        ShapeError: shorter than the window, a number of channels without known weights, integers,
            NaN.
        ConfigError: a setting that is not above zero.
    Reference:
        ITU-R BS.1770-5; EBU Tech 3341.
    """
    power = _block_power(
        waveform, sample_rate=sample_rate, window_s=window_s, step_s=step_s, weights=weights
    )
    return power_to_lufs(torch.from_numpy(power)).to(waveform.dtype)


def integrated_loudness(
    waveform: Float[Tensor, "batch channels time"],
    *,
    sample_rate: int,
    weights: Sequence[float] | None = None,
) -> Float[Tensor, " batch"]:
    """Loudness of a whole programme, gated, LUFS; -120 where nothing is louder than -70.

    Blocks of 0.4 s every 0.1 s; those above -70 LUFS, and of those the ones above 10 LU below
    their mean, are averaged in power.

    Args:
        waveform: as for `momentary_loudness`; at least 0.4 s.
        sample_rate: Hz.
        weights: as for `momentary_loudness`.
    Raises:
        ShapeError: as `momentary_loudness`.
    Reference:
        ITU-R BS.1770-5, annex 1, part 4.
    """
    power = _block_power(
        waveform, sample_rate=sample_rate, window_s=_BLOCK_S, step_s=_BLOCK_STEP_S, weights=weights
    )
    gated = [_gated_mean(row) for row in power]
    return power_to_lufs(torch.tensor(gated, dtype=torch.float64)).to(waveform.dtype)


def power_to_lufs(power: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """-0.691 + 10 log10(power), at least -120."""
    least = 10 ** ((FLOOR_LUFS - OFFSET_LUFS) / 10)
    return OFFSET_LUFS + 10 * power.clamp(min=least).log10()


def _gated_mean(power: Float64[np.ndarray, " blocks"]) -> float:
    above = power[power > 10 ** ((_ABSOLUTE_GATE_LUFS - OFFSET_LUFS) / 10)]
    if len(above) == 0:
        return 0.0
    return float(above[above > above.mean() / 10 ** (_RELATIVE_GATE / 10)].mean())


def _block_power(
    waveform: Tensor,
    *,
    sample_rate: int,
    window_s: float,
    step_s: float,
    weights: Sequence[float] | None,
) -> Float64[np.ndarray, "batch blocks"]:
    check_positive(sample_rate=sample_rate, window_s=window_s, step_s=step_s)
    check_real(waveform, name="waveform")
    batch, channels, time = waveform.shape
    window, step = round(window_s * sample_rate), max(1, round(step_s * sample_rate))
    if time < window:
        remedy = "Put silence behind it, or leave it out: no loudness is defined for it."
        expected = f"at least {window_s:g} s, {window} samples"
        raise ShapeError(message("waveform", expected=expected, got=time, remedy=remedy))
    factors = np.array(_channel_weights(channels, weights))
    y, _ = k_weight(waveform.reshape(batch * channels, time), sample_rate=sample_rate)
    square = np.einsum("bct,c->bt", y.reshape(batch, channels, time) ** 2, factors)
    total = np.concatenate([np.zeros((batch, 1)), np.cumsum(square, axis=1)], axis=1)
    starts = np.arange(0, time - window + 1, step)
    power: Float64[np.ndarray, "batch blocks"] = total[:, starts + window] - total[:, starts]
    positive: Float64[np.ndarray, "batch blocks"] = np.maximum(power, 0)
    return positive / window


def _channel_weights(channels: int, weights: Sequence[float] | None) -> Sequence[float]:
    if weights is None:
        known = {1: (1.0,), 2: (1.0, 1.0), 6: _SURROUND_WEIGHTS}
        known[5] = (*_SURROUND_WEIGHTS[:3], *_SURROUND_WEIGHTS[4:])
        weights = known.get(channels, ())
    if len(weights) != channels:
        remedy = "Give weights=[...], 1 for a front channel, 1.41 for one behind, 0 for LFE."
        raise ShapeError(
            message(
                "waveform",
                expected="1, 2, 5 or 6 channels, or one weight for each",
                got=f"{channels} channels and {len(weights)} weights",
                remedy=remedy,
            )
        )
    return weights
