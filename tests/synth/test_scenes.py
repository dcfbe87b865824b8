import numpy as np
import pytest
from tests.synth.measures import partials_of

from auricle.errors import ConfigError
from auricle.synth import (
    Placed,
    Sound,
    chirp,
    make_scene,
    mix_at_snr,
    noise,
    pluck,
    reverberate,
    sine,
    speak,
)

RATE = 16000


def ground(duration_s=10.0, seed=0, colour="white"):
    return noise(colour, rng=np.random.default_rng(seed), duration_s=duration_s)


def power_db(wave):
    return 10 * np.log10(np.mean(np.asarray(wave, dtype=np.float64) ** 2))


def three_sounds():
    rng = np.random.default_rng(1)
    return [
        Placed(sound=pluck(300.0, rng=rng, duration_s=2.0), label="a", onset_s=1.2345, snr_db=15.0),
        Placed(sound=speak("S EH1 V AX0 N", rng=rng), label="b", onset_s=2.5, snr_db=-3.0),
        Placed(sound=chirp(500.0, 3000.0, duration_s=1.5), label="c", onset_s=2.0, snr_db=6.5),
    ]


@pytest.mark.parametrize("colour", ["white", "brown"])
def test_every_sound_stands_at_its_ratio_within_a_tenth_of_a_decibel(colour):
    scene = make_scene(three_sounds(), background=ground(colour=colour), level_db=-40.0)
    for event, stem in zip(scene.sound.events, scene.stems, strict=True):
        first, last = round(event.onset_s * RATE), round(event.offset_s * RATE)
        measured = power_db(stem.waveform[: last - first]) - power_db(scene.background[first:last])
        assert measured == pytest.approx(stem.snr_db, abs=0.1)
        assert stem.start == first


def test_the_mixture_is_its_parts_and_nothing_else():
    scene = make_scene(three_sounds(), background=ground())
    left = scene.sound.waveform.astype(np.float64) - scene.background
    for stem in scene.stems:
        left[stem.start : stem.start + len(stem.waveform)] -= stem.waveform
    assert np.abs(left).max() < 1e-7


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 10.0])
def test_the_ratio_can_be_measured_from_the_mixture_alone(snr_db):
    tone = Placed(sound=sine(1000.0, duration_s=4.0), label="a", onset_s=1.0, snr_db=snr_db)
    wave = make_scene([tone], background=ground(6.0), level_db=-40.0).sound.waveform
    event = wave[RATE : 5 * RATE].astype(np.float64)
    (amplitude,) = partials_of(event, 1000.0, RATE, [1])
    front = amplitude**2 / 2
    assert 10 * np.log10(front / (np.mean(event**2) - front)) == pytest.approx(snr_db, abs=0.1)


def test_onsets_are_heard_within_a_millisecond_of_where_they_are_stated():
    sounds = [
        pluck(200.0, rng=np.random.default_rng(0), duration_s=0.5),
        sine(440.0, duration_s=0.5),
        speak("T UW1", rng=np.random.default_rng(0)),
        reverberate(sine(700.0, duration_s=0.3), rt60_s=0.5),
    ]
    placed = [
        Placed(sound=sound, label=str(place), onset_s=0.5 + 2.3456 * place, snr_db=60.0)
        for place, sound in enumerate(sounds)
    ]
    scene = make_scene(placed, background=ground(10.0), level_db=-75.0)
    for place, event in enumerate(scene.sound.events):
        at = 0.5 + 2.3456 * place
        assert event.onset_s == pytest.approx(at, abs=1e-4)
        wave = np.abs(scene.sound.waveform[round((at - 0.1) * RATE) : round((at + 0.3) * RATE)])
        heard_s = at - 0.1 + int((wave > 0.003 * wave.max() + 6e-4).argmax()) / RATE
        assert heard_s == pytest.approx(at, abs=1e-3)


