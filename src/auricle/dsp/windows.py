"""Analysis windows, by name or given."""

import math
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp.checks import check_positive, check_real
from auricle.errors import ConfigError, ShapeError, message

WindowName = Literal[
    "hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "bartlett", "boxcar"
]
ShapedWindow = tuple[Literal["kaiser", "gaussian"], float]
Window = WindowName | ShapedWindow | Float[Tensor, " win"]

_COSINES: dict[str, tuple[float, ...]] = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
    "boxcar": (1.0,),
}


def window_samples(
    window: Window, length: int, *, periodic: bool = True
) -> Float[Tensor, " {length}"]:
    """A window in float64, as ``scipy.signal.get_window`` has it.

    w[n] = sum_k (-1)^k a_k cos(2 pi k n / N),  N = length (periodic) or length - 1 (symmetric)

    for the sums of cosines; bartlett is a triangle with a zero at its start; ("kaiser", beta) and
    ("gaussian", deviation in samples) are their textbook forms.

    Args:
        window: a name, ("kaiser", beta), ("gaussian", deviation), or the samples themselves.
        length: samples, > 0.
        periodic: one period of a repeating shape, which is what spectra want; else symmetric.
    Raises:
        ConfigError: an unknown name, or a length or shape not above zero.
        ShapeError: samples of another number than length, or not finite.
    Reference:
        Harris, "On the use of windows for harmonic analysis", Proc. IEEE 66(1), 1978.
    """
    check_positive(length=length)
    if isinstance(window, Tensor):
        return _given(window, length)
    if length == 1:
        return torch.ones(1, dtype=torch.float64)
    period = length if periodic else length - 1
    n = torch.arange(length, dtype=torch.float64)
    if isinstance(window, tuple):
        return _shaped(window, n, period)
    if window == "bartlett":
        return 1 - (2 * n / period - 1).abs()
    if window not in _COSINES:
        raise ConfigError(
            message(
                "window",
                expected=f"one of {', '.join(get_args(WindowName))}, kaiser or gaussian",
                got=repr(window),
                remedy="Or give the samples of the window as a tensor.",
            )
        )
    terms = [
        (-1) ** k * a * torch.cos(2 * math.pi * k * n / period)
        for k, a in enumerate(_COSINES[window])
    ]
    return torch.stack(terms).sum(dim=0)


def _shaped(window: tuple[str, float], n: Tensor, period: int) -> Tensor:
    kind, shape = window
    check_positive(**{kind: shape})
    from_centre = n - period / 2
    if kind == "gaussian":
        return torch.exp(-0.5 * (from_centre / shape) ** 2)
    if kind == "kaiser":
        inside = (1 - (2 * from_centre / period) ** 2).clamp(min=0).sqrt()
        largest = torch.tensor(shape, dtype=torch.float64).i0()
        return (shape * inside).i0() / largest
    raise ConfigError(
        message(
            "window",
            expected="('kaiser', beta) or ('gaussian', deviation in samples)",
            got=repr(window),
            remedy="Other shapes are given as a tensor of samples.",
        )
    )


def _given(window: Tensor, length: int) -> Tensor:
    if window.shape != (length,):
        raise ShapeError(
            message(
                "window",
                expected=f"[{length}], the window's length",
                got=list(window.shape),
                remedy="Give as many samples as win_length says.",
            )
        )
    check_real(window, name="window")
    return window.double()
