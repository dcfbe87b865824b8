"""Parameters plus one call into `ops`: the parts that trunks are made of."""

from auricle.layers.attention import AdditiveAttention
from auricle.layers.bidirectional import Bidirectional
from auricle.layers.causal_conv import CausalConv2d, ConvState
from auricle.layers.causal_conv1d import CausalConv1d, PastState
from auricle.layers.cells import CellState
from auricle.layers.dropout import Dropout
from auricle.layers.elman import Elman, ElmanState
from auricle.layers.encoder_decoder import DecoderState, EncoderDecoder, Generated
from auricle.layers.gru import Gru, GruState
from auricle.layers.keras_weights import load_keras_weights
from auricle.layers.light_gru import LightGru, LightGruState
from auricle.layers.lru import Lru, LruState
from auricle.layers.lstm import Lstm, LstmState
from auricle.layers.min_gru import MinGru
from auricle.layers.min_lstm import MinLstm
from auricle.layers.qrnn import Qrnn
from auricle.layers.rg_lru import RgLru

__all__ = [
    "AdditiveAttention",
    "Bidirectional",
    "CausalConv1d",
    "CausalConv2d",
    "CellState",
    "ConvState",
    "DecoderState",
    "Dropout",
    "Elman",
    "ElmanState",
    "EncoderDecoder",
    "Generated",
    "Gru",
    "GruState",
    "LightGru",
    "LightGruState",
    "load_keras_weights",
    "Lru",
    "LruState",
    "Lstm",
    "LstmState",
    "MinGru",
    "MinLstm",
    "PastState",
    "Qrnn",
    "RgLru",
]
