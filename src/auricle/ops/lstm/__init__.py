"""The LSTM's recurrence: reference form, and a loop for the peepholes that torch.nn lacks."""

from auricle.ops.lstm.loop import peephole_lstm
from auricle.ops.lstm.reference import lstm_reference

__all__ = ["lstm_reference", "peephole_lstm"]
