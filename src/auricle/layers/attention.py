"""Attention: which frames of a memory a question looks at."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from auricle.layers.memory import check_sizes


class AdditiveAttention(nn.Module):
    """e_j = v . tanh(W q + U m_j),  a = softmax(e) over valid frames,  context = sum_j a_j m_j.

    Reference:
        Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
        translate", ICLR 2015 (arXiv:1409.0473), section 3.1 and appendix A.1.2.
    """

    def __init__(self, query_size: int, memory_size: int, *, attention_size: int) -> None:
        super().__init__()
        check_sizes(query_size=query_size, memory_size=memory_size, attention_size=attention_size)
        self.query = nn.Linear(query_size, attention_size, bias=False)
        self.key = nn.Linear(memory_size, attention_size)
        self.score = nn.Linear(attention_size, 1, bias=False)

    def keys(
        self, memory: Float[Tensor, "batch frames memory"]
    ) -> Float[Tensor, "batch frames attention"]:
        """U m_j of every frame; it is the same for every question."""
        keys: Tensor = self.key(memory)
        return keys

    def forward(
        self,
        query: Float[Tensor, "batch query"],
        memory: Float[Tensor, "batch frames memory"],
        *,
        keys: Float[Tensor, "batch frames attention"],
        inside: Bool[Tensor, "batch frames"],
    ) -> tuple[Float[Tensor, "batch memory"], Float[Tensor, "batch frames"]]:
        """The context, and the weights a: at least 0, summing to 1, exactly 0 outside.

        Args:
            query: the question.
            keys: of `keys(memory)`.
            inside: True at the frames that may be looked at; at least one a row.
        """
        energy = self.score(torch.tanh(self.query(query)[:, None] + keys))[..., 0]
        weights = energy.masked_fill(~inside, -torch.inf).softmax(dim=1)
        return torch.einsum("bt,btm->bm", weights, memory), weights
