"""Sizes of the default trunk, by name."""

from dataclasses import replace
from typing import Literal

from auricle.trunks import RecurrentConfig

Preset = Literal["tiny", "small", "base"]

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
    kind: Literal["elman", "lstm", "gru", "mingru"] = "mingru",
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
