"""The composed front end: every feature, any cut, rates and hops; against its twin in dsp."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from tests.real_sounds import RECORDED, made, recorded

from auricle import dsp
from auricle.errors import ConfigError, ShapeError
from auricle.features import (
    FEATURE_NAMES,
    Chroma,
    Contrast,
    Delta,
    FeaturesConfig,
    Flatness,
    MelBands,
    Mfcc,
    OnsetStrength,
    Pcen,
    Rolloff,
    Tempogram,
    build_features,
    clip_features,
    feature_named,
    features_for,
    silence_frame,
)

EXTRA = ("delta_mfcc", "delta_delta_mfcc", "delta_loudness")
SPECS = [feature_named(name) for name in (*FEATURE_NAMES, *EXTRA)]
SPECS += [Mfcc(convention="kaldi"), Mfcc(convention="htk", n_mfcc=12), Mfcc(lifter=22.0)]
IDS = [*FEATURE_NAMES, *EXTRA, "kaldi", "htk", "lifter"]
TOLERANCE = 1e-6


def sound(seconds, rate, *, seed=0):
    """Tones with overtones in noise that comes and goes."""
    rng, t = np.random.default_rng(seed), np.arange(round(seconds * rate)) / rate
    pitch = 2 * np.pi * np.cumsum(180 + 60 * np.sin(2 * np.pi * 1.3 * t)) / rate
    tone = sum(np.sin(k * pitch) / k for k in range(1, 6))
    gate = (np.sin(2 * np.pi * 2.1 * t + seed) > -0.3).astype(float)
    waveform = 0.2 * gate * tone + 0.01 * rng.standard_normal(len(t))
    return torch.from_numpy(waveform.astype(np.float32))[None, None]


def hear(front_end, waveform, cuts):
    state, parts = front_end.initial_state(waveform.shape[0]), []
    for part in waveform.tensor_split(cuts, dim=2):
        frames, state = front_end(part, state)
        parts.append(frames)
    return torch.cat(parts, dim=1)


def assert_identical(front_end, waveform, cuts):
    """Relative to the greatest value of each feature."""
    whole = hear(front_end, waveform, [])
    pieces = hear(front_end, waveform, cuts)
    assert whole.shape == pieces.shape
    assert torch.isfinite(whole).all()
    for a, b in zip(*(x.split(front_end.config.widths, dim=2) for x in (whole, pieces)),
                    strict=True):  # fmt: skip
        assert (a - b).abs().max() <= TOLERANCE * a.abs().max().clamp(min=1e-30)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("aligned", [False, True])
@settings(max_examples=3, deadline=None, derandomize=True)
@given(cuts=st.lists(st.integers(0, 48000), max_size=12), seed=st.integers(0, 99))
def test_any_cut_of_all_features_equals_the_whole(rate, aligned, cuts, seed):
    names = (*FEATURE_NAMES, *EXTRA)
    front_end = build_features(features_for(rate, names, aligned=aligned))
    waveform = sound(0.4, rate, seed=seed)
    assert_identical(front_end, waveform, sorted(cut % waveform.shape[2] for cut in cuts))


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
@pytest.mark.parametrize("rate, hop_ms", [(44100, 10.0), (8000, 16.0), (22050, 5.0)])
def test_each_feature_alone_keeps_the_law(spec, rate, hop_ms):
    config = features_for(rate, spec, hop_ms=hop_ms)
    waveform = sound(0.4, rate)
    cuts = [1, 2, 3, config.hop_length, 700, 701, 1999, 2000, 3456]
    assert_identical(build_features(config), waveform, cuts)


def test_10_ms_hops_at_44_1_khz_are_441_samples():
    assert features_for(44100).hop_length == 441


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_streams_of_a_batch_do_not_touch(spec):
    front_end = build_features(features_for(16000, spec))
    waveform = torch.cat([sound(0.3, 16000, seed=1), sound(0.3, 16000, seed=2)])
    both = hear(front_end, waveform, [999])
    for row in (0, 1):
        alone = hear(front_end, waveform[row : row + 1], [999])
        assert (both[row : row + 1] - alone).abs().max() <= TOLERANCE * alone.abs().max()


def test_a_frame_is_ready_with_its_hop():
    front_end = build_features(features_for(16000, ("mfcc", "chroma")))
    state = front_end.initial_state(1)
    for count, frames, missing in ((159, 0, 1), (1, 1, 0), (161, 1, 159), (159, 1, 0), (0, 0, 0)):
        y, state = front_end(torch.zeros(1, 1, count), state)
        assert (y.shape[1], front_end.missing(state)) == (frames, missing)
    assert y.shape == (1, 0, 32)


def late_frames(config, waveform):
    """The frames of the clock's window, silence before, for twins that take frames."""
    past = torch.zeros(1, config.win_length - config.hop_length)
    padded = torch.cat([past, waveform[0]], dim=1)
    return padded.unfold(1, config.win_length, config.hop_length)


