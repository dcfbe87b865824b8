import warnings

import numpy as np
import pytest
import torch
from tests.dsp.sounds import unchecked

from auricle.dsp import pyin, yin, yin_of_frames
from auricle.errors import ConfigError, ShapeError

FIVE_CENTS = 5.0
RANGE = {"fmin": 65.0, "fmax": 1000.0}


def cents(ours: torch.Tensor, reference: np.ndarray) -> np.ndarray:
    return 1200 * np.abs(np.log2(ours.numpy() / reference))


def harmonic(f0_hz: np.ndarray, rate: int) -> torch.Tensor:
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate
    samples = sum(np.sin(k * phase) / k for k in range(1, 9))
    return torch.from_numpy(0.2 * samples)[None]


@pytest.mark.parametrize("settings", [{}, {"hop_length": 256}], ids=["default", "short hop"])
def test_yin_equals_librosa(sound, librosa, settings):
    samples, rate = sound
    reference = librosa.yin(samples, sr=rate, **RANGE, **settings)
    ours = yin(torch.from_numpy(samples)[None], sample_rate=rate, **RANGE, **settings)
    away = cents(ours.f0_hz[0], reference)
    print(f"{(away < FIVE_CENTS).mean():.4f} of all frames within 5 cents")
    assert away.shape == reference.shape
    assert away[ours.aperiodicity[0].numpy() < 0.3].max(initial=0.0) < FIVE_CENTS
    assert (away < FIVE_CENTS).mean() > 0.99


def test_pyin_equals_librosa(sound, librosa):
    samples, rate = sound
    f0_hz, voiced, probability = librosa.pyin(samples, sr=rate, fill_na=None, **RANGE)
    ours = pyin(torch.from_numpy(samples)[None], sample_rate=rate, **RANGE)
    same = voiced == ours.voiced[0].numpy()
    print(f"{same.mean():.4f} of the frames have the same flag, {voiced.mean():.2f} are voiced")
    assert same.mean() > 0.99
    both = voiced & ours.voiced[0].numpy()
    assert cents(ours.f0_hz[0], f0_hz)[both].max(initial=0.0) < FIVE_CENTS
    np.testing.assert_allclose(ours.voiced_probability[0].numpy(), probability, atol=1e-3)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_yin_measures_a_glide(rate):
    f0_hz = np.linspace(120.0, 240.0, rate)
    win = round(0.05 * rate)
    found = yin(harmonic(f0_hz, rate), sample_rate=rate, fmin=60.0, fmax=500.0, win_length=win)
    middle = slice(3, -3)
    truth = np.append(f0_hz, 240.0)[:: win // 4][middle]
    assert cents(found.f0_hz[0, middle], truth).max() < 15  # the glide moves 30 cents a window
    assert found.aperiodicity[0, middle].max() < 0.1


def test_pyin_hears_where_a_voice_starts_and_stops():
    rate = 16000
    tone = harmonic(np.full(rate, 200.0), rate)
    silence = torch.zeros_like(tone)
    found = pyin(torch.cat([silence, tone, silence], dim=1), sample_rate=rate, **RANGE)
    frames_a_second = rate / 512
    start, stop = round(1.1 * frames_a_second), round(1.9 * frames_a_second)
    assert found.voiced[0, start:stop].all()
    assert cents(found.f0_hz[0, start:stop], np.full(stop - start, 200.0)).max() <= FIVE_CENTS
    assert not found.voiced[0, : round(0.9 * frames_a_second)].any()
    assert not found.voiced[0, -25:].any()


def test_noise_is_told_by_its_probability_not_by_its_flag():
    noise = 0.01 * torch.randn(1, 32000, generator=torch.Generator().manual_seed(0)).double()
    found = pyin(noise, sample_rate=16000, **RANGE)
    assert found.voiced_probability.median() < 0.02


def test_silence_has_no_pitch_and_no_nan():
    waveform = torch.zeros(2, 8000)
    quiet = yin(waveform, sample_rate=16000, **RANGE)
    assert (quiet.aperiodicity == 1).all() and quiet.f0_hz.isfinite().all()
    tracked = pyin(waveform, sample_rate=16000, **RANGE)
    assert not tracked.voiced.any() and not tracked.voiced_probability.any()
    assert tracked.f0_hz.isfinite().all()


def test_pitch_does_not_depend_on_the_batch_and_keeps_its_precision():
    clips = torch.cat([harmonic(np.full(8000, hz), 8000) for hz in (100.0, 250.0)]).float()
    for find in (yin, pyin):
        together = find(clips, sample_rate=8000, fmin=65.0, fmax=500.0)
        alone = [find(clip[None], sample_rate=8000, fmin=65.0, fmax=500.0) for clip in clips]
        torch.testing.assert_close(together[0], torch.cat([x[0] for x in alone]))
        assert together.f0_hz.dtype == torch.float32


def test_frames_cut_by_hand_have_the_same_pitch():
    waveform = harmonic(np.linspace(100.0, 200.0, 16000), 16000)
    whole = yin(waveform, sample_rate=16000, hop_length=512, **RANGE)
    cut = yin_of_frames(waveform.unfold(1, 2048, 512), sample_rate=16000, **RANGE)
    inside = whole.f0_hz[:, 2 : 2 + cut.f0_hz.shape[1]]
    torch.testing.assert_close(cut.f0_hz, inside)


def test_one_sample_has_one_frame():
    assert yin(torch.ones(1, 1), sample_rate=16000, **RANGE).f0_hz.shape == (1, 1)
    assert pyin(torch.ones(1, 1), sample_rate=16000, **RANGE).f0_hz.shape == (1, 1)


@pytest.mark.parametrize("find", [yin, pyin])
def test_pitch_refuses_settings_out_of_range(find):
    waveform = torch.zeros(1, 8000)
    with pytest.raises(ConfigError, match="fmax: expected .* = 8000, got 9000"):
        find(waveform, sample_rate=16000, fmin=65.0, fmax=9000.0)
    with pytest.raises(ConfigError, match="fmax: expected 0.001 < fmin=0"):
        find(waveform, sample_rate=16000, fmin=0.0, fmax=900.0)
    with pytest.raises(ConfigError, match="fmin: expected a period that fits into win_length=2048"):
        find(waveform, sample_rate=16000, fmin=5.0, fmax=900.0)
    with pytest.raises(ConfigError, match="hop_length: expected 0 < hop_length"):
        find(waveform, sample_rate=16000, hop_length=0, **RANGE)
    with pytest.raises(ShapeError, match="at least one sample"):
        unchecked(find)(waveform[:, :0], sample_rate=16000, **RANGE)


def test_a_window_of_less_than_two_periods_is_warned_of():
    with pytest.warns(UserWarning, match="fmin: expected two periods in win_length=2048"):
        yin(torch.ones(1, 100), sample_rate=16000, fmin=12.0, fmax=900.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yin(torch.ones(1, 100), sample_rate=16000, fmin=20.0, fmax=900.0)
