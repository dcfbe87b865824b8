import numpy as np
import pytest
import torch
from tests.synth.measures import frequency_of

from auricle.dsp import formants
from auricle.errors import ConfigError
from auricle.synth import SPEAKERS, WORDS, Speaker, Spoken, draw_speaker, speak, spell
from auricle.synth.speech.phonemes import PHONEMES, VOWELS

RATE = 16000
STILL = ["IY", "IH", "EH", "AE", "AA", "AO", "AH", "UH", "UW", "ER"]


def say(phonemes, seed=0, **settings):
    return speak(phonemes, rng=np.random.default_rng(seed), **settings)


def part(sound, label, place=0):
    event = [event for event in sound.events if event.label == label][place]
    rate = sound.sample_rate
    return sound.waveform[round(event.onset_s * rate) : round(event.offset_s * rate)]


def level_db(wave):
    return 10 * np.log10(np.mean(wave.astype(np.float64) ** 2) + 1e-20)


def formants_of(wave, tract=1.0):
    """The median of our own formants, Hz; twelve poles, as ten take F3 and F4 of IY for one."""
    sound = torch.from_numpy(wave.astype(np.float64))[None]
    found = formants(sound, sample_rate=RATE, n_formants=6, ceiling_hz=5000.0 * tract)
    return found.frequency_hz[0, :, :3].median(dim=0).values.numpy()


def share_above(wave, hz):
    power = np.abs(np.fft.rfft(wave.astype(np.float64) * np.hanning(len(wave)))) ** 2
    return power[np.fft.rfftfreq(len(wave), 1 / RATE) > hz].sum() / power.sum()


@pytest.mark.parametrize("vowel", STILL)
@pytest.mark.parametrize("tract", [0.95, 1.0, 1.16])
def test_vowels_show_their_formants_within_five_per_cent(vowel, tract):
    speaker = Speaker(tract=tract)
    sound = say([Spoken(symbol=vowel, duration_s=0.5, pitch_hz=95.0)], speaker=speaker)
    middle = part(sound, vowel)[3200:-3200]
    phoneme = VOWELS[vowel]
    wanted = (np.array(phoneme.start_hz) + np.array(phoneme.end_hz)) / 2 * tract
    np.testing.assert_allclose(formants_of(middle, tract), wanted, rtol=0.05)


def test_a_diphthong_moves_from_one_vowel_to_the_other():
    sound = say([Spoken(symbol="AY", duration_s=0.5, pitch_hz=95.0)])
    wave = part(sound, "AY")
    first, second = formants_of(wave[800:2400]), formants_of(wave[-2400:-800])
    assert second[1] - first[1] > 350
    assert first[0] - second[0] > 100


@pytest.mark.parametrize("pitch_hz", [80.0, 120.0, 210.0, 300.0])
def test_a_held_vowel_has_the_pitch_that_was_asked_for(pitch_hz):
    speaker = Speaker(jitter=0.0, shimmer=0.0, breath=0.0)
    wave = say([Spoken(symbol="AA", duration_s=1.0, pitch_hz=pitch_hz)], speaker=speaker).waveform
    middle = wave[3200:-3200].astype(np.float64)
    low = np.fft.irfft(
        np.fft.rfft(middle)
        * (np.abs(np.fft.rfftfreq(len(middle), 1 / RATE) - pitch_hz) < 0.4 * pitch_hz),
        n=len(middle),
    )
    assert frequency_of(low, RATE) == pytest.approx(pitch_hz, rel=1e-3)


def test_pitch_passes_through_the_points_that_were_given():
    line = [
        Spoken(symbol="AA", duration_s=0.4, pitch_hz=100.0),
        Spoken(symbol="IY", duration_s=0.4, pitch_hz=200.0),
    ]
    sound = say(line, speaker=Speaker(jitter=0.0))
    early, late = sound.waveform[3200:4500], sound.waveform[-4500:-3200]
    assert pitch_of(early) == pytest.approx(100, rel=0.06)
    assert pitch_of(late) == pytest.approx(200, rel=0.06)


def pitch_of(wave):
    """From the highest peak of the autocorrelation between 60 and 500 Hz."""
    lags = np.correlate(wave, wave, "full")[len(wave) - 1 :]
    return RATE / (32 + int(lags[32:267].argmax()))


def test_a_question_rises_and_a_statement_falls():
    ends = {}
    for contour in ("fall", "rise"):
        sound = say("N OW1", contour=contour, speaker=Speaker(liveliness=0.8, jitter=0.0))
        ends[contour] = pitch_of(part(sound, "OW")[-1100:-300])
    assert ends["rise"] > 1.3 * ends["fall"]


def test_friction_is_where_its_phoneme_has_it():
    sound = say("AA1 S AA1 SH AA1 F AA1")
    s, sh, vowel = part(sound, "S"), part(sound, "SH"), part(sound, "AA", 1)
    assert share_above(s, 4000) > 0.8
    assert 0.5 < share_above(sh, 2200) - share_above(sh, 4500)
    assert share_above(vowel, 4000) < 0.02
    assert level_db(part(sound, "F")) < level_db(s) - 6 < level_db(vowel) - 10


def test_a_stop_is_a_closure_and_a_burst():
    sound = say("AA1 T AA1")
    wave = part(sound, "T")
    frames = wave[: len(wave) // 80 * 80].reshape(-1, 80)
    levels = 10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-12)
    closure, burst = levels[4:11], levels[12:]
    assert closure.max() < level_db(part(sound, "AA")) - 40
    assert burst.max() > closure.max() + 15


