"""A trunk that reads a clip in both directions: more accurate on some clips, no use to a stream."""

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float, Int
from torch import Tensor, nn

from auricle.layers.memory import check_lengths
from auricle.trunks.recurrent import RecurrentConfig, RecurrentTrunk


@dataclass(frozen=True, slots=True, kw_only=True)
class BidirectionalConfig:
    """Settings of `BidirectionalTrunk`.

    Attributes:
        kind: ``bilstm`` or ``bigru``.
        stem: the convolutions, hidden size and dropout; its recurrent layers are replaced.
    """

    kind: Literal["bilstm", "bigru"] = "bigru"
    stem: RecurrentConfig = RecurrentConfig()


class BidirectionalTrunk(nn.Module):
    """The stem of `RecurrentTrunk`, then layers that read forwards and backwards.

    Its answer at any frame needs the whole clip, so it takes no state and cannot listen live.

    Reference:
        Schuster and Paliwal, "Bidirectional recurrent neural networks", IEEE TSP 45(11), 1997.
    """

    causal = False

    def __init__(self, config: BidirectionalConfig, *, input_size: int) -> None:
        super().__init__()
        self.config = config
        self.stem = RecurrentTrunk(config.stem, input_size=input_size, num_layers=0)
        make = nn.LSTM if config.kind == "bilstm" else nn.GRU
        self.rnn = make(
            config.stem.hidden_size,
            config.stem.hidden_size,
            num_layers=config.stem.num_layers,
            batch_first=True,
            bidirectional=True,
            dropout=config.stem.dropout if config.stem.num_layers > 1 else 0.0,
        )
        self.norm = nn.LayerNorm(2 * config.stem.hidden_size)

    @property
    def stride(self) -> int:
        """Frames of the front end to one output of the trunk."""
        return self.config.stem.stride

    @property
    def output_size(self) -> int:
        """Width of the hidden frames."""
        return 2 * self.config.stem.hidden_size

    def forward(
        self, x: Float[Tensor, "batch frames features"], lengths: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch out_frames hidden"]:
        """Hidden frames of whole clips; frames beyond ``lengths`` (at least 1) are not read.

        Raises:
            ShapeError: lengths out of range.
        """
        check_lengths(lengths, batch=x.shape[0], frames=x.shape[1])
        hidden, _ = self.stem(x, self.stem.initial_state(x.shape[0]))
        steps = (-(-lengths // self.stride)).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(
            hidden, steps, batch_first=True, enforce_sorted=False
        )
        y, _ = nn.utils.rnn.pad_packed_sequence(
            self.rnn(packed)[0], batch_first=True, total_length=hidden.shape[1]
        )
        normed: Tensor = self.norm(y)
        return normed
