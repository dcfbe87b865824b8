"""The default trunk: a causal convolutional stem with strides, then residual recurrent layers."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, assert_never

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.layers import (
    CausalConv2d,
    CellState,
    ConvState,
    Dropout,
    Elman,
    ElmanState,
    Gru,
    GruState,
    LightGru,
    LightGruState,
    Lru,
    LruState,
    Lstm,
    LstmState,
    MinGru,
    MinLstm,
    Qrnn,
    RgLru,
)
from auricle.layers.memory import check_batch, check_frames, check_kind, check_layers

CellKind = Literal[
    "elman",
    "elman_relu",
    "elman_sigmoid",
    "lstm",
    "lstm_peephole",
    "gru",
    "gru_before",
    "light_gru",
    "mingru",
    "minlstm",
    "qrnn",
    "rglru",
    "lru",
]
Cell = Elman | Lstm | Gru | LightGru | MinGru | MinLstm | Qrnn | RgLru | Lru
Memory = ElmanState | LstmState | GruState | LightGruState | CellState | LruState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrentConfig:
    """Settings of `RecurrentTrunk`.

    Attributes:
        kind: the recurrent cell.
        stem: what the columns of a frame are. ``bands`` of a spectrum: the stem also convolves
            over neighbours and halves their number. ``columns``, whose neighbours mean nothing: it
            convolves over frames only, from all columns to each channel.
        stem_channels: channels of each convolution.
        stem_strides: frames a step of each convolution, as many as channels.
        hidden_size: width of the recurrent layers.
        num_layers: how many.
        dropout: share of values set to zero in training, in [0, 1).
    """

    kind: CellKind = "mingru"
    stem: Literal["bands", "columns"] = "bands"
    stem_channels: tuple[int, ...] = (16, 32, 64, 64)
    stem_strides: tuple[int, ...] = (2, 2, 1, 1)
    hidden_size: int = 128
    num_layers: int = 3
    dropout: float = 0.2

    def __post_init__(self) -> None:
        sizes = (*self.stem_channels, self.hidden_size, self.num_layers)
        if len(self.stem_channels) != len(self.stem_strides) or min(sizes) < 1:
            raise ConfigError(
                message(
                    "stem_channels, stem_strides, hidden_size, num_layers",
                    expected="as many strides as channels, and all sizes >= 1",
                    got=f"{self.stem_channels}, {self.stem_strides}, {sizes[-2]}, {sizes[-1]}",
                    remedy="Start from a preset.",
                )
            )
        if not 0 <= self.dropout < 1 or not all(1 <= s <= 3 for s in self.stem_strides):
            raise ConfigError(
                message(
                    "dropout, stem_strides",
                    expected="0 <= dropout < 1 and strides of 1 to 3 frames",
                    got=f"{self.dropout}, {self.stem_strides}",
                    remedy="Start from a preset.",
                )
            )

    @property
    def stride(self) -> int:
        """Frames of the front end to one output of the trunk."""
        stride = 1
        for step in self.stem_strides:
            stride *= step
        return stride


class TrunkState(NamedTuple):
    """Past input of each convolution, memory of each recurrent layer."""

    stem: tuple[ConvState, ...]
    cells: tuple[Memory, ...]


class ConvBlock(nn.Module):
    """Causal convolution, batch normalisation, rectifier."""

    causal = True

    def __init__(self, in_channels: int, out_channels: int, *, bands: int, stride: int) -> None:
        super().__init__()
        self.conv = CausalConv2d(in_channels, out_channels, bands=bands, stride=stride, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(
        self, x: Float[Tensor, "batch channels frames bands"], state: ConvState
    ) -> tuple[Float[Tensor, "batch out_channels out_frames out_bands"], ConvState]:
        y, state = self.conv(x, state)
        if y.shape[2] == 0:
            return y, state
        return torch.relu(self.norm(y)), state


class RecurrentBlock(nn.Module):
    """x + dropout(W_o (silu(W_g u) * cell(u))), with u = norm(x)."""

    causal = True

    def __init__(self, kind: CellKind, hidden_size: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden_size)
        self.cell = build_cell(kind, hidden_size, hidden_size)
        self.gate = nn.Linear(hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, hidden_size)
        self.dropout = Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "batch frames hidden"], state: Memory
    ) -> tuple[Float[Tensor, "batch frames hidden"], Memory]:
        u = self.norm(x).to(self.norm.weight.dtype)  # no change but under autocast
        y, state = self.cell(u, state)
        return x + self.dropout(self.out(nn.functional.silu(self.gate(u)) * y)), state


def build_cell(kind: CellKind, input_size: int, hidden_size: int) -> Cell:
    """The cell of that name."""
    match kind:
        case "mingru":
            return MinGru(input_size, hidden_size)
        case "minlstm":
            return MinLstm(input_size, hidden_size)
        case "qrnn":
            return Qrnn(input_size, hidden_size)
        case "rglru":
            return RgLru(input_size, hidden_size)
        case "lru":
            return Lru(input_size, hidden_size)
        case "lstm":
            return Lstm(input_size, hidden_size)
        case "lstm_peephole":
            return Lstm(input_size, hidden_size, peepholes=True)
        case "elman":
            return Elman(input_size, hidden_size)
        case "elman_relu":
            return Elman(input_size, hidden_size, activation="relu")
        case "elman_sigmoid":
            return Elman(input_size, hidden_size, activation="sigmoid")
        case "gru":
            return Gru(input_size, hidden_size)
        case "gru_before":
            return Gru(input_size, hidden_size, reset="before")
        case "light_gru":
            return LightGru(input_size, hidden_size)
        case _:
            assert_never(kind)


class RecurrentTrunk(nn.Module):
    """Features to hidden frames, one for every ``config.stride`` frames of the front end."""

    causal = True

    def __init__(
        self, config: RecurrentConfig, *, input_size: int, num_layers: int | None = None
    ) -> None:
        super().__init__()
        self.config, self.input_size = config, input_size
        layers = config.num_layers if num_layers is None else num_layers
        columns = config.stem == "columns"
        bands, channels = (1, input_size) if columns else (input_size, 1)
        blocks = []
        for out_channels, stride in zip(config.stem_channels, config.stem_strides, strict=True):
            blocks.append(ConvBlock(channels, out_channels, bands=bands, stride=stride))
            bands, channels = blocks[-1].conv.out_bands, out_channels
        self.stem = nn.ModuleList(blocks)
        self.project = nn.Linear(channels * bands, config.hidden_size)
        self.drop = Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            RecurrentBlock(config.kind, config.hidden_size, config.dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(config.hidden_size)
        self._num_parts = len(self.stem) + len(self.blocks)

    @property
    def stride(self) -> int:
        """Frames of the front end to one output of the trunk."""
        return self.config.stride

    @property
    def output_size(self) -> int:
        """Width of the hidden frames."""
        return self.config.hidden_size

    def initial_state(self, batch: int) -> TrunkState:
        """Nothing heard yet."""
        return TrunkState(
            tuple(block.conv.initial_state(batch) for block in self.stem),  # type: ignore
            tuple(block.cell.initial_state(batch) for block in self.blocks),  # type: ignore
        )

    def forward(
        self, x: Float[Tensor, "batch frames features"], state: TrunkState
    ) -> tuple[Float[Tensor, "batch out_frames hidden"], TrunkState]:
        """Hidden frames that are ready after these frames, and the state for the next ones.

        Raises:
            ShapeError: ``x`` of another width or dtype.
            StateError: a state of another trunk, batch size or dtype.
        """
        check_kind(state, TrunkState)
        check_layers(len(state.stem) + len(state.cells), self._num_parts)
        for held in state.stem[:1]:
            check_frames(x, features=self.input_size, weight=held.past)
            check_batch(held.past.shape[0], x.shape[0])
        stem, cells = [], []
        columns = self.config.stem == "columns"
        maps = x.transpose(1, 2)[..., None] if columns else x[..., None].permute(0, 3, 1, 2)
        for block, past in zip(self.stem, state.stem, strict=True):
            maps, past = block(maps, past)
            stem.append(past)
        hidden = self.drop(self._project(maps))
        for block, memory in zip(self.blocks, state.cells, strict=True):
            hidden, memory = block(hidden, memory)
            cells.append(memory)
        return self.norm(hidden), TrunkState(tuple(stem), tuple(cells))

    def _project(self, maps: Tensor) -> Tensor:
        """The maps of each frame through one product.

        While training, the weight's columns are put into the order in which the maps lie, since a
        copy of all maps, and of their gradient, would cost more.
        """
        if not (self.training and maps.is_contiguous(memory_format=torch.channels_last)):
            hidden: Tensor = self.project(maps.transpose(1, 2).flatten(2))
            return hidden
        weight = self.project.weight.view(-1, maps.shape[1], maps.shape[3])
        maps = maps.permute(0, 2, 3, 1).flatten(2)
        return nn.functional.linear(maps, weight.transpose(1, 2).flatten(1), self.project.bias)
