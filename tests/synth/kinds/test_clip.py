import numpy as np
import pytest

from auricle.errors import ConfigError
from auricle.synth import SOUND_KINDS, synth_clip


@pytest.mark.parametrize("kind", SOUND_KINDS)
def test_same_generator_state_gives_the_same_clip(kind):
    first = synth_clip(kind, rng=np.random.default_rng(5))
    again = synth_clip(kind, rng=np.random.default_rng(5))
    other = synth_clip(kind, rng=np.random.default_rng(6))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", SOUND_KINDS)
@pytest.mark.parametrize("sample_rate", [4000, 8000, 16000, 22050, 44100])
def test_clip_has_its_length_and_stays_in_range(kind, sample_rate):
    clip = synth_clip(kind, rng=np.random.default_rng(1), sample_rate=sample_rate, duration_s=0.73)
    assert clip.dtype == np.float32
    assert len(clip) == round(0.73 * sample_rate)
    assert np.isfinite(clip).all()
    assert np.abs(clip).max() <= 0.951


@pytest.mark.parametrize("kind", SOUND_KINDS)
def test_clip_is_never_silent_for_ten_milliseconds(kind):
    for seed in range(12):
        clip = synth_clip(kind, rng=np.random.default_rng(seed), duration_s=1.0)
        assert np.abs(clip).reshape(-1, 160).max(axis=1).min() > 1e-5


@pytest.mark.parametrize("kind", SOUND_KINDS)
def test_very_short_clip_is_made(kind):
    assert len(synth_clip(kind, rng=np.random.default_rng(0), duration_s=0.05)) == 800


@pytest.mark.parametrize("duration_s", [0.0, -1.0, 601.0, float("nan")])
def test_duration_out_of_range_is_refused(duration_s):
    with pytest.raises(ConfigError, match="duration_s: expected 0.05 <= duration_s <= 600"):
        synth_clip("tone", rng=np.random.default_rng(0), duration_s=duration_s)


@pytest.mark.parametrize("sample_rate", [0, 3999, 768_000])
def test_sample_rate_out_of_range_is_refused(sample_rate):
    with pytest.raises(ConfigError, match="sample_rate: expected 4000 <= sample_rate"):
        synth_clip("noise", rng=np.random.default_rng(0), sample_rate=sample_rate)
