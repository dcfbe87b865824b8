"""torch's layers, or its products alone, in a process of their own that steps on command.

Its own process, because torch's threads wait in the way that is their default here, and in the way
that the command `auricle` sets in the process that runs auricle's layers: each has what it is quick
with. Run by `bench.training_step`; answers one line of JSON a step: the seconds that it took.
"""

import json
import sys


def main() -> None:
    """Build the step that the words describe, then step on command."""
    kind, threads, frames, *sizes = sys.argv[1:]
    import torch

    from bench.training_step import torch_products, torch_step

    torch.set_num_threads(int(threads))
    widths = tuple(map(int, sizes))
    if kind == "products":
        step = torch_products(widths, int(frames))
    else:
        step = torch_step(kind, sizes=widths, frames=int(frames))
    print(json.dumps({"ready": f"torch {kind}"}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({"seconds": step()}), flush=True)


if __name__ == "__main__":
    main()
