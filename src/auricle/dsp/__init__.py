"""Signal mathematics: plain functions of arrays."""

from auricle.dsp.cepstrum import dct_matrix, delta, mfcc
from auricle.dsp.chroma import chroma, chroma_filter_bank
from auricle.dsp.filter_banks import (
    bark_filter_bank,
    erb_filter_bank,
    erb_rate_to_hz,
    hz_to_bark,
    hz_to_erb_rate,
    log_frequency_filter_bank,
)
from auricle.dsp.formants import Formants, formants, formants_from_lpc
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
from auricle.dsp.lpc import lpc, lpc_spectrum
from auricle.dsp.mel import hz_to_mel, mel_filter_bank, mel_to_hz
from auricle.dsp.onsets import lag_likeness, onset_strength, rise, spectral_flux, tempogram
from auricle.dsp.pcen import pcen, pcen_update
from auricle.dsp.pyin import Pitch, pyin
from auricle.dsp.spectral_shape import (
    contrast_bands,
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_entropy,
    spectral_rolloff,
    spectral_slope,
)
from auricle.dsp.spectrum import (
    amplitude_to_db,
    db_to_power,
    magnitude,
    phase,
    power_spectrogram,
    power_to_db,
    spectral_flatness,
)
from auricle.dsp.statistics import clip_statistics, statistics_names
from auricle.dsp.stft import istft, stft
from auricle.dsp.temporal import centred_frames, root_mean_square, zero_crossing_rate
from auricle.dsp.tonnetz import tonnetz
from auricle.dsp.windows import window_samples
from auricle.dsp.yin import Yin, yin, yin_of_frames

__all__ = [
    "amplitude_to_db",
    "bark_filter_bank",
    "centred_frames",
    "chroma",
    "chroma_filter_bank",
    "clip_statistics",
    "contrast_bands",
    "db_to_power",
    "dct_matrix",
    "delta",
    "erb_filter_bank",
    "erb_rate_to_hz",
    "feature_statistics",
    "feature_statistics_names",
    "formants",
    "Formants",
    "formants_from_lpc",
    "htk_config",
    "hz_to_bark",
    "hz_to_erb_rate",
    "hz_to_mel",
    "integrated_loudness",
    "istft",
    "k_weight",
    "k_weighting",
    "kaldi_config",
    "lag_likeness",
    "lifter",
    "log_frequency_filter_bank",
    "lpc",
    "lpc_spectrum",
    "magnitude",
    "mel_domain_filters",
    "mel_filter_bank",
    "mel_to_hz",
    "mfcc",
    "momentary_loudness",
    "onset_strength",
    "pcen",
    "pcen_update",
    "phase",
    "Pitch",
    "power_spectrogram",
    "power_to_db",
    "power_to_lufs",
    "pyin",
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
    "stft",
    "tempogram",
    "tonnetz",
    "window_samples",
    "Yin",
    "yin",
    "yin_of_frames",
    "zero_crossing_rate",
]
