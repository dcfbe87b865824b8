import numpy as np
import pytest
from scipy.special import jv
from tests.synth.measures import frequency_of, onset_of, partials_of, track_of

from auricle.errors import ConfigError
from auricle.synth import (
    adsr,
    chirp,
    fm_tone,
    harmonic_tone,
    saw_tone,
    sine,
    square_tone,
    vibrato,
    with_envelope,
)

RATE = 16000


@pytest.mark.parametrize("hz", [31.0, 440.0, 997.3, 5123.0, 7000.0])
@pytest.mark.parametrize("sample_rate", [16000, 44100])
def test_sine_has_its_frequency_within_a_thousandth(hz, sample_rate):
    sound = sine(hz, duration_s=1.0, sample_rate=sample_rate)
    assert frequency_of(sound.waveform, sample_rate) == pytest.approx(hz, rel=1e-4)
    assert np.abs(sound.waveform).max() == pytest.approx(0.5)
    (event,) = sound.events
    assert (event.onset_s, event.offset_s, event.low_hz, event.high_hz) == (0.0, 1.0, hz, hz)


@pytest.mark.parametrize("make", [saw_tone, square_tone])
@pytest.mark.parametrize("hz", [110.0, 441.7, 3001.0])
def test_partials_of_saw_and_square_fall_as_one_over_their_number(make, hz):
    wave = make(hz, duration_s=0.5).waveform[800:-800]
    numbers = np.arange(1, int(0.45 * RATE / hz) + 1)
    found = partials_of(wave, hz, RATE, numbers)
    expected = 1 / numbers if make is saw_tone else (numbers % 2) / numbers
    np.testing.assert_allclose(found / found[0], expected, atol=1e-4)


@pytest.mark.parametrize("make", [saw_tone, square_tone])
@pytest.mark.parametrize("hz", [441.7, 1234.5, 3001.0])
def test_saw_and_square_hold_nothing_but_their_partials(make, hz):
    wave = make(hz, duration_s=0.5).waveform[800:-800].astype(np.float64)
    window = np.kaiser(len(wave), 16)
    power = np.abs(np.fft.rfft(wave * window)) ** 2
    bins = np.fft.rfftfreq(len(wave), 1 / RATE)
    numbers = np.arange(1, int(0.5 * RATE / hz) + 1)
    distance = np.abs(bins[:, None] - hz * numbers[None, :]).min(axis=1)
    between = power[distance > 8 * RATE / len(wave)].max()
    assert 10 * np.log10(between / power.max()) < -90


def test_a_plain_sampled_saw_would_fail_the_test_of_folding():
    wave = (441.7 * np.arange(6400) / RATE) % 1 - 0.5
    power = np.abs(np.fft.rfft(wave * np.kaiser(len(wave), 16))) ** 2
    bins = np.fft.rfftfreq(len(wave), 1 / RATE)
    distance = np.abs(bins[:, None] - 441.7 * np.arange(0, 19)[None, :]).min(axis=1)
    assert 10 * np.log10(power[distance > 20].max() / power.max()) > -60


def test_partials_that_slide_past_half_the_rate_fade_out():
    curve = np.linspace(300.0, 7500.0, RATE)
    sound = saw_tone(curve, duration_s=1.0)
    late = sound.waveform[-1600:-100].astype(np.float64)
    power = np.abs(np.fft.rfft(late * np.kaiser(len(late), 14))) ** 2
    low = np.fft.rfftfreq(len(late), 1 / RATE) < 6000
    assert 10 * np.log10(power[low].max() / power.max()) < -80


@pytest.mark.parametrize("index", [0.5, 2.0, 5.0])
def test_sidebands_of_fm_have_the_amplitudes_of_bessel(index):
    wave = fm_tone(3000.0, modulator_hz=200.0, index=index, duration_s=0.5, peak=1.0).waveform
    orders = np.arange(-7, 8)
    found = partials_of(wave[800:-800], 200.0, RATE, 15 + orders)
    expected = np.abs(jv(orders, index))
    np.testing.assert_allclose(found / np.linalg.norm(found), expected, atol=2e-3)


