"""Speech-like sounds: a glottal source and hiss through moving formants, in syllables and words."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from auricle.synth.spectrum import (
    filter_moving,
    moving_filter_hz,
    moving_filter_times,
    resonance,
    smooth_curve,
)

# First three formants of ten vowels, Hz, men's means.
# Peterson and Barney, "Control methods used in a study of the vowels", JASA 24(2), 1952.
_VOWELS_HZ = np.array(
    [
        [270, 2290, 3010],
        [390, 1990, 2550],
        [530, 1840, 2480],
        [660, 1720, 2410],
        [730, 1090, 2440],
        [570, 840, 2410],
        [440, 1020, 2240],
        [300, 870, 2240],
        [640, 1190, 2390],
        [490, 1350, 1690],
    ],
    dtype=np.float64,
)
_WIDTHS_HZ = (70.0, 100.0, 140.0, 220.0)
_TILT_HZ = 700.0  # above this the poles that are not modelled, and the lips, lift the spectrum
# Centre and width (octaves) of the hiss of s, sh, f and h.
_HISSES = ((6000.0, 0.35), (3200.0, 0.45), (4500.0, 1.3), (1500.0, 1.2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What stays the same in all that one speaker says."""

    pitch_hz: float
    tract: float
    syllables_hz: float
    breath: float
    open_share: float
    liveliness: float
    whisper_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Controls:
    """The curves that drive the synthesiser, all on one axis of control frames."""

    voicing: Float[np.ndarray, " frames"]
    hiss: Float[np.ndarray, " frames"]
    hiss_hz: Float[np.ndarray, " frames"]
    hiss_width: Float[np.ndarray, " frames"]
    formants_hz: Float[np.ndarray, "frames formants"]


def draw_voice(rng: np.random.Generator) -> Voice:
    """Draw a speaker."""
    tract = float(rng.uniform(0.95, 1.25))
    return Voice(
        pitch_hz=float(
            np.clip(95 * ((tract - 0.55) / 0.4) ** 1.3 * rng.uniform(0.8, 1.25), 75, 320)
        ),
        tract=tract,
        syllables_hz=float(rng.uniform(2.8, 6.0)),
        breath=float(rng.uniform(0.01, 0.12)),
        open_share=float(rng.uniform(0.45, 0.75)),
        liveliness=float(rng.uniform(0.05, 0.25)),
        whisper_share=float(rng.choice([0.0, 0.0, 0.1, 0.3])),
    )


