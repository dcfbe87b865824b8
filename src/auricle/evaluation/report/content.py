"""What goes into a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Float32

from auricle.evaluation.ambient import AmbientTable
from auricle.evaluation.results import BaselineName, BaselineResult, Json, Results


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mistake:
    """A clip that the network got wrong, to be looked at and listened to.

    Attributes:
        name: of the clip.
        truth: its class.
        answer: what the network said.
        score: how sure it was, in [0, 1].
        waveform: the first ten seconds are shown and played.
        sample_rate: of waveform, Hz.
        frame_probs: posterior at each time step, evenly spread over the waveform; columns in the
            order of the results' classes. None leaves the plot out.
    """

    name: str
    truth: str
    answer: str
    score: float
    waveform: Float32[np.ndarray, " time"]
    sample_rate: int
    frame_probs: Float[np.ndarray, "frames classes"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """Everything on the page, in the order in which it is read.

    Attributes:
        title: what was trained, in a few words.
        results: of the network.
        baselines: beside it; may be empty.
        history: a mapping per epoch: epoch, train_loss, validation_loss, validation_accuracy;
            other keys are ignored, missing ones leave a gap.
        mistakes: worst first.
        ambient: false alarms per hour, where measured.
        card: the model's card; nested mappings become nested lists; its ``best_epoch`` is marked
            in the curves.
    """

    title: str
    results: Results
    baselines: Mapping[BaselineName, BaselineResult] = field(default_factory=dict)
    history: Sequence[Mapping[str, Json]] = ()
    mistakes: Sequence[Mistake] = ()
    ambient: AmbientTable | None = None
    card: Mapping[str, Json] = field(default_factory=dict)
