"""Signal mathematics: plain functions of arrays."""

from auricle.dsp.cepstrum import dct_matrix, delta, mfcc
from auricle.dsp.chroma import chroma, chroma_filter_bank
from auricle.dsp.frame_statistics import STATISTICS, feature_statistics, feature_statistics_names
from auricle.dsp.kaldi import (
    SpeechCepstra,
    htk_config,
    kaldi_config,
    lifter,
    mel_domain_filters,
    speech_cepstra,
    speech_mfcc,
)
from auricle.dsp.loudness import (
    integrated_loudness,
    k_weight,
    k_weighting,
    momentary_loudness,
    power_to_lufs,
)
from auricle.dsp.mel import hz_to_mel, mel_filter_bank, mel_to_hz
from auricle.dsp.onsets import lag_likeness, onset_strength, rise, spectral_flux, tempogram
from auricle.dsp.pcen import pcen, pcen_update
from auricle.dsp.spectral_shape import (
    contrast_bands,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_entropy,
    spectral_rolloff,
    spectral_slope,
)
from auricle.dsp.spectrum import power_spectrogram, power_to_db, spectral_flatness
from auricle.dsp.statistics import clip_statistics, statistics_names
from auricle.dsp.temporal import centred_frames, root_mean_square, zero_crossing_rate
from auricle.dsp.tonnetz import tonnetz

__all__ = [
    "centred_frames",
    "chroma",
    "chroma_filter_bank",
    "clip_statistics",
    "contrast_bands",
    "dct_matrix",
    "delta",
    "feature_statistics",
    "feature_statistics_names",
    "htk_config",
    "hz_to_mel",
    "integrated_loudness",
    "k_weight",
    "k_weighting",
    "kaldi_config",
    "lag_likeness",
    "lifter",
    "mel_domain_filters",
    "mel_filter_bank",
    "mel_to_hz",
    "mfcc",
    "momentary_loudness",
    "onset_strength",
    "pcen",
    "pcen_update",
    "power_spectrogram",
    "power_to_db",
    "power_to_lufs",
    "rise",
    "root_mean_square",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_entropy",
    "spectral_flatness",
    "spectral_flux",
    "spectral_rolloff",
    "spectral_slope",
    "speech_cepstra",
    "speech_mfcc",
    "SpeechCepstra",
    "STATISTICS",
    "statistics_names",
    "tempogram",
    "tonnetz",
    "zero_crossing_rate",
]
