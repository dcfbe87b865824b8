"""Whether a call may skip torch's dispatcher: only where nothing else watches it."""

import torch
from torch import Tensor


def is_eager(*tensors: Tensor) -> bool:
    """True for plain tensors outside programs that trace, export, compile or fake their calls.

    Such programs must see an operator; a kernel that reads memory past their eyes would become a
    constant in what they record.
    """
    if torch.compiler.is_compiling() or not all(type(tensor) in _PLAIN for tensor in tensors):
        return False
    return not _watchers()


_PLAIN = (Tensor, torch.nn.Parameter)
# Torch has no public question for the modes that see every call.
_watchers = getattr(torch._C, "_len_torch_dispatch_stack", lambda: 1)
