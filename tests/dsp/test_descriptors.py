"""Descriptors against librosa, in its centred framing, to 1e-4 of its greatest value."""

import re

import librosa
import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError
from tests.real_sounds import MADE, RECORDED, made, recorded

from auricle import dsp
from auricle.errors import ConfigError, ShapeError

N_FFT, HOP = 1024, 256
TOLERANCE = 1e-4


class Heard:
    """A sound, and its spectra by both libraries."""

    def __init__(self, waveform, rate):
        self.y, self.rate = waveform, rate
        self.waveform = torch.from_numpy(waveform)[None]
        self.power = dsp.power_spectrogram(self.waveform, n_fft=N_FFT, hop_length=HOP)
        self.magnitude = np.abs(librosa.stft(waveform, n_fft=N_FFT, hop_length=HOP))
        self.mel = librosa.feature.melspectrogram(
            S=self.magnitude**2, sr=rate, n_fft=N_FFT, n_mels=40
        )


@pytest.fixture(scope="module", params=[*MADE, *RECORDED])
def heard(request):
    if request.param in MADE:
        return Heard(*made(request.param))
    return Heard(*recorded(request.param, request.getfixturevalue("shared_data")))


def assert_close(ours, reference, tolerance=TOLERANCE):
    """Largest difference relative to the reference's greatest magnitude."""
    ours = np.asarray(ours[0].double())
    reference = np.asarray(reference, dtype=np.float64)
    reference = reference[0] if reference.shape[0] == 1 else reference.T
    assert ours.shape == reference.shape
    assert np.abs(ours - reference).max() <= tolerance * np.abs(reference).max()


def test_centroid_and_bandwidth_equal_librosa(heard):
    args = {"S": heard.magnitude, "sr": heard.rate}
    rate = heard.rate
    assert_close(
        dsp.spectral_centroid(heard.power, sample_rate=rate),
        librosa.feature.spectral_centroid(**args),
    )
    assert_close(
        dsp.spectral_bandwidth(heard.power, sample_rate=rate),
        librosa.feature.spectral_bandwidth(**args),
    )


def test_rolloff_equals_librosa(heard):
    """In double precision: near a tie the rounding of single precision chooses another bin."""
    magnitude = heard.magnitude.astype(np.float64)
    reference = librosa.feature.spectral_rolloff(S=magnitude, sr=heard.rate)
    power = torch.from_numpy(magnitude.T**2)[None]
    assert_close(dsp.spectral_rolloff(power, sample_rate=heard.rate), reference)


def test_contrast_equals_librosa(heard):
    """From one spectrum: in valleys 80 dB down the rounding of the transform itself is heard."""
    n_bands = dsp.contrast_bands(heard.rate)
    reference = librosa.feature.spectral_contrast(S=heard.magnitude, sr=heard.rate, n_bands=n_bands)
    power = torch.from_numpy(heard.magnitude.T.astype(np.float64) ** 2)[None]
    ours = dsp.spectral_contrast(power, sample_rate=heard.rate, n_bands=n_bands)
    assert_close(ours, reference)


def test_contrast_from_samples_equals_librosa_in_double_precision(heard):
    n_bands = dsp.contrast_bands(heard.rate)
    reference = librosa.feature.spectral_contrast(
        y=heard.y.astype(np.float64), sr=heard.rate, n_bands=n_bands, n_fft=N_FFT, hop_length=HOP
    )
    power = dsp.power_spectrogram(heard.waveform.double(), n_fft=N_FFT, hop_length=HOP)
    ours = dsp.spectral_contrast(power, sample_rate=heard.rate, n_bands=n_bands)
    assert_close(ours, reference)


def test_flatness_equals_librosa(heard):
    reference = librosa.feature.spectral_flatness(S=heard.magnitude)
    assert_close(dsp.spectral_flatness(heard.power), reference)


def test_chroma_and_tonnetz_equal_librosa(heard):
    reference = librosa.feature.chroma_stft(S=heard.magnitude**2, sr=heard.rate, tuning=0.0)
    ours = dsp.chroma(heard.power, sample_rate=heard.rate)
    assert_close(ours, reference)
    assert_close(dsp.tonnetz(ours), librosa.feature.tonnetz(chroma=reference))


def test_mfcc_and_delta_equal_librosa(heard):
    reference = librosa.feature.mfcc(S=librosa.power_to_db(heard.mel), sr=heard.rate, n_mfcc=20)
    ours = dsp.mfcc(heard.power, sample_rate=heard.rate, n_mfcc=20, n_mels=40)
    assert_close(ours, reference)
    assert_close(dsp.delta(ours), librosa.feature.delta(reference, mode="nearest"))


