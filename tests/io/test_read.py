"""Reading sound: formats, channels, rates, blocks, and everything that is refused."""

import numpy as np
import pytest
import soundfile

from auricle.errors import AudioError
from auricle.io import audio_info, read_audio, read_blocks

RATE = 16000
FORMATS = [
    ("pcm8.wav", "WAV", "PCM_U8", 1e-2),
    ("pcm16.wav", "WAV", "PCM_16", 1e-4),
    ("pcm24.wav", "WAV", "PCM_24", 1e-6),
    ("pcm32.wav", "WAV", "PCM_32", 1e-6),
    ("float.wav", "WAV", "FLOAT", 0.0),
    ("double.wav", "WAV", "DOUBLE", 0.0),
    ("alaw.wav", "WAV", "ALAW", 0.03),
    ("ulaw.wav", "WAV", "ULAW", 0.03),
    ("extensible.wav", "WAVEX", "PCM_16", 1e-4),
    ("long.wav", "RF64", "PCM_16", 1e-4),
    ("sound.aiff", "AIFF", "PCM_16", 1e-4),
    ("SOUND.FLAC", "FLAC", "PCM_16", 1e-4),
    ("deep.flac", "FLAC", "PCM_24", 1e-6),
    ("vorbis.ogg", "OGG", "VORBIS", 0.1),
    ("sound.opus", "OGG", "OPUS", 0.1),
    ("sound.mp3", "MP3", "MPEG_LAYER_III", 0.1),
]


def chirp(seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * (200 + 300 * time) * time)).astype(np.float32)


@pytest.mark.parametrize(("name", "container", "subtype", "tolerance"), FORMATS)
def test_read_audio_reads_each_format(tmp_path, name, container, subtype, tolerance):
    sound, path = chirp(), tmp_path / name
    soundfile.write(path, sound, RATE, format=container, subtype=subtype)
    waveform, rate = read_audio(path)
    assert rate == RATE and waveform.dtype == np.float32 and len(waveform) == len(sound)
    assert np.abs(waveform - sound)[400:-400].max() <= tolerance


@pytest.mark.parametrize(("name", "container", "subtype", "tolerance"), FORMATS)
@pytest.mark.parametrize("block_s", [0.0101, 0.3, 10.0])
@pytest.mark.parametrize("target", [None, 11025])
def test_read_blocks_join_to_read_audio(
    tmp_path, name, container, subtype, tolerance, block_s, target
):
    path = tmp_path / name
    soundfile.write(path, chirp(0.7), RATE, format=container, subtype=subtype)
    options = {"sample_rate": target, "start_s": 0.0333, "end_s": 0.61}
    whole, _ = read_audio(path, **options)
    blocks = list(read_blocks(path, block_s=block_s, **options))
    assert all(len(block) for block in blocks)
    assert np.array_equal(np.concatenate(blocks), whole)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.opus"])
def test_a_part_equals_the_slice_of_the_whole(tmp_path, name):
    path = tmp_path / name
    subtype = "OPUS" if name.endswith("opus") else None
    container = "OGG" if name.endswith("opus") else None
    soundfile.write(path, chirp(3.0), RATE, format=container, subtype=subtype)
    whole, _ = read_audio(path)
    part, _ = read_audio(path, start_s=1.2345, end_s=2.0)
    expected = whole[round(1.2345 * RATE) : 2 * RATE]
    assert len(part) == len(expected)
    assert np.abs(part - expected).max() <= (1e-6 if name.endswith("mp3") else 0)


def test_audio_info_tells_the_header(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, np.zeros((8000, 2)), RATE)
    info = audio_info(path)
    assert (info.sample_rate, info.num_channels, info.num_samples) == (RATE, 2, 8000)
    assert (info.format, info.subtype, info.duration_s) == ("FLAC", "PCM_16", 0.5)


def test_resampling_keeps_length_and_tone(tmp_path):
    path = tmp_path / "a.wav"
    time = np.arange(44100) / 44100
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * time), 44100, subtype="FLOAT")
    waveform, rate = read_audio(path, sample_rate=RATE)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert rate == RATE and len(waveform) == RATE
    assert np.abs(waveform - expected)[500:-500].max() < 1e-4


def test_channels_are_mixed_or_picked_only_as_asked(tmp_path):
    path, sound = tmp_path / "a.wav", np.stack([chirp(0.1), -0.5 * chirp(0.1)], axis=1)
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    assert np.allclose(read_audio(path, channel="mix")[0], sound.mean(axis=1), atol=1e-7)
    assert np.array_equal(read_audio(path, channel=1)[0], sound[:, 1])
    with pytest.raises(AudioError, match=r"expected one channel, got 2 channels.*--channel mix"):
        read_audio(path)
    with pytest.raises(AudioError, match="expected a channel from 0 to 1, got channel 2"):
        read_audio(path, channel=2)


def test_thirty_three_channels_are_refused_unless_mixed(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full((100, 33), 0.25), RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="got 33 channels"):
        read_audio(path)
    assert np.allclose(read_audio(path, channel="mix")[0], 0.25)


@pytest.mark.parametrize("rate", [1, 99, 768_000])
def test_absurd_sample_rates_are_refused(tmp_path, rate):
    path = tmp_path / "a.wav"
    soundfile.write(path, chirp(0.1), rate)
    for read in (read_audio, audio_info):
        with pytest.raises(AudioError, match=f"sample rate of 100 to 500000 Hz, got {rate} Hz"):
            read(path)


