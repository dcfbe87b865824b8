import numpy as np
import pytest

from auricle.errors import ConfigError
from auricle.metrics import accuracy_interval, bootstrap_interval


def width(interval):
    return interval[1] - interval[0]


def clips(num_groups=20, per_group=10, seed=0):
    rng = np.random.default_rng(seed)
    ability = rng.uniform(0.5, 1.0, num_groups).repeat(per_group)
    groups = [f"speaker{index}" for index in np.arange(num_groups).repeat(per_group)]
    return rng.random(num_groups * per_group) < ability, groups


def test_interval_holds_the_mean_and_is_seeded():
    correct, groups = clips()
    interval = bootstrap_interval(correct.astype(float), groups, seed=3)
    assert interval[0] < correct.mean() < interval[1]
    assert interval == bootstrap_interval(correct.astype(float), groups, seed=3)
    assert interval != bootstrap_interval(correct.astype(float), groups, seed=4)


def test_interval_over_groups_is_wider_than_over_clips():
    values = np.repeat(np.random.default_rng(0).random(12), 30)
    groups = [str(index // 30) for index in range(360)]
    alone = [str(index) for index in range(360)]
    assert width(bootstrap_interval(values, groups)) > 3 * width(bootstrap_interval(values, alone))


def test_interval_of_single_clips_equals_the_normal_one():
    values = np.random.default_rng(1).standard_normal(2000)
    lower, upper = bootstrap_interval(values, [str(index) for index in range(2000)])
    error = values.std() / np.sqrt(2000)
    assert lower == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert upper == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_more_confidence_is_a_wider_interval():
    correct, groups = clips()
    values = correct.astype(float)
    narrow = bootstrap_interval(values, groups, confidence=0.5)
    assert width(narrow) < width(bootstrap_interval(values, groups, confidence=0.99))


def test_interval_of_accuracy_with_several_groups_is_the_bootstrap():
    correct, groups = clips()
    assert accuracy_interval(correct, groups) == bootstrap_interval(correct.astype(float), groups)


def test_forty_of_forty_is_no_proof_of_perfection():
    lower, upper = accuracy_interval(np.ones(40, dtype=bool), ["a", "b"] * 20)
    assert (lower, upper) == (pytest.approx(0.025 ** (1 / 40)), 1.0)
    assert accuracy_interval(np.zeros(40, dtype=bool), ["a"] * 40) == (
        0.0,
        pytest.approx(0.0881, abs=1e-4),
    )


def test_one_group_is_drawn_by_clips():
    correct = np.arange(100) % 5 > 0
    lower, upper = accuracy_interval(correct, ["george"] * 100)
    assert 0.70 < lower < 0.76 and 0.84 < upper < 0.90


def test_no_clip_has_a_defined_interval():
    assert bootstrap_interval(np.array([]), []) == (0.0, 0.0)
    assert accuracy_interval(np.array([], dtype=bool), []) == (0.0, 1.0)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="num_draws=0"):
        bootstrap_interval(np.ones(3), ["a", "b", "c"], num_draws=0)
    with pytest.raises(ConfigError, match="confidence=95"):
        accuracy_interval(np.ones(3, dtype=bool), ["a", "b", "c"], confidence=95.0)
