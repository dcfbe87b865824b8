import numpy as np
import pytest
import torch
from tests.dsp.sounds import error_of_max, synthetic

from auricle.dsp import (
    chroma_cqt,
    chroma_of_cqt,
    cqt,
    cqt_bank,
    cqt_direct,
    cqt_of_frames,
    estimate_tuning,
)
from auricle.errors import ConfigError, ShapeError

AGREEMENT = 1e-3
SETTINGS = {
    "semitones": {"n_bins": 60},
    "10 ms": {"n_bins": 72, "hop_length": 160},
    "thirds": {"n_bins": 80, "bins_per_octave": 36, "fmin": 55.0, "tuning": 0.2},
    "odd hop": {"n_bins": 40, "fmin": 110.0, "hop_length": 441},
    "one": {"n_bins": 1, "fmin": 440.0},
    "long": {"n_bins": 30, "fmin": 220.0, "filter_scale": 1.7},
}


def batch(samples: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(samples)[None]


@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_cqt_equals_librosa(sound, librosa, settings):
    samples, rate = sound
    reference = np.abs(librosa.cqt(samples, sr=rate, **settings)).T
    ours = cqt(batch(samples), sample_rate=rate, **settings).abs()[0].numpy()
    assert ours.shape == reference.shape
    assert error_of_max(ours, reference) < AGREEMENT


@pytest.mark.filterwarnings("ignore:n_fft=")
def test_cqt_has_librosas_phase_too(sound, librosa):
    samples, rate = sound
    reference = librosa.cqt(samples, sr=rate, n_bins=60).T
    ours = cqt(batch(samples), sample_rate=rate, n_bins=60)[0].numpy()
    assert error_of_max(ours, reference) < AGREEMENT


@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize("tuning", [0.0, None], ids=["given", "estimated"])
def test_chroma_equals_librosa(sound, librosa, tuning):
    samples, rate = sound
    octaves = 6 if rate < 8500 else 7
    reference = librosa.feature.chroma_cqt(y=samples, sr=rate, tuning=tuning, n_octaves=octaves)
    ours = chroma_cqt(batch(samples), sample_rate=rate, tuning=tuning, n_octaves=octaves)
    assert error_of_max(ours[0].numpy().T, reference) < AGREEMENT


@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize("bins_per_octave", [12, 36])
def test_tuning_equals_librosa(sound, librosa, bins_per_octave):
    samples, rate = sound
    reference = librosa.estimate_tuning(y=samples, sr=rate, bins_per_octave=bins_per_octave)
    ours = estimate_tuning(batch(samples), sample_rate=rate, bins_per_octave=bins_per_octave)
    assert float(ours[0]) == pytest.approx(reference, abs=1e-6)


def test_direct_form_equals_librosa_where_librosa_does_not_resample(sound, librosa):
    samples, rate = sound
    settings = {"n_bins": 40, "fmin": 110.0, "hop_length": 441}
    reference = np.abs(librosa.cqt(samples, sr=rate, **settings)).T
    ours = cqt_direct(batch(samples), sample_rate=rate, **settings).abs()[0].numpy()
    assert error_of_max(ours, reference) < 1e-5


@pytest.mark.filterwarnings("ignore:n_fft=")
def test_direct_form_is_as_far_from_librosa_as_it_says(sound, librosa):
    samples, rate = sound
    reference = np.abs(librosa.cqt(samples, sr=rate, n_bins=60)).T
    ours = cqt_direct(batch(samples), sample_rate=rate, n_bins=60).abs()[0].numpy()
    away = error_of_max(ours[: len(reference)], reference)
    print(f"{away:.4f} of the maximum")
    assert away < 0.02


@pytest.mark.parametrize("framing", ["center", "causal"])
def test_direct_form_is_the_sum_in_its_definition(framing):
    rate, f, hop = 8000, 220.0, 400
    samples = synthetic(rate).astype(np.float64)
    ours = cqt_direct(
        batch(samples), sample_rate=rate, hop_length=hop, fmin=f, n_bins=1, framing=framing
    )[0, :, 0].abs()
    length = rate / f / ((2 ** (1 / 6) - 1) / (2 ** (1 / 6) + 1))
    n = np.arange(-length // 2, length // 2)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(n)) / len(n))
    kernel = np.exp(2j * np.pi * f * n / rate) * hann / hann.sum()
    for frame in (6, 12):
        end = (frame + 1) * hop if framing == "causal" else frame * hop + len(n) // 2
        heard = samples[end - len(n) : end]
        expected = np.sqrt(length) * abs(np.vdot(kernel, heard))
        assert float(ours[frame]) == pytest.approx(expected, rel=0.02)


def test_causal_frames_do_not_hear_what_comes_later():
    waveform = torch.randn(1, 12000, generator=torch.Generator().manual_seed(0))
    settings = {"sample_rate": 8000, "hop_length": 80, "n_bins": 48, "framing": "causal"}
    whole = cqt_direct(waveform, **settings)
    early = cqt_direct(waveform[:, :8000], **settings)
    torch.testing.assert_close(whole[:, :100], early)
    assert whole.shape[1] == 150


def test_frames_cut_by_hand_give_the_same_notes():
    waveform = torch.randn(2, 9000, generator=torch.Generator().manual_seed(0))
    settings = {"sample_rate": 8000, "n_bins": 24, "fmin": 110.0}
    bank = cqt_bank(**settings)
    held = torch.nn.functional.pad(waveform, (bank.win_length - 100, 0))
    by_hand = cqt_of_frames(held.unfold(1, bank.win_length, 100), bank)
    direct = cqt_direct(waveform, hop_length=100, framing="causal", **settings)
    torch.testing.assert_close(by_hand, direct)


def test_a_note_is_heard_at_its_bin_and_its_class():
    rate = 16000
    t = torch.arange(rate, dtype=torch.float64) / rate
    e4 = torch.sin(2 * torch.pi * 329.6276 * t)[None]
    for transform in (cqt, cqt_direct):
        notes = transform(e4, sample_rate=rate, n_bins=60).abs()[0, 16]
        assert int(notes.argmax()) == 40  # three octaves and four semitones above C1
    assert int(chroma_cqt(e4, sample_rate=rate)[0, 16].argmax()) == 4


def test_tuning_of_a_flat_instrument_is_found():
    rate = 22050
    t = torch.arange(rate, dtype=torch.float64) / rate
    notes = [440 * 2 ** ((k - 0.3) / 12) for k in (0, 3, 7)]
    chord = sum(torch.sin(2 * torch.pi * hz * t) for hz in notes)[None]
    assert float(estimate_tuning(chord, sample_rate=rate)[0]) == pytest.approx(-0.3, abs=0.03)


def test_silence_has_no_notes_and_no_nan():
    silence = torch.zeros(1, 16000)
    assert not cqt(silence, sample_rate=16000, n_bins=60).abs().any()
    assert not cqt_direct(silence, sample_rate=16000, n_bins=60).abs().any()
    assert not chroma_cqt(silence, sample_rate=16000).any()
    assert not estimate_tuning(silence, sample_rate=16000).any()


def test_one_sample_has_one_frame():
    assert cqt(torch.ones(1, 1), sample_rate=16000, n_bins=60).shape == (1, 1, 60)
    assert chroma_cqt(torch.ones(1, 1), sample_rate=16000).shape == (1, 1, 12)


def test_notes_do_not_depend_on_the_batch_and_keep_their_precision():
    waveform = torch.randn(2, 6000, generator=torch.Generator().manual_seed(0))
    for transform in (cqt, cqt_direct):
        together = transform(waveform, sample_rate=8000, n_bins=48)
        alone = torch.cat([transform(x[None], sample_rate=8000, n_bins=48) for x in waveform])
        torch.testing.assert_close(together, alone)
        double = transform(waveform.double(), sample_rate=8000, n_bins=48)
        assert together.dtype == torch.complex64 and double.dtype == torch.complex128
        torch.testing.assert_close(together.to(double.dtype), double, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("transform", [cqt, cqt_direct])
def test_transform_refuses_notes_above_half_the_rate_and_says_how_many_fit(transform):
    with pytest.raises(ConfigError, match="n_bins: .* = 4000 Hz, got 84 bins.* Lower n_bins to 83"):
        transform(torch.zeros(1, 8000), sample_rate=8000)
    assert transform(torch.zeros(1, 8000), sample_rate=8000, n_bins=83).shape[2] == 83
    with pytest.raises(ConfigError, match="fmin: expected fmin > 0, got 0"):
        transform(torch.zeros(1, 8000), sample_rate=8000, fmin=0.0)


def test_chroma_refuses_bins_that_make_no_semitones():
    with pytest.raises(ConfigError, match="bins_per_octave: expected a multiple of 12, got 10"):
        chroma_cqt(torch.zeros(1, 8000), sample_rate=16000, bins_per_octave=10)
    with pytest.raises(ConfigError, match="bins_per_octave: expected a multiple of 12, got 0"):
        chroma_of_cqt(torch.zeros(1, 3, 12), bins_per_octave=0)


def test_bank_refuses_frames_of_another_length():
    bank = cqt_bank(sample_rate=8000, n_bins=12, fmin=440.0)
    with pytest.raises(ShapeError, match="frames: expected 512 samples each"):
        cqt_of_frames(torch.zeros(1, 1, 500), bank)
