import numpy as np
import pytest
from tests.synth.measures import frequency_of, onset_of

from auricle.errors import ConfigError
from auricle.synth import DRUMS, VOICES, Note, Tuning, drum, note_hz, play_note, play_score, pluck

RATE = 16000


def fresh(seed=0):
    return np.random.default_rng(seed)


def first_partial(wave, near_hz, sample_rate=RATE):
    """The frequency of what lies within a quarter of an octave of one, Hz."""
    spectrum = np.fft.rfft(wave.astype(np.float64))
    hz = np.fft.rfftfreq(len(wave), 1 / sample_rate)
    spectrum[np.abs(np.log2(np.maximum(hz, 1.0) / near_hz)) > 0.25] = 0
    return frequency_of(np.fft.irfft(spectrum, n=len(wave)), sample_rate)


@pytest.mark.parametrize("hz", [55.0, 146.83, 440.0, 1318.5])
@pytest.mark.parametrize("sample_rate", [16000, 44100])
@pytest.mark.parametrize("brightness", [0.0, 0.5, 1.0])
def test_plucked_string_is_in_tune_within_a_thousandth(hz, sample_rate, brightness):
    sound = pluck(hz, rng=fresh(1), duration_s=1.5, brightness=brightness, sample_rate=sample_rate)
    assert first_partial(sound.waveform, hz, sample_rate) == pytest.approx(hz, rel=1e-3)


