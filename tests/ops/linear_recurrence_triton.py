"""Run the CUDA kernels, in triton's interpreter where there is no GPU; prints largest errors."""

import torch
from tests.ops.linear_recurrence_cases import REAL, arguments, relative_error, run_with_gradients

from auricle.ops.linear_recurrence import dispatch


def main() -> None:
    """Forward and gradient error of each cell, with and without lengths."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":  # the interpreter reads tensors of the processor
        dispatch._chosen = lambda backend, x: backend
    for cell in REAL:
        for shape, lengths in [((1, 1, 1), None), ((3, 9, 70), None), ((3, 9, 5), [9, 0, 4])]:
            made = arguments(cell, *shape, dtype=torch.float32)
            made = {n: v.detach().to(device).requires_grad_() for n, v in made.items()}
            wide = {n: v.detach().cpu().double().requires_grad_() for n, v in made.items()}
            given = None if lengths is None else torch.tensor(lengths)
            ours = run_with_gradients(cell, made, lengths=given, backend="triton")
            truth = run_with_gradients(cell, wide, lengths=given, backend="reference")
            errors = {name: relative_error(ours[name].cpu(), truth[name]) for name in truth}
            worst = [
                max(v for n, v in errors.items() if (n in ("y", "last")) == first)
                for first in (True, False)
            ]
            print(cell, *worst)


if __name__ == "__main__":
    main()
