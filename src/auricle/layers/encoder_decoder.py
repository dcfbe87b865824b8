"""One sequence in, another out: encoder, attention, decoder."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from auricle.errors import ConfigError, ShapeError, message
from auricle.layers.attention import AdditiveAttention
from auricle.layers.bidirectional import Bidirectional
from auricle.layers.elman import Elman, ElmanState
from auricle.layers.gru import Gru, GruState
from auricle.layers.light_gru import LightGru, LightGruState
from auricle.layers.lstm import Lstm, LstmState
from auricle.layers.memory import check_lengths, check_sizes

DecoderCell = Elman | Gru | LightGru | Lstm
DecoderMemory = ElmanState | GruState | LightGruState | LstmState


class DecoderState(NamedTuple):
    """What the encoder heard, and how far the decoder has come."""

    encoded: Float[Tensor, "batch frames encoded"]
    keys: Float[Tensor, "batch frames attention"]
    inside: Bool[Tensor, "batch frames"]
    cell: DecoderMemory


class Generated(NamedTuple):
    """Tokens that were chosen.

    Attributes:
        tokens: the end token fills every row beyond its length.
        lengths: tokens of each row before the end token.
        weights: what each step looked at.
    """

    tokens: Int[Tensor, "batch steps"]
    lengths: Int[Tensor, " batch"]
    weights: Float[Tensor, "batch steps frames"]


class EncoderDecoder(nn.Module):
    """Reads a whole clip, then writes tokens one by one, looking back at the clip for each.

    a_i, context_i = attention(s_(i-1), encoded)
    s_i = cell([embedding(token_(i-1)), context_i], s_(i-1))
    logits_i = W [s_i, context_i] + b

    s is the decoder cell's h; it starts at the cell's initial state, learnt where the cell was made
    with ``learn_initial_state=True`` (the paper maps the backward encoder's last state instead).
    It needs the whole clip, so it takes lengths and says ``causal = False``; the decoder itself
    goes step by step, with its state passed.

    Args:
        encoder: a cell, or a `Bidirectional`, over the features.
        decoder: a cell whose input is embedding_size + encoded_size wide.
        encoded_size: width of the encoder's output.
        num_tokens: tokens to choose from, the start and the end token among them.
        embedding_size, attention_size: widths.
    Reference:
        Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
        translate", ICLR 2015 (arXiv:1409.0473).
        Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks", 2014.
    """

    causal = False

    def __init__(
        self,
        encoder: nn.Module,
        decoder: DecoderCell,
        *,
        encoded_size: int,
        num_tokens: int,
        embedding_size: int = 64,
        attention_size: int = 64,
    ) -> None:
        super().__init__()
        if decoder.input_size != embedding_size + encoded_size:
            raise ConfigError(
                message(
                    "decoder",
                    expected=f"input_size = embedding_size + encoded_size = "
                    f"{embedding_size} + {encoded_size}",
                    got=decoder.input_size,
                    remedy="The decoder reads the last token's embedding and the context.",
                )
            )
        self.num_tokens, self.encoder, self.decoder = num_tokens, encoder, decoder
        self.embedding = nn.Embedding(num_tokens, embedding_size)
        query_size = decoder.output_size if isinstance(decoder, Lstm) else decoder.hidden_size
        self.attention = AdditiveAttention(query_size, encoded_size, attention_size=attention_size)
        self.out = nn.Linear(decoder.output_size + encoded_size, num_tokens)

    def encode(
        self, x: Float[Tensor, "batch frames features"], lengths: Int[Tensor, " batch"]
    ) -> DecoderState:
        """Hear whole clips; the state before the first token.

        Args:
            lengths: valid frames of each clip, 1 to ``frames``; later ones are not looked at.
        Raises:
            ShapeError: lengths out of range, or ``x`` of another width.
        """
        check_lengths(lengths, batch=x.shape[0], frames=x.shape[1])
        if isinstance(self.encoder, Bidirectional):
            encoded = self.encoder(x, lengths)
        else:
            encoded, _ = self.encoder(x, self.encoder.initial_state(x.shape[0]))  # type: ignore
        inside = torch.arange(x.shape[1], device=x.device) < lengths.to(x.device)[:, None]
        keys = self.attention.keys(encoded)
        return DecoderState(encoded, keys, inside, self.decoder.initial_state(x.shape[0]))

    def step(
        self, tokens: Int[Tensor, " batch"], state: DecoderState
    ) -> tuple[Float[Tensor, "batch tokens"], Float[Tensor, "batch frames"], DecoderState]:
        """Logits of the next token after ``tokens``, what was looked at, and the state after it."""
        context, weights = self.attention(
            state.cell.h, state.encoded, keys=state.keys, inside=state.inside
        )
        x = torch.cat([self.embedding(tokens), context], dim=1)
        y, cell = self.decoder(x[:, None], state.cell)
        logits = self.out(torch.cat([y[:, 0], context], dim=1))
        return logits, weights, state._replace(cell=cell)

    def forward(
        self,
        x: Float[Tensor, "batch frames features"],
        lengths: Int[Tensor, " batch"],
        *,
        tokens: Int[Tensor, "batch steps"],
    ) -> Float[Tensor, "batch steps tokens"]:
        """Logits of the token after each given one: teacher forcing, for training.

        Args:
            tokens: the start token, then the true tokens but the last; in [0, num_tokens).
        Raises:
            ShapeError: lengths or tokens out of range, or ``x`` of another width.
        """
        self._check_tokens(tokens)
        state, logits = self.encode(x, lengths), []
        for column in tokens.unbind(dim=1):
            row, _, state = self.step(column, state)
            logits.append(row)
        if not logits:
            return x.new_empty(x.shape[0], 0, self.num_tokens)
        return torch.stack(logits, dim=1)

    @torch.no_grad()
    def generate(
        self,
        x: Float[Tensor, "batch frames features"],
        lengths: Int[Tensor, " batch"],
        *,
        start: int,
        end: int,
        max_steps: int,
    ) -> Generated:
        """Choose the most likely token at each step, until the end token or ``max_steps`` >= 1.

        Raises:
            ShapeError: lengths or tokens out of range, or ``x`` of another width.
            ConfigError: ``max_steps`` below 1.
        """
        check_sizes(max_steps=max_steps)
        self._check_tokens(torch.tensor([start, end]))
        state = self.encode(x, lengths)
        tokens = torch.full((x.shape[0],), start, device=x.device)
        going = torch.ones_like(tokens, dtype=torch.bool)
        chosen, looked = [], []
        for _ in range(max_steps):
            logits, weights, state = self.step(tokens, state)
            tokens = torch.where(going, logits.argmax(dim=1), end)
            going = going & (tokens != end)
            chosen.append(tokens)
            looked.append(weights)
            if not going.any():
                break
        rows = torch.stack(chosen, dim=1)
        return Generated(rows, (rows != end).sum(dim=1), torch.stack(looked, dim=1))

    def _check_tokens(self, tokens: Tensor) -> None:
        if tokens.numel() and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.num_tokens:
            raise ShapeError(
                message(
                    "tokens",
                    expected=f"0 <= token < num_tokens = {self.num_tokens}",
                    got=f"{int(tokens.min())} to {int(tokens.max())}",
                    remedy="Give the indices of the tokens that the model was made for.",
                )
            )