@pytest.mark.parametrize("decay_s", [0.5, 2.0, 6.0])
def test_plucked_string_falls_in_its_time(decay_s):
    wave = pluck(220.0, rng=fresh(), duration_s=1.0, decay_s=decay_s).waveform.astype(np.float64)
    time_s = np.arange(len(wave)) / RATE
    carried = wave * np.exp(-2j * np.pi * 220 * time_s)
    frames = np.abs(carried[: len(carried) // 1600 * 1600].reshape(-1, 1600).mean(axis=1))[1:-1]
    slope = np.polyfit(np.arange(len(frames)) * 0.1, 20 * np.log10(frames), 1)[0]
    assert -60 / slope == pytest.approx(decay_s, rel=0.05)


def test_a_brighter_string_is_brighter():
    def centre(brightness):
        wave = pluck(220.0, rng=fresh(), duration_s=1.0, brightness=brightness).waveform[4000:]
        power = np.abs(np.fft.rfft(wave)) ** 2
        return (power * np.fft.rfftfreq(len(wave), 1 / RATE)).sum() / power.sum()

    assert centre(0.0) < centre(0.8) < centre(1.0)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("hz", [130.0, 523.25])
def test_voices_are_in_tune_and_begin_in_time(voice, hz):
    sound = play_note(voice, hz, rng=fresh(), duration_s=1.2)
    assert first_partial(sound.waveform, hz) == pytest.approx(hz, rel=1e-3)
    assert onset_of(sound.waveform, RATE, share=0.001) < 1e-2
    assert np.abs(sound.waveform).max() == pytest.approx(0.5)
    assert abs(sound.waveform[-1]) < 1e-3


@pytest.mark.parametrize("kind", DRUMS)
def test_drums_strike_at_once_and_die(kind):
    sound = drum(kind, rng=fresh(), duration_s=1.0)
    assert onset_of(sound.waveform, RATE) < 1e-3
    first, last = sound.waveform[:1600], sound.waveform[-1600:]
    assert np.mean(last**2) < 0.1 * np.mean(first**2)


def test_drums_lie_where_they_belong():
    low = {kind: drum(kind, rng=fresh()).events[0].low_hz for kind in DRUMS}
    assert low["kick"] < low["tom"] < low["clap"] < low["hat"]
    assert low["cymbal"] > 2900


@pytest.mark.parametrize(
    ("note", "hz"),
    [("A4", 440.0), ("C4", 261.6256), ("A3", 220.0), ("Eb5", 622.254), (60, 261.6256)],
)
def test_equal_temperament_has_the_usual_frequencies(note, hz):
    assert note_hz(note) == pytest.approx(hz, rel=1e-6)


@pytest.mark.parametrize(
    ("system", "upper", "ratio"),
    [
        ("just", "E4", 5 / 4),
        ("just", "G4", 3 / 2),
        ("pythagorean", "E4", 81 / 64),
        ("pythagorean", "G4", 3 / 2),
        ("meantone", "E4", 5 / 4),
        ("meantone", "G4", 5**0.25),
    ],
)
def test_tunings_have_their_intervals_and_the_same_a(system, upper, ratio):
    tuning = Tuning(system=system, a4_hz=442.0)
    assert note_hz("A4", tuning=tuning) == pytest.approx(442.0)
    assert note_hz(upper, tuning=tuning) / note_hz("C4", tuning=tuning) == pytest.approx(ratio)
    assert note_hz("C5", tuning=tuning) / note_hz("C4", tuning=tuning) == pytest.approx(2.0)


def test_a_just_scale_moves_with_its_tonic():
    tuning = Tuning(system="just", tonic="D")
    assert note_hz("A4", tuning=tuning) / note_hz("D4", tuning=tuning) == pytest.approx(1.5)
    assert note_hz("B3", tuning=tuning) < note_hz("D4", tuning=tuning)


def test_an_own_tuning_is_taken():
    own = Tuning(system="own", cents=tuple(90.0 * step for step in range(12)))
    assert 1200 * np.log2(note_hz("D4", tuning=own) / note_hz("C4", tuning=own)) == pytest.approx(
        180.0
    )


def test_a_score_plays_its_notes_when_it_says():
    notes = [
        Note(instrument="organ", onset_s=0.5, duration_s=0.4, pitch="A4"),
        Note(instrument="kick", onset_s=0.0, duration_s=0.3),
        Note(instrument="pluck", onset_s=1.25, duration_s=0.5, pitch=660.0, level_db=-6.0),
    ]
    sound = play_score(notes, rng=fresh())
    assert [event.label for event in sound.events] == ["kick", "organ", "pluck"]
    assert [event.onset_s for event in sound.events] == [0.0, 0.5, 1.25]
    assert [event.offset_s for event in sound.events] == pytest.approx([0.3, 0.9, 1.75], abs=1e-4)
    silence = sound.waveform[round(0.31 * RATE) : round(0.499 * RATE)]
    assert np.abs(silence).max() == 0
    for start_s in (0.0, 1.25):
        assert np.abs(sound.waveform[round(start_s * RATE) :][:16]).max() > 0.01
    assert first_partial(sound.waveform[8000:14400], 440.0) == pytest.approx(440.0, rel=1e-3)
    assert sound.duration_s == pytest.approx(1.75, abs=1e-3)
    named = play_score(notes, rng=fresh(), label_by="pitch")
    assert [event.label for event in named.events] == ["kick", "A4", "660.0"]


def test_a_score_is_played_in_its_tuning():
    notes = [Note(instrument="flute", onset_s=0.0, duration_s=1.0, pitch="E4")]
    wave = play_score(notes, rng=fresh(), tuning=Tuning(system="just")).waveform
    expected = 440.0 * (5 / 4) / (5 / 3)
    assert first_partial(wave, expected) == pytest.approx(expected, rel=1e-3)


def test_same_seed_same_samples():
    first, again, other = (pluck(300.0, rng=fresh(seed), duration_s=0.3) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.waveform, again.waveform)
    assert not np.array_equal(first.waveform, other.waveform)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: pluck(5000.0, rng=fresh(), duration_s=1.0), "frequency_hz: expected 20"),
        (lambda: pluck(100.0, rng=fresh(), duration_s=1.0, decay_s=0.0), "decay_s: expected"),
        (lambda: play_note("organ", 9000.0, rng=fresh(), duration_s=1.0), "frequency_hz: expected"),
        (lambda: drum("kick", rng=fresh(), duration_s=-1.0), "duration_s: expected"),
        (lambda: note_hz("H4"), "note: expected a letter A to G"),
        (lambda: Tuning(tonic="x"), "note: expected a letter A to G"),
        (lambda: Tuning(system="own"), "cents: expected with system 'own' twelve"),
        (lambda: Tuning(cents=(1.0,)), "cents: expected"),
        (lambda: Tuning(a4_hz=1.0), "a4_hz: expected"),
        (lambda: play_score([], rng=fresh()), "notes: expected at least one"),
        (lambda: Note(instrument="organ", onset_s=0.0), "pitch: expected a note for organ"),
        (lambda: Note(instrument="kick", onset_s=0.0, pitch="A4"), "none for kick"),
        (lambda: Note(instrument="kick", onset_s=-1.0), "onset_s: expected"),
    ],
)
def test_settings_out_of_range_are_refused(make, text):
    with pytest.raises(ConfigError, match=text):
        make()
