"""Parameters plus one call into `ops`: the parts that trunks are made of."""

from auricle.layers.causal_conv import CausalConv2d, ConvState
from auricle.layers.cells import CellState, MinGru
from auricle.layers.elman import Elman, ElmanState
from auricle.layers.gru import Gru, GruState
from auricle.layers.light_gru import LightGru, LightGruState
from auricle.layers.lstm import Lstm, LstmState

__all__ = [
    "CausalConv2d",
    "CellState",
    "ConvState",
    "Elman",
    "ElmanState",
    "Gru",
    "GruState",
    "LightGru",
    "LightGruState",
    "Lstm",
    "LstmState",
    "MinGru",
]
