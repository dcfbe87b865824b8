"""When the compiled kernels are worth their loading."""

from types import ModuleType

_ENOUGH_STREAMS = 64


def kernels_for(streams: int) -> ModuleType | None:
    """`auricle.ops.step.fused` for many streams; None for few, which need not wait for it.

    For 256 streams they take 4 to 8 % off a push. A program that hears a single sound would wait a
    second or two for its first word.
    """
    if streams < _ENOUGH_STREAMS:
        return None
    from auricle.ops.step import fused

    return fused
