"""Mel cepstra of speech programs against kaldi-native-fbank, to 1e-3 of its greatest value."""

import numpy as np
import pytest
import torch
from tests.real_sounds import made, recorded

from auricle.dsp import SpeechCepstra, htk_config, kaldi_config, speech_mfcc
from auricle.errors import ConfigError, ShapeError

TOLERANCE = 1e-3


@pytest.fixture(scope="module", params=["sweep", "noise", "digit", "speech", "birdsong"])
def heard(request):
    if request.param in ("sweep", "noise"):
        return made(request.param)
    return recorded(request.param, request.getfixturevalue("shared_data"))


def by_kaldi(waveform, rate, **changes):
    knf = pytest.importorskip("kaldi_native_fbank")
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = rate
    options.frame_opts.dither = 0.0
    for path, value in changes.items():
        part, _, name = path.rpartition("__")
        setattr(getattr(options, part) if part else options, name, value)
    online = knf.OnlineMfcc(options)
    online.accept_waveform(rate, (waveform * 32768).tolist())
    online.input_finished()
    return np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])


def ours(waveform, rate, config):
    frames = speech_mfcc(torch.from_numpy(waveform)[None], config, hop_length=rate // 100)
    return frames[0].numpy()


def assert_close(values, reference):
    assert values.shape == reference.shape
    assert np.abs(values - reference).max() <= TOLERANCE * np.abs(reference).max()


def test_kaldi_convention_equals_kaldi(heard):
    waveform, rate = heard
    config = kaldi_config(rate, win_length=rate // 40)
    assert_close(ours(waveform, rate, config), by_kaldi(waveform, rate))


def test_kaldi_settings_equal_kaldi(heard):
    waveform, rate = heard
    config = SpeechCepstra(
        sample_rate=rate, win_length=rate // 40, n_mfcc=20, n_mels=24, fmin=60.0,
        fmax=rate / 2 - 400, lifter=0.0, energy=False,
    )  # fmt: skip
    changes = {
        "num_ceps": 20, "cepstral_lifter": 0.0, "use_energy": False, "mel_opts__num_bins": 24,
        "mel_opts__low_freq": 60.0, "mel_opts__high_freq": -400.0,
    }  # fmt: skip
    assert_close(ours(waveform, rate, config), by_kaldi(waveform, rate, **changes))


def htk_by_kaldi(waveform, rate):
    """Kaldi's log filter outputs of the magnitude, then the HTK book's equations 5.14 and 5.15."""
    knf = pytest.importorskip("kaldi_native_fbank")
    options = knf.FbankOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither = rate, 0.0
    options.frame_opts.window_type, options.frame_opts.remove_dc_offset = "hamming", False
    options.mel_opts.num_bins, options.mel_opts.low_freq = 26, 0.0
    options.use_power = False
    online = knf.OnlineFbank(options)
    online.accept_waveform(rate, (waveform * 32768).tolist())
    online.input_finished()
    log_mel = np.stack([online.get_frame(i) for i in range(online.num_frames_ready)])
    assert log_mel.min() > 0  # above HTK's floor of 1, where Kaldi has none
    i, j = np.arange(13)[:, None], np.arange(1, 27)
    cepstra = log_mel @ (np.sqrt(2 / 26) * np.cos(np.pi * i / 26 * (j - 0.5))).T
    cepstra *= 1 + 22 / 2 * np.sin(np.pi * np.arange(13) / 22)
    return np.roll(cepstra, -1, axis=1)


def test_htk_convention_equals_the_htk_book(heard):
    waveform, rate = heard
    waveform = waveform + 1e-3 * np.random.default_rng(1).standard_normal(len(waveform))
    waveform = waveform.astype(np.float32)
    values = ours(waveform, rate, htk_config(rate, win_length=rate // 40))
    assert_close(values, htk_by_kaldi(waveform, rate))


def test_bad_settings_and_sounds_are_named():
    with pytest.raises(ConfigError, match="n_mfcc, lifter: expected 0 < n_mfcc <= n_mels=23"):
        SpeechCepstra(sample_rate=8000, win_length=200, n_mfcc=30)
    config = kaldi_config(8000, win_length=200)
    with pytest.raises(ShapeError, match="at least 200 samples, got 150"):
        speech_mfcc(torch.zeros(1, 150), config, hop_length=80)
    with pytest.raises(ConfigError, match="hop_length: expected hop_length > 0"):
        speech_mfcc(torch.zeros(1, 400), config, hop_length=0)
    narrow = SpeechCepstra(sample_rate=8000, win_length=30)
    with pytest.raises(ConfigError, match="n_mels: expected at least one Fourier bin"):
        speech_mfcc(torch.zeros(1, 400), narrow, hop_length=80)
    high = SpeechCepstra(sample_rate=8000, win_length=200, fmax=5000.0)
    with pytest.raises(ConfigError, match="fmax: expected .* got 5000"):
        speech_mfcc(torch.zeros(1, 400), high, hop_length=80)
