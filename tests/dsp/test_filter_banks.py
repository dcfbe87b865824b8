import numpy as np
import pytest
import torch
from tests.dsp.sounds import unchecked

from auricle.dsp import (
    bark_filter_bank,
    erb_filter_bank,
    erb_rate_to_hz,
    hz_to_bark,
    hz_to_erb_rate,
    hz_to_mel,
    log_frequency_filter_bank,
    mel_filter_bank,
    mel_to_hz,
)
from auricle.errors import ConfigError

HZ = torch.linspace(0.0, 20000.0, 400, dtype=torch.float64)
SETTINGS = {"sample_rate": 16000, "n_fft": 1024}
BANKS = {
    "mel": lambda **over: mel_filter_bank(**{**SETTINGS, "n_mels": 40, **over}),
    "htk": lambda **over: mel_filter_bank(
        **{**SETTINGS, "n_mels": 40, "scale": "htk", "norm": None, "straight_in": "mel", **over}
    ),
    "bark": lambda **over: bark_filter_bank(**{**SETTINGS, **over}),
    "erb": lambda **over: erb_filter_bank(**{**SETTINGS, **over}),
    "octaves": lambda **over: log_frequency_filter_bank(**{**SETTINGS, "fmin": 300.0, **over}),
}


@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("norm", ["slaney", None])
@pytest.mark.parametrize("rate, n_fft, n_mels", [(16000, 512, 40), (22050, 2048, 128)])
def test_mel_filters_equal_librosa(librosa, htk, norm, rate, n_fft, n_mels):
    reference = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, htk=htk, norm=norm)
    ours = mel_filter_bank(
        sample_rate=rate,
        n_fft=n_fft,
        n_mels=n_mels,
        scale="htk" if htk else "slaney",
        norm=norm,
    )
    np.testing.assert_allclose(ours.numpy().T, reference, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("htk", [False, True])
def test_mel_scales_equal_librosa_and_go_back(librosa, htk):
    scale = "htk" if htk else "slaney"
    reference = librosa.hz_to_mel(HZ.numpy(), htk=htk)
    np.testing.assert_allclose(hz_to_mel(HZ, scale=scale).numpy(), reference, rtol=1e-12)
    torch.testing.assert_close(mel_to_hz(hz_to_mel(HZ, scale=scale), scale=scale), HZ)


def test_sides_straight_in_mel_are_kaldis():
    bank = BANKS["htk"]()
    bin_mel = hz_to_mel(torch.linspace(0, 8000, 513, dtype=torch.float64), scale="htk")
    top = float(hz_to_mel(torch.tensor([8000.0]).double(), scale="htk"))
    step = top / 41
    by_hand = [max(0.0, 1 - abs(float(bin_mel[100]) - step * (m + 1)) / step) for m in range(40)]
    np.testing.assert_allclose(bank[100].numpy(), by_hand, atol=1e-6)


@pytest.mark.parametrize("scale", ["traunmueller", "zwicker", "schroeder"])
def test_bark_scales_agree_with_the_critical_bands_of_zwicker(scale):
    edges_hz = [100, 200, 400, 630, 920, 1270, 1720, 2320, 3150, 4400, 6400, 9500]
    bark = [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]
    ours = hz_to_bark(torch.tensor(edges_hz).double(), scale=scale).numpy()
    np.testing.assert_allclose(ours, bark, atol=2.0 if scale == "schroeder" else 0.25)


def test_erb_rate_grows_by_one_a_bandwidth_and_goes_back():
    width_hz = 24.7 * (4.37 * 1000 / 1000 + 1)
    around = torch.tensor([1000 - width_hz / 2, 1000 + width_hz / 2]).double()
    rate = hz_to_erb_rate(around)
    assert float(rate[1] - rate[0]) == pytest.approx(1.0, abs=2e-3)
    torch.testing.assert_close(erb_rate_to_hz(hz_to_erb_rate(HZ)), HZ)


def test_erb_filters_are_as_wide_as_they_say():
    bank = erb_filter_bank(sample_rate=16000, n_fft=16384, fmin=1000.0, fmax=1001.0, norm="peak")
    equivalent_width = float(bank[:, 0].sum() * 16000 / 16384)
    assert equivalent_width == pytest.approx(24.7 * (4.37 + 1), rel=0.01)


def test_bands_of_octaves_are_centred_on_notes():
    bank = log_frequency_filter_bank(
        sample_rate=44100, n_fft=32768, fmin=220.0, fmax=880.0, norm="peak"
    )
    assert bank.shape[1] == 25
    peak_hz = bank.argmax(dim=0) * 44100 / 32768
    expected = 220.0 * 2 ** (torch.arange(25) / 12)
    assert ((peak_hz - expected).abs() < 44100 / 32768).all()


@pytest.mark.parametrize("kind", ["bark", "erb", "octaves"])
def test_filters_have_unit_area(kind):
    bank = BANKS[kind]()
    torch.testing.assert_close(bank.sum(dim=0) * 16000 / 1024, torch.ones(bank.shape[1]))
    assert float(BANKS[kind](norm="peak").max()) <= 1.0 + 1e-6


@pytest.mark.parametrize("kind", list(BANKS))
def test_no_filter_is_silent_or_negative(kind):
    bank = BANKS[kind]()
    assert (bank.sum(dim=0) > 0).all() and (bank >= 0).all() and bank.isfinite().all()


@pytest.mark.parametrize("kind", list(BANKS))
def test_banks_refuse_edges_above_half_the_rate(kind):
    with pytest.raises(ConfigError, match="fmax: expected .* <= sample_rate / 2 = 8000, got 9000"):
        BANKS[kind](fmax=9000.0)
    with pytest.raises(ConfigError, match="fmax: expected .* < fmax"):
        BANKS[kind](fmin=4000.0, fmax=3000.0)


@pytest.mark.parametrize("kind", list(BANKS))
def test_banks_refuse_filters_without_a_bin(kind):
    with pytest.raises(ConfigError, match="empty|falls between two Fourier bins"):
        BANKS[kind](n_fft=64)


@pytest.mark.parametrize("kind", list(BANKS))
def test_banks_refuse_settings_not_above_zero(kind):
    with pytest.raises(ConfigError, match="n_fft: expected n_fft > 0, got 0"):
        BANKS[kind](n_fft=0)
    with pytest.raises(ConfigError, match="sample_rate: expected sample_rate > 0"):
        BANKS[kind](sample_rate=0)


def test_octaves_refuse_notes_that_fall_between_bins_and_say_what_would_do():
    with pytest.raises(ConfigError, match="fmin: .* Raise fmin to about (\\d+) Hz") as error:
        BANKS["octaves"](fmin=30.0)
    least = float(str(error.value).split("about ")[1].split(" Hz")[0])
    assert BANKS["octaves"](fmin=least + 1.0).shape[1] > 12


def test_octaves_refuse_a_lowest_band_at_nothing():
    with pytest.raises(ConfigError, match="< fmin=0"):
        unchecked(log_frequency_filter_bank)(**SETTINGS, fmin=0.0)
