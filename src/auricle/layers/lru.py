"""The linear recurrent unit: a diagonal complex recurrence between two products."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from auricle.errors import ConfigError, message
from auricle.layers.parallel_cell import check_input, check_state
from auricle.ops.linear_recurrence import Backend, lru


class LruState(NamedTuple):
    """The complex memory h_t: all real parts, then all imaginary ones."""

    h: Float[Tensor, "batch two_state"]


class Lru(nn.Module):
    """Linear recurrent unit: the same complex decay at all frames, one for each channel.

    h_t = exp(-exp(nu) + i exp(theta)) h_(t-1) + exp(log_scale) B x_t
    y_t = Re(C h_t) + D x_t

    The map is linear: what follows it has to bend. The eigenvalues start uniform on a ring of the
    unit disc, and exp(log_scale) at sqrt(1 - |eigenvalue|^2), which keeps the variance of white
    input. Rows of ``b.weight`` and columns of ``c.weight``: real parts, then imaginary ones
    (of C, with the opposite sign).

    Args:
        input_size: features a frame.
        hidden_size: channels of the output.
        state_size: complex channels of the memory; ``hidden_size`` if None.
        r_min, r_max: radii of the ring, 0 <= r_min < r_max < 1.
        max_angle: largest angle a frame, radians, > 0.
        learn_initial_state: make the memory before the first frame a parameter, zero at first.
        backend: form of the recurrence, as in `ParallelCell`.
    Reference:
        Orvieto et al., "Resurrecting recurrent neural networks for long sequences", ICML 2023.
    """

    causal = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        state_size: int | None = None,
        r_min: float = 0.5,
        r_max: float = 0.99,
        max_angle: float = 2 * math.pi,
        learn_initial_state: bool = False,
        backend: Backend = "auto",
    ) -> None:
        super().__init__()
        if not (0 <= r_min < r_max < 1 and max_angle > 0):
            raise ConfigError(
                message(
                    "r_min, r_max, max_angle",
                    expected="0 <= r_min < r_max < 1 and max_angle > 0",
                    got=f"{r_min}, {r_max}, {max_angle}",
                    remedy="Use the defaults.",
                )
            )
        self.input_size, self.hidden_size, self.backend = input_size, hidden_size, backend
        size = self.state_size = hidden_size if state_size is None else state_size
        square = r_min**2 + torch.rand(size) * (r_max**2 - r_min**2)
        self.nu = nn.Parameter(torch.log(-0.5 * torch.log(square.clamp(min=1e-6))))
        self.theta = nn.Parameter(torch.log(max_angle * torch.rand(size).clamp(min=1e-6)))
        self.log_scale = nn.Parameter(0.5 * torch.log1p(-square))
        self.b = nn.Linear(input_size, 2 * size, bias=False)
        self.c = nn.Linear(2 * size, hidden_size)
        self.d = nn.Linear(input_size, hidden_size, bias=False)
        nn.init.normal_(self.b.weight, std=math.sqrt(0.5 / input_size))
        nn.init.normal_(self.c.weight, std=math.sqrt(1 / size))
        self.h_first = nn.Parameter(torch.zeros(2 * size)) if learn_initial_state else None

    def initial_state(self, batch: int) -> LruState:
        """The memory before the first frame: zero, or what was learned."""
        if self.h_first is not None:
            return LruState(self.h_first.expand(batch, -1))
        return LruState(self.b.weight.new_zeros(batch, 2 * self.state_size))

    def forward(
        self,
        x: Float[Tensor, "batch frames input"],
        state: LruState,
        *,
        lengths: Int64[Tensor, " batch"] | None = None,
    ) -> tuple[Float[Tensor, "batch frames hidden"], LruState]:
        """y_t of every frame, and the last memory; from a clip's length on y is C 0 + D x."""
        check_input(x, self.input_size)
        check_state(state, LruState, x, width=2 * self.state_size)
        memories, h = lru(
            self.b(x).to(self.b.weight.dtype),
            state.h,
            nu=self.nu,
            theta=self.theta,
            scale=torch.exp(self.log_scale),
            lengths=lengths,
            backend=self.backend,
        )
        return self.c(memories) + self.d(x), LruState(h)
