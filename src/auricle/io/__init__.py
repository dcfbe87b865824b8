"""Sound and files, in and out."""

from auricle.io.atomic import check_writable, write_atomically
from auricle.io.channels import Channel, select_channel
from auricle.io.checks import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, check_sample_rate, check_waveform
from auricle.io.files import AUDIO_SUFFIXES, content_fingerprint, is_audio_path
from auricle.io.info import AudioInfo, audio_info
from auricle.io.microphone import microphone_blocks
from auricle.io.pcm import Encoding, pcm_blocks
from auricle.io.read import open_blocks, read_audio, read_blocks
from auricle.io.resample import StreamResampler, resample
from auricle.io.write import write_audio

__all__ = [
    "audio_info",
    "AUDIO_SUFFIXES",
    "AudioInfo",
    "Channel",
    "check_sample_rate",
    "check_waveform",
    "check_writable",
    "content_fingerprint",
    "Encoding",
    "is_audio_path",
    "MAX_SAMPLE_RATE",
    "microphone_blocks",
    "MIN_SAMPLE_RATE",
    "open_blocks",
    "pcm_blocks",
    "read_audio",
    "read_blocks",
    "resample",
    "select_channel",
    "StreamResampler",
    "write_atomically",
    "write_audio",
]
