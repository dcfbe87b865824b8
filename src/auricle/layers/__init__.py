"""Parameters plus one call into `ops`: the parts that trunks are made of."""

from auricle.layers.causal_conv import CausalConv2d, ConvState
from auricle.layers.cells import CellState, Lstm, LstmState, TorchCell
from auricle.layers.lru import Lru, LruState
from auricle.layers.min_gru import MinGru
from auricle.layers.min_lstm import MinLstm
from auricle.layers.qrnn import Qrnn
from auricle.layers.rg_lru import RgLru

__all__ = [
    "CausalConv2d",
    "CellState",
    "ConvState",
    "Lru",
    "LruState",
    "Lstm",
    "LstmState",
    "MinGru",
    "MinLstm",
    "Qrnn",
    "RgLru",
    "TorchCell",
]
