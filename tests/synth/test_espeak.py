import os
import sys

import numpy as np
import pytest

from auricle.errors import AudioError, ConfigError, MissingExtraError
from auricle.synth import has_espeak, speak_text

FAKE = """#!{python}
import math, struct, sys, wave
words = sys.argv[1:]
text = sys.stdin.buffer.read().decode("utf-8")
if words[words.index("-v") + 1] == "xx":
    sys.exit("Error: The specified espeak-ng voice does not exist.")
target = words[words.index("-w") + 1]
if text == "mute":
    open(target, "wb").write(b"no sound")
    sys.exit(0)
hz = 10 * int(words[words.index("-p") + 1])
seconds = len(text) * 16 / int(words[words.index("-s") + 1])
tone = [math.sin(2 * math.pi * hz * t / 22050) for t in range(int(22050 * seconds))]
with wave.open(target, "wb") as sink:
    sink.setnchannels(1)
    sink.setsampwidth(2)
    sink.setframerate(22050)
    silence = bytes(2 * 2205)
    body = b"".join(struct.pack("<h", int(9000 * sample)) for sample in tone)
    sink.writeframes(silence + body + silence)
"""


@pytest.fixture
def espeak(tmp_path, monkeypatch):
    """A program of that name that answers with a tone of the pitch, as long as the text."""
    program = tmp_path / "espeak-ng"
    program.write_text(FAKE.format(python=sys.executable), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="the fake program needs a shebang")
def test_the_program_gets_text_voice_speed_and_pitch(espeak):
    assert has_espeak()
    sound = speak_text("--ünïcode", pitch=70, words_per_minute=160)
    assert sound.duration_s == pytest.approx(0.9, abs=0.01)  # silence at both ends is cut
    power = np.abs(np.fft.rfft(sound.waveform))
    assert power.argmax() / sound.duration_s == pytest.approx(700, abs=2)
    assert np.abs(sound.waveform).max() == pytest.approx(0.5)
    (event,) = sound.events
    assert (event.label, event.onset_s, event.offset_s) == ("speech", 0.0, sound.duration_s)


@pytest.mark.skipif(os.name == "nt", reason="the fake program needs a shebang")
def test_what_the_program_refuses_is_said(espeak):
    with pytest.raises(ConfigError, match="The specified espeak-ng voice does not exist"):
        speak_text("hello", voice="xx")
    with pytest.raises(AudioError, match="espeak-ng: expected a wav file with sound"):
        speak_text("mute")


def test_without_the_program_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_espeak()
    with pytest.raises(MissingExtraError, match="espeak-ng: expected the program on the path"):
        speak_text("hello")


@pytest.mark.skipif(not has_espeak(), reason="espeak-ng is not installed")
def test_the_real_program_speaks():
    sound = speak_text("one two three", voice="en")
    assert 0.5 < sound.duration_s < 4


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"text": "  "}, "len"),
        ({"text": "a", "pitch": 200}, "pitch: expected 0 <= pitch <= 99"),
        ({"text": "a", "words_per_minute": 5}, "words_per_minute: expected"),
        ({"text": "a", "sample_rate": 5}, "sample_rate: expected"),
    ],
)
def test_settings_out_of_range_are_refused(settings, text):
    with pytest.raises(ConfigError, match=text):
        speak_text(settings.pop("text"), **settings)
