"""The LSTM's recurrence as a loop that reads beside its equation."""

import torch
from jaxtyping import Float
from torch import Tensor, sigmoid, tanh


def lstm_reference(
    x: Float[Tensor, "batch frames input"],
    state: tuple[Float[Tensor, "batch output"], Float[Tensor, "batch hidden"]],
    *,
    weight_ih: Float[Tensor, "four_hidden input"],
    weight_hh: Float[Tensor, "four_hidden output"],
    bias: Float[Tensor, " four_hidden"],
    peepholes: Float[Tensor, "3 hidden"] | None = None,
    projection: Float[Tensor, "output hidden"] | None = None,
) -> tuple[
    Float[Tensor, "batch frames output"],
    tuple[Float[Tensor, "batch output"], Float[Tensor, "batch hidden"]],
]:
    """Run the LSTM's recurrence, one frame after the other.

    i_t = sigmoid(W_i x_t + U_i h_(t-1) + p_i * c_(t-1) + b_i)
    f_t = sigmoid(W_f x_t + U_f h_(t-1) + p_f * c_(t-1) + b_f)
    g_t = tanh(W_g x_t + U_g h_(t-1) + b_g)
    c_t = f_t * c_(t-1) + i_t * g_t
    o_t = sigmoid(W_o x_t + U_o h_(t-1) + p_o * c_t + b_o)
    h_t = R (o_t * tanh(c_t))

    Gate order in W, U and b: i, f, g, o; in the peepholes: i, f, o. The output gate looks at the
    new memory, the other two at the old one. Without peepholes p = 0; without a projection R = 1.

    Args:
        x: any real.
        state: h and c before the first frame.
    Returns:
        h_t of every frame, and the last h and c (``state`` itself when there is no frame).
    Reference:
        Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
        Gers, Schraudolph and Schmidhuber, "Learning precise timing with LSTM recurrent networks",
        JMLR 3, 2002 (peepholes).
        Sak, Senior and Beaufays, "Long short-term memory recurrent neural network architectures
        for large scale acoustic modeling", Interspeech 2014 (projection).
    """
    h, c = state
    p_i, p_f, p_o = torch.zeros(3, 1).to(c) if peepholes is None else peepholes
    outputs = []
    for x_t in x.unbind(dim=1):
        a_i, a_f, a_g, a_o = (x_t @ weight_ih.T + h @ weight_hh.T + bias).chunk(4, dim=-1)
        i, f, g = sigmoid(a_i + p_i * c), sigmoid(a_f + p_f * c), tanh(a_g)
        c = f * c + i * g
        o = sigmoid(a_o + p_o * c)
        h = o * tanh(c)
        if projection is not None:
            h = h @ projection.T
        outputs.append(h)
    if not outputs:
        return x.new_empty(x.shape[0], 0, h.shape[1]), (h, c)
    return torch.stack(outputs, dim=1), (h, c)