def test_a_burst_comes_within_two_milliseconds_of_its_time():
    sound = say([Spoken(symbol="T", duration_s=0.2), Spoken(symbol="AA", duration_s=0.2)])
    wave = part(sound, "T")
    due_s = 0.2 - 0.014 - 0.045
    heard_s = int((np.abs(wave) > 0.3 * np.abs(wave[: int(0.18 * RATE)]).max()).argmax()) / RATE
    assert heard_s == pytest.approx(due_s, abs=0.002)


def test_voiced_consonants_hum_and_unvoiced_do_not():
    line = [
        Spoken(symbol=symbol, duration_s=0.15)
        for symbol in ("AA", "Z", "AA", "S", "AA", "B", "AA", "P", "AA")
    ]
    sound = say(line)

    def hum(label):
        closed = part(sound, label)[400:-1200]
        return level_db(closed) + 10 * np.log10(1 - share_above(closed, 500))

    assert hum("Z") > hum("S") + 20
    assert hum("B") > hum("P") + 20


def test_a_whisper_has_no_pitch():
    def peak(speaker):
        wave = part(say("AA1", speaker=SPEAKERS[speaker]), "AA")[800:2400]
        lags = np.correlate(wave, wave, "full")[len(wave) - 1 :]
        return lags[60:267].max() / lags[0]

    assert peak("man") > 0.6
    assert peak("whisper") < 0.45


def test_tilt_and_open_share_change_the_voice_as_they_say():
    def spectrum(**voice):
        speaker = Speaker(jitter=0.0, shimmer=0.0, breath=0.0, **voice)
        line = [Spoken(symbol="AX", duration_s=0.6, pitch_hz=100.0)]
        wave = say(line, speaker=speaker).waveform[3200:6400].astype(np.float64)
        power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
        hz = np.fft.rfftfreq(len(wave), 1 / RATE)
        return [power[(hz > f - w) & (hz < f + w)].sum() for f, w in ((100, 30), (3000, 300))]

    sharp, soft = spectrum(tilt_db=0.0), spectrum(tilt_db=20.0)
    fall_db = 10 * np.log10((sharp[1] / sharp[0]) / (soft[1] / soft[0]))
    assert fall_db == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_spoken(word):
    sound = say(spell([word]))
    assert [event.label for event in sound.events] == [
        symbol.rstrip("012") for symbol in WORDS[word].split()
    ]
    assert 0.2 < sound.duration_s < 1.2
    assert np.isfinite(sound.waveform).all()
    assert np.abs(sound.waveform).max() == pytest.approx(0.5)


def test_every_phoneme_sounds_after_a_vowel():
    for symbol in PHONEMES:
        if symbol == "_":
            continue
        sound = say(f"AA1 {symbol} AA1")
        heard = part(sound, symbol, 1 if symbol == "AA" else 0)
        assert level_db(heard) > level_db(part(sound, "AA")) - 40, symbol


def test_durations_add_up_and_speed_shortens_them():
    line = "HH AX0 L OW1 , HH AX0 L OW1"
    slow, fast = (say(line, speaker=Speaker(speed=speed)) for speed in (1.0, 2.0))
    assert fast.events[-1].offset_s < 0.6 * slow.events[-1].offset_s + 0.03
    given = say([Spoken(symbol="M", duration_s=0.123), Spoken(symbol="AA", duration_s=0.3)])
    lengths = [event.offset_s - event.onset_s for event in given.events]
    np.testing.assert_allclose(lengths, [0.123, 0.3])


@pytest.mark.parametrize("sample_rate", [8000, 11025, 44100])
def test_other_rates_say_the_same(sample_rate):
    plain = say("S EH1 V AX0 N")
    other = say("S EH1 V AX0 N", sample_rate=sample_rate)
    assert other.duration_s == pytest.approx(plain.duration_s, abs=1e-3)
    assert other.events == plain.events
    assert level_db(part(other, "EH")) == pytest.approx(level_db(part(plain, "EH")), abs=1.0)


def test_same_seed_same_samples_and_speakers_differ():
    first, again, other = (say("G OW1", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.waveform, again.waveform)
    assert not np.array_equal(first.waveform, other.waveform)
    drawn = {draw_speaker(np.random.default_rng(seed)) for seed in range(20)}
    assert len(drawn) == 20
    assert min(s.pitch_hz for s in drawn) < 125 < 180 < max(s.pitch_hz for s in drawn)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: say("HH QQ"), "phonemes: expected ARPAbet .* got 'QQ'"),
        (lambda: say("S1 AA1"), "phonemes: expected ARPAbet .* got 'S1'"),
        (lambda: say(""), "phonemes: expected at least one phoneme, got ''"),
        (lambda: say(", ."), "phonemes: expected at least one phoneme"),
        (lambda: spell(["sevn"]), "got 'sevn'. Did you mean 'seven'"),
        (lambda: spell(["xylophone"]), "Give its phonemes instead"),
        (lambda: Spoken(symbol="XX"), "got 'XX'"),
        (lambda: Spoken(symbol="AA", duration_s=0.0), "duration_s: expected"),
        (lambda: Spoken(symbol="AA", pitch_hz=5.0), "pitch_hz: expected 40 <= pitch_hz"),
        (lambda: Speaker(tract=5.0), "tract: expected 0.7 <= tract <= 1.6"),
        (lambda: say("AA1", sample_rate=10), "sample_rate: expected"),
    ],
)
def test_what_cannot_be_said_is_refused(make, text):
    with pytest.raises(ConfigError, match=text):
        make()
