"""Signal mathematics: plain functions of arrays."""

from auricle.dsp.mel import hz_to_mel, mel_filter_bank, mel_to_hz

__all__ = ["hz_to_mel", "mel_filter_bank", "mel_to_hz"]
