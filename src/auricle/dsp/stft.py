"""The short-time Fourier transform and its inverse."""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor
from torch.nn.functional import fold, pad

from auricle.dsp.checks import check_finite, check_hop, check_waveform
from auricle.dsp.windows import Window, window_samples
from auricle.errors import ConfigError, ShapeError, message

Framing = Literal["center", "causal"]
_ABSENT = 10.0


class _Layout(NamedTuple):
    """Where frames lie: zeros before and after the waveform, and the window in n_fft samples."""

    before: int
    after: int
    window: Tensor


def stft(
    waveform: Float[Tensor, "batch time"],
    *,
    n_fft: int,
    hop_length: int,
    win_length: int | None = None,
    window: Window = "hann",
    framing: Framing = "center",
) -> Complex[Tensor, "batch frames bins"]:
    """The spectrum of every frame.

    X[i, k] = sum_n w[n] x[n + start_i] exp(-2j pi k n / n_fft),  bins = n_fft // 2 + 1

    "center" (librosa's default): start_i = i * hop_length - n_fft // 2, the window in the middle of
    n_fft samples, silence beyond both ends; frames = 1 + time // hop_length for even n_fft.
    "causal" (that of `features.LogMel`): frame i holds the win_length samples that end at
    (i + 1) * hop_length, silence before the first; frames = time // hop_length.

    Args:
        waveform: any amplitude; time >= 1.
        n_fft: length of the transform, samples.
        hop_length: step between frames, samples, 0 < hop_length <= win_length.
        win_length: length of the window, samples, <= n_fft; n_fft if None.
        window: a name, a shape or the samples; see `window_samples`.
        framing: what frame i has seen.
    Raises:
        ConfigError: lengths out of order.
        ShapeError: not [batch, time] of finite float32 or float64, or empty; no hop complete.
    Reference:
        Allen and Rabiner, Proc. IEEE 65(11), 1977.
    """
    win = n_fft if win_length is None else win_length
    layout = _layout(framing, n_fft=n_fft, win_length=win, hop_length=hop_length, window=window)
    check_waveform(waveform, shortest=hop_length if framing == "causal" else 1)
    time = waveform.shape[-1]
    frames = time // hop_length if framing == "causal" else 1 + (time - n_fft % 2) // hop_length
    padded = pad(waveform, (layout.before, layout.after))
    spectrum = torch.stft(
        padded[:, : n_fft + (frames - 1) * hop_length],
        n_fft,
        hop_length=hop_length,
        window=layout.window.to(waveform),
        center=False,
        return_complex=True,
    )
    return spectrum.transpose(1, 2)


def istft(
    spectrum: Complex[Tensor, "batch frames bins"],
    *,
    n_fft: int,
    hop_length: int,
    win_length: int | None = None,
    window: Window = "hann",
    framing: Framing = "center",
    num_samples: int | None = None,
) -> Float[Tensor, "batch time"]:
    """The waveform whose `stft` is nearest to the spectrum, in the least-squares sense.

    x[n] = sum_i w[n - start_i] y_i[n - start_i] / sum_i w^2[n - start_i]

    Exact where the spectrum came from `stft` with the same settings. The causal form gives back
    frames * hop_length - (win_length - hop_length) samples, those that no later frame will touch;
    give `stft` that many zeros more to get the rest.

    Args:
        spectrum: from `stft`, changed or not.
        n_fft, hop_length, win_length, window, framing: as they were given to `stft`.
        num_samples: length of the result, centred form only; hop_length * (frames - 1) if None
            and n_fft is even.
    Raises:
        ConfigError: lengths out of order, or windows that leave samples uncovered.
        ShapeError: bins that do not belong to n_fft, no frames, or values that are not finite.
    Reference:
        Griffin and Lim, "Signal estimation from modified short-time Fourier transform",
        IEEE Trans. Acoustics, Speech and Signal Processing 32(2), 1984.
    """
    win = n_fft if win_length is None else win_length
    layout = _layout(framing, n_fft=n_fft, win_length=win, hop_length=hop_length, window=window)
    _check_spectrum(spectrum, n_fft=n_fft)
    frames = spectrum.shape[1]
    parts = torch.fft.irfft(spectrum, n=n_fft)
    shape = layout.window.to(parts)
    summed = _overlap_add(parts * shape, hop_length)
    weight = _overlap_add(shape.square().expand(1, frames, n_fft), hop_length)
    if framing == "causal":
        end = layout.before + frames * hop_length - (win - hop_length)
    else:
        end = layout.before + _centred_length(n_fft, hop_length, frames, num_samples)
    kept = slice(layout.before, max(layout.before, end))
    _check_covered(weight[:, kept], wanted=kept.stop - kept.start)
    return summed[:, kept] / weight[:, kept]


