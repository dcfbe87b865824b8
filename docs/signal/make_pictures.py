"""Draw the pictures of these pages from synthetic sound: `python docs/signal/make_pictures.py`."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from auricle import dsp

RATE = 16000
HERE = Path(__file__).resolve().parent
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#7f7f7f"


def batch(samples: np.ndarray) -> Tensor:
    return torch.from_numpy(samples)[None]


def seconds(duration_s: float) -> np.ndarray:
    return np.arange(round(duration_s * RATE)) / RATE


def harmonic(f0_hz: np.ndarray, partials: int = 8) -> np.ndarray:
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
    return 0.2 * sum(np.sin(k * phase) / k for k in range(1, partials + 1))


def draw(
    axis: Any,
    db: Tensor,
    extent: tuple[float, float, float, float],
    title: str,
    range_db: float = 70.0,
) -> None:
    axis.imshow(
        db.T.numpy(),
        origin="lower",
        aspect="auto",
        extent=extent,
        cmap="viridis",
        vmin=float(db.max()) - range_db,
        interpolation="nearest",
    )
    axis.set(xlabel="time, s", title=title)


def spectrogram_db(samples: np.ndarray, *, n_fft: int = 512, hop: int = 128) -> Tensor:
    power = dsp.magnitude(dsp.stft(batch(samples), n_fft=n_fft, hop_length=hop), exponent=2.0)
    return dsp.power_to_db(power)[0]


def stft(figure: Any) -> None:
    t = seconds(1.0)
    samples = np.sin(2 * np.pi * (500 * t + 1500 * t**2)) + 0.6 * np.sin(2 * np.pi * 3000 * t)
    samples[6000] += 20
    left, right = figure.subplots(1, 2, sharey=True)
    draw(left, spectrogram_db(samples), (0, 1, 0, RATE / 2000), "stft")
    found = dsp.reassigned_spectrogram(
        batch(samples), sample_rate=RATE, n_fft=512, hop_length=128, ref_power=1e-2
    )
    level = 20 * found.magnitude[0].log10().flatten()
    seen = level > level.max() - 50
    order = level[seen].argsort()
    right.scatter(
        found.time_s[0].flatten()[seen][order],
        found.frequency_hz[0].flatten()[seen][order] / 1000,
        c=level[seen][order],
        s=1.5,
        cmap="viridis",
        linewidths=0,
    )
    right.set(xlabel="time, s", title="reassigned_spectrogram", xlim=(0, 1), ylim=(0, RATE / 2000))
    left.set_ylabel("frequency, kHz")


def filter_banks(figure: Any) -> None:
    setting = {"sample_rate": RATE, "n_fft": 4096}
    octaves = dsp.log_frequency_filter_bank(**setting, fmin=200.0, bands_per_octave=3, norm="peak")
    banks = {
        "mel, Slaney, unit area": dsp.mel_filter_bank(**setting, n_mels=16),
        "mel, HTK, peak 1": dsp.mel_filter_bank(**setting, n_mels=16, scale="htk", norm=None),
        "Bark, peak 1": dsp.bark_filter_bank(**setting, n_bands=16, norm="peak"),
        "ERB (gammatone), peak 1": dsp.erb_filter_bank(**setting, n_bands=16, norm="peak"),
        "thirds of an octave, peak 1": octaves,
    }
    hz = np.linspace(0, RATE / 2000, 2049)
    for axis, (title, bank) in zip(figure.subplots(5, 1, sharex=True), banks.items(), strict=True):
        for k, response in enumerate(bank.T.numpy()):
            axis.plot(hz, response / bank.max().item(), color=(BLUE, ORANGE)[k % 2], linewidth=0.8)
        axis.set_title(title, fontsize=8, loc="left", pad=2)
        axis.set(yticks=[], ylim=(0, 1.05), xlim=(0, RATE / 2000))
    axis.set_xlabel("frequency, kHz")


def constant_q(figure: Any) -> None:
    semitones = [0, 2, 4, 5, 7, 9, 11, 12]
    f0_hz = np.repeat([130.81 * 2 ** (k / 12) for k in semitones], 4000)
    samples = harmonic(f0_hz, 5)
    duration_s = len(samples) / RATE
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    notes = dsp.cqt(batch(samples), sample_rate=RATE, hop_length=256, n_bins=72).abs()
    draw(above, dsp.amplitude_to_db(notes)[0], (0, duration_s, 0, 6), "cqt of a scale of C major")
    above.set(xlabel="", yticks=range(7), yticklabels=[f"C{k}" for k in range(1, 8)])
    classes = dsp.chroma_cqt(batch(samples), sample_rate=RATE, hop_length=256, n_octaves=6)[0]
    below.imshow(
        classes.T.numpy(),
        origin="lower",
        aspect="auto",
        extent=(0, duration_s, -0.5, 11.5),
        cmap="cividis",
        interpolation="nearest",
    )
    names = ["C", "", "D", "", "E", "", "", "G", "", "A", "", "B"]
    below.set(xlabel="time, s", title="chroma_cqt", yticks=range(12), yticklabels=names)


def wavelets(figure: Any) -> None:
    t = seconds(0.5)
    samples = np.sin(2 * np.pi * 120 * t) + np.sin(2 * np.pi * 2000 * t) * (t > 0.25)
    samples[[2000, 2160]] += 6
    left, right = figure.subplots(1, 2)
    hz = dsp.octave_frequencies(fmin=60.0, fmax=7680.0, bands_per_octave=12)
    values = dsp.cwt(
        batch(samples), sample_rate=RATE, frequencies_hz=hz, hop_length=32, precision=16
    ).abs()
    draw(left, dsp.amplitude_to_db(values)[0], (0, 0.5, 0, 7), "cwt, complex Morlet", 45.0)
    left.set(yticks=range(8), yticklabels=[60 * 2**k for k in range(8)], ylabel="frequency, Hz")
    packets = dsp.wavelet_packet(batch(samples), level=5, wavelet="db8").abs()
    draw(
        right,
        dsp.amplitude_to_db(packets)[0],
        (0, 0.5, 0, RATE / 2000),
        "wavelet_packet, db8",
        45.0,
    )
    right.set_ylabel("frequency, kHz")


def resonate(samples: np.ndarray, centres_hz: np.ndarray, width_hz: float) -> np.ndarray:
    """Through a resonance that moves: two poles, a sample at a time."""
    out = np.zeros(len(samples) + 2)
    radius = np.exp(-np.pi * width_hz / RATE)
    for n, (x, hz) in enumerate(zip(samples, centres_hz, strict=True)):
        turn = 2 * radius * np.cos(2 * np.pi * hz / RATE)
        out[n + 2] = x + turn * out[n + 1] - radius**2 * out[n]
    return out[2:]


def diphthong() -> np.ndarray:
    """From "ah" to "ee" on a falling pitch."""
    t = seconds(0.6)
    pulses = np.diff(np.floor(np.cumsum(np.linspace(150, 110, len(t)) / RATE)), prepend=0.0)
    samples = resonate(pulses, np.zeros(len(t)), 200.0)
    samples = np.diff(samples, prepend=0.0)  # lips radiate the change of the flow
    moves = [(730, 270, 60), (1090, 2290, 90), (2440, 3010, 120), (3400, 3600, 150)]
    moves.append((4500, 4500, 200))
    for start, stop, width in moves:
        samples = resonate(samples, np.linspace(start, stop, len(t)), width)
    return samples / np.abs(samples).max()


def lpc_formants(figure: Any) -> None:
    samples = diphthong()
    left, right = figure.subplots(1, 2)
    piece = samples[1600:2400] * np.hanning(800)
    spectrum_db = 20 * np.log10(np.abs(np.fft.rfft(piece, 4096)) + 1e-9)
    envelope = dsp.lpc_spectrum(dsp.lpc(batch(piece), order=14), n_fft=4096)[0]
    envelope_db = 10 * envelope.log10().numpy()
    khz = np.linspace(0, RATE / 2000, 2049)
    left.plot(khz, spectrum_db - spectrum_db.max(), color=GREY, linewidth=0.6)
    left.plot(khz, envelope_db - envelope_db.max(), color=ORANGE, linewidth=1.5)
    left.set(xlim=(0, 5), ylim=(-60, 5), xlabel="frequency, kHz", ylabel="dB")
    left.set_title('"ah": spectrum and lpc_spectrum')
    extent = (0, 0.6, 0, RATE / 2000)
    draw(right, spectrogram_db(samples, n_fft=256, hop=64), extent, '"ah" to "ee": formants')
    found = dsp.formants(batch(samples), sample_rate=RATE, ceiling_hz=5000.0)
    time_s = 0.025 + 0.00625 * np.arange(found.found.shape[1])
    for k in range(3):
        kept = found.found[0, :, k].numpy()
        right.plot(time_s[kept], found.frequency_hz[0, kept, k] / 1000, ".", color="white", ms=3)
    right.set(ylim=(0, 5), ylabel="frequency, kHz")


def hpss(figure: Any) -> None:
    samples = harmonic(np.full(RATE, 440.0), 6)
    rng = np.random.default_rng(0)
    for start in range(1000, RATE, 4000):
        samples[start : start + 400] += rng.standard_normal(400) * np.linspace(0.7, 0, 400)
    parts = dsp.split_harmonic(batch(samples), n_fft=1024, hop_length=256)
    axes = figure.subplots(1, 3, sharey=True)
    shown = (samples, *(part[0].numpy() for part in parts))
    for axis, sound, title in zip(axes, shown, ("sound", "harmonic", "percussive"), strict=True):
        draw(axis, spectrogram_db(sound), (0, 1, 0, RATE / 2000), title)
    axes[0].set_ylabel("frequency, kHz")


def pitch(figure: Any) -> None:
    t = seconds(2.0)
    truth = np.where(t < 1.1, 150 + 130 * t, 220 + 8 * np.sin(2 * np.pi * 6 * t))
    voiced = ((t > 0.2) & (t < 0.9)) | ((t > 1.2) & (t < 1.8))
    noise = 1e-3 * np.random.default_rng(0).standard_normal(len(t))
    samples = harmonic(truth) * voiced + noise
    setting = {"sample_rate": RATE, "fmin": 80.0, "fmax": 500.0, "win_length": 1024}
    simple, tracked = dsp.yin(batch(samples), **setting), dsp.pyin(batch(samples), **setting)
    time_s = np.arange(simple.f0_hz.shape[1]) * 256 / RATE
    axis = figure.subplots()
    axis.plot(t, np.where(voiced, truth, np.nan), color=GREY, linewidth=5, alpha=0.4, label="truth")
    axis.plot(time_s, simple.f0_hz[0], ".", color=ORANGE, ms=4, label="yin, every frame")
    line = np.where(tracked.voiced[0], tracked.f0_hz[0], np.nan)
    axis.plot(time_s, line, color=BLUE, linewidth=1.5, label="pyin, voiced frames")
    axis.set(xlabel="time, s", ylabel="frequency, Hz", ylim=(70, 520), title="yin and pyin")
    axis.legend(fontsize=8, loc="upper right")


PAGES: dict[str, tuple[Callable[[Any], None], float]] = {
    "stft": (stft, 2.8),
    "filter-banks": (filter_banks, 4.4),
    "constant-q": (constant_q, 4.2),
    "wavelets": (wavelets, 3.0),
    "lpc-formants": (lpc_formants, 3.0),
    "hpss": (hpss, 2.8),
    "pitch": (pitch, 2.8),
}


def main() -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure
    from PIL import Image

    matplotlib.rcParams.update({"font.size": 9, "axes.titlesize": 9})
    for name, (paint, height) in PAGES.items():
        figure = Figure(figsize=(7.2, height), dpi=100, layout="constrained")
        paint(figure)
        drawn = io.BytesIO()
        figure.savefig(drawn)
        path = HERE / f"{name}.png"
        Image.open(drawn).convert("RGB").quantize(64).save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
