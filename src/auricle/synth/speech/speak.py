"""Speak a line of phonemes."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from auricle.synth.checks import check_between, check_rate
from auricle.synth.kernels import vocal_tract
from auricle.synth.sound import Sound, SoundEvent, finish
from auricle.synth.spectrum import change_rate, fast_length, smooth_curve
from auricle.synth.speech.controls import FRAMES_HZ, Contour, Controls, controls_of, pitch_of
from auricle.synth.speech.segments import Segment, segments_of
from auricle.synth.speech.speaker import SPEAKERS, Speaker
from auricle.synth.speech.spoken import Spoken, read_phonemes, with_durations

_RATE = 16000  # Hz; nothing is spoken above half of it
_OVER = 4  # the glottal pulse is made this much finer
_LEAD_S, _TAIL_S = 0.03, 0.06
_HISS = 0.45  # of the friction, beside the voice
_BREATH = 0.06  # of the aspiration, beside the voice


def speak(
    phonemes: str | Sequence[Spoken],
    *,
    rng: np.random.Generator,
    speaker: Speaker | None = None,
    contour: Contour = "fall",
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Speak phonemes with a formant synthesiser.

    The voice is the derivative of a glottal flow 27/4 p² (1 - p), p the share of the open phase,
    through a cascade of resonators, one for each formant, and a nasal pole and zero; friction is
    noise through three resonators side by side. Targets and lengths come from a table and from
    rules; pitch and lengths can be given one by one.

    Args:
        phonemes: ``S EH1 V AX0 N`` in ARPAbet (see `read_phonemes`), or one `Spoken` each.
        rng: the only source of chance: noise, jitter and shimmer.
        speaker: who speaks; ``SPEAKERS["man"]`` if not given.
        contour: how the pitch ends, where no `Spoken` says its own.
        sample_rate: Hz, 4000 to 192000; the band above 8 kHz stays empty.
        peak: largest absolute sample, above 0 and at most 1.
    Returns:
        The sound, with an event for each phoneme; a stop's holds its closure.
    Raises:
        ConfigError: there is no such phoneme, or a setting is out of range.
    Reference:
        Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67(3), 1980;
        Klatt and Klatt, "Analysis, synthesis, and perception of voice quality variations among
        female and male talkers", JASA 87(2), 1990.
    """
    check_rate(sample_rate)
    who = SPEAKERS["man"] if speaker is None else speaker
    read = read_phonemes(phonemes) if isinstance(phonemes, str) else tuple(phonemes)
    spoken = with_durations(read, speed=who.speed)
    check_between("duration_s", sum(item.duration_s or 0.0 for item in spoken), 0.01, 600.0)
    parts = [segments_of(spoken, place) for place in range(len(spoken))]
    quiet = _silence(parts[0][0], _LEAD_S), _silence(parts[-1][-1], _TAIL_S)
    controls = controls_of([quiet[0], *(s for part in parts for s in part), quiet[1]], who)
    frames = len(controls.voicing)
    pitch_hz = pitch_of(spoken, frames, lead_s=_LEAD_S, speaker=who, contour=contour)
    wave = _render(controls, pitch_hz, who, rng=rng)
    wave = change_rate(wave, from_rate=_RATE, to_rate=sample_rate)
    return finish(
        wave, sample_rate=sample_rate, peak=peak, events=_events(spoken), edge_s=_LEAD_S / 3
    )


