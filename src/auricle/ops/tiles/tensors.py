"""Tensors as compiled layers take them: flat memory, and a batch that is shared out."""

import numpy as np
import torch
from torch import Tensor

from auricle.ops.workers import num_threads

Part = tuple[int, int, int]  # its number, its first item, the one after its last

_FEW_OPERATIONS = 2_000_000  # less than this, and waking a thread costs more than it brings


def shares(items: int, parts: int) -> list[Part]:
    """About as many items for each of so many parts, or one for each where there are fewer."""
    count = max(1, min(parts, items))
    cuts = [items * at // count for at in range(count + 1)]
    return list(zip(range(count), cuts[:-1], cuts[1:], strict=True))


def shares_of(x: Tensor, weight: Tensor) -> list[Part]:
    """Fixed for a number of threads; two a thread, so that a quick one can take from a slow one."""
    threads = num_threads()
    few = threads == 1 or x.shape[0] * x.shape[1] * weight.numel() < _FEW_OPERATIONS
    return shares(x.shape[0], 1 if few else 2 * threads)


def flatten(tensor: Tensor) -> tuple[Tensor, np.ndarray]:
    """The tensor with neighbouring columns, and the memory from its first element on."""
    tensor = tensor.detach()
    if tensor.stride(2) != 1 and tensor.shape[2] != 1:
        tensor = tensor.contiguous()
    sizes = zip(tensor.shape[:2], tensor.stride()[:2], strict=True)
    reach = sum((size - 1) * stride for size, stride in sizes) + tensor.shape[2]
    return tensor, tensor.as_strided((reach if tensor.numel() else 0,), (1,)).numpy()


def incoming(
    grad_y: Tensor | None, grad_last: Tensor | None, *, y: Tensor, h: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of a layer's outputs as its kernel reads them: there, and columns neighbours."""
    if grad_y is None:
        grad_y = y.new_zeros(y.shape[2]).expand_as(y)  # one row, read again and again
    elif grad_y.stride(2) != 1:
        grad_y = grad_y.contiguous()
    return grad_y, torch.zeros_like(h) if grad_last is None else grad_last
