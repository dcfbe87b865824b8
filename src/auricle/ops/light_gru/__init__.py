"""The light GRU's recurrence: reference form and a loop with gradients."""

from auricle.ops.light_gru.loop import light_gru
from auricle.ops.light_gru.reference import light_gru_reference

__all__ = ["light_gru", "light_gru_reference"]
