"""Signal mathematics: plain functions of arrays."""

from auricle.dsp.cepstrum import dct_matrix, delta, mfcc
from auricle.dsp.chroma import chroma, chroma_filter_bank
from auricle.dsp.chroma_cqt import chroma_cqt, chroma_of_cqt
from auricle.dsp.cqt import cqt
from auricle.dsp.cqt_direct import CqtBank, cqt_bank, cqt_direct, cqt_of_frames
from auricle.dsp.cwt import cwt, octave_frequencies
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
from auricle.dsp.hilbert import analytic_signal, hilbert_envelope, instantaneous_frequency
from auricle.dsp.hpss import hpss, hpss_masks, median_filter, split_harmonic
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
from auricle.dsp.mel_blocks import (
    NarrowFilters,
    clip_mfcc,
    framed_power,
    mel_energy,
    narrow_filters,
)
from auricle.dsp.onsets import lag_likeness, onset_strength, rise, spectral_flux, tempogram
from auricle.dsp.pcen import pcen, pcen_update
from auricle.dsp.pyin import Pitch, pyin
from auricle.dsp.reassigned import Reassigned, reassigned_spectrogram
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
from auricle.dsp.tuning import estimate_tuning
from auricle.dsp.wavelets import (
    wavelet_decompose,
    wavelet_packet,
    wavelet_packet_inverse,
    wavelet_reconstruct,
)
from auricle.dsp.windows import window_samples
from auricle.dsp.yin import Yin, yin, yin_of_frames

__all__ = [
    "amplitude_to_db",
    "analytic_signal",
    "bark_filter_bank",
    "centred_frames",
    "chroma",
    "chroma_cqt",
    "chroma_filter_bank",
    "chroma_of_cqt",
    "clip_mfcc",
    "clip_statistics",
    "contrast_bands",
    "cqt",
    "cqt_bank",
    "cqt_direct",
    "cqt_of_frames",
    "CqtBank",
    "cwt",
    "db_to_power",
    "dct_matrix",
    "delta",
    "erb_filter_bank",
    "erb_rate_to_hz",
    "estimate_tuning",
    "feature_statistics",
    "feature_statistics_names",
    "formants",
    "Formants",
    "formants_from_lpc",
    "framed_power",
    "hilbert_envelope",
    "hpss",
    "hpss_masks",
    "htk_config",
    "hz_to_bark",
    "hz_to_erb_rate",
    "hz_to_mel",
    "instantaneous_frequency",
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
    "median_filter",
    "mel_domain_filters",
    "mel_energy",
    "mel_filter_bank",
    "mel_to_hz",
    "mfcc",
    "momentary_loudness",
    "narrow_filters",
    "NarrowFilters",
    "octave_frequencies",
    "onset_strength",
    "pcen",
    "pcen_update",
    "phase",
    "Pitch",
    "power_spectrogram",
    "power_to_db",
    "power_to_lufs",
    "pyin",
    "Reassigned",
    "reassigned_spectrogram",
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
    "split_harmonic",
    "STATISTICS",
    "statistics_names",
    "stft",
    "tempogram",
    "tonnetz",
    "wavelet_decompose",
    "wavelet_packet",
    "wavelet_packet_inverse",
    "wavelet_reconstruct",
    "window_samples",
    "Yin",
    "yin",
    "yin_of_frames",
    "zero_crossing_rate",
]
