"""Loudness against the recommendation's own numbers and EBU Tech 3341's synthetic cases."""

import numpy as np
import pytest
import torch

from auricle.dsp import integrated_loudness, k_weighting, momentary_loudness
from auricle.errors import ConfigError, ShapeError

RATE = 48000


def tone(level_dbfs, seconds, *, hz=1000.0, rate=RATE):
    """A sine whose peak is so many dB below full scale."""
    t = np.arange(round(seconds * rate)) / rate
    return 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * t)


def channels(*rows):
    return torch.from_numpy(np.stack(rows))[None]


def stereo(*parts):
    whole = np.concatenate([tone(level, seconds) for level, seconds in parts])
    return channels(whole, whole)


def test_coefficients_at_48_khz_are_those_of_the_recommendation():
    printed = [
        [
            1.53512485958697,
            -2.69169618940638,
            1.19839281085285,
            -1.69065929318241,
            0.73248077421585,
        ],
        [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting(RATE), printed, atol=1e-8)


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000, 96000])
def test_full_scale_sine_of_997_hz_in_one_channel_is_minus_3_01(rate):
    mono = channels(tone(0, 20, hz=997.0, rate=rate))
    left = channels(tone(0, 20, hz=997.0, rate=rate), np.zeros(20 * rate))
    for waveform in (mono, left):
        loudness = integrated_loudness(waveform, sample_rate=rate).item()
        assert loudness == pytest.approx(-3.01, abs=0.02 if rate >= 44100 else 0.1)


CASES = {
    1: ([(-23, 20)], -23.0),
    2: ([(-33, 20)], -33.0),
    3: ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
    4: ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
    5: ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
}


@pytest.mark.parametrize("case", CASES)
def test_integrated_loudness_passes_ebu_tech_3341(case):
    parts, expected = CASES[case]
    loudness = integrated_loudness(stereo(*parts), sample_rate=RATE).item()
    assert loudness == pytest.approx(expected, abs=0.1)


def test_integrated_loudness_of_five_channels_passes_ebu_tech_3341_case_6():
    front, centre, behind = tone(-28, 20), tone(-24, 20), tone(-30, 20)
    waveform = channels(front, front, centre, behind, behind)
    assert integrated_loudness(waveform, sample_rate=RATE).item() == pytest.approx(-23.0, abs=0.1)
    quiet = np.zeros_like(front)
    with_lfe = channels(front, front, centre, quiet + tone(0, 20, hz=50.0), behind, behind)
    assert integrated_loudness(with_lfe, sample_rate=RATE).item() == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("window_s", [0.4, 3.0])
def test_momentary_and_short_term_loudness_of_a_steady_tone(window_s):
    values = momentary_loudness(stereo((-23, 5)), sample_rate=RATE, window_s=window_s)
    assert values.shape[1] == 1 + int((5 - window_s) / 0.1 + 1e-9)
    assert (values[0, 1:] + 23).abs().max() <= 0.1


def test_silence_is_the_floor():
    silence = torch.zeros(1, 1, RATE)
    assert integrated_loudness(silence, sample_rate=RATE).item() == -120
    assert (momentary_loudness(silence, sample_rate=RATE) == -120).all()


def test_bad_input_is_named():
    with pytest.raises(ShapeError, match="at least 0.4 s, 19200 samples, got 100"):
        integrated_loudness(torch.zeros(1, 1, 100), sample_rate=RATE)
    with pytest.raises(ShapeError, match="1, 2, 5 or 6 channels.* got 3 channels and 0 weights"):
        integrated_loudness(torch.zeros(1, 3, RATE), sample_rate=RATE)
    with pytest.raises(ShapeError, match="finite numbers only, got 1 that are NaN"):
        integrated_loudness(torch.zeros(1, 1, RATE).index_fill(2, torch.tensor(5), torch.nan),
                            sample_rate=RATE)  # fmt: skip
    with pytest.raises(ConfigError, match="step_s: expected step_s > 0"):
        momentary_loudness(torch.zeros(1, 1, RATE), sample_rate=RATE, step_s=0.0)
