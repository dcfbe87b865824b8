"""Detectors from annotated recordings: windows, loop, decoding, test."""