def test_crossings_and_level_equal_librosa(heard):
    cut = {"frame_length": 800, "hop_length": 200}
    edge = dsp.centred_frames(heard.waveform, padding="edge", **cut)
    assert_close(dsp.zero_crossing_rate(edge), librosa.feature.zero_crossing_rate(heard.y, **cut))
    zeros = dsp.centred_frames(heard.waveform, **cut)
    assert_close(dsp.root_mean_square(zeros), librosa.feature.rms(y=heard.y, **cut))


def test_flux_and_onset_strength_equal_librosa(heard):
    flux = librosa.onset.onset_strength(S=heard.magnitude, center=False)
    assert_close(dsp.spectral_flux(heard.power), flux[None])
    level_db = librosa.power_to_db(heard.mel)
    onsets = librosa.onset.onset_strength(S=level_db, n_fft=N_FFT, hop_length=HOP)
    ours = dsp.onset_strength(torch.from_numpy(level_db.T.copy())[None], shift=N_FFT // (2 * HOP))
    assert_close(ours, onsets[None])


@pytest.mark.parametrize("win_length", [64, 384])
def test_tempogram_equals_librosa(heard, win_length):
    envelope = librosa.onset.onset_strength(S=librosa.power_to_db(heard.mel))
    reference = librosa.feature.tempogram(onset_envelope=envelope, win_length=win_length)
    ours = dsp.tempogram(torch.from_numpy(envelope)[None], win_length=win_length)
    assert_close(ours, reference)


def test_pcen_equals_librosa_and_goes_on_where_it_was_cut(heard):
    energy = (heard.mel * 2.0**31).astype(np.float32)
    reference = librosa.pcen(energy, sr=heard.rate, hop_length=HOP)
    mine = torch.from_numpy(energy.T.copy())[None]
    frame_rate = heard.rate / HOP
    whole, last = dsp.pcen(mine, frame_rate=frame_rate)
    assert_close(whole, reference)
    first, level = dsp.pcen(mine[:, :7], frame_rate=frame_rate)
    second, level = dsp.pcen(mine[:, 7:], frame_rate=frame_rate, level=level)
    assert torch.equal(torch.cat([first, second], dim=1), whole)
    assert np.array_equal(level, last)


def spectrum_of(levels):
    return torch.tensor(levels, dtype=torch.float32)[None, None]


def test_entropy_and_slope_of_known_spectra():
    flat, single = torch.ones(1, 1, 64), torch.zeros(1, 1, 64)
    single[..., 10] = 5.0
    assert dsp.spectral_entropy(flat).item() == pytest.approx(1.0, abs=1e-6)
    assert dsp.spectral_entropy(single).item() == pytest.approx(0.0, abs=1e-6)
    assert dsp.spectral_entropy(torch.zeros(1, 1, 64)).item() == pytest.approx(1.0, abs=1e-6)
    assert dsp.spectral_slope(flat, sample_rate=8000).item() == pytest.approx(0, abs=1e-7)
    khz = np.linspace(0, 4, 65)
    line = spectrum_of((6.0 - khz) ** 2)  # magnitude 6 - f
    expected = np.polyfit(khz, (6 - khz) / (6 - khz).sum(), 1)[0]
    assert dsp.spectral_slope(line, sample_rate=8000).item() == pytest.approx(expected, rel=1e-5)


def test_silence_gives_numbers():
    power = torch.zeros(2, 3, 513)
    for values in (
        dsp.spectral_centroid(power, sample_rate=16000),
        dsp.spectral_bandwidth(power, sample_rate=16000),
        dsp.spectral_rolloff(power, sample_rate=16000),
        dsp.spectral_slope(power, sample_rate=16000),
        dsp.spectral_flux(power),
        dsp.spectral_contrast(power, sample_rate=16000),
        dsp.tonnetz(torch.zeros(2, 3, 12)),
        dsp.lag_likeness(torch.zeros(2, 3, 16)),
    ):
        assert torch.equal(values, torch.zeros_like(values))


BAD = [
    (lambda: dsp.spectral_centroid(torch.ones(2, 9), sample_rate=8000), "power: expected .batch"),
    (lambda: dsp.spectral_entropy(torch.full((1, 2, 9), torch.nan)), "power: expected finite"),
    (lambda: dsp.spectral_entropy(-torch.ones(1, 2, 9)), "power: expected values >= 0"),
    (
        lambda: dsp.spectral_entropy(torch.ones(1, 2, 9, dtype=torch.int64)),
        "expected float32 or float64, got int64",
    ),
    (
        lambda: dsp.spectral_rolloff(torch.ones(1, 2, 9), sample_rate=8000, share=1.5),
        "share: expected 0 < share < 1, got 1.5",
    ),
    (
        lambda: dsp.spectral_contrast(torch.ones(1, 2, 257), sample_rate=8000),
        "n_bands: expected bands that begin below half .* got 6 octaves .* rate 5 fit",
    ),
    (
        lambda: dsp.spectral_contrast(torch.ones(1, 2, 9), sample_rate=16000),
        "fmin: expected at least one Fourier bin in each octave band",
    ),
    (
        lambda: dsp.centred_frames(torch.ones(1, 9), frame_length=4, hop_length=0),
        "hop_length: expected hop_length > 0, got 0",
    ),
    (
        lambda: dsp.centred_frames(torch.ones(1, 0), frame_length=4, hop_length=2),
        "waveform: expected at least one sample, got an empty one",
    ),
    (
        lambda: dsp.centred_frames(torch.ones(1, 2, 9), frame_length=4, hop_length=2),
        r"waveform: expected mono, \[batch, time\], got \[1, 2, 9\]",
    ),
    (lambda: dsp.pcen(torch.ones(1, 3, 2), frame_rate=0.0), "frame_rate: expected frame_rate > 0"),
    (
        lambda: dsp.pcen(torch.ones(1, 3, 2), frame_rate=100.0, level=np.ones((1, 3))),
        "level: expected",
    ),
    (lambda: dsp.tempogram(torch.ones(1, 9), win_length=0), "win_length: expected win_length > 0"),
]


@pytest.mark.parametrize("call, text", BAD, ids=[text[:24] for _, text in BAD])
def test_bad_input_is_named(call, text):
    with pytest.raises((ShapeError, ConfigError, TypeCheckError)) as caught:
        call()
    if not isinstance(caught.value, TypeCheckError):  # the annotations refuse some before
        assert re.search(text, str(caught.value))


def test_one_sample_makes_one_frame():
    frames = dsp.centred_frames(torch.ones(1, 1), frame_length=9, hop_length=4)
    assert frames.shape == (1, 1, 9)
    assert dsp.root_mean_square(frames).item() == pytest.approx(1 / 3)


@pytest.mark.parametrize("n_fft, hop_length, n_mels", [(1024, 256, 40), (512, 160, 26)])
def test_mfcc_of_clips_in_one_go_equals_librosa(heard, n_fft, hop_length, n_mels):
    settings = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    reference = librosa.feature.mfcc(y=heard.y, sr=heard.rate, **settings)
    ours = dsp.clip_mfcc(heard.waveform, sample_rate=heard.rate, **settings)
    assert_close(ours, reference)


def test_mfcc_of_several_clips_are_those_of_each():
    clips = torch.randn(3, 5000, generator=torch.Generator().manual_seed(0))
    clips[1] *= 1e-4
    settings = {"sample_rate": 16000, "n_fft": 512, "hop_length": 160, "n_mels": 40}
    together = dsp.clip_mfcc(clips, **settings)
    for clip, row in zip(clips, together, strict=True):
        power = dsp.power_spectrogram(clip[None], n_fft=512, hop_length=160)
        twin = dsp.mfcc(power, sample_rate=16000, n_mels=40)[0]
        torch.testing.assert_close(row, twin, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("n_mels", [5, 16, 40])
def test_blocks_of_power_and_narrow_filters_are_the_plain_products(n_mels):
    waveform = torch.randn(2, 9000, generator=torch.Generator().manual_seed(0))
    frames, window = waveform.unfold(1, 400, 80), torch.hann_window(400)
    power = dsp.framed_power(frames, window, n_fft=512)
    spectrum = torch.fft.rfft(frames * window, n=512)
    assert torch.equal(power, spectrum.real.square() + spectrum.imag.square())
    bank = dsp.mel_filter_bank(sample_rate=16000, n_fft=512, n_mels=n_mels)
    mel = dsp.mel_energy(power, dsp.narrow_filters(bank))
    torch.testing.assert_close(mel, power @ bank, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "settings, text",
    [
        ({"n_mfcc": 50, "n_mels": 40}, "n_mfcc: expected 0 < n_mfcc <= n_mels=40, got 50"),
        ({"hop_length": 0}, "hop_length: expected 0 < hop_length"),
        ({"n_fft": 128, "hop_length": 64}, "n_mels: expected at least one Fourier bin"),
    ],
)
def test_bad_settings_of_clip_mfcc_are_named(settings, text):
    with pytest.raises(ConfigError, match=text):
        dsp.clip_mfcc(torch.zeros(1, 4000), sample_rate=16000, **settings)


@pytest.mark.parametrize("time", [1, 100, 4001])
@pytest.mark.parametrize("n_fft", [512, 401])
def test_clip_mfcc_of_short_clips_and_odd_windows_is_finite_and_of_its_shape(time, n_fft):
    clip = torch.randn(2, time, generator=torch.Generator().manual_seed(0))
    found = dsp.clip_mfcc(clip, sample_rate=16000, n_fft=n_fft, hop_length=160, n_mels=26)
    frames = 1 + (time + 2 * (n_fft // 2) - n_fft) // 160
    assert found.shape == (2, frames, 20) and torch.isfinite(found).all()
    wide = dsp.clip_mfcc(clip.double(), sample_rate=16000, n_fft=n_fft, hop_length=160, n_mels=26)
    assert wide.dtype == torch.float64
    torch.testing.assert_close(wide.float(), found)
