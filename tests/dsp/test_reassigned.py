import numpy as np
import pytest
import torch
from tests.dsp.sounds import error_of_max

from auricle.dsp import reassigned_spectrogram

pytestmark = pytest.mark.filterwarnings("ignore:'where' used without 'out'")  # librosa's own
SETTINGS = {"n_fft": 512, "hop_length": 128}


@pytest.mark.parametrize("over", [{}, {"win_length": 400, "hop_length": 100}], ids=["plain", "pad"])
def test_reassigned_spectrogram_equals_librosa(sound, librosa, over):
    samples, rate = sound[0].astype(np.float64), sound[1]
    settings = SETTINGS | over
    ours = reassigned_spectrogram(torch.from_numpy(samples)[None], sample_rate=rate, **settings)
    hz, time_s, size = librosa.reassigned_spectrogram(samples, sr=rate, fill_nan=True, **settings)
    assert error_of_max(ours.magnitude[0].numpy().T, size) < 1e-4
    assert error_of_max(ours.frequency_hz[0].numpy().T, hz) < 1e-4
    assert error_of_max(ours.time_s[0].numpy().T, time_s) < 1e-4


def test_single_precision_is_near_where_there_is_sound(sound, librosa):
    samples, rate = sound
    ours = reassigned_spectrogram(torch.from_numpy(samples)[None], sample_rate=rate, **SETTINGS)
    hz, _, size = librosa.reassigned_spectrogram(
        samples.astype(np.float64), sr=rate, fill_nan=True, **SETTINGS
    )
    loud = size > 1e-2 * size.max()
    away = np.abs(ours.frequency_hz[0].numpy().T - hz)[loud]
    assert away.max() < 1e-4 * rate / 2


def test_a_tone_between_bins_and_a_click_between_frames_are_found():
    rate, hz, at = 8000, 1007.3, 4021
    t = torch.arange(rate, dtype=torch.float64) / rate
    tone = reassigned_spectrogram(
        torch.sin(2 * torch.pi * hz * t)[None], sample_rate=rate, **SETTINGS
    )
    middle = tone.magnitude[0, 30].argmax()
    assert float(tone.frequency_hz[0, 30, middle]) == pytest.approx(hz, abs=0.2)
    click = torch.zeros(1, rate, dtype=torch.float64)
    click[0, at] = 1.0
    found = reassigned_spectrogram(click, sample_rate=rate, **SETTINGS)
    times_s = found.time_s[0, 31, 10:-10]
    assert (times_s - at / rate).abs().max() < 1 / rate


def test_silence_stays_at_bins_and_frames():
    found = reassigned_spectrogram(torch.zeros(1, 1000), sample_rate=8000, **SETTINGS)
    torch.testing.assert_close(found.frequency_hz[0, 3], torch.linspace(0, 4000, 257))
    assert (found.time_s[0, 3] == 3 * 128 / 8000).all() and not found.magnitude.any()
