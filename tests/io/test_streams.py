"""Sound that comes in pieces: resampling, raw pipes, the microphone."""

import io
import sys
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auricle.errors import AudioError, DeviceError, MissingExtraError, StateError
from auricle.io import StreamResampler, check_waveform, microphone_blocks, pcm_blocks, resample

NOISE = np.random.default_rng(0).uniform(-0.9, 0.9, 3000).astype(np.float32)


class Trickle(io.RawIOBase):
    """A pipe that gives 1, 2, 3, ... bytes at a time, and sometimes nothing yet."""

    def __init__(self, data: bytes) -> None:
        self.data, self.turn = data, 0

    def read(self, size=-1):
        self.turn += 1
        if self.turn % 5 == 0:
            return None
        count = min(size, self.turn % 7 + 1)
        piece, self.data = self.data[:count], self.data[count:]
        return piece


@given(cuts=st.lists(st.integers(0, 3000), max_size=8), rates=st.sampled_from([(8, 16), (44, 16)]))
@settings(max_examples=25, deadline=None)
def test_resampling_does_not_depend_on_cuts(cuts, rates):
    source_rate, target_rate = rates[0] * 1000, rates[1] * 1000
    stream = StreamResampler(source_rate, target_rate)
    parts = [stream.push(part) for part in np.split(NOISE, sorted(cuts))] + [stream.finish()]
    whole = resample(NOISE, source_rate=source_rate, target_rate=target_rate)
    assert np.array_equal(np.concatenate(parts), whole)
    assert len(whole) == round(len(NOISE) * target_rate / source_rate)


def test_equal_rates_pass_through_untouched():
    assert np.array_equal(resample(NOISE, source_rate=8000, target_rate=8000), NOISE)


def test_a_finished_resampler_takes_no_more():
    stream = StreamResampler(8000, 16000)
    stream.finish()
    with pytest.raises(StateError, match=r"got a block after finish\(\)"):
        stream.push(NOISE)


def encode(sound: np.ndarray, encoding: str) -> bytes:
    match encoding:
        case "u8":
            return np.rint(sound * 128 + 128).astype(np.uint8).tobytes()
        case "s16le":
            return np.rint(sound * 2**15).astype("<i2").tobytes()
        case "s24le":
            whole = np.rint(sound.astype(float) * 2**23).astype("<i4")
            return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
        case "s32le":
            return np.rint(sound.astype(float) * 2**31).astype("<i4").tobytes()
    return sound.astype("<f4").tobytes()


@pytest.mark.parametrize(
    ("encoding", "tolerance"),
    [("u8", 5e-3), ("s16le", 2e-5), ("s24le", 1e-7), ("s32le", 1e-7), ("f32le", 0.0)],
)
def test_pcm_blocks_read_each_encoding_from_a_trickling_pipe(encoding, tolerance, monkeypatch):
    monkeypatch.setattr("auricle.io.pcm._WAIT_S", 0.0)
    source = Trickle(encode(NOISE, encoding) + b"\x01" * (encoding != "u8"))
    blocks = list(pcm_blocks(source, sample_rate=8000, encoding=encoding, block_s=0.01))
    assert {len(block) for block in blocks[:-1]} == {80}
    sound = np.concatenate(blocks)
    assert len(sound) == len(NOISE) and np.abs(sound - NOISE).max() <= tolerance


def test_pcm_blocks_take_the_channel_asked_for():
    data = encode(np.stack([NOISE, -NOISE / 2], axis=1).reshape(-1), "f32le")
    picked = np.concatenate(
        list(
            pcm_blocks(
                io.BytesIO(data), sample_rate=8000, encoding="f32le", num_channels=2, channel=1
            )
        )
    )
    assert np.array_equal(picked, -NOISE / 2)
    with pytest.raises(AudioError, match="got 2 channels"):
        next(pcm_blocks(io.BytesIO(data), sample_rate=8000, num_channels=2))


def test_pcm_blocks_refuse_nan_and_absurd_settings():
    bad = NOISE.copy()
    bad[1234] = np.nan
    source = io.BytesIO(encode(bad, "f32le"))
    with pytest.raises(AudioError, match=r"PCM stream: .*sample 1234"):
        list(pcm_blocks(source, sample_rate=8000, encoding="f32le"))
    with pytest.raises(AudioError, match="got 5 Hz"):
        next(pcm_blocks(io.BytesIO(b""), sample_rate=5))
    with pytest.raises(AudioError, match="num_channels: expected >= 1, got 0"):
        next(pcm_blocks(io.BytesIO(b""), sample_rate=8000, num_channels=0))


def test_an_empty_pipe_gives_no_block():
    assert list(pcm_blocks(io.BytesIO(b""), sample_rate=8000)) == []


@pytest.mark.parametrize(
    ("waveform", "match"),
    [
        (np.zeros((2, 5)), r"got shape \[2, 5\]"),
        (np.zeros(5, dtype=np.int16), "got samples of type int16"),
        (np.array([0.0, np.inf]), "got inf at sample 1"),
    ],
)
def test_check_waveform_refuses_with_the_name(waveform, match):
    with pytest.raises(AudioError, match=f"mine: .*{match}"):
        check_waveform(waveform, name="mine")


def fake_sounddevice(*, error: str = "", blocks: int = 3) -> ModuleType:
    class PortAudioError(Exception):
        pass

    class InputStream:
        def __init__(self, *, samplerate, blocksize, device, channels, dtype, callback):
            if error:
                raise PortAudioError(error)
            self.run = [np.full((blocksize, channels), n, np.float32) for n in range(blocks)]
            self.callback = callback

        def __enter__(self):
            for block in self.run:
                self.callback(block, len(block), None, None)

        def __exit__(self, *rest):
            return None

    module = ModuleType("sounddevice")
    module.__dict__.update(PortAudioError=PortAudioError, InputStream=InputStream)
    return module


def test_microphone_blocks_come_in_order(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", fake_sounddevice())
    source = microphone_blocks(sample_rate=8000, block_s=0.01)
    assert [float(next(source)[0]) for _ in range(3)] == [0.0, 1.0, 2.0]


def test_a_microphone_that_refuses_is_a_device_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", fake_sounddevice(error="Invalid device"))
    with pytest.raises(DeviceError, match=r"microphone 7: .*Invalid device"):
        next(microphone_blocks(sample_rate=8000, device=7))


def test_a_microphone_that_falls_silent_is_a_device_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", fake_sounddevice(blocks=0))
    monkeypatch.setattr("auricle.io.microphone._SILENCE_S", 0.01)
    with pytest.raises(DeviceError, match="no sound for"):
        next(microphone_blocks(sample_rate=8000, block_s=0.01))


def test_the_microphone_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'auricle\[mic\]'"):
        next(microphone_blocks(sample_rate=8000))
