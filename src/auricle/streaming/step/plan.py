"""What a model can be turned into once, so that each hop of a stream costs little."""

import torch
from torch import nn

from auricle.errors import ConfigError, message
from auricle.features import Compression, LogMel
from auricle.heads import ClassifyHead, DetectHead
from auricle.layers import MinGru, RgLru
from auricle.models import Model
from auricle.streaming.step.front_end import FrontEndPlan
from auricle.streaming.step.product import Product
from auricle.streaming.step.recurrent import BlockPlan, HeadPlan
from auricle.streaming.step.stem import ConvPlan
from auricle.trunks import RecurrentTrunk
from auricle.trunks.recurrent import ConvBlock, RecurrentBlock

_PARTS: dict[type[nn.Module], set[str]] = {
    Model: {"features", "compression", "trunk", "head"},
    LogMel: set(),
    Compression: set(),
    RecurrentTrunk: {"stem", "project", "drop", "blocks", "norm"},
    ConvBlock: {"conv", "norm"},
    RecurrentBlock: {"norm", "cell", "gate", "out", "dropout"},
    MinGru: {"gates"},
    RgLru: {"gates"},
    ClassifyHead: {"classify", "attend"},
    DetectHead: {"classify", "attend"},
}


def step_refusal(model: Model) -> str | None:
    """Why there is no fast step for this model, for a person to read; None when there is one."""
    trunk = model.trunk
    if not isinstance(model.features, LogMel):
        return "its front end is a set of features, not log-mel bands alone"
    if not isinstance(trunk, RecurrentTrunk):
        return f"its trunk is a {type(trunk).__name__}, not a RecurrentTrunk"
    if trunk.config.kind not in ("mingru", "rglru"):
        return f"its cell is {trunk.config.kind}, not mingru or rglru"
    if not trunk.stem:
        return "its stem holds no convolution"
    if trunk.config.stem != "bands":
        return "its stem does not convolve over bands"
    unknown = _unknown_part(model, trunk)
    if unknown is not None:
        return unknown
    tensors = [*model.parameters(), *model.buffers()]
    if any(t.device.type != "cpu" for t in tensors):
        return "it is not on the processor"
    if any(t.dtype != torch.float32 for t in tensors if t.is_floating_point()):
        return "it does not compute in float32"
    return None


def _unknown_part(model: Model, trunk: RecurrentTrunk) -> str | None:
    """A part that this module does not know would be left out in silence; so look for one."""
    cells = (block.cell for block in trunk.blocks)
    parts = [model, model.features, model.compression, trunk, *trunk.stem, *trunk.blocks]
    for part in [*parts, *cells, model.head]:
        known = _PARTS.get(type(part))
        found = {name for name, child in part.named_children() if child is not None}
        if known is None or not found <= known:
            return f"its {type(part).__name__} holds parts that the fast step does not know"
    return None


class StepPlan:
    """A model's constants, folded: window, filters, normalisations, temperature, gates.

    It is read from the weights as they are now, and shared by any number of `Stepper`s.

    Raises:
        ConfigError: there is no fast step for this model; `step_refusal` says why.
    """

    def __init__(self, model: Model) -> None:
        refusal, trunk = step_refusal(model), model.trunk
        if refusal is not None or not isinstance(trunk, RecurrentTrunk):
            raise ConfigError(
                message(
                    "model",
                    expected="one that has a fast step",
                    got=f"one that has none: {refusal}",
                    remedy="Use Stream or ManyStreams, which then take the ordinary path.",
                )
            )
        assert isinstance(model.features, LogMel)  # `step_refusal` has said so
        with torch.no_grad():
            self.front_end = FrontEndPlan(model.features, model.compression)
            self.stem = tuple(ConvPlan(block) for block in trunk.stem)  # type: ignore[arg-type]
            self.project = Product(_bands_first(trunk, self.stem[-1]), trunk.project.bias)
            self.blocks = tuple(BlockPlan(block) for block in trunk.blocks)  # type: ignore[arg-type]
            self.head = HeadPlan(trunk.norm, model.head)


def _bands_first(trunk: RecurrentTrunk, last: ConvPlan) -> torch.Tensor:
    """The projection's weight for maps that lie [bands, channels], not [channels, bands]."""
    weight = trunk.project.weight
    maps = weight.view(-1, last.out_channels, last.out_bands)
    return maps.transpose(1, 2).flatten(1)