def test_absurd_target_rate_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, chirp(0.1), RATE)
    with pytest.raises(AudioError, match=r"sample_rate: expected .* got 16 Hz"):
        read_audio(path, sample_rate=16)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_with_their_place(tmp_path, bad):
    path, sound = tmp_path / "a.wav", chirp(2.0)
    sound[24000] = bad
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"a\.wav: .*at sample 24000 \(1\.500 s\)"):
        read_audio(path)
    with pytest.raises(AudioError, match=r"sample 24000"):
        list(read_blocks(path, block_s=0.3, start_s=0.5))


@pytest.mark.parametrize(
    ("name", "container", "subtype"),
    [(f[0], f[1], f[2]) for f in FORMATS] + [("a.au", "AU", "PCM_16"), ("a.w64", "W64", "PCM_16")],
)
@pytest.mark.parametrize("share", [0.002, 0.3, 0.5, 0.9])
def test_truncated_files_are_refused(tmp_path, name, container, subtype, share):
    path = tmp_path / name
    soundfile.write(path, chirp(4.0), RATE, format=container, subtype=subtype)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(AudioError, match=name) as caught:
        read_audio(path)
    assert "\n" not in str(caught.value)


def test_a_wav_that_was_piped_is_read_to_its_end(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, chirp(), RATE)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert len(read_audio(path)[0]) == RATE


def test_a_flac_without_its_length_is_read_to_its_end(tmp_path):
    path = tmp_path / "a.flac"
    soundfile.write(path, chirp(5.0), RATE)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert not audio_info(path).length_known
    assert len(read_audio(path)[0]) == 5 * RATE
    assert len(np.concatenate(list(read_blocks(path, block_s=0.1)))) == 5 * RATE


def test_an_mp3_without_its_length_never_loses_sound(tmp_path):
    path = tmp_path / "a.mp3"
    quiet, loud = np.zeros(RATE), np.random.default_rng(0).normal(0, 0.2, 2 * RATE)
    sound = np.concatenate([quiet, loud])
    soundfile.write(path, sound, RATE, bitrate_mode="VARIABLE", compression_level=0.5)
    assert len(read_audio(path)[0]) == len(sound)
    data = path.read_bytes()
    start = data.find(data[:2], 4)  # without the first frame, which holds the length
    path.write_bytes(data[start:])
    assert not audio_info(path).length_known  # guessed from quiet frames: too long
    assert abs(len(read_audio(path)[0]) - len(sound)) < 2304
    loud_first = tmp_path / "b.mp3"
    soundfile.write(loud_first, sound[::-1], RATE, bitrate_mode="VARIABLE", compression_level=0.5)
    data = loud_first.read_bytes()
    loud_first.write_bytes(data[data.find(data[:2], 4) :])  # guessed too short
    with pytest.raises(AudioError, match="an MP3 that tells its length"):
        read_audio(loud_first)


def test_an_mp3_of_constant_bit_rate_needs_no_header(tmp_path):
    path = tmp_path / "a.mp3"
    soundfile.write(path, chirp(3.0), RATE, bitrate_mode="CONSTANT", compression_level=0.5)
    data = path.read_bytes()
    path.write_bytes(data[data.find(data[:2], 4) :])
    assert abs(len(read_audio(path)[0]) - 3 * RATE) < 2304


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "an empty file"),
        (b"just some text\n" * 40, "Format not recognised"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "from the decoder"),
        (bytes(5000), "from the decoder"),
    ],
    ids=["empty", "text", "header", "zeros"],
)
@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".raw"])
def test_what_is_no_audio_is_refused_in_one_line(tmp_path, content, expected, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    text = str(caught.value)
    assert "\n" not in text and (expected in text or suffix in {".mp3", ".raw"})


def test_a_recording_without_samples_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(0), RATE)
    assert audio_info(path).num_samples == 0
    with pytest.raises(AudioError, match="expected at least one sample, got none"):
        read_audio(path)
    with pytest.raises(AudioError, match="at least one sample"):
        list(read_blocks(path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(AudioError, match=r"no\.wav: expected a readable file, got no such file"):
        read_audio(tmp_path / "no.wav")
    with pytest.raises(AudioError, match="got a folder"):
        read_audio(tmp_path)


@pytest.mark.parametrize(
    ("start_s", "end_s"),
    [(-1.0, None), (0.5, 0.5), (float("nan"), None), (1.5, None), (0.0, 900.0)],
)
def test_times_outside_the_file_are_refused(tmp_path, start_s, end_s):
    path = tmp_path / "a.wav"
    soundfile.write(path, chirp(), RATE)
    with pytest.raises(AudioError, match=r"start_s=|times within"):
        read_audio(path, start_s=start_s, end_s=end_s)


def test_an_end_time_rounded_up_is_the_end(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, chirp(), RATE)
    assert len(read_audio(path, end_s=1.01)[0]) == RATE


def test_names_in_any_script_are_read(tmp_path):
    path = tmp_path / "Höhle 鳥 🐦.wav"
    soundfile.write(str(path), chirp(0.1), RATE)
    assert len(read_audio(path)[0]) == 1600


def test_blocks_use_constant_memory(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(600 * RATE, dtype=np.int16), RATE)
    assert max(len(b) for b in read_blocks(path, sample_rate=8000, block_s=1.0)) < 10_000


def test_the_shared_recordings_are_read(shared_data):
    waveform, rate = read_audio(shared_data / "fsdd" / "recordings" / "0_george_0.flac")
    assert rate == 8000 and abs(len(waveform) / rate - 0.298) < 1e-3
