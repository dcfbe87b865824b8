from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from auricle.errors import ConfigError
from auricle.features.augment import Augment, AugmentConfig, Batch

FLOOR = -23.0
OFF = AugmentConfig(
    speed=0.0,
    pitch=0.0,
    gain_db=0.0,
    noise_probability=0.0,
    eq_db=0.0,
    frequency_masks=0,
    time_masks=0,
    mixup=0.0,
    shift=0.0,
)
PARTS = {
    "speed": {"speed": 0.3},
    "pitch": {"pitch": 0.3},
    "gain": {"gain_db": 6.0},
    "noise": {"noise_probability": 1.0},
    "eq": {"eq_db": 6.0},
    "frequency_masks": {"frequency_masks": 2, "frequency_mask_width": 0.5},
    "time_masks": {"time_masks": 2, "time_mask_width": 0.5},
    "mixup": {"mixup": 1.0},
    "shift": {"shift": 0.5},
}
TIMING = {"speed", "shift"}


def batch(lengths=(40, 25, 31), mels=16):
    generator = torch.Generator().manual_seed(0)
    frames = 2 * torch.randn(len(lengths), max(lengths), mels, generator=generator) - 8
    for row, length in zip(frames, lengths, strict=True):
        row[length:] = FLOOR
    return Batch(frames, torch.tensor(lengths), torch.eye(4)[: len(lengths)])


def vary(config, given=None, *, seed=0, noise=None):
    generator = torch.Generator().manual_seed(seed)
    return Augment(config, floor=FLOOR, generator=generator, noise=noise)(given or batch())


def test_everything_off_is_identity():
    given, varied = batch(), vary(OFF)
    assert torch.equal(varied.lengths, given.lengths)
    assert torch.equal(varied.targets, given.targets)
    torch.testing.assert_close(varied.frames, given.frames, atol=2e-3, rtol=0)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone_changes_something_and_keeps_the_form(part):
    given, varied = batch(), vary(replace(OFF, **PARTS[part]))
    assert varied.frames.shape[::2] == given.frames.shape[::2]
    assert varied.frames.shape[1] == int(varied.lengths.max())
    assert torch.isfinite(varied.frames).all() and (varied.lengths >= 1).all()
    torch.testing.assert_close(varied.targets.sum(dim=1), torch.ones(3))
    assert (varied.frames.shape != given.frames.shape) == (part in TIMING) or not torch.equal(
        varied.lengths, given.lengths
    )
    if part not in TIMING:
        assert (varied.frames - given.frames).abs().max() > 0.1
    assert torch.equal(varied.targets, given.targets) == (part != "mixup")


def test_the_batch_given_is_left_alone():
    given, again = batch(), batch()
    vary(AugmentConfig(), given)
    for field in fields(Batch):
        assert torch.equal(getattr(given, field.name), getattr(again, field.name))


def test_same_seed_same_variation_and_another_seed_another():
    one, same, other = (vary(AugmentConfig(), seed=seed) for seed in (3, 3, 4))
    assert torch.equal(one.frames, same.frames) and torch.equal(one.targets, same.targets)
    assert one.frames.shape != other.frames.shape or not torch.equal(one.frames, other.frames)


def test_the_global_generator_is_not_touched():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    vary(AugmentConfig())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", range(5))
def test_silence_stays_finite(seed):
    silent = Batch(torch.full((3, 20, 16), FLOOR), torch.tensor([20, 1, 7]), torch.eye(3))
    for noise in (None, [np.full((5, 16), FLOOR, dtype=np.float32)]):
        varied = vary(
            AugmentConfig(noise_probability=1.0, mixup=1.0), silent, seed=seed, noise=noise
        )
        assert torch.isfinite(varied.frames).all()


def test_a_batch_of_one_frame_is_varied():
    one = Batch(torch.full((1, 1, 16), -5.0), torch.tensor([1]), torch.ones(1, 1))
    for seed in range(10):
        assert torch.isfinite(vary(AugmentConfig(), one, seed=seed).frames).all()


def test_gain_adds_the_same_to_every_filter_and_frame():
    varied = vary(replace(OFF, gain_db=6.0))
    difference = (varied.frames - batch().frames)[0, :40]
    assert difference.std() < 2e-3 and difference.mean().abs() > 0.1


def test_noise_is_added_at_the_ratio_that_was_drawn():
    config = replace(OFF, noise_probability=1.0, snr_db=(10.0, 10.0))
    given = batch((40, 40, 40))
    power = given.frames.exp().mean(dim=(1, 2))
    noisy = vary(config, given).frames.exp().mean(dim=(1, 2))
    torch.testing.assert_close(
        10 * torch.log10(power / (noisy - power)), torch.full((3,), 10.0), atol=0.1, rtol=0
    )


def test_users_background_is_the_noise():
    hum = np.full((7, 16), FLOOR, dtype=np.float32)
    hum[:, 3] = 0.0
    config = replace(OFF, noise_probability=1.0, snr_db=(-20.0, -20.0))
    varied = vary(config, noise=[hum])
    assert (varied.frames.argmax(dim=2) == 3).all()


def test_stretch_and_pitch_move_a_peak_where_they_should():
    frames = torch.full((1, 60, 16), FLOOR)
    frames[0, 30, 8] = 0.0
    peak = Batch(frames, torch.tensor([60]), torch.ones(1, 1))
    longer = vary(replace(OFF, speed=0.5), peak, seed=1)
    at = int(longer.frames[0].amax(dim=1).argmax())
    assert at / int(longer.lengths[0]) == pytest.approx(0.5, abs=0.05)
    shifted = vary(replace(OFF, shift=0.5), peak, seed=1)
    put_before = int(shifted.lengths[0]) - 60
    assert int(shifted.frames[0].amax(dim=1).argmax()) == 30 + put_before > 30
    torch.testing.assert_close(
        shifted.frames[0, :put_before], torch.full((put_before, 16), FLOOR), atol=1e-3, rtol=0
    )


def test_padding_stays_silent_through_time_changes():
    varied = vary(replace(OFF, speed=0.4, shift=0.4))
    for row, length in zip(varied.frames, varied.lengths, strict=True):
        rest = row[int(length) :]
        torch.testing.assert_close(rest, torch.full_like(rest, FLOOR), atol=1e-3, rtol=0)


def test_mixup_shares_add_up_and_keep_the_louder_share():
    varied = vary(replace(OFF, mixup=1.0))
    torch.testing.assert_close(varied.targets.sum(dim=1), torch.ones(3))
    assert (varied.targets.diagonal() >= 0.5).all()


def test_settings_out_of_range_are_named():
    for bad in ({"mixup": 1.5}, {"speed": 0.7}, {"noise_probability": -0.1}):
        with pytest.raises(ConfigError, match="augment: expected probabilities and shares"):
            AugmentConfig(**bad)
