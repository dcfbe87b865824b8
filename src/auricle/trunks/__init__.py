"""From features to hidden frames."""

from auricle.trunks.bidirectional import BidirectionalConfig, BidirectionalTrunk
from auricle.trunks.recurrent import (
    CellKind,
    RecurrentConfig,
    RecurrentTrunk,
    TrunkState,
)
from auricle.trunks.tdnn import TdnnConfig, TdnnState, TdnnTrunk
from auricle.trunks.wavenet import WaveNetConfig, WaveNetState, WaveNetTrunk

__all__ = [
    "BidirectionalConfig",
    "BidirectionalTrunk",
    "CellKind",
    "RecurrentConfig",
    "RecurrentTrunk",
    "TdnnConfig",
    "TdnnState",
    "TdnnTrunk",
    "TrunkState",
    "WaveNetConfig",
    "WaveNetState",
    "WaveNetTrunk",
]
