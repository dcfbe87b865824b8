"""Pictures: what is drawn is where and how loud it was, however long the recording."""

import base64
import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from auricle.dsp import power_spectrogram
from auricle.errors import AudioError, ConfigError, MissingExtraError
from auricle.explain import PictureConfig, write_picture
from auricle.explain.picture import PANELS, page, sound, survey, tracks
from auricle.explain.picture.analysis import Envelope, Spectrum
from auricle.explain.picture.clock import make_clock, stretches
from auricle.explain.picture.figure import heading
from auricle.explain.picture.make_panels import NOTES
from auricle.explain.picture.slow_panels import note_words

RATE = 16000


def write(path: Path, waveform: np.ndarray, rate: int = RATE) -> Path:
    soundfile.write(path, waveform.astype(np.float32), rate, subtype="FLOAT")
    return path


def draw(path: Path, **words: object) -> survey.Drawn:
    """The one track of a file, measured."""
    config = PictureConfig(**words)
    (track,) = tracks.open_tracks([path], config)
    return survey.survey(track, config)


@pytest.fixture(scope="module")
def tone(tmp_path_factory) -> survey.Drawn:
    """Half a second of silence, then one of a full-scale A of 440 Hz."""
    time_s = np.arange(round(1.5 * RATE)) / RATE
    waveform = np.sin(2 * np.pi * 440 * time_s) * (time_s >= 0.5)
    return draw(write(tmp_path_factory.mktemp("tone") / "a.wav", waveform))


def value_at(axis, place: float) -> float:
    """What the axis says stands at a place."""
    return float(np.interp(place, np.linspace(0, 1, len(axis.values)), axis.values))


