"""From features to hidden frames."""

from auricle.trunks.bidirectional import BidirectionalConfig, BidirectionalTrunk
from auricle.trunks.recurrent import (
    CellKind,
    RecurrentConfig,
    RecurrentTrunk,
    TrunkState,
)

__all__ = [
    "BidirectionalConfig",
    "BidirectionalTrunk",
    "CellKind",
    "RecurrentConfig",
    "RecurrentTrunk",
    "TrunkState",
]