def late_power(config, waveform):
    frames = late_frames(config, waveform)
    spectrum = torch.fft.rfft(frames * torch.hann_window(config.win_length), n=config.n_fft)
    return spectrum.abs().square()


RATE = 16000
TWINS = {
    "mfcc": lambda power, _: dsp.mfcc(power, sample_rate=RATE, n_mfcc=20, n_mels=40),
    "flatness": lambda power, _: dsp.spectral_flatness(power),
    "centroid": lambda power, _: dsp.spectral_centroid(power, sample_rate=RATE),
    "bandwidth": lambda power, _: dsp.spectral_bandwidth(power, sample_rate=RATE),
    "rolloff": lambda power, _: dsp.spectral_rolloff(power, sample_rate=RATE),
    "contrast": lambda power, _: dsp.spectral_contrast(power, sample_rate=RATE, range_db=None),
    "slope": lambda power, _: dsp.spectral_slope(power, sample_rate=RATE),
    "entropy": lambda power, _: dsp.spectral_entropy(power),
    "flux": lambda power, _: dsp.spectral_flux(power),
    "zero_crossings": lambda _, frames: dsp.zero_crossing_rate(frames),
    "rms": lambda _, frames: dsp.root_mean_square(frames),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_map_is_its_twin_on_causal_frames(name):
    config = features_for(RATE, (name,))
    waveform = sound(0.5, RATE)[..., : 49 * config.hop_length]
    ours = hear(build_features(config), waveform, [777])
    twin = TWINS[name](late_power(config, waveform), late_frames(config, waveform))
    twin = twin if twin.ndim == 3 else twin[..., None]
    torch.testing.assert_close(ours, twin, rtol=1e-4, atol=1e-5 * float(twin.abs().max()))


def test_chroma_and_tonnetz_are_their_twins_on_a_window_of_their_own():
    config = features_for(RATE, ("chroma", "tonnetz"))
    waveform = sound(0.5, RATE)[..., :8000]
    padded = torch.cat([torch.zeros(1, 1440), waveform[0]], dim=1)
    frames = padded.unfold(1, 1600, 160) * torch.hann_window(1600)
    chroma = dsp.chroma(torch.fft.rfft(frames, n=2048).abs().square(), sample_rate=RATE)
    ours = hear(build_features(config), waveform, [777])
    torch.testing.assert_close(ours[..., :12], chroma, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(ours[..., 12:], dsp.tonnetz(chroma), rtol=1e-4, atol=1e-5)


def test_onset_and_tempogram_are_their_twins():
    spec = Tempogram(window_s=0.5, longest_s=0.2)
    config = features_for(RATE, OnsetStrength() + spec)
    waveform = sound(0.5, RATE)
    mel = late_power(config, waveform) @ dsp.mel_filter_bank(
        sample_rate=RATE, n_fft=config.n_fft, n_mels=40
    )
    onset = dsp.onset_strength(10 * mel.clamp(min=1e-10).log10())
    ours = hear(build_features(config), waveform, [777])
    torch.testing.assert_close(ours[..., 0], onset, rtol=1e-3, atol=1e-4)
    stretches = torch.nn.functional.pad(onset, (49, 0)).unfold(1, 50, 1)
    likeness = dsp.lag_likeness(stretches)[..., 1:21]
    torch.testing.assert_close(ours[..., 1:], likeness, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("convention", ["kaldi", "htk"])
def test_speech_conventions_are_their_twins(convention):
    config = features_for(RATE, Mfcc(convention=convention))
    waveform = sound(0.5, RATE)
    make = dsp.kaldi_config if convention == "kaldi" else dsp.htk_config
    padded = torch.cat([torch.zeros(1, 240), waveform[0]], dim=1)
    twin = dsp.speech_mfcc(padded, make(RATE, win_length=400), hop_length=160)
    torch.testing.assert_close(
        hear(build_features(config), waveform, []), twin, rtol=1e-3, atol=1e-3
    )
    names = config.names
    assert names[-1 if convention == "htk" else 0] == "mfcc_00"


def test_log_mel_among_others_is_the_log_mel_front_end():
    from auricle.features import LogMel, LogMelConfig

    config = features_for(RATE, MelBands() + Flatness())
    alone = LogMel(
        LogMelConfig(
            sample_rate=RATE, win_length=400, hop_length=160, n_fft=config.n_fft, fmin=20.0
        )  # fmt: skip
    )
    waveform = sound(0.3, RATE)
    expected = alone(waveform, alone.initial_state(1))[0]
    torch.testing.assert_close(hear(build_features(config), waveform, [])[..., :64], expected)


def test_pcen_is_the_compression_of_the_log_mel_front_end_but_for_its_smoothing():
    config = features_for(RATE, Pcen() + MelBands())
    waveform = sound(0.4, RATE)
    frames = hear(build_features(config), waveform, [333])
    energy = frames[..., 64:].exp() - 1e-10
    expected, _ = dsp.pcen(
        energy.clamp(min=0), frame_rate=100.0, eps=1e-9, level=energy[:, 0].double().numpy()
    )
    torch.testing.assert_close(frames[..., :64], expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("order", [1, 2])
def test_delta_is_the_slope_of_so_many_frames_ago(order):
    name = "delta_" * order + "mfcc"
    config = features_for(RATE, ("mfcc", name))
    assert config.delay_frames == (0,) * 20 + (4 * order,) * 20
    frames = hear(build_features(config), sound(0.6, RATE), [1234])
    values = frames[..., :20]
    for _ in range(order):
        values = dsp.delta(values)
    late = 4 * order
    ours, twin = frames[:, 2 * late :, 20:], values[:, late:-late]
    torch.testing.assert_close(ours, twin, rtol=1e-4, atol=1e-4)


def test_aligned_columns_tell_of_one_moment():
    names = ("mfcc", "delta_mfcc", "rms")
    early, aligned = (features_for(RATE, names, aligned=flag) for flag in (False, True))
    assert set(aligned.delay_frames) == {4}
    waveform = sound(0.6, RATE)
    free = hear(build_features(early), waveform, [])
    held = hear(build_features(aligned), waveform, [555, 556])
    torch.testing.assert_close(held[:, 4:, :20], free[:, :-4, :20])
    torch.testing.assert_close(held[:, 4:, 40:], free[:, :-4, 40:])
    torch.testing.assert_close(held[..., 20:40], free[..., 20:40])
    clip = clip_features(build_features(aligned), waveform)
    torch.testing.assert_close(clip[:, :, :20], free[..., :20])
    expected = dsp.delta(free[..., :20])[:, 4:-4]
    torch.testing.assert_close(clip[:, 4:-4, 20:40], expected, rtol=1e-4, atol=1e-4)


def test_chroma_of_constant_q_is_its_twin_and_names_the_note():
    config = features_for(RATE, ("chroma_cqt",))
    t = torch.arange(RATE) / RATE
    tone = 0.3 * torch.sin(2 * torch.pi * 220 * t)[None, None]
    ours = hear(build_features(config), tone, [4321])
    spec = config.features[0]
    assert spec.octaves(config.clock) == 6
    notes = dsp.cqt_direct(
        tone[0], sample_rate=RATE, hop_length=160, fmin=spec.fmin, n_bins=72, framing="causal"
    )
    twin = dsp.chroma_of_cqt(notes.abs(), bins_per_octave=12, fmin=spec.fmin)
    torch.testing.assert_close(ours, twin, rtol=1e-3, atol=1e-4)
    loudest = {config.names[at] for at in ours[0, 40:].argmax(dim=1).tolist()}
    assert loudest == {"chroma_cqt_A"}


def test_pitch_of_a_tone_and_of_noise():
    t = torch.arange(RATE) / RATE
    tone = torch.sin(2 * torch.pi * 220 * t) + 0.5 * torch.sin(2 * torch.pi * 440 * t)
    front_end = build_features(features_for(RATE, ("pitch",)))
    pitch_hz, voicing = hear(front_end, tone[None, None] / 2, [5000])[0, 10:].T
    assert (pitch_hz / 220 - 1).abs().max() < 0.006 and voicing.min() > 0.9
    noise = torch.randn(1, 1, RATE, generator=torch.Generator().manual_seed(0))
    assert hear(front_end, noise, [])[0, 10:, 1].mean() < 0.3
    assert (hear(front_end, torch.zeros(1, 1, 800), []) == 0).all()


@pytest.mark.parametrize("rate", [8000, 16000])
def test_pitch_is_its_twin(rate):
    spec = feature_named("pitch")
    config = features_for(rate, spec)
    waveform = sound(0.5, rate)
    win = 2 * int(np.ceil(rate / spec.fmin)) + 2
    padded = torch.cat([torch.zeros(1, win - config.hop_length), waveform[0]], dim=1)
    twin = dsp.yin_of_frames(
        padded.unfold(1, win, config.hop_length), sample_rate=rate, fmin=65.0, fmax=1000.0
    )
    ours = hear(build_features(config), waveform, [999])
    heard = twin.aperiodicity < 1
    torch.testing.assert_close(ours[..., 0][heard], twin.f0_hz[heard])
    torch.testing.assert_close(ours[..., 1], (1 - twin.aperiodicity).clamp(min=0))


def test_loudness_of_a_steady_tone_after_three_seconds():
    rate, seconds = 48000, 3.5
    t = torch.arange(round(rate * seconds)) / rate
    tone = torch.sin(2 * torch.pi * 997 * t)[None, None]
    frames = hear(build_features(features_for(rate, ("loudness",))), tone, [4801, 10000])
    assert (frames[0, 310:] + 3.01).abs().max() < 0.01
    assert frames[0, 5, 0] < -10  # most of the last 0.4 s was silence


@pytest.mark.parametrize("name", RECORDED)
def test_all_features_of_real_recordings_are_finite_and_vary(name, shared_data):
    waveform, rate = recorded(name, shared_data)
    config = features_for(rate, FEATURE_NAMES)
    frames = clip_features(build_features(config), torch.from_numpy(waveform)[None, None])[0]
    assert torch.isfinite(frames).all()
    silent = {"log_mel_63", "pcen_63", "zero_crossings"}
    still = [n for n, column in zip(config.names, frames.T, strict=True) if column.std() == 0]
    assert set(still) <= silent


def test_silence_is_finite_and_lasts():
    config = features_for(RATE, FEATURE_NAMES)
    front_end = build_features(config)
    frames = hear(front_end, torch.zeros(1, 1, RATE), [])
    assert torch.isfinite(frames).all()
    torch.testing.assert_close(silence_frame(front_end), frames[0, -1])


def test_features_share_one_transform_a_frame(monkeypatch):
    calls = []
    transform = torch.fft.rfft

    def counted(*args, **kwargs):
        calls.append(kwargs.get("n"))
        return transform(*args, **kwargs)

    monkeypatch.setattr(torch.fft, "rfft", counted)
    names = ("log_mel", "mfcc", "pcen", "centroid", "flux", "delta_mfcc", "onset")
    front_end = build_features(features_for(RATE, (*names, "chroma", "tonnetz")))
    front_end(torch.zeros(1, 1, 1600), front_end.initial_state(1))
    assert calls == [front_end.config.n_fft, 2048]


def test_features_add_up_and_survive_json():
    wanted = (
        Mfcc(n_mfcc=13) + Chroma(window_s=0.2) + Flatness() + Delta(of=Mfcc(n_mfcc=13), order=2)
    )
    config = features_for(22050, wanted, hop_ms=20, aligned=True)
    adapter = TypeAdapter(FeaturesConfig)
    document = json.loads(json.dumps(adapter.dump_python(config, mode="json")))
    assert adapter.validate_python(document) == config
    assert config.names[12:14] == ("mfcc_12", "chroma_C")
    assert config.names[-1] == "delta_delta_mfcc_12"
    assert config.n_features == 39 == sum(config.widths)
    document["features"][0]["kind"] = "foreign"
    with pytest.raises(ValidationError):
        adapter.validate_python(document)


def test_bad_settings_are_named():
    with pytest.raises(ConfigError, match="features: expected names out of log_mel, mfcc.* mfc"):
        features_for(RATE, ("mfc",))
    with pytest.raises(ConfigError, match="at least one feature, each once, got mfcc_00, .* twice"):
        features_for(RATE, ("mfcc", "mfcc"))
    with pytest.raises(ConfigError, match="at least one feature, each once, got none"):
        features_for(RATE, ())
    with pytest.raises(ConfigError, match="hop_length, win_length, n_fft, sample_rate: expected 0"):
        replace(features_for(RATE), hop_length=0)
    with pytest.raises(ConfigError, match="Rolloff: expected 0 < share < 1, got 2"):
        Rolloff(share=2.0)
    with pytest.raises(ConfigError, match="Mfcc: expected 0 < n_mfcc <= n_mels"):
        Mfcc(n_mfcc=50)
    with pytest.raises(ConfigError, match="n_mels: expected at least one Fourier bin"):
        build_features(replace(features_for(RATE, MelBands(n_mels=256)), n_fft=400))
    with pytest.raises(ConfigError, match="fmax: expected 0 <= fmin=20 < fmax"):
        build_features(features_for(8000, MelBands(fmax=5000.0)))
    with pytest.raises(ConfigError, match="n_bands: expected bands that begin below half"):
        build_features(features_for(8000, Contrast(n_bands=6)))


def test_bad_sounds_are_named():
    front_end = build_features(features_for(RATE))
    state = front_end.initial_state(1)
    for channels in (0, 2):
        with pytest.raises(ShapeError, match="expected one channel"):
            front_end(torch.zeros(1, channels, 100), state)
    broken = torch.zeros(1, 1, 100)
    broken[..., 7] = torch.nan
    with pytest.raises(ShapeError, match="finite floating point samples.* not all finite"):
        front_end(broken, state)
    with pytest.raises(ShapeError, match="expected at least one sample, got none"):
        clip_features(front_end, torch.zeros(1, 1, 0))
    assert clip_features(front_end, torch.full((1, 1, 1), 0.5)).shape == (1, 1, 20)


def test_made_sounds_are_heard_alike_in_one_call_and_by_single_samples():
    waveform, rate = made("sweep")
    front_end = build_features(features_for(rate, ("mfcc", "loudness")))
    piece = torch.from_numpy(waveform[:700])[None, None]
    assert_identical(front_end, piece, list(range(1, 700)))


def test_gradients_reach_the_waveform():
    front_end = build_features(features_for(RATE, ("mfcc", "log_mel", "flatness")))
    waveform = sound(1.0, RATE).requires_grad_()
    frames, _ = front_end(waveform, front_end.initial_state(1))
    frames.sum().backward()
    assert waveform.grad is not None and waveform.grad.abs().sum() > 0
    plain = hear(front_end, waveform.detach(), [])
    torch.testing.assert_close(frames.detach(), plain, rtol=1e-5, atol=1e-4)


def test_tables_that_a_stream_made_first_serve_gradients_too():
    front_end = build_features(features_for(8200, ("mfcc", "chroma", "contrast", "onset")))
    waveform = sound(0.4, 8200)  # a rate of its own, so that nothing is kept of it yet
    with torch.inference_mode():
        front_end(waveform, front_end.initial_state(1))
    waveform = waveform.requires_grad_()
    frames, _ = front_end(waveform, front_end.initial_state(1))
    frames.sum().backward()
    assert waveform.grad is not None and waveform.grad.isfinite().all()
