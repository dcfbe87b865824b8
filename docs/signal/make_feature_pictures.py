"""Draw the pictures of the features' pages: `python docs/signal/make_feature_pictures.py`."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib  # noqa: TID253
import numpy as np
import torch

from auricle.features import build_features, clip_features, features_for

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402, TID253

RATE = 16000
HERE = Path(__file__).resolve().parent
BLUE, ORANGE, GREY, GREEN = "#0072b2", "#d55e00", "#7f7f7f", "#009e73"


def columns(sound: np.ndarray, features: object) -> np.ndarray:
    """Frames of a sound: [frames, columns]."""
    front_end = build_features(features_for(RATE, features, aligned=True))
    return clip_features(front_end, torch.from_numpy(sound.astype(np.float32))[None, None])[
        0
    ].numpy()


def times(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def note(hz: float, seconds: float) -> np.ndarray:
    """A plucked note: overtones that die away, the high ones first."""
    t = times(seconds)
    partials = [np.exp(-t * (3 + k)) * np.sin(2 * np.pi * k * hz * t) / k for k in range(1, 9)]
    return 0.3 * np.sum(partials, axis=0) * np.minimum(1, t / 0.005)


def hiss(seconds: float, level: float = 0.1) -> np.ndarray:
    return level * np.random.default_rng(0).standard_normal(round(seconds * RATE))


def image(
    axis: plt.Axes,
    values: np.ndarray,
    title: str,
    unit: str,
    ticks: Sequence[str] = (),
    first: int = 0,
) -> None:
    seconds = len(values) / 100
    shown = axis.imshow(
        values.T, origin="lower", aspect="auto", cmap="cividis", interpolation="nearest",
        extent=(0, seconds, first - 0.5, first + values.shape[1] - 0.5),
    )  # fmt: skip
    axis.set_title(title, fontsize=9, loc="left")
    axis.figure.colorbar(shown, ax=axis, label=unit, pad=0.01)
    if ticks:
        axis.set_yticks(range(len(ticks)), ticks, fontsize=6)


def line(axis: plt.Axes, values: np.ndarray, label: str, colour: str) -> None:
    axis.plot(np.arange(len(values)) / 100, values, color=colour, lw=1.2, label=label)


def finish(figure: plt.Figure, name: str) -> None:
    for axis in figure.axes:
        axis.tick_params(labelsize=7)
    figure.axes[0].figure.supxlabel("seconds", fontsize=8)
    figure.tight_layout()
    figure.savefig(HERE / f"{name}.png", dpi=80, pil_kwargs={"optimize": True})
    plt.close(figure)


def draw_mfcc() -> None:
    sound = np.concatenate([note(220, 0.6), hiss(0.6), note(330, 0.6)])
    figure, (first, second) = plt.subplots(2, 1, figsize=(7, 4), sharex=True)
    image(first, columns(sound, ("mfcc",))[:, 1:], "MFCC 1 to 19: note, hiss, note", "dB", first=1)
    image(second, columns(sound, ("delta_mfcc",))[:, 1:], "their slopes", "dB a frame", first=1)
    finish(figure, "mfcc")


def draw_chroma() -> None:
    from auricle.features.specs import NOTES

    scale = [261.63, 293.66, 329.63, 349.23, 392.0, 440.0, 493.88, 523.25]
    sound = np.concatenate([note(hz, 0.4) for hz in scale])
    figure, axes = plt.subplots(2, 1, figsize=(7, 4.4), sharex=True)
    image(axes[0], columns(sound, ("chroma",)), "chroma: a scale from C to C", "share", NOTES)
    image(axes[1], columns(sound, ("chroma_cqt",)), "chroma_cqt: the same", "share", NOTES)
    finish(figure, "chroma")


def draw_shape() -> None:
    t = times(1.0)
    sweep = 0.3 * np.sin(2 * np.pi * (300 * t + 1500 * t**2))
    sound = np.concatenate([sweep, hiss(0.7), note(220, 0.8)])
    found = columns(sound, ("centroid", "bandwidth", "rolloff", "flatness", "entropy"))
    figure, (first, second) = plt.subplots(2, 1, figsize=(7, 4), sharex=True)
    for at, (label, colour) in enumerate(
        (("centroid", BLUE), ("bandwidth", GREY), ("roll-off", ORANGE))
    ):
        line(first, found[:, at], label, colour)
    first.set_ylabel("Hz", fontsize=8)
    line(second, found[:, 3], "flatness", BLUE)
    line(second, found[:, 4], "entropy", ORANGE)
    for axis in (first, second):
        axis.legend(fontsize=7, loc="upper right")
    first.set_title("sweep, hiss, note", fontsize=9, loc="left")
    finish(figure, "spectral-shape")


def draw_loudness() -> None:
    t = times(8.0)
    level = np.where(t < 2, 0.05, np.where(t < 5, 0.4, 0.02))
    found = columns(level * np.sin(2 * np.pi * 1000 * t), ("loudness",))
    figure, axis = plt.subplots(figsize=(7, 2.6))
    line(axis, found[:, 0], "momentary, 0.4 s", BLUE)
    line(axis, found[:, 1], "short-term, 3 s", ORANGE)
    axis.set_ylim(-50, 0)
    axis.set_ylabel("LUFS", fontsize=8)
    axis.legend(fontsize=7)
    axis.set_title("a tone of 1 kHz at three levels", fontsize=9, loc="left")
    finish(figure, "loudness")


def draw_onsets() -> None:
    beat = np.concatenate([note(220, 0.5)] * 12)
    figure, (first, second) = plt.subplots(2, 1, figsize=(7, 4), sharex=True)
    line(first, columns(beat, ("onset",))[:, 0], "onset strength", BLUE)
    first.set_ylabel("dB", fontsize=8)
    first.set_title("a note every half second (120 beats a minute)", fontsize=9, loc="left")
    lags = columns(beat, ("tempogram",))
    image(second, lags, "tempogram: likeness after a lag", "")
    second.set_yticks([9, 49, 99, 149], ["0.1 s", "0.5 s", "1 s", "1.5 s"])
    finish(figure, "onsets-tempo")


def draw_pcen() -> None:
    notes = [np.concatenate([note(hz, 0.4), np.zeros(1600)]) for hz in (220, 330, 440, 550)]
    quieter = [gain * one for gain, one in zip((1, 0.3, 0.1, 0.03), notes, strict=True)]
    sound = np.concatenate(quieter) + hiss(2.0, 1e-3)
    figure, (first, second) = plt.subplots(2, 1, figsize=(7, 4), sharex=True)
    title = "log_mel: four notes, each a third as loud as the one before"
    image(first, columns(sound, ("log_mel",)), title, "ln power")
    image(second, columns(sound, ("pcen",)), "pcen: the same", "")
    finish(figure, "pcen")


if __name__ == "__main__":
    for draw in (draw_mfcc, draw_chroma, draw_shape, draw_loudness, draw_onsets, draw_pcen):
        draw()
