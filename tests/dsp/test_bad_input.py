"""Every function of a waveform, given what it cannot use: one error a rule, no silent NaN."""

import numpy as np
import pytest
import torch
from tests.dsp.sounds import unchecked

from auricle import dsp
from auricle.errors import ConfigError, ShapeError

pytest.importorskip("pywt")
RATE = {"sample_rate": 8000}
PITCH = RATE | {"fmin": 65.0, "fmax": 500.0, "win_length": 512}
FRAMES = {"n_fft": 256, "hop_length": 64}
NOTES = RATE | {"n_bins": 48}
OF_WAVEFORM = {
    "stft": (dsp.stft, FRAMES),
    "stft, causal": (dsp.stft, FRAMES | {"framing": "causal"}),
    "power_spectrogram": (dsp.power_spectrogram, FRAMES),
    "reassigned_spectrogram": (dsp.reassigned_spectrogram, RATE | FRAMES),
    "lpc": (dsp.lpc, {"order": 8}),
    "lpc, autocorrelation": (dsp.lpc, {"order": 8, "method": "autocorrelation"}),
    "formants": (dsp.formants, RATE | {"ceiling_hz": 4000.0}),
    "yin": (dsp.yin, PITCH),
    "pyin": (dsp.pyin, PITCH),
    "cqt": (dsp.cqt, NOTES),
    "cqt_direct": (dsp.cqt_direct, NOTES),
    "cqt_direct, causal": (dsp.cqt_direct, NOTES | {"framing": "causal"}),
    "chroma_cqt": (dsp.chroma_cqt, RATE | {"n_octaves": 6}),
    "estimate_tuning": (dsp.estimate_tuning, RATE),
    "cwt": (dsp.cwt, RATE | {"frequencies_hz": [200.0, 900.0]}),
    "wavelet_decompose": (dsp.wavelet_decompose, {}),
    "wavelet_packet": (dsp.wavelet_packet, {"level": 2}),
    "analytic_signal": (dsp.analytic_signal, {}),
    "hilbert_envelope": (dsp.hilbert_envelope, {}),
    "instantaneous_frequency": (dsp.instantaneous_frequency, RATE),
    "split_harmonic": (dsp.split_harmonic, FRAMES),
}
SHORTEST = {
    "stft, causal": 64,
    "lpc": 9,
    "lpc, autocorrelation": 9,
    "formants": 400,
    "cqt_direct, causal": 512,
    "wavelet_decompose": 14,
    "wavelet_packet": 28,
    "instantaneous_frequency": 2,
}


def call(name: str, waveform: torch.Tensor) -> object:
    function, settings = OF_WAVEFORM[name]
    return unchecked(function)(waveform, **settings)


def tensors(result: object) -> list[torch.Tensor]:
    return [result] if isinstance(result, torch.Tensor) else list(result)


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
def test_empty_clips_are_refused(name):
    with pytest.raises(ShapeError, match="waveform: expected at least .*, got an empty one"):
        call(name, torch.zeros(1, 0))


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
def test_a_clip_one_sample_too_short_is_refused_and_the_shortest_is_not(name):
    shortest = SHORTEST.get(name, 1)
    waveform = torch.linspace(-1, 1, shortest)[None]
    assert all(x.isfinite().all() for x in tensors(call(name, waveform)))
    if shortest > 1:
        rule = f"waveform: expected at least {shortest} samples|level: expected level <= 1"
        with pytest.raises((ShapeError, ConfigError), match=rule):
            call(name, waveform[:, 1:])


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_are_refused(name, bad):
    waveform = torch.zeros(2, 8000)
    waveform[1, 4321] = bad
    with pytest.raises(ShapeError, match="waveform: expected finite numbers only, got 1 that are"):
        call(name, waveform)


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
@pytest.mark.parametrize("dtype", [torch.int16, torch.int64, torch.float16, torch.complex64])
def test_whole_numbers_and_other_types_are_refused(name, dtype):
    with pytest.raises(ShapeError, match="waveform: expected float32 or float64, got"):
        call(name, torch.ones(1, 8000).to(dtype))


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
@pytest.mark.parametrize("shape", [(1, 2, 8000), (8000,)], ids=["stereo", "no batch"])
def test_stereo_and_single_waveforms_are_refused(name, shape):
    with pytest.raises(ShapeError, match="waveform: expected mono, \\[batch, time\\], got \\["):
        call(name, torch.zeros(shape))


@pytest.mark.parametrize(
    "name",
    [name for name, (_, settings) in OF_WAVEFORM.items() if "hop_length" in settings]
    + ["yin", "pyin", "cqt", "cqt_direct", "chroma_cqt", "cwt"],
)
@pytest.mark.parametrize("hop_length", [0, -1])
def test_a_hop_of_nothing_is_refused(name, hop_length):
    function, settings = OF_WAVEFORM[name]
    with pytest.raises(ConfigError, match="hop_length: expected"):
        unchecked(function)(torch.zeros(1, 8000), **{**settings, "hop_length": hop_length})


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
@pytest.mark.parametrize("sound", ["silence", "full scale", "constant", "quiet"])
def test_no_clip_gives_a_number_that_is_none(name, sound):
    generator = torch.Generator().manual_seed(0)
    waveform = {
        "silence": torch.zeros(1, 8000),
        "full scale": torch.randn(1, 8000, generator=generator).sign(),
        "constant": torch.full((1, 8000), 0.5),
        "quiet": 1e-20 * torch.randn(1, 8000, generator=generator),
    }[sound]
    for precision in (torch.float32, torch.float64):
        for result in tensors(call(name, waveform.to(precision))):
            assert result.isfinite().all()


@pytest.mark.parametrize("name", list(OF_WAVEFORM))
def test_precision_is_kept(name):
    waveform = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 8000)))
    for dtype in (torch.float32, torch.float64):
        for result in tensors(call(name, waveform.to(dtype))):
            if result.is_floating_point() or result.is_complex():
                assert result.abs().dtype == dtype
