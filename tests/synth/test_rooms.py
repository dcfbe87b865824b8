import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from auricle.errors import ConfigError
from auricle.synth import Sound, noise, reverberate, sine

RATE = 16000


def click():
    wave = np.zeros(RATE // 100, dtype=np.float32)
    wave[0] = 0.5
    return Sound(waveform=wave, sample_rate=RATE)


def rt60_of(answer, low_db=-5.0, high_db=-35.0):
    """Schroeder's backward integral, a line through -5 to -35 dB, three times its half."""
    energy = np.cumsum(answer[::-1].astype(np.float64) ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-20)
    first, last = int((level < low_db).argmax()), int((level < high_db).argmax())
    slope = np.polyfit(np.arange(first, last) / RATE, level[first:last], 1)[0]
    return -60 / slope


def late(sound):
    wave = sound.waveform.copy()
    wave[0] = 0.0
    return wave


@pytest.mark.parametrize("rt60_s", [0.2, 0.5, 1.2, 3.0])
@pytest.mark.parametrize("size_m", [3.0, 12.0])
def test_a_room_has_the_decay_that_was_asked_for(rt60_s, size_m):
    answer = late(reverberate(click(), rt60_s=rt60_s, size_m=size_m))
    assert rt60_of(answer) == pytest.approx(rt60_s, rel=0.05)


@pytest.mark.parametrize("ratio_db", [-10.0, 0.0, 20.0])
def test_a_room_has_its_direct_to_reverberant_ratio(ratio_db):
    sound = reverberate(click(), rt60_s=0.6, ratio_db=ratio_db)
    measured = 10 * np.log10(sound.waveform[0] ** 2 / np.sum(late(sound) ** 2))
    assert measured == pytest.approx(ratio_db, abs=0.1)


def test_high_tones_can_die_sooner():
    answer = late(reverberate(click(), rt60_s=1.5, high_rt60_s=0.4))
    low = sosfilt(butter(6, 500.0, "lowpass", fs=RATE, output="sos"), answer)
    high = sosfilt(butter(6, 7000.0, "highpass", fs=RATE, output="sos"), answer)
    assert rt60_of(low) == pytest.approx(1.5, rel=0.1)
    assert rt60_of(high) == pytest.approx(0.4, rel=0.25)


def test_echoes_become_dense():
    answer = late(reverberate(click(), rt60_s=1.0))[: RATE // 2]
    tail = answer[RATE // 4 :] / np.sqrt(np.mean(answer[RATE // 4 :] ** 2))
    assert np.mean(np.abs(tail) > 1) == pytest.approx(0.317, abs=0.08)  # as of Gaussian noise


def test_onsets_and_peak_stay_and_the_tail_is_added():
    dry = sine(500.0, duration_s=0.5)
    wet = reverberate(dry, rt60_s=0.4)
    assert wet.events == dry.events
    assert wet.duration_s == pytest.approx(0.9)
    assert np.abs(wet.waveform).max() == pytest.approx(0.5)
    assert abs(wet.waveform[-1]) < 1e-4
    assert np.isfinite(wet.waveform).all()


def test_a_long_room_stays_stable():
    dry = noise("white", rng=np.random.default_rng(0), duration_s=1.0)
    wet = reverberate(dry, rt60_s=30.0, size_m=1.0).waveform
    assert np.mean(wet[-RATE:] ** 2) < 1e-4 * np.mean(wet[:RATE] ** 2)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"rt60_s": 0.0}, "rt60_s: expected"),
        ({"rt60_s": 1.0, "ratio_db": 99.0}, "ratio_db: expected"),
        ({"rt60_s": 1.0, "size_m": 0.0}, "size_m: expected"),
        ({"rt60_s": 1.0, "high_rt60_s": 2.0}, "high_rt60_s: expected 0.1 <= high_rt60_s <= 1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, text):
    with pytest.raises(ConfigError, match=text):
        reverberate(click(), **settings)
