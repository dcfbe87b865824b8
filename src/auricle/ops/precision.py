"""Recurrences keep the precision of their memory, whatever products around them are cast to."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import torch
from torch import Tensor

_Rest = ParamSpec("_Rest")
_Result = TypeVar("_Result")


def without_autocast(
    function: Callable[Concatenate[Tensor, _Rest], _Result],
) -> Callable[Concatenate[Tensor, _Rest], _Result]:
    """The same function, undisturbed by `torch.autocast`: its errors would add up over frames."""

    @wraps(function)
    def undisturbed(first: Tensor, /, *args: _Rest.args, **kwargs: _Rest.kwargs) -> _Result:
        device = first.device.type
        if not torch.is_autocast_enabled(device):
            return function(first, *args, **kwargs)
        with torch.autocast(device, enabled=False):
            return function(first, *args, **kwargs)

    return undisturbed
