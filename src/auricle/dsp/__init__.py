"""Signal mathematics: plain functions of arrays."""

from auricle.dsp.cepstrum import dct_matrix, delta, mfcc
from auricle.dsp.chroma import chroma, chroma_filter_bank
from auricle.dsp.mel import hz_to_mel, mel_filter_bank, mel_to_hz
from auricle.dsp.spectrum import power_spectrogram, power_to_db, spectral_flatness
from auricle.dsp.statistics import clip_statistics, statistics_names

__all__ = [
    "chroma",
    "chroma_filter_bank",
    "clip_statistics",
    "dct_matrix",
    "delta",
    "hz_to_mel",
    "mel_filter_bank",
    "mel_to_hz",
    "mfcc",
    "power_spectrogram",
    "power_to_db",
    "spectral_flatness",
    "statistics_names",
]