def test_the_offset_is_where_the_sound_has_fallen_by_thirty_decibels():
    tone = reverberate(sine(700.0, duration_s=0.3), rt60_s=1.0, ratio_db=20.0)
    scene = make_scene(
        [Placed(sound=tone, label="a", onset_s=1.0, snr_db=20.0)], background=ground(5.0)
    )
    (event,), (stem,) = scene.sound.events, scene.stems
    assert 1.28 < event.offset_s < 1.75
    assert len(stem.waveform) > stem.num_heard  # the tail is there, too
    tail, peak = np.abs(stem.waveform[stem.num_heard :]).max(), np.abs(stem.waveform).max()
    assert 0.02 * peak < tail < 0.03 * peak


def test_bands_hold_nine_tenths_of_the_power():
    scene = make_scene(three_sounds(), background=ground())
    bands = {event.label: (event.low_hz, event.high_hz) for event in scene.sound.events}
    assert bands["a"][0] == pytest.approx(300, abs=15)
    assert bands["c"][0] == pytest.approx(500 + 0.05 * 2500, abs=40)
    assert bands["c"][1] == pytest.approx(3000 - 0.05 * 2500, abs=40)


def test_a_loud_scene_is_lowered_as_a_whole_and_does_not_clip():
    scene = make_scene(
        [Placed(sound=sine(500.0, duration_s=1.0), label="a", onset_s=0.5, snr_db=40.0)],
        background=ground(3.0),
        level_db=-20.0,
    )
    assert np.abs(scene.sound.waveform).max() == pytest.approx(0.95, abs=1e-6)
    stem = scene.stems[0]
    span = slice(stem.start, stem.start + stem.num_heard)
    ratio = power_db(stem.waveform[: stem.num_heard]) - power_db(scene.background[span])
    assert ratio == pytest.approx(40.0, abs=0.1)


def test_a_sound_that_is_cut_by_the_end_fades():
    scene = make_scene(
        [Placed(sound=sine(500.0, duration_s=2.0), label="a", onset_s=1.0, snr_db=30.0)],
        background=ground(2.0),
    )
    (event,), (stem,) = scene.sound.events, scene.stems
    assert event.offset_s <= 2.0
    assert abs(stem.waveform[-1]) < 0.01 * np.abs(stem.waveform).max()
    assert len(scene.sound.waveform) == 2 * RATE


def test_a_scene_without_sounds_is_its_background():
    scene = make_scene([], background=ground(1.0), level_db=-30.0)
    assert power_db(scene.sound.waveform) == pytest.approx(-30.0, abs=1e-3)
    assert scene.sound.events == ()


def test_mixing_at_a_ratio_keeps_the_events():
    tone, hiss = sine(500.0, duration_s=2.0), ground(2.0)
    mixed = mix_at_snr(tone, hiss, snr_db=3.0)
    assert mixed.events == tone.events
    spectrum = np.abs(np.fft.rfft(mixed.waveform.astype(np.float64))) ** 2
    near = np.abs(np.fft.rfftfreq(2 * RATE, 1 / RATE) - 500) < 10
    measured = 10 * np.log10(spectrum[near].sum() / spectrum[~near].sum())
    assert measured == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("placed", "background", "text"),
    [
        ({"onset_s": 5.0}, ground(1.0), "onset_s: expected 0 <= onset_s < 1"),
        ({"snr_db": 500.0}, ground(1.0), "snr_db: expected"),
        (
            {},
            Sound(waveform=np.zeros(RATE, dtype=np.float32), sample_rate=RATE),
            "background: expected something that is not silent",
        ),
        ({"sound": sine(500.0, duration_s=0.5, sample_rate=8000)}, ground(1.0), "sample_rate"),
    ],
)
def test_what_cannot_be_mixed_is_refused(placed, background, text):
    item = {"sound": sine(500.0, duration_s=0.5), "label": "a", "onset_s": 0.1, "snr_db": 10.0}
    with pytest.raises(ConfigError, match=text):
        make_scene([Placed(**{**item, **placed})], background=background)


def test_mixing_needs_equal_lengths():
    with pytest.raises(ConfigError, match="background: expected 8000 samples"):
        mix_at_snr(sine(500.0, duration_s=0.5), ground(1.0), snr_db=0.0)
