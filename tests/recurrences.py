"""What the tests of recurrences share: cells by name, references, gradients, relative errors."""

import numpy as np
import torch

from auricle.layers import Elman, Gru, LightGru, Lru, Lstm, MinGru, MinLstm, Qrnn, RgLru
from auricle.ops.elman import elman_reference
from auricle.ops.gru import gru_reference
from auricle.ops.light_gru import light_gru_reference
from auricle.ops.linear_recurrence import min_gru_reference
from auricle.ops.lstm import lstm_reference

FORWARD, GRADIENT = 1e-5, 1e-4  # of float32, relative to the float64 reference
TORCH_ATOL = 1e-6  # of float32, against torch.nn with copied weights
SIZES = (5, 4)

CELLS = {
    "elman": lambda: Elman(*SIZES),
    "elman_relu": lambda: Elman(*SIZES, activation="relu", output_size=3),
    "elman_sigmoid": lambda: Elman(*SIZES, activation="sigmoid", output_size=3),
    "lstm": lambda: Lstm(*SIZES),
    "lstm_projected": lambda: Lstm(*SIZES, projection_size=3),
    "lstm_peephole": lambda: Lstm(*SIZES, peepholes=True),
    "lstm_peephole_projected": lambda: Lstm(*SIZES, peepholes=True, projection_size=3),
    "gru": lambda: Gru(*SIZES),
    "gru_before": lambda: Gru(*SIZES, reset="before"),
    "light_gru": lambda: LightGru(*SIZES),
}


def made(name, *, seed=0, dtype=torch.float32):
    """A cell whose every parameter matters: none is left at zero or one."""
    torch.manual_seed(seed)
    cell = CELLS[name]()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return cell.to(dtype)


def random_state(cell, batch, *, dtype=torch.float32):
    """A state of the cell's own kind in the middle of a stream."""
    zeros = cell.initial_state(batch)
    return type(zeros)(*(torch.randn_like(part).tanh().to(dtype) for part in zeros))


def run_reference(cell, x, state):
    """The cell's map by the reference beside its equation."""
    match cell:
        case MinGru():
            return min_gru_of(cell, x, state)
        case MinLstm() | Qrnn() | RgLru() | Lru():
            return loop_of(cell, x, state)
        case LightGru():
            y, h = light_gru_reference(
                x,
                state.h,
                weight_ih=cell.input.weight,
                weight_hh=cell.weight_hh,
                scale=cell.scale,
                shift=cell.shift,
            )
            return y, (h,)
        case Gru():
            y, h = gru_reference(x, state.h, **torch_weights(cell), reset=cell.reset)
            return y, (h,)
        case Lstm():
            return run_lstm_reference(cell, x, state)
        case Elman():
            weights = torch_weights(cell)
            y, h = elman_reference(
                x,
                state.h,
                weight_xh=weights["weight_ih"],
                weight_hh=weights["weight_hh"],
                bias_h=weights["bias_ih"] + weights["bias_hh"],
                activation=cell.activation,
            )
            return (y if cell.out is None else y @ cell.out.weight.T + cell.out.bias), (h,)


def min_gru_of(cell, x, state):
    y, h = min_gru_reference(cell.gates(x), state.h)
    return y, (h,)


def loop_of(cell, x, state):
    """By the loop that every cell which is parallel in time holds beside its fast forms."""
    before, cell.backend = cell.backend, "reference"
    try:
        return cell(x, state)
    finally:
        cell.backend = before


def run_lstm_reference(cell, x, state):
    weights = torch_weights(cell)
    return lstm_reference(
        x,
        (state.h, state.c),
        weight_ih=weights["weight_ih"],
        weight_hh=weights["weight_hh"],
        bias=weights["bias_ih"] + weights["bias_hh"],
        peepholes=cell.peepholes,
        projection=weights.get("weight_hr"),
    )


def torch_weights(cell):
    return {name.removesuffix("_l0"): value for name, value in cell.rnn.named_parameters()}


def gradients(run, cell, x, state):
    """Outputs, then gradients of every input and parameter, for a loss that weighs all outputs."""
    x = x.clone().requires_grad_()
    state = type(state)(*(part.clone().requires_grad_() for part in state))
    y, last = run(cell, x, state)
    generator = torch.Generator().manual_seed(7)
    outputs = [y, *last]
    weighed = [
        (out * torch.randn(out.shape, generator=generator).to(out.dtype)).sum() for out in outputs
    ]
    inputs = [x, *state, *cell.parameters()]
    return outputs, torch.autograd.grad(sum(weighed), inputs)


def run_cell(cell, x, state):
    return cell(x, state)


def relative_error(ours, theirs):
    """Largest difference over largest magnitude."""
    difference = (ours.detach().double() - theirs.detach().double()).abs().max().item()
    return difference / max(theirs.detach().abs().max().item(), np.finfo(float).tiny)
