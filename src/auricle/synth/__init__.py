"""Sounds made here, with their labels: tones, noises, speech, music, rooms, scenes, whole sets."""

from auricle.synth.kinds.ambient import StreamEvent, write_background, write_stream
from auricle.synth.kinds.clip import SOUND_KINDS, SoundKind, synth_clip
from auricle.synth.kinds.demo import write_demo_set
from auricle.synth.music.pluck import pluck
from auricle.synth.music.score import Note, play_score
from auricle.synth.music.tuning import Tuning, note_hz
from auricle.synth.music.voices import DRUMS, VOICES, drum, play_note
from auricle.synth.noises import band_noise, impulsive_noise, modulated_noise, noise
from auricle.synth.rooms import reverberate
from auricle.synth.scenes import Placed, Scene, Stem, make_scene, mix_at_snr
from auricle.synth.sets.loading import BUILT_IN_SPECS, load_spec, spec_text
from auricle.synth.sets.spec import SetSpec, parse_spec
from auricle.synth.sets.writing import write_set
from auricle.synth.sound import Sound, SoundEvent, adsr, occupied_band, with_envelope
from auricle.synth.speech.espeak import has_espeak, speak_text
from auricle.synth.speech.phonemes import WORDS
from auricle.synth.speech.speak import speak
from auricle.synth.speech.speaker import SPEAKERS, Speaker, draw_speaker
from auricle.synth.speech.spoken import Spoken, spell
from auricle.synth.textures import rain, wind
from auricle.synth.tones import chirp, fm_tone, harmonic_tone, saw_tone, sine, square_tone, vibrato

__all__ = [
    "adsr",
    "band_noise",
    "BUILT_IN_SPECS",
    "chirp",
    "draw_speaker",
    "drum",
    "DRUMS",
    "fm_tone",
    "harmonic_tone",
    "has_espeak",
    "impulsive_noise",
    "load_spec",
    "make_scene",
    "mix_at_snr",
    "modulated_noise",
    "noise",
    "Note",
    "note_hz",
    "occupied_band",
    "parse_spec",
    "Placed",
    "play_note",
    "play_score",
    "pluck",
    "rain",
    "reverberate",
    "saw_tone",
    "Scene",
    "SetSpec",
    "sine",
    "Sound",
    "SOUND_KINDS",
    "SoundEvent",
    "SoundKind",
    "speak",
    "speak_text",
    "Speaker",
    "SPEAKERS",
    "spec_text",
    "spell",
    "Spoken",
    "square_tone",
    "Stem",
    "StreamEvent",
    "synth_clip",
    "Tuning",
    "vibrato",
    "VOICES",
    "wind",
    "with_envelope",
    "WORDS",
    "write_background",
    "write_demo_set",
    "write_set",
    "write_stream",
]
