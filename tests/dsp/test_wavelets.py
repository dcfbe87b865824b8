import numpy as np
import pytest
import torch
from tests.dsp.sounds import error_of_max, unchecked

from auricle import _optional
from auricle.dsp import (
    cwt,
    octave_frequencies,
    wavelet_decompose,
    wavelet_packet,
    wavelet_packet_inverse,
    wavelet_reconstruct,
)
from auricle.errors import ConfigError, MissingExtraError, ShapeError

pywt = pytest.importorskip("pywt")
AGREEMENT = 1e-6
NAMES = {"morlet": "morl", "mexican_hat": "mexh", "complex_morlet": "cmor1.5-1.0"}


def both(sound: tuple[np.ndarray, int]) -> tuple[torch.Tensor, np.ndarray]:
    samples = sound[0][:6000].astype(np.float64)
    return torch.from_numpy(samples)[None], samples


@pytest.mark.parametrize("wavelet", list(NAMES))
def test_continuous_transform_equals_pywavelets(sound, wavelet):
    waveform, samples = both(sound)
    rate = sound[1]
    asked_hz = octave_frequencies(fmin=60.0, fmax=rate / 4, bands_per_octave=2)
    ours = cwt(waveform, sample_rate=rate, frequencies_hz=asked_hz, wavelet=wavelet)[0].numpy()
    centre = pywt.central_frequency(NAMES[wavelet], precision=12)
    scales = centre * rate / np.array(asked_hz)
    reference, hz = pywt.cwt(samples, scales, NAMES[wavelet], 1 / rate, method="conv")
    np.testing.assert_allclose(hz, asked_hz, rtol=1e-9)
    assert error_of_max(ours.T, reference) < AGREEMENT


@pytest.mark.parametrize("wavelet", list(NAMES))
def test_a_tone_is_strongest_at_its_frequency(wavelet):
    t = torch.arange(8000, dtype=torch.float64) / 8000
    tone = torch.sin(2 * torch.pi * 440 * t)[None]
    hz = octave_frequencies(fmin=110.0, fmax=1760.0, bands_per_octave=12)
    values = cwt(tone, sample_rate=8000, frequencies_hz=hz, wavelet=wavelet)[0]
    strength = values.abs()[2000:6000].square().mean(dim=0)
    off = int(strength.argmax()) - hz.index(440.0)
    assert abs(off) <= (4 if wavelet == "mexican_hat" else 1)  # a hat is wide, with a larger scale


@pytest.mark.parametrize("time", [1, 3, 300])
@pytest.mark.parametrize("precision", [12, 15])
def test_short_clips_and_finer_tables_equal_pywavelets(time, precision):
    samples = np.random.default_rng(0).standard_normal(time)
    scale = pywt.central_frequency("cmor1.5-1.0", precision=precision) * 8000 / 100.0
    reference, _ = pywt.cwt(samples, [scale], "cmor1.5-1.0", precision=precision)
    ours = cwt(
        torch.from_numpy(samples)[None],
        sample_rate=8000,
        frequencies_hz=[100.0],
        precision=precision,
    )
    assert error_of_max(ours[0, :, 0].numpy(), reference[0]) < AGREEMENT


def test_continuous_transform_has_gradients():
    waveform = torch.randn(1, 400, dtype=torch.float64, requires_grad=True)
    cwt(waveform, sample_rate=8000, frequencies_hz=[500.0], hop_length=40).abs().sum().backward()
    assert waveform.grad is not None and bool((waveform.grad != 0).any())


def test_hop_keeps_every_so_many_coefficients():
    waveform = torch.randn(2, 1001, generator=torch.Generator().manual_seed(0))
    settings = {"sample_rate": 8000, "frequencies_hz": [200.0, 900.0]}
    every, some = cwt(waveform, **settings), cwt(waveform, hop_length=80, **settings)
    assert some.shape == (2, 13, 2) and some.dtype == torch.complex64
    torch.testing.assert_close(every[:, ::80], some)


