"""What every feature's part is."""

from jaxtyping import Float
from torch import Tensor

from auricle.features.heard import Heard
from auricle.features.specs import Clock, Spec

Memory = tuple[Tensor, ...]


class Part:
    """What was heard to the columns of one feature; a causal map whose memory is passed.

    Attributes:
        spec: what was asked for.
        clock: hop and window.
        frame_length: samples up to the end of a hop that it looks at.
    """

    def __init__(self, spec: Spec, clock: Clock, *, frame_length: int | None = None) -> None:
        self.spec, self.clock = spec, clock
        self.frame_length = clock.win_length if frame_length is None else frame_length

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.spec.columns(self.clock))

    def initial_memory(self, batch: int) -> Memory:
        """Nothing heard yet."""
        return ()

    def __call__(
        self, heard: Heard, memory: Memory
    ) -> tuple[Float[Tensor, "batch frames columns"], Memory]:
        """Columns of these hops, at least one, and the memory for the next ones."""
        raise NotImplementedError


def window_fft(win_length: int) -> int:
    """The power of two at or above a window."""
    return 1 << (win_length - 1).bit_length()