def _render(
    controls: Controls,
    pitch_hz: Float[np.ndarray, " frames"],
    speaker: Speaker,
    *,
    rng: np.random.Generator,
) -> Float[np.ndarray, " time"]:
    hop = _RATE // FRAMES_HZ
    num_samples = len(pitch_hz) * hop
    at = (np.arange(num_samples) + 0.5) / hop - 0.5
    frame = np.arange(len(pitch_hz))
    voice, opening = _glottis(np.interp(at, frame, pitch_hz), speaker, rng=rng)
    voicing = np.interp(at, frame, controls.voicing)
    air = np.interp(at, frame, controls.breath) + speaker.breath * voicing * (0.5 + 0.5 * opening)
    hiss = rng.standard_normal((2, num_samples))
    throat = (1 - speaker.breath**2) * voicing * voice + _BREATH * air * hiss[0]
    friction = _HISS * np.interp(at, frame, controls.friction) * hiss[1]
    return np.asarray(
        vocal_tract(
            throat,
            friction,
            controls.formants_hz,
            controls.widths_hz,
            controls.nasal_hz,
            controls.hiss_hz,
            controls.hiss_widths_hz,
            controls.hiss_gains,
            float(_RATE),
            hop,
        )
    )


def _glottis(
    pitch_hz: Float[np.ndarray, " time"], speaker: Speaker, *, rng: np.random.Generator
) -> tuple[Float[np.ndarray, " time"], Float[np.ndarray, " time"]]:
    """The derivative of the flow through the folds, and how far they are open, 0 to 1.

    The flow is made at four times the rate and brought down without folding; the derivative,
    2 pi i f, and the tilt, (1 - a) / (1 - a z^-1), are applied on the way.
    """
    num_samples = len(pitch_hz)
    wobble = smooth_curve(num_samples, rng=rng, rate_hz=60.0, sample_rate=_RATE)
    shimmer = smooth_curve(num_samples, rng=rng, rate_hz=40.0, sample_rate=_RATE)
    moving_hz = pitch_hz * (1 + speaker.jitter * np.clip(wobble, -3, 3))
    size = fast_length(num_samples)
    fine = np.arange(_OVER * size) / _OVER
    fine_hz = np.interp(fine, np.arange(num_samples), moving_hz)
    phase = np.cumsum(fine_hz) / (_RATE * _OVER) % 1
    share = np.clip(phase / speaker.open_share, 0, 1)
    flow = 6.75 * share**2 * (1 - share)
    spectrum = np.fft.rfft(flow)[: size // 2 + 1] / _OVER
    hz = np.fft.rfftfreq(size, 1 / _RATE)[: len(spectrum)]
    spectrum *= 2j * np.pi * hz / speaker.pitch_hz * _tilt(hz, speaker.tilt_db) / 8
    spectrum[-1] = 0
    voice = np.fft.irfft(spectrum, n=size)[:num_samples] * speaker.pitch_hz / moving_hz
    return voice * (1 + speaker.shimmer * np.clip(shimmer, -3, 3)), flow[::_OVER][:num_samples]


def _tilt(hz: Float[np.ndarray, " bins"], tilt_db: float) -> np.ndarray:
    """One pole that is ``tilt_db`` down at 3 kHz: solve (1-a)² = g (1 - 2 a cos w + a²) for a."""
    if tilt_db == 0:
        return np.ones(len(hz), dtype=np.complex128)
    gain, turn = 10 ** (-tilt_db / 10), np.cos(2 * np.pi * 3000 / _RATE)
    lifted = 1 - gain * turn
    pole = (lifted - np.sqrt(lifted**2 - (1 - gain) ** 2)) / (1 - gain)
    return np.asarray((1 - pole) / (1 - pole * np.exp(-2j * np.pi * hz / _RATE)))


def _silence(beside: Segment, duration_s: float) -> Segment:
    """Nothing sounds; the throat already stands, or still stands, as beside."""
    return Segment(
        duration_s=duration_s,
        start_hz=beside.start_hz,
        end_hz=beside.start_hz,
        widths_hz=beside.widths_hz,
        hiss=beside.hiss,
    )


def _events(spoken: Sequence[Spoken]) -> list[SoundEvent]:
    events, clock_s = [], _LEAD_S
    for item in spoken:
        end_s = clock_s + float(item.duration_s or 0.0)
        if item.symbol != "_":
            events.append(SoundEvent(label=item.symbol, onset_s=clock_s, offset_s=end_s))
        clock_s = end_s
    return events