def _layout(
    framing: str, *, n_fft: int, win_length: int, hop_length: int, window: Window
) -> _Layout:
    if not 0 < win_length <= n_fft:
        raise ConfigError(
            message(
                "win_length",
                expected=f"0 < win_length <= n_fft={n_fft}",
                got=win_length,
                remedy="Raise n_fft; the rest of the frame is zeros.",
            )
        )
    check_hop(hop_length, longest=win_length, name="n_fft" if win_length == n_fft else "win_length")
    samples = window_samples(window, win_length)
    spare = n_fft - win_length
    if framing == "causal":
        return _Layout(win_length - hop_length, spare, pad(samples, (0, spare)))
    if framing == "center":
        left = spare // 2
        return _Layout(n_fft // 2, n_fft // 2, pad(samples, (left, spare - left)))
    raise ConfigError(
        message(
            "framing",
            expected="'center' or 'causal'",
            got=repr(framing),
            remedy="See the docstring of `stft`.",
        )
    )


def _overlap_add(
    parts: Float[Tensor, "items frames n_fft"], hop_length: int
) -> Float[Tensor, "items time"]:
    n_fft, frames = parts.shape[2], parts.shape[1]
    time = n_fft + (frames - 1) * hop_length
    folded = fold(parts.transpose(1, 2), (1, time), (1, n_fft), stride=(1, hop_length))
    return folded[:, 0, 0]


def _centred_length(n_fft: int, hop_length: int, frames: int, num_samples: int | None) -> int:
    natural = n_fft + hop_length * (frames - 1) - 2 * (n_fft // 2)
    longest = natural + n_fft // 2
    if num_samples is None:
        return natural
    if not 0 < num_samples <= longest:
        raise ConfigError(
            message(
                "num_samples",
                expected=f"0 < num_samples <= {longest}, what {frames} frames reach",
                got=num_samples,
                remedy="Leave it out, or give the length of the waveform that was analysed.",
            )
        )
    return num_samples


def _check_covered(weight: Tensor, *, wanted: int) -> None:
    smallest = torch.finfo(weight.dtype).eps / _ABSENT
    covered = weight.numel() >= wanted > 0 and bool((weight > smallest * weight.max()).all())
    if not covered:
        raise ConfigError(
            message(
                "hop_length, window",
                expected="windows that overlap and cover every sample",
                got="samples that no window reaches",
                remedy="Lower hop_length, give more frames, or take a window that is wider.",
            )
        )


def _check_spectrum(spectrum: Tensor, *, n_fft: int) -> None:
    if spectrum.ndim != 3 or spectrum.shape[-1] != n_fft // 2 + 1 or spectrum.shape[1] == 0:
        raise ShapeError(
            message(
                "spectrum",
                expected=f"[batch, frames >= 1, n_fft // 2 + 1 = {n_fft // 2 + 1}]",
                got=list(spectrum.shape),
                remedy="Give the n_fft that the spectrum was made with.",
            )
        )
    if not spectrum.is_complex():
        raise ShapeError(
            message(
                "spectrum",
                expected="complex numbers",
                got=str(spectrum.dtype).removeprefix("torch."),
                remedy="A magnitude has lost its phase; keep the complex spectrum.",
            )
        )
    check_finite(spectrum.abs(), name="spectrum")
