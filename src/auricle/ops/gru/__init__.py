"""The GRU's recurrence: reference form of both conventions, and a loop for the original one."""

from auricle.ops.gru.loop import gru_reset_before
from auricle.ops.gru.reference import Reset, gru_reference

__all__ = ["gru_reference", "gru_reset_before", "Reset"]
