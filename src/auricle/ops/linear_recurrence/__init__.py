"""Gated linear recurrences: the loop, the compiled form, plain torch, and CUDA."""

from auricle.ops.linear_recurrence.dispatch import Backend
from auricle.ops.linear_recurrence.parallel import min_gru_parallel
from auricle.ops.linear_recurrence.recurrences import (
    linear_recurrence,
    lru,
    min_gru,
    min_lstm,
    qrnn,
    rg_lru,
)
from auricle.ops.linear_recurrence.reference import min_gru_reference

__all__ = [
    "Backend",
    "linear_recurrence",
    "lru",
    "min_gru",
    "min_gru_parallel",
    "min_gru_reference",
    "min_lstm",
    "qrnn",
    "rg_lru",
]
