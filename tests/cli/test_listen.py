"""``auricle listen``: files, raw samples on standard input, and a state that is kept."""

import json
import signal
import subprocess
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from tests.cli.conftest import start
from tests.tiny import tiny_config
from tests.tiny_set import RATE, tiny_clip

from auricle.heads import DetectConfig
from auricle.models import Model
from auricle.streaming import Detector


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """Two seconds low, two seconds high."""
    parts = [tiny_clip(kind, seed=5, duration_s=2) for kind in ("low", "high")]
    whole = np.concatenate(parts)
    return (np.round(whole * 32767) / 32768).astype(np.float32)


@pytest.fixture(scope="module")
def sound_file(sound, tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "sound.wav"
    soundfile.write(path, sound, RATE, subtype="PCM_16")
    return path


def _events(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_listen_prints_a_line_an_event(auricle, model, sound_file):
    done = auricle("listen", model, "--input", sound_file, "--threshold", "0.6")
    labels = [line.split()[2] for line in done.out.splitlines()]
    assert done.status == 0 and labels[0] == "low" and labels[-1] == "high"
    assert "The sound ended after 4.00 s" in done.err and "Listening at 8000 Hz" in done.err


def test_listen_prints_json_and_ends(auricle, model, sound_file):
    words = ("listen", model, "--input", sound_file, "--threshold", "0.6", "--json")
    starts, both = _events(auricle(*words).out), _events(auricle(*words, "--ends").out)
    assert starts == [event for event in both if event["kind"] == "start"]
    assert both[-1]["kind"] == "end" and both[-1]["label"] == "high"
    assert set(both[0]) == {"kind", "label", "onset_s", "time_s", "score"}


def test_a_state_that_was_saved_goes_on_as_if_nothing_had_happened(
    auricle, model, sound, sound_file, tmp_path
):
    words = ("--threshold", "0.6", "--json", "--ends")
    whole = _events(auricle("listen", model, "--input", sound_file, *words).out)
    cut = 12_345
    soundfile.write(tmp_path / "a.wav", sound[:cut], RATE, subtype="PCM_16")
    soundfile.write(tmp_path / "b.wav", sound[cut:], RATE, subtype="PCM_16")
    state = tmp_path / "s.state"
    first = auricle("listen", model, "--input", tmp_path / "a.wav", *words, "--save-state", state)
    then = auricle("listen", model, "--input", tmp_path / "b.wav", *words, "--load-state", state)
    events = _events(first.out) + _events(then.out)
    assert [{**e, "score": 0} for e in events] == [{**e, "score": 0} for e in whole]
    np.testing.assert_allclose([e["score"] for e in events], [e["score"] for e in whole], atol=1e-5)


def test_raw_samples_on_standard_input_are_heard_as_the_file(
    auricle, own_process, model, sound, sound_file
):
    words = ("--threshold", "0.6", "--json", "--ends")
    raw = np.round(sound * 32768).astype("<i2").tobytes()
    done = own_process("listen", model, "--input", "-", *words, stdin=raw)
    assert done.status == 0, done.err
    file = auricle("listen", model, "--input", sound_file, *words)
    ours, theirs = _events(done.out), _events(file.out)
    assert [{**e, "score": 0} for e in ours] == [{**e, "score": 0} for e in theirs]


def test_ctrl_c_keeps_the_state_that_was_asked_for(model, sound, tmp_path):
    words = ("--threshold", "0.6", "--json", "--save-state", tmp_path / "s.state")
    process = start("listen", model, "--input", "-", *words, stdin=subprocess.PIPE)
    process.stdin.write(np.round(sound * 32768).astype("<i2").tobytes())
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["label"] == "low"
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130 and "Traceback" not in err and "Stopped listening" in err
    assert (tmp_path / "s.state").is_file()


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--input", "gone.wav"], "gone.wav"),
        (["--load-state", "gone.state"], "gone.state"),
        (["--rate", "16000"], "no --rate beside a sound file"),
        (["--threshold", "7"], "threshold"),
        (["--save-state", "."], "got a folder"),
    ],
)
def test_listen_refuses_what_it_cannot_do(auricle, model, sound_file, words, match):
    done = auricle("listen", model, "--input", sound_file, *words)
    assert done.status == 1 and match in done.message and done.out == ""


def test_a_state_of_resampled_sound_is_refused_before_anything_is_heard(auricle, model, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(16000, np.float32), 16000)
    words = ("--input", tmp_path / "a.wav", "--save-state", tmp_path / "s.state")
    done = auricle("listen", model, *words)
    assert done.status == 1 and "the model's own rate, 8000 Hz" in done.message
    assert "Listening" not in done.err


def test_a_state_file_that_is_none_is_refused(auricle, model, sound_file, tmp_path):
    for payload in (b"", b"words, and nothing but words", model.read_bytes()):
        (tmp_path / "s.state").write_bytes(payload)
        words = ("--input", sound_file, "--load-state", tmp_path / "s.state")
        done = auricle("listen", model, *words)
        assert done.status == 1 and "the saved state of a stream" in done.message


def test_a_detector_tells_each_event_when_it_is_over(auricle, tmp_path):
    torch.manual_seed(3)
    config = replace(tiny_config(), head=DetectConfig(lookahead_ms=20.0))
    detector = Detector(Model(config).eval())
    path, clip = tmp_path / "d.auricle", tmp_path / "clip.wav"
    detector.save(path)
    rate = detector.sample_rate
    soundfile.write(clip, tiny_clip("low", seed=1, rate=rate, duration_s=2), rate)
    words = ("listen", path, "--input", clip, "--threshold", "0.05")
    heard = _events(auricle(*words, "--json").out)
    assert heard and set(heard[0]) == {"label", "onset_s", "offset_s", "score", "time_s"}
    line = auricle(*words).out.splitlines()[0]
    assert heard[0]["label"] in line and f"to {heard[0]['offset_s']:.3f} s" in line
    assert all(event["onset_s"] < event["offset_s"] <= event["time_s"] for event in heard)
