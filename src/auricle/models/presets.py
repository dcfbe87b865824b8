"""Sizes of the default trunk, by name."""

from dataclasses import replace
from typing import Literal, assert_never

from auricle.trunks import CellKind, RecurrentConfig, TdnnConfig, WaveNetConfig

Preset = Literal["tiny", "small", "base"]
TrunkKind = Literal["recurrent", "tdnn", "wavenet"]

_PRESETS: dict[str, RecurrentConfig] = {
    "tiny": RecurrentConfig(
        stem_channels=(8, 16), stem_strides=(2, 1), hidden_size=48, num_layers=2
    ),
    "small": RecurrentConfig(),
    "base": RecurrentConfig(
        stem_channels=(32, 64, 96, 96), stem_strides=(2, 1, 1, 1), hidden_size=192, num_layers=4
    ),
}


def preset(
    name: Preset,
    *,
    kind: CellKind = "mingru",
    hidden_size: int | None = None,
    num_layers: int | None = None,
    dropout: float | None = None,
) -> RecurrentConfig:
    """The trunk of that name, with any part replaced.

    Raises:
        ConfigError: a size or share out of its range.
    """
    config = replace(_PRESETS[name], kind=kind)
    if hidden_size is not None:
        config = replace(config, hidden_size=hidden_size)
    if num_layers is not None:
        config = replace(config, num_layers=num_layers)
    if dropout is not None:
        config = replace(config, dropout=dropout)
    return config


def trunk_like(
    size: RecurrentConfig, kind: TrunkKind
) -> RecurrentConfig | TdnnConfig | WaveNetConfig:
    """A trunk of that kind, as wide as the recurrent one and with its dropout."""
    width = size.hidden_size
    match kind:
        case "recurrent":
            return size
        case "tdnn":
            return TdnnConfig(channels=(width,) * 5, dropout=size.dropout)
        case "wavenet":
            return WaveNetConfig(
                residual_channels=max(1, width // 2), skip_channels=width, dropout=size.dropout
            )
        case _:
            assert_never(kind)
