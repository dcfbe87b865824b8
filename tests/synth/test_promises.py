"""What holds for every sound of this room: quick, seeded, finite, within full scale, no clicks."""

import time

import numpy as np
import pytest

from auricle.synth import (
    Note,
    Placed,
    band_noise,
    chirp,
    drum,
    fm_tone,
    impulsive_noise,
    make_scene,
    modulated_noise,
    noise,
    play_note,
    play_score,
    pluck,
    rain,
    reverberate,
    saw_tone,
    sine,
    speak,
    square_tone,
    wind,
)

LONG = {"duration_s": 10.0}
DIGITS = "W AH1 N , T UW1 , TH R IY1 , F AO1 R , F AY1 V , S IH1 K S , S EH1 V AX0 N , EY1 T , "


def score(rng):
    notes = [
        Note(instrument="strings", onset_s=0.25 * beat, duration_s=0.5, pitch=48 + beat % 24)
        for beat in range(38)
    ]
    return play_score(notes, rng=rng)


def scene(rng):
    placed = [
        Placed(sound=pluck(200.0, rng=rng, duration_s=1.0), label="a", onset_s=at, snr_db=10.0)
        for at in (0.5, 3.0, 6.0, 8.5)
    ]
    return make_scene(placed, background=wind(rng=rng, **LONG)).sound


MAKERS = {
    "sine": lambda rng: sine(440.0, **LONG),
    "saw": lambda rng: saw_tone(55.0, **LONG),
    "square": lambda rng: square_tone(55.0, **LONG),
    "fm": lambda rng: fm_tone(400.0, modulator_hz=100.0, index=5.0, **LONG),
    "chirp": lambda rng: chirp(50.0, 7000.0, **LONG),
    "pink": lambda rng: noise("pink", rng=rng, **LONG),
    "band": lambda rng: band_noise(500.0, 900.0, rng=rng, **LONG),
    "modulated": lambda rng: modulated_noise(
        "white", rng=rng, modulation_hz=4.0, depth=1.0, **LONG
    ),
    "clicks": lambda rng: impulsive_noise(50.0, rng=rng, **LONG),
    "rain": lambda rng: rain(rng=rng, **LONG),
    "wind": lambda rng: wind(rng=rng, **LONG),
    "speech": lambda rng: speak(3 * DIGITS, rng=rng),
    "pluck": lambda rng: pluck(110.0, rng=rng, **LONG),
    "strings": lambda rng: play_note("strings", 110.0, rng=rng, **LONG),
    "bell": lambda rng: play_note("bell", 440.0, rng=rng, **LONG),
    "drum": lambda rng: drum("cymbal", rng=rng, **LONG),
    "score": score,
    "room": lambda rng: reverberate(sine(440.0, duration_s=8.0), rt60_s=2.0),
    "scene": scene,
}


def spent(name):
    """Processor time of one call, s; the machine may be busy with other things."""
    started = time.process_time()
    MAKERS[name](np.random.default_rng(0))
    return time.process_time() - started


@pytest.mark.parametrize("name", MAKERS)
def test_ten_seconds_take_less_than_one(name):
    MAKERS[name](np.random.default_rng(0))  # compiled, where it was not yet
    assert min(spent(name) for _ in range(2)) < 1.0


def longest_run(flags):
    """Most neighbouring values that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return int(np.diff(edges)[::2].max(initial=0))


@pytest.mark.parametrize("name", MAKERS)
def test_samples_are_seeded_finite_within_full_scale_and_end_quietly(name):
    sound = MAKERS[name](np.random.default_rng(5))
    again = MAKERS[name](np.random.default_rng(5))
    np.testing.assert_array_equal(sound.waveform, again.waveform)
    assert sound.events == again.events
    assert 9.5 < sound.duration_s < 14
    assert np.isfinite(sound.waveform).all()
    peak = np.abs(sound.waveform).max()
    assert 0.01 < peak < 1.0
    assert longest_run(np.abs(sound.waveform) >= 0.999999 * peak) < 4  # nothing is cut off flat
    assert max(abs(sound.waveform[0]), abs(sound.waveform[-1])) < 0.02 * peak


@pytest.mark.parametrize("name", ["sine", "chirp", "pink", "wind", "strings", "room", "score"])
def test_smooth_sounds_have_no_clicks(name):
    """A click is a sample that a line through its neighbours misses far more than others do."""
    wave = MAKERS[name](np.random.default_rng(0)).waveform.astype(np.float64)
    missed = np.abs(np.convolve(wave, [1, -4, 6, -4, 1], mode="valid"))
    near = np.lib.stride_tricks.sliding_window_view(missed, 800)[::400]
    usual = np.sqrt(np.mean(near**2, axis=1)) + 1e-5
    assert (near.max(axis=1) / usual).max() < 12


def test_the_search_for_clicks_finds_one():
    wave = sine(440.0, duration_s=1.0).waveform.astype(np.float64)
    wave[8000:] *= -1
    missed = np.abs(np.convolve(wave, [1, -4, 6, -4, 1], mode="valid"))
    near = np.lib.stride_tricks.sliding_window_view(missed, 800)[::400]
    assert (near.max(axis=1) / (np.sqrt(np.mean(near**2, axis=1)) + 1e-5)).max() > 12
