"""Parameters plus one call into `ops`: the parts that trunks are made of."""

from auricle.layers.causal_conv import CausalConv2d, ConvState
from auricle.layers.cells import CellState, Lstm, LstmState, MinGru, TorchCell

__all__ = ["CausalConv2d", "CellState", "ConvState", "Lstm", "LstmState", "MinGru", "TorchCell"]
