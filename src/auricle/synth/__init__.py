"""Sounds made here: four kinds of clip, a demo set, backgrounds and streams with known events."""

from auricle.synth.kinds.ambient import StreamEvent, write_background, write_stream
from auricle.synth.kinds.clip import SOUND_KINDS, SoundKind, synth_clip
from auricle.synth.kinds.demo import write_demo_set

__all__ = [
    "SOUND_KINDS",
    "SoundKind",
    "StreamEvent",
    "synth_clip",
    "write_background",
    "write_demo_set",
    "write_stream",
]
