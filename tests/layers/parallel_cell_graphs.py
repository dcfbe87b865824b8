"""Export parallel cells with any number of frames; prints the largest difference of each."""

import torch
from torch.export import Dim, export

from auricle.layers import Lru, MinGru, MinLstm, Qrnn, RgLru

LENGTHS = (1, 2, 63, 64, 65, 700)


def main() -> None:
    """Compare each exported cell with the eager one, at lengths it was not traced with."""
    torch.manual_seed(0)
    for make in (MinGru, MinLstm, Qrnn, RgLru, Lru):
        for backend in ("auto", "parallel") if make in (RgLru, Lru) else ("auto",):
            cell = make(5, 7, backend=backend)
            state = cell.initial_state(2)
            shapes = {"x": {1: Dim("frames", min=1, max=100_000)}, "state": type(state)({})}
            program = export(cell, (torch.randn(2, 33, 5), state), dynamic_shapes=shapes)
            print(make.__name__, backend, max(difference(program, cell, n) for n in LENGTHS))


def difference(program: torch.export.ExportedProgram, cell: torch.nn.Module, frames: int) -> float:
    """Largest, over outputs and memory, from a memory that is not zero."""
    x = torch.randn(2, frames, 5)
    state = type(cell.initial_state(2))(torch.randn_like(cell.initial_state(2).h))
    y, after = program.module()(x, state)
    truth, last = cell(x, state)
    return float(max((y - truth).abs().max(), (after.h - last.h).abs().max()))


if __name__ == "__main__":
    main()
