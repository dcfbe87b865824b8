"""YIN's difference function: how unlike itself a frame is, one lag later."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def normalised_difference(
    frames: Float[Tensor, "batch frames win"], *, min_period: int, max_period: int
) -> Float[Tensor, "batch frames lags"]:
    """The cumulative mean normalised difference at lags min_period ... max_period.

    d(k) = 2 (r(0) - r(k)) - sum_{n < k} x(n)^2,  r(k) = sum_n x(n) x(n + k), within the frame
    d'(k) = d(k) / ((1 / k) sum_{j = 1..k} d(j)),  and 0 in a silent frame

    Args:
        frames: of any amplitude.
        min_period: samples, > 0.
        max_period: samples, min_period < max_period < win.
    Reference:
        de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music",
        JASA 111(4), 2002; the sums as librosa has them.
    """
    win = frames.shape[-1]
    n_fft = 1 << (2 * win - 1).bit_length()
    spectrum = torch.fft.rfft(frames, n=n_fft)
    power = spectrum.real.square() + spectrum.imag.square()
    r = torch.fft.irfft(power, n=n_fft)[..., : max_period + 1]
    lost = frames[..., :max_period].square().cumsum(dim=-1)
    difference = 2 * (r[..., :1] - r[..., 1:]) - lost
    lags = torch.arange(1, max_period + 1, dtype=frames.dtype, device=frames.device)
    mean = difference.cumsum(dim=-1) / lags
    smallest = torch.finfo(frames.dtype).tiny
    normalised: Tensor = difference / (mean + smallest)
    return normalised[..., min_period - 1 :]


def parabolic_shifts(values: Float[Tensor, "*batch points"]) -> Float[Tensor, "*batch points"]:
    """How far from each point the vertex of the parabola through it and its neighbours lies.

    shift = -b / a,  a = v[i+1] + v[i-1] - 2 v[i],  b = (v[i+1] - v[i-1]) / 2

    0 at both ends, and where the vertex would be a point or more away.
    """
    shifts = torch.zeros_like(values)
    before, here, after = values[..., :-2], values[..., 1:-1], values[..., 2:]
    a = after + before - 2 * here
    b = (after - before) / 2
    near = b.abs() < a.abs()
    shifts[..., 1:-1] = torch.where(near, -b / torch.where(near, a, torch.ones_like(a)), 0.0)
    return shifts


def first_trough(
    difference: Float[Tensor, "batch frames lags"], *, threshold: float
) -> Int[Tensor, "batch frames"]:
    """The first trough lower than the threshold; the lowest point where there is none."""
    low = is_trough(difference) & (difference < threshold)
    return torch.where(low.any(dim=-1), low.int().argmax(dim=-1), difference.argmin(dim=-1))


def is_trough(difference: Float[Tensor, "*batch lags"]) -> Tensor:
    """Lower than the point before and no higher than the one after; at an end, than its one."""
    falls = difference[..., 1:] < difference[..., :-1]
    rises = difference[..., :-1] <= difference[..., 1:]
    first = difference[..., :1] < difference[..., 1:2]
    return torch.cat([first, falls], dim=-1) & torch.nn.functional.pad(rises, (0, 1), value=True)
