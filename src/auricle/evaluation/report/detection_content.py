"""What goes into the report on a detector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from auricle.evaluation.detection_measures import DetectionMeasures
from auricle.evaluation.results import Json
from auricle.evaluation.worst_moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundMoment:
    """A moment with its sound.

    Attributes:
        moment: where, and what is wrong there.
        waveform: of that stretch.
        sample_rate: of waveform, Hz.
    """

    moment: Moment
    waveform: Float32[np.ndarray, " time"]
    sample_rate: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DetectionReport:
    """Everything on the page, in the order in which it is read.

    Attributes:
        title: the model, in a few words.
        measures: on recordings that were held out.
        note: how they were kept apart, a sentence.
        delay: when an event is known, a sentence.
        moments: worst first.
        history: a mapping per epoch, as in `Report`.
        card: the model's card.
    """

    title: str
    measures: DetectionMeasures
    note: str
    delay: str
    moments: Sequence[SoundMoment] = ()
    history: Sequence[Mapping[str, Json]] = ()
    card: Mapping[str, Json] = field(default_factory=dict)
