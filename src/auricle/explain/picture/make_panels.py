"""From what was measured to the panels of a track."""

import numpy as np
import torch
from jaxtyping import Float32

from auricle.dsp import chroma, hz_to_mel, mel_filter_bank, mel_to_hz, mfcc
from auricle.errors import ConfigError
from auricle.explain.picture.analysis import Columns
from auricle.explain.picture.clock import Clock
from auricle.explain.picture.panels import (
    Axis,
    BandPanel,
    ImagePanel,
    decibel_levels,
    hz_words,
    pooled_rows,
    scaled_axis,
)

NOTES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_ROWS = 400
_N_MFCC = 20
_DEVIATIONS = 2.5  # at which the colours end
_N_MELS = (128, 96, 80, 64, 48, 40, 32, 24, 20, 16, 8, 4)
HZ_TICKS = tuple(lead * 10**power for power in range(1, 6) for lead in (1.0, 2.0, 5.0))


def waveform_panel(envelope: Columns) -> BandPanel:
    """Amplitude, from as far below 0 as above it."""
    peak = float(np.abs(envelope).max()) or 1.0
    top = peak * 1.05
    ticks = [-_round_down(peak), 0.0, _round_down(peak)]
    return BandPanel(
        title="Waveform",
        low=(0.5 + envelope[:, 0] / (2 * top)).astype(np.float32),
        high=(0.5 + envelope[:, 1] / (2 * top)).astype(np.float32),
        axis=scaled_axis(
            "amplitude",
            ticks,
            low=-top,
            high=top,
            scale=lambda values: values,
            words=lambda value: f"{value:g}".replace("-", "−"),
            unit="",
        ),
    )


def spectrogram_panel(loudest: Columns, clock: Clock) -> ImagePanel:
    """Power of the Fourier bins, evenly spaced in Hz."""
    rows = pooled_rows(loudest, _ROWS)
    levels, legend = decibel_levels(rows)
    bin_hz = clock.sample_rate / clock.short_fft
    row_hz = bin_hz * -(-loudest.shape[1] // rows.shape[1])
    return ImagePanel(
        title=f"Spectrogram, {_milliseconds(clock.short_fft, clock)} Hann window",
        levels=levels,
        colours="magma",
        legend=legend,
        axis=scaled_axis(
            "Hz",
            _even_ticks(clock.sample_rate / 2),
            low=-bin_hz / 2,
            high=rows.shape[1] * row_hz - bin_hz / 2,
            scale=lambda hz: hz,
            words=hz_words,
            unit="Hz",
        ),
    )


def mel_panel(loudest: Columns, clock: Clock) -> ImagePanel:
    """Power in filters that are evenly spaced for the ear."""
    fmin = min(20.0, clock.sample_rate / 100)
    n_mels, bank = _finest_bank(clock, fmin=fmin)
    levels, legend = decibel_levels(loudest @ (bank / bank.sum(axis=0)))
    bottom, top = _mel(np.array([fmin, clock.sample_rate / 2]))
    half = (top - bottom) / (n_mels + 1) / 2  # of a row, whose filter is highest in its middle
    edges_hz = mel_to_hz(torch.tensor([bottom + half, top - half], dtype=torch.float64))
    return ImagePanel(
        title=f"Mel spectrogram, {n_mels} filters (Slaney)",
        levels=levels,
        colours="magma",
        legend=legend,
        axis=scaled_axis(
            "Hz",
            HZ_TICKS,
            low=float(edges_hz[0]),
            high=float(edges_hz[1]),
            scale=_mel,
            words=hz_words,
            unit="Hz",
        ),
    )


def mfcc_panel(mean: Columns, clock: Clock) -> ImagePanel:
    """Shape of the spectrum; coefficient 0, the level, is left out: the waveform shows it."""
    n_mels, _ = _finest_bank(clock, fmin=0.0, most=40)
    n_mfcc = min(_N_MFCC, n_mels)
    power = torch.from_numpy(mean)[None] * (clock.short_fft / 4) ** 2
    values = mfcc(power, sample_rate=clock.sample_rate, n_mfcc=n_mfcc, n_mels=n_mels)
    shape = values[0, :, 1:].numpy()
    shape = (shape - shape.mean(axis=0)) / np.maximum(shape.std(axis=0), 1e-3)
    ticks = tuple(((k - 0.5) / (n_mfcc - 1), str(k)) for k in (1, 5, 10, 15, 19) if k < n_mfcc)
    return ImagePanel(
        title=f"MFCC 1 to {n_mfcc - 1}, each about its mean here, in its own deviations",
        levels=np.clip(0.5 + shape.T / (2 * _DEVIATIONS), 0, 1).astype(np.float32),
        colours="PuOr",
        legend=(f"−{_DEVIATIONS:g}", f"+{_DEVIATIONS:g}"),
        axis=Axis(label="coefficient", ticks=ticks, values=(0.5, n_mfcc - 0.5), unit=""),
    )


def chroma_panel(mean: Columns, clock: Clock) -> ImagePanel:
    """Energy at the twelve notes, the strongest of each column 1."""
    with torch.inference_mode():
        values = chroma(torch.from_numpy(mean)[None], sample_rate=clock.sample_rate)[0].numpy()
    ticks = tuple(((index + 0.5) / 12, NOTES[index]) for index in (0, 2, 4, 5, 7, 9, 11))
    return ImagePanel(
        title=f"Chroma, {_milliseconds(clock.long_fft, clock)} window, A = 440 Hz, strongest 1",
        levels=np.ascontiguousarray(values.T).astype(np.float32),
        colours="cividis",
        legend=("0", "1"),
        axis=Axis(label="note", ticks=ticks, bands=NOTES),
    )


def _finest_bank(
    clock: Clock, *, fmin: float, most: int = 128
) -> tuple[int, Float32[np.ndarray, "bins mels"]]:
    """As many filters as the window can tell apart."""
    for n_mels in _N_MELS:
        if n_mels > most:
            continue
        try:
            bank = mel_filter_bank(
                sample_rate=clock.sample_rate, n_fft=clock.short_fft, n_mels=n_mels, fmin=fmin
            )
        except ConfigError:
            continue
        return n_mels, bank.numpy()
    raise ConfigError(f"n_mels: expected a window that tells 4 filters apart, got {clock}.")


def _mel(hz: np.ndarray) -> np.ndarray:
    mel: np.ndarray = hz_to_mel(torch.from_numpy(np.asarray(hz, dtype=np.float64))).numpy()
    return mel


def _milliseconds(samples: int, clock: Clock) -> str:
    return f"{1000 * samples / clock.sample_rate:.0f} ms"


def _even_ticks(top: float) -> list[float]:
    power = 10.0 ** np.floor(np.log10(top))
    step = next(s for s in (power / 5, power / 2, power, 2 * power) if top / s <= 6)
    return [float(step * index) for index in range(int(top / step) + 1)]


def _round_down(value: float) -> float:
    """At most so much, with one digit.

    >>> _round_down(0.47)
    0.4
    """
    power = 10.0 ** np.floor(np.log10(value))
    return float(f"{np.floor(value / power + 1e-6) * power:.1g}")
