import numpy as np
import pytest
from tests.synth.measures import density_of, frequency_of, slope_db

from auricle.errors import ConfigError
from auricle.synth import band_noise, impulsive_noise, modulated_noise, noise, rain, wind

RATE = 16000


def fresh(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("colour", "slope"),
    [
        ("white", 0.0),
        ("pink", -3.01),
        ("brown", -6.02),
        ("blue", 3.01),
        ("violet", 6.02),
        (1.5, -4.515),
    ],
)
def test_noise_falls_by_its_slope_within_a_third_of_a_decibel(colour, slope):
    sound = noise(colour, rng=fresh(), duration_s=20.0)
    assert slope_db(sound.waveform, RATE, 60.0, 7000.0) == pytest.approx(slope, abs=0.3)


def test_band_noise_is_flat_inside_and_silent_outside():
    wave = band_noise(1000.0, 3000.0, rng=fresh(), duration_s=10.0).waveform
    hz, power = density_of(wave, RATE)
    inside = power[(hz > 1050) & (hz < 2950)]
    outside = power[(hz < 950) | (hz > 3050)]
    assert 10 * np.log10(outside.max() / inside.mean()) < -50
    assert abs(slope_db(wave, RATE, 1050.0, 2950.0)) < 0.5


@pytest.mark.parametrize(("modulation_hz", "depth"), [(4.0, 0.8), (40.0, 0.5)])
def test_modulated_noise_swings_by_its_depth_at_its_rate(modulation_hz, depth):
    made = modulated_noise(
        "white", rng=fresh(), modulation_hz=modulation_hz, depth=depth, duration_s=60.0
    )
    power = made.waveform.astype(np.float64) ** 2
    assert frequency_of(power - power.mean(), RATE) == pytest.approx(modulation_hz, rel=1e-3)
    time_s = np.arange(len(power)) / RATE
    swing = 2 * np.mean(power * np.sin(2 * np.pi * modulation_hz * time_s)) / power.mean()
    assert swing == pytest.approx(2 * depth / (1 + depth**2 / 2), rel=0.05)


def test_clicks_come_at_their_rate_and_where_the_events_say():
    sound = impulsive_noise(8.0, rng=fresh(1), duration_s=60.0)
    assert len(sound.events) == pytest.approx(480, abs=4 * 480**0.5)
    gaps = np.diff([event.onset_s for event in sound.events])
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.2)  # as of a Poisson process
    alone = [
        event
        for before, event in zip(sound.events, sound.events[1:], strict=False)
        if event.onset_s - before.onset_s > 0.05
    ]
    assert len(alone) > 200
    for event in alone:
        at = round(event.onset_s * RATE)
        assert np.abs(sound.waveform[at - 160 : at]).max() < 1e-6
        assert np.abs(sound.waveform[at : at + 16]).max() > 0.05


def test_rain_is_high_and_dense_and_wind_low_and_slow():
    wet = rain(rng=fresh(), duration_s=10.0)
    blown = wind(rng=fresh(), duration_s=10.0)
    assert wet.events[0].low_hz > 800
    assert blown.events[0].high_hz < 800
    levels = np.sqrt(np.mean(blown.waveform.reshape(-1, 1600) ** 2, axis=1))
    assert levels.max() > 3 * levels.min()
    heavy = np.sqrt(np.mean(wet.waveform.reshape(-1, 1600) ** 2, axis=1))
    assert heavy.max() < 3 * heavy.min()


def test_fewer_drops_are_heard_one_by_one():
    def crest(drops_hz):
        wave = rain(rng=fresh(), duration_s=5.0, drops_hz=drops_hz, distance=0.0).waveform
        return 1 / np.sqrt(np.mean(wave**2)) * np.abs(wave).max()

    assert crest(20.0) > 2 * crest(2000.0)


MAKERS = {
    "noise": lambda rng: noise("pink", rng=rng, duration_s=0.5),
    "band": lambda rng: band_noise(100.0, 200.0, rng=rng, duration_s=0.5),
    "clicks": lambda rng: impulsive_noise(40.0, rng=rng, duration_s=0.5),
    "modulated": lambda rng: modulated_noise(
        "brown", rng=rng, modulation_hz=5.0, depth=1.0, duration_s=0.5
    ),
    "rain": lambda rng: rain(rng=rng, duration_s=0.5),
    "wind": lambda rng: wind(rng=rng, duration_s=0.5),
}


@pytest.mark.parametrize("name", MAKERS)
def test_same_seed_same_samples_within_full_scale(name):
    first, again, other = (MAKERS[name](fresh(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.waveform, again.waveform)
    assert first.events == again.events
    assert not np.array_equal(first.waveform, other.waveform)
    assert np.abs(first.waveform).max() == pytest.approx(0.5)
    assert max(abs(first.waveform[0]), abs(first.waveform[-1])) < 0.01


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: noise(9.0, rng=fresh(), duration_s=1.0), "colour: expected -4 <= colour <= 4"),
        (lambda: band_noise(500.0, 400.0, rng=fresh(), duration_s=1.0), "low_hz: expected"),
        (lambda: band_noise(500.0, 9000.0, rng=fresh(), duration_s=1.0), "high_hz: expected"),
        (lambda: impulsive_noise(5.0, rng=fresh(), duration_s=0.01), "duration_s: expected"),
        (lambda: impulsive_noise(0.0, rng=fresh(), duration_s=1.0), "rate_hz: expected"),
        (lambda: rain(rng=fresh(), duration_s=1.0, drops_hz=0.0), "drops_hz: expected"),
        (lambda: wind(rng=fresh(), duration_s=1.0, strength=2.0), "strength: expected"),
    ],
)
def test_settings_out_of_range_are_refused(make, text):
    with pytest.raises(ConfigError, match=text):
        make()
