"""Compile recurrences to one graph and compare values and gradients; prints each that is equal."""

import torch
from tests.ops.linear_recurrence_cases import arguments, run


def main() -> None:
    """The parallel form of two cells, then the operator of the compiled form."""
    for cell, backend in [
        ("min_gru", "parallel"),
        ("lru", "parallel"),
        ("rg_lru", "fused"),
    ]:
        made = arguments(cell, 2, 70, 3)
        graph = torch.compile(run, fullgraph=True, backend="aot_eager")
        results = [form(cell, made, backend=backend) for form in (graph, run)]
        torch.testing.assert_close(*results)
        needs = list(made.values())
        of_graph, of_eager = (torch.autograd.grad(y.sum() + h.sum(), needs) for y, h in results)
        torch.testing.assert_close(of_graph, of_eager)
        print(cell)


if __name__ == "__main__":
    main()