@pytest.mark.parametrize("cuts", [[50], [1] * 50, [7, 30, 13], [49, 1]])
@pytest.mark.parametrize("step", [3, 8, 60])
def test_stretches_hold_every_sample_once_with_its_neighbours(cuts, step):
    waveform = np.arange(1, 51, dtype=np.float32)
    blocks = np.split(waveform, np.cumsum(cuts)[:-1])
    pieces = list(stretches(iter(blocks), step=step, context=5))
    assert len(pieces) == -(-50 // step)
    around = np.concatenate([np.zeros(5), waveform, np.zeros(5 + step * len(pieces) - 50)])
    for index, piece in enumerate(pieces):
        np.testing.assert_array_equal(piece, around[index * step :][: step + 10])


@pytest.mark.parametrize("seconds", [0.01, 0.3, 4.0, 70.0])
def test_the_clock_leaves_no_sample_unseen(seconds):
    for rate in (8000, 32000, 44100):
        clock = make_clock(sample_rate=rate, num_samples=round(seconds * rate), columns=300)
        assert clock.columns <= 300 and clock.columns * clock.column_samples >= seconds * rate - 1
        for n_fft, hop in ((clock.short_fft, clock.short_hop), (clock.long_fft, clock.long_hop)):
            assert clock.column_samples % hop == 0 and hop * 4 <= n_fft


@pytest.mark.parametrize("columns", [2000, 40])
def test_columns_are_those_of_the_whole_wherever_it_is_cut(columns):
    waveform = np.random.default_rng(0).standard_normal(30_011).astype(np.float32)
    clock = make_clock(sample_rate=RATE, num_samples=len(waveform), columns=columns)
    spectrum = Spectrum(clock, n_fft=clock.short_fft, hop_length=clock.short_hop)
    envelope = Envelope(clock)
    context = spectrum.context + 17
    for stretch in stretches([waveform], step=5 * clock.column_samples, context=context):
        spectrum.add(stretch, context=context)
        envelope.add(stretch, context=context)
    padded = np.zeros(clock.columns * clock.column_samples, dtype=np.float32)
    padded[: len(waveform)] = waveform
    power = power_spectrogram(
        torch.from_numpy(padded)[None], n_fft=clock.short_fft, hop_length=clock.short_hop
    )[0, :-1].numpy()
    frames = power.reshape(clock.columns, -1, power.shape[1]) / (clock.short_fft / 4) ** 2
    np.testing.assert_allclose(spectrum.loudest(), frames.max(axis=1), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(spectrum.mean(), frames.mean(axis=1), rtol=1e-4, atol=1e-9)
    cut = padded.reshape(clock.columns, -1)
    np.testing.assert_array_equal(envelope.columns(), np.stack([cut.min(1), cut.max(1)], axis=1))


@pytest.mark.parametrize(
    ("name", "within"), [("spectrogram", 0.02), ("mel", 0.03), ("scalogram", 0.05)]
)
def test_a_tone_stands_at_its_frequency_and_level(tone, name, within):
    panel = tone.panels[name]
    rows = panel.levels.shape[0]
    late = panel.levels[:, 3 * panel.levels.shape[1] // 4]
    hz = value_at(panel.axis, (int(late.argmax()) + 0.5) / rows)
    assert hz == pytest.approx(440, rel=within)
    assert late.max() == pytest.approx(1, abs=0.03)
    early = panel.levels[:, : panel.levels.shape[1] // 5]
    assert early.max() == 0
    if name != "mel":  # a filter of several bins averages them
        assert -1 <= float(panel.legend[1].split()[0].replace("−", "-")) <= 0.5


def test_a_tone_begins_when_it_began_in_every_panel(tone):
    for name in ("spectrogram", "mel", "chroma", "scalogram"):
        levels = tone.panels[name].levels
        begin_s = np.flatnonzero(levels.max(axis=0) > 0.9)[0] * tone.clock.column_s
        assert begin_s == pytest.approx(0.5, abs=0.07), name  # half a window of 128 ms
    band = tone.panels["waveform"]
    begin_s = np.flatnonzero(band.high > 0.6)[0] * tone.clock.column_s
    assert begin_s == pytest.approx(0.5, abs=0.003)


def test_a_tone_is_an_a_by_chroma_and_by_pitch(tone):
    chroma = tone.panels["chroma"].levels
    assert NOTES[int(chroma[:, -200].argmax())] == "A" and chroma.shape[0] == 12
    pitch = tone.panels["pitch"]
    late = pitch.places[len(pitch.places) // 2 :]
    found = late[np.isfinite(late)]
    assert len(found) > 50
    hz = [value_at(pitch.axis, float(place)) for place in found]
    assert np.median(hz) == pytest.approx(440, rel=0.005)
    early = pitch.places[: len(pitch.places) // 4]
    assert not np.isfinite(early).any()


@pytest.mark.parametrize(
    ("hz", "words"), [(440.0, "A4 440"), (261.63, "C4 262"), (27.5, "A0 28"), (29.3, "A♯0 29")]
)
def test_notes_are_named(hz, words):
    assert note_words(hz) == words


def test_words_of_an_axis_do_not_touch(tone):
    for panel in tone.panels.values():
        places = [place for place, _ in panel.axis.ticks]
        assert len(places) >= 2 and places == sorted(places)
        assert min(np.diff(places)) > 0.07 and 0 <= places[0] <= places[-1] <= 1


def test_a_long_recording_is_pooled_and_that_is_said(tmp_path):
    waveform = np.zeros(90 * RATE)
    waveform[60 * RATE : 60 * RATE + 800] = np.sin(2 * np.pi * 2000 * np.arange(800) / RATE)
    drawn = draw(write(tmp_path / "long.wav", waveform), columns=100)
    assert "scalogram" not in drawn.panels and any("60 s" in note for note in drawn.notes)
    assert drawn.clock.columns <= 100
    assert any(f"stands for {drawn.clock.column_s:.2g} s" in note for note in drawn.notes)
    for name in ("spectrogram", "mel"):
        levels = drawn.panels[name].levels
        column = int(levels.max(axis=0).argmax())
        assert column * drawn.clock.column_s <= 60 <= (column + 1.2) * drawn.clock.column_s
        assert levels.max() == 1, "a short event is not lost among its neighbours"
    assert draw(tmp_path / "long.wav", columns=100, panels=("waveform",)).notes


def test_a_part_of_a_file_keeps_its_times(tmp_path):
    waveform = np.zeros(3 * RATE)
    waveform[2 * RATE] = 1
    drawn = draw(write(tmp_path / "a.wav", waveform), start_s=1.5, end_s=2.5, panels=("waveform",))
    assert drawn.track.num_samples == RATE and "from 1.5 s on" in heading(drawn)[1]
    at = int(drawn.panels["waveform"].high.argmax())
    assert 1.5 + at * drawn.clock.column_s == pytest.approx(2, abs=0.002)


def test_channels_are_mixed_or_drawn_each_and_that_is_said(tmp_path):
    both = np.stack([np.full(RATE, 0.5), np.full(RATE, -0.3)], axis=1)
    path = write(tmp_path / "two.wav", both)
    mixed = draw(path, panels=("waveform",))
    assert mixed.track.title == "two.wav, mean of its 2 channels"
    assert mixed.peak == pytest.approx(0.1, abs=1e-6)
    each = tracks.open_tracks([path], PictureConfig(channel="each"))
    assert [one.title for one in each] == ["two.wav, channel 0 of 2", "two.wav, channel 1 of 2"]
    assert draw(path, channel=1, panels=("waveform",)).peak == pytest.approx(0.3, abs=1e-6)
    with pytest.raises(AudioError, match="--channel mix"):
        draw(path, channel="mono")


@pytest.mark.parametrize(
    ("seconds", "rate"), [(0.0, 44100), (0.0, 100), (0.05, 100), (0.002, 8000)]
)
def test_shortest_recordings_and_lowest_rates_are_drawn(tmp_path, seconds, rate):
    path = write(tmp_path / "a.wav", 0.1 * np.ones(max(1, round(seconds * rate))), rate)
    output = tmp_path / "a.png"
    write_picture([path], output)
    assert output.stat().st_size > 1000


def test_silence_is_drawn_without_a_word(tmp_path):
    drawn = draw(write(tmp_path / "a.wav", np.zeros(RATE)))
    assert list(drawn.panels) == list(PANELS)
    for panel in drawn.panels.values():
        shown = getattr(panel, "levels", None)
        assert shown is None or np.isfinite(shown).all()
    write_picture([tmp_path / "a.wav"], tmp_path / "a.svg")


def test_several_files_stand_on_one_axis_in_png_and_svg(tmp_path):
    from PIL import Image

    paths = [write(tmp_path / f"{n}.wav", 0.1 * np.sin(np.arange(n * RATE) / 9)) for n in (1, 2)]
    config = PictureConfig(panels=("waveform", "mel", "chroma"))
    write_picture(paths, tmp_path / "a.png", config=config)
    write_picture(paths[:1], tmp_path / "b.png", config=config)
    sizes = []
    for name in ("a.png", "b.png"):
        with Image.open(tmp_path / name) as picture:
            sizes.append(picture.size)
    two, one = sizes
    assert two[0] == one[0] and two[1] == pytest.approx(2 * one[1], abs=2)
    write_picture(paths, tmp_path / "a.svg", config=config)
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for words in ("1.wav", "2.wav", "time, s", ">Hz<", ">amplitude<", ">G<", "dBFS"):
        assert words in text, words
    write_picture(paths, tmp_path / "again.svg", config=config)
    assert text == (tmp_path / "again.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"panels": ()}, "panels: expected"),
        ({"panels": ("mel", "mel")}, "each once"),
        ({"columns": 1}, "columns: expected > 1"),
        ({"pitch_hz": (500.0, 100.0)}, "lowest < highest"),
    ],
)
def test_settings_that_break_their_rule_are_refused(words, match):
    with pytest.raises(ConfigError, match=match):
        PictureConfig(**words)


def test_another_ending_and_too_many_files_are_refused(tmp_path):
    path = write(tmp_path / "a.wav", np.zeros(100))
    with pytest.raises(ConfigError, match=r"ends in \.png, \.svg, \.html"):
        write_picture([path], tmp_path / "a.gif")
    with pytest.raises(ConfigError, match="1 to 12 sounds"):
        write_picture([path] * 13, tmp_path / "a.png")
    with pytest.raises(AudioError, match=r"times within its 0\.006 s"):
        write_picture([path], tmp_path / "a.png", config=PictureConfig(start_s=3.0))
    assert [one.name for one in tmp_path.iterdir()] == ["a.wav"]


def test_without_pywavelets_the_scalogram_is_left_out_and_that_is_said(tmp_path, monkeypatch):
    path = write(tmp_path / "a.wav", np.zeros(1000))
    monkeypatch.setattr(survey, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "pywt", None)
    drawn = draw(path)
    assert "scalogram" not in drawn.panels and "pip install 'auricle[wavelets]'" in drawn.notes[0]
    with pytest.raises(MissingExtraError, match=r"auricle\[wavelets\]"):
        draw(path, panels=("scalogram",))


def played(drawn: survey.Drawn) -> tuple[np.ndarray, int, sound.Sound]:
    made = sound.page_sound(drawn.track, peak=drawn.peak)
    waveform, rate = soundfile.read(io.BytesIO(base64.b64decode(made.content)), dtype="float32")
    return waveform, rate, made


def test_a_page_plays_the_recording_at_one_loudness(tmp_path):
    waveform = 0.25 * np.sin(np.arange(RATE) / 20)
    drawn = draw(write(tmp_path / "a.wav", waveform), panels=("waveform",))
    heard, rate, made = played(drawn)
    assert rate == RATE and made.kind == "audio/wav" and made.words == "Sound +11 dB."
    np.testing.assert_allclose(heard, waveform * 0.9 / 0.25, atol=1e-4)


def test_a_long_sound_is_packed_and_stays_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "_LARGEST_WAV", 1000)
    waveform = np.random.default_rng(0).standard_normal(3 * RATE) * 0.01
    waveform[2 * RATE : 2 * RATE + 100] *= 60
    drawn = draw(write(tmp_path / "a.wav", waveform), panels=("waveform",))
    heard, rate, made = played(drawn)
    assert made.kind == "audio/mpeg" and "MP3" in made.words
    loudest = np.convolve(heard**2, np.ones(100), "same").argmax()
    assert rate == 32000 and loudest / rate == pytest.approx(2.003, abs=0.005)
    monkeypatch.setattr(sound, "_LONGEST_S", 1.0)
    assert sound.page_sound(drawn.track, peak=1.0).kind == ""


def test_a_file_named_like_markup_does_no_harm(tmp_path):
    path = write(tmp_path / "a<b onload=x>&amp;'c'.wav", np.zeros(1000))
    write_picture([path], tmp_path / "p.html", config=PictureConfig(panels=("waveform", "mel")))
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "<b onload" not in text and "&lt;b onload=x&gt;&amp;amp;&#x27;c&#x27;" in text
    assert page._json({"a": "</script>"}) == '{"a": "\\u003c/script>"}'


@pytest.mark.skipif(shutil.which("node") is None, reason="no node that reads JavaScript")
def test_the_script_of_a_page_can_be_read():
    script = Path(page.__file__).with_name("page.js")
    subprocess.run(["node", "--check", str(script)], check=True)


def test_config_is_frozen_and_can_be_changed():
    assert replace(PictureConfig(), columns=5).columns == 5
