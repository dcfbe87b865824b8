"""The Elman network's recurrence: reference form, and the sigmoid one over a tanh kernel."""

from auricle.ops.elman.reference import Activation, elman_reference
from auricle.ops.elman.sigmoid import tanh_weights_of_sigmoid

__all__ = ["Activation", "elman_reference", "tanh_weights_of_sigmoid"]