def render_speech(
    voice: Voice, *, rng: np.random.Generator, num_samples: int, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """One utterance of this voice, dry, of any amplitude."""
    at = moving_filter_times(num_samples, sample_rate=sample_rate)
    controls = _utter(voice, at, rng)
    whisper = rng.uniform() < voice.whisper_share
    time_s = np.arange(num_samples) / sample_rate
    source = _glottis(voice, rng=rng, num_samples=num_samples, sample_rate=sample_rate)
    breath = rng.standard_normal(num_samples)
    voiced = (0.0 if whisper else 1.0) * source + (0.25 if whisper else voice.breath) * breath
    voiced = voiced * np.interp(time_s, at, controls.voicing)
    sound = filter_moving(voiced, _formant_gains(controls.formants_hz, sample_rate))
    hiss = rng.standard_normal(num_samples) * np.interp(time_s, at, controls.hiss)
    hz = np.maximum(moving_filter_hz(sample_rate), 1.0)[None, :]
    centre_hz = np.minimum(controls.hiss_hz, 0.42 * sample_rate)[:, None]
    band = np.exp(-0.5 * (np.log2(hz / centre_hz) / controls.hiss_width[:, None]) ** 2)
    utterance: Float[np.ndarray, " time"] = sound + filter_moving(hiss, band)
    return utterance


def _glottis(
    voice: Voice, *, rng: np.random.Generator, num_samples: int, sample_rate: int
) -> Float[np.ndarray, " time"]:
    """The derivative of Rosenberg's glottal pulse, with falling, wavering and jittering pitch.

    g(p) = 3p² - 2p³ with p = phase / open_share, closed after it
    Reference:
        Rosenberg, "Effect of glottal pulse shape on the quality of natural vowels", JASA 49, 1971.
    """
    rise = np.linspace(1, -1, num_samples) * rng.uniform(-0.3, 1.0)
    move = smooth_curve(num_samples, rng=rng, rate_hz=3.5, sample_rate=sample_rate)
    jitter = smooth_curve(num_samples, rng=rng, rate_hz=60.0, sample_rate=sample_rate)
    contour = voice.liveliness * (0.6 * rise + move) + 0.008 * jitter
    pitch_hz = voice.pitch_hz * 2 ** (contour + rng.uniform(-0.1, 0.15))
    phase = np.cumsum(pitch_hz) / sample_rate % 1
    opening = np.clip(phase / voice.open_share, 0, 1)
    flow = opening**2 * (1 - opening) * 6.75
    shimmer = smooth_curve(num_samples, rng=rng, rate_hz=40.0, sample_rate=sample_rate)
    slope = np.diff(flow, prepend=0.0) * sample_rate / pitch_hz
    return np.asarray(slope * (1 + 0.05 * shimmer) / 8)


def _formant_gains(
    formants_hz: Float[np.ndarray, "frames formants"], sample_rate: int
) -> Float[np.ndarray, "frames bins"]:
    hz = moving_filter_hz(sample_rate)[None, :]
    gains = np.tile(1 + (hz / _TILT_HZ) ** 1.5, (len(formants_hz), 1))
    for formant, width_hz in enumerate(_WIDTHS_HZ):
        gains *= resonance(hz, formants_hz[:, formant : formant + 1], width_hz)
    return gains


def _utter(voice: Voice, at: Float[np.ndarray, " frames"], rng: np.random.Generator) -> _Controls:
    """Draw syllable after syllable until the time is filled, then smooth the targets."""
    frames = len(at)
    voicing, hiss = np.zeros(frames), np.zeros(frames)
    hiss_hz, hiss_width = np.full(frames, 3000.0), np.ones(frames)
    formants = np.tile(np.append(_VOWELS_HZ[8], 3500.0), (frames, 1))
    clock = float(rng.uniform(0, 0.15))
    while clock < at[-1]:
        length = 1 / voice.syllables_hz * rng.uniform(0.6, 1.5)
        onset = clock + length * rng.uniform(0.15, 0.45)
        during = (at >= clock) & (at < onset)
        vowel = (at >= onset) & (at < clock + length)
        kind = rng.choice(4, p=[0.4, 0.25, 0.2, 0.15])  # hiss, stop, nasal, none
        if kind == 0:
            hiss_hz[during], hiss_width[during] = _HISSES[int(rng.integers(len(_HISSES)))]
            hiss[during] = rng.uniform(0.1, 0.5)
        if kind == 1:
            release = (at >= onset - 0.025) & (at < onset)
            hiss[release], hiss_hz[release] = rng.uniform(0.3, 0.9), rng.uniform(900, 4500)
        voicing[during] = (0.1, 0.0, 0.35, 0.9)[int(kind)]
        voicing[vowel] = rng.uniform(0.6, 1.0)
        first, last = _VOWELS_HZ[rng.integers(len(_VOWELS_HZ), size=2)]
        blend = np.linspace(0, rng.choice([0.2, 1.0]), int((during | vowel).sum()))[:, None]
        formants[during | vowel, :3] = first * (1 - blend) + last * blend
        clock += length + (rng.uniform(0.08, 0.35) if rng.uniform() < 0.25 else 0.0)
    return _Controls(
        voicing=_smooth(voicing, 5),
        hiss=_smooth(hiss, 3),
        hiss_hz=hiss_hz,
        hiss_width=hiss_width,
        formants_hz=np.apply_along_axis(_smooth, 0, formants, 9) * voice.tract,
    )


def _smooth(curve: Float[np.ndarray, " frames"], width: int) -> Float[np.ndarray, " frames"]:
    padded = np.pad(curve, width // 2, mode="edge")
    window = np.hanning(width + 2)[1:-1]
    return np.convolve(padded, window / window.sum(), mode="valid")[: len(curve)]