@pytest.mark.parametrize("wavelet", ["haar", "db4", "sym8", "bior4.4"])
@pytest.mark.parametrize("boundary", ["symmetric", "periodic", "zero"])
def test_discrete_transform_equals_pywavelets_and_goes_back(sound, wavelet, boundary):
    waveform, samples = both(sound)
    parts = wavelet_decompose(waveform, wavelet=wavelet, level=5, boundary=boundary)
    reference = pywt.wavedec(samples, wavelet, mode=boundary, level=5)
    assert len(parts) == 6
    for ours, theirs in zip(parts, reference, strict=True):
        assert error_of_max(ours[0].numpy(), theirs) < AGREEMENT
    time = waveform.shape[1]
    back = wavelet_reconstruct(parts, num_samples=time, wavelet=wavelet, boundary=boundary)
    assert (back - waveform).abs().max() < AGREEMENT


@pytest.mark.parametrize("level", [1, 3, 5])
def test_packets_equal_pywavelets_and_go_back(sound, level):
    waveform, samples = both(sound)
    ours = wavelet_packet(waveform, level=level)
    tree = pywt.WaveletPacket(samples, "db4", mode="symmetric", maxlevel=level)
    reference = np.stack([node.data for node in tree.get_level(level, order="freq")], axis=-1)
    assert error_of_max(ours[0].numpy(), reference) < AGREEMENT
    back = wavelet_packet_inverse(ours, num_samples=waveform.shape[1])
    assert (back - waveform).abs().max() < AGREEMENT


def test_packets_are_in_order_of_frequency():
    t = torch.arange(8192, dtype=torch.float64) / 8192
    for band in range(8):
        tone = torch.sin(2 * torch.pi * (band + 0.5) * 512 * t)[None]
        strength = wavelet_packet(tone, level=3, wavelet="db20").square().mean(dim=(0, 1))
        assert int(strength.argmax()) == band


def test_level_left_out_is_the_highest_that_fits():
    parts = wavelet_decompose(torch.ones(1, 1000), wavelet="db4")
    assert len(parts) == 1 + pywt.dwt_max_level(1000, 8)
    single = torch.randn(1, 1000, generator=torch.Generator().manual_seed(0))
    back = wavelet_reconstruct(wavelet_decompose(single), num_samples=1000)
    assert back.dtype == torch.float32
    torch.testing.assert_close(back, single, atol=1e-6, rtol=0)


def test_wavelets_refuse_what_they_cannot_use():
    waveform = torch.ones(1, 100)
    with pytest.raises(ConfigError, match="wavelet: expected a discrete wavelet .* got 'db99'"):
        wavelet_decompose(waveform, wavelet="db99")
    with pytest.raises(ConfigError, match="level: expected level <= 3"):
        wavelet_packet(waveform, level=4)
    with pytest.raises(ConfigError, match="level: expected level > 0, got 0"):
        wavelet_packet(waveform, level=0)
    with pytest.raises(ShapeError, match="waveform: expected at least 14 samples, got 13"):
        wavelet_decompose(waveform[:, :13])
    with pytest.raises(ShapeError, match="num_samples: expected at most 100, .* got 500"):
        unchecked(wavelet_reconstruct)(wavelet_decompose(waveform), num_samples=500)
    with pytest.raises(ShapeError, match="packets: expected .*2 \\*\\* level"):
        wavelet_packet_inverse(torch.ones(1, 10, 3), num_samples=10)


def test_continuous_transform_refuses_frequencies_it_cannot_hear():
    for hz in ([5000.0], [0.0, 100.0]):
        with pytest.raises(ConfigError, match="frequencies_hz: .* sample_rate / 2 = 4000 Hz"):
            cwt(torch.ones(1, 100), sample_rate=8000, frequencies_hz=hz)
    with pytest.raises(ConfigError, match="len\\(frequencies_hz\\) > 0"):
        cwt(torch.ones(1, 100), sample_rate=8000, frequencies_hz=[])
    with pytest.raises(ConfigError, match="wavelet: expected one of morlet"):
        unchecked(cwt)(torch.ones(1, 9), sample_rate=8000, frequencies_hz=[1e3], wavelet="db4")
    with pytest.raises(ConfigError, match="fmax - fmin > 0"):
        octave_frequencies(fmin=100.0, fmax=50.0)


def test_without_pywavelets_the_error_says_how_to_get_it(monkeypatch):
    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(_optional, "import_module", absent)
    with pytest.raises(MissingExtraError, match="cwt needs `pywt`.*'auricle\\[wavelets\\]'"):
        cwt(torch.ones(1, 100), sample_rate=8000, frequencies_hz=[100.0])