@pytest.mark.parametrize("ends", [(200.0, 6000.0), (5000.0, 300.0)])
@pytest.mark.parametrize("kind", ["linear", "exponential"])
def test_chirp_slides_as_its_law_says(ends, kind):
    sound = chirp(*ends, duration_s=2.0, kind=kind)
    share = (np.arange(2 * RATE - 1) + 0.5) / (2 * RATE)
    low, high = ends
    law = low + (high - low) * share if kind == "linear" else low * (high / low) ** share
    inside = slice(RATE // 10, -RATE // 10)
    np.testing.assert_allclose(track_of(sound.waveform, RATE)[inside], law[inside], rtol=1e-2)
    middle = track_of(sound.waveform, RATE)[RATE - 400 : RATE + 400].mean()
    assert middle == pytest.approx(law[RATE - 400 : RATE + 400].mean(), rel=1e-3)


def test_vibrato_swings_by_its_depth_at_its_rate():
    curve = vibrato(800.0, duration_s=2.0, rate_hz=6.0, depth_cents=60.0)
    track = track_of(sine(curve, duration_s=2.0).waveform, RATE)[800:-800]
    cents = 1200 * np.log2(track / 800)
    assert np.percentile(np.abs(cents), 99.5) == pytest.approx(60, rel=0.01)
    assert frequency_of(cents - cents.mean(), RATE) == pytest.approx(6.0, rel=1e-3)


def test_harmonic_tone_has_the_weights_that_were_asked_for():
    weights = np.array([1.0, 0.0, 0.5, 0.25])
    wave = harmonic_tone(500.0, weights=weights, duration_s=0.4).waveform[800:-800]
    found = partials_of(wave, 500.0, RATE, np.arange(1, 6))
    np.testing.assert_allclose(found / found[0], [1, 0, 0.5, 0.25, 0], atol=1e-4)


def test_adsr_passes_through_its_corners():
    gain = adsr(duration_s=1.0, attack_s=0.1, decay_s=0.2, sustain=0.4, release_s=0.3)
    at = [0, 800, 1600, 4800, 8000, 11200, 13600]
    np.testing.assert_allclose(gain[at], [0, 0.5, 1, 0.4, 0.4, 0.4, 0.2], atol=1e-9)
    sound = with_envelope(sine(1000.0, duration_s=1.0), gain)
    quiet = np.abs(sound.waveform[5000:11000]).max() / np.abs(sound.waveform).max()
    assert quiet == pytest.approx(0.4, rel=0.02)


@pytest.mark.parametrize(
    "sound",
    [
        sine(100.0, duration_s=0.3),
        saw_tone(60.0, duration_s=0.3),
        chirp(100.0, 4000.0, duration_s=0.3),
        fm_tone(500.0, modulator_hz=50.0, index=3.0, duration_s=0.3),
    ],
    ids=["sine", "saw", "chirp", "fm"],
)
def test_tones_begin_at_their_onset_and_without_a_click(sound):
    assert abs(onset_of(sound.waveform, RATE) - sound.events[0].onset_s) < 1e-3
    assert max(abs(sound.waveform[0]), abs(sound.waveform[-1])) < 1e-3
    assert np.isfinite(sound.waveform).all()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sine(8000.0, duration_s=1.0), "frequency_hz: expected 0 < frequency_hz < 8000"),
        (lambda: sine(0.0, duration_s=1.0), "frequency_hz: expected 0 < frequency_hz"),
        (lambda: sine(float("nan"), duration_s=1.0), "frequency_hz: expected"),
        (lambda: sine(np.full(10, 100.0), duration_s=1.0), "expected 16000 values, one for each"),
        (lambda: sine(100.0, duration_s=0.0), "duration_s: expected 0.001 <= duration_s"),
        (lambda: sine(100.0, duration_s=1.0, sample_rate=100), "sample_rate: expected"),
        (lambda: sine(100.0, duration_s=1.0, peak=1.5), "peak: expected 0 < peak <= 1"),
        (lambda: saw_tone(-5.0, duration_s=1.0), "frequency_hz: expected"),
        (
            lambda: fm_tone(4000.0, modulator_hz=1000.0, index=8.0, duration_s=1.0),
            "sidebands above would be folded back",
        ),
        (lambda: chirp(100.0, 9000.0, duration_s=1.0), "end_hz: expected"),
        (lambda: vibrato(100.0, duration_s=1.0, rate_hz=0.0), "rate_hz: expected"),
        (lambda: adsr(duration_s=0.1), "duration_s: expected attack_s"),
        (lambda: adsr(duration_s=1.0, sustain=2.0), "sustain: expected 0 <= sustain <= 1"),
        (
            lambda: with_envelope(sine(100.0, duration_s=1.0), np.ones(5)),
            "envelope: expected 16000 samples",
        ),
    ],
)
def test_settings_out_of_range_are_refused(make, text):
    with pytest.raises(ConfigError, match=text):
        make()
