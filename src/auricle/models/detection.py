"""From a detector's posteriors at every hop to events with onset, offset and label.

A causal map: smoothing, threshold with release, gaps, shortest duration, vote. Where a stream is
cut changes nothing, and each event is told a known time after its offset.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from auricle.models.config import DetectionConfig
from auricle.models.detection_settings import check_per_class, thresholds_of

_NO_LABEL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """An event that was heard, told when it was over.

    Attributes:
        label: the class.
        onset_s: where it begins, seconds from the start of the stream.
        offset_s: where it ends, seconds from the start of the stream.
        score: the label's mean posterior over the event, in [0, 1].
        time_s: how much had been heard when this was known, seconds from the start of the stream.
    """

    label: str
    onset_s: float
    offset_s: float
    score: float
    time_s: float


class DetectionState(NamedTuple):
    """What the decoder remembers; one track where classes exclude each other, else one a class.

    Attributes:
        recent: the last posteriors, as many as the running median still needs.
        hop: hops that were smoothed so far.
        sounding: whether each track sounds.
        label: the likeliest class at the last hop, where it matters, else -1.
        margins: by how much the last hop's posterior was above the threshold of each track, and
            above that of its release; NaN before the first hop.
        onset, end: of each track's event that is not yet told: first hop, and the hop after its
            last; onset is -1 where there is none.
        edges: when that event begins and ends, hops and parts of hops.
        total: sum of each class's posterior over that event's hops.
    """

    recent: Float32[np.ndarray, "held outputs"]
    hop: int
    sounding: Bool[np.ndarray, " tracks"]
    label: int
    margins: Float64[np.ndarray, "2 tracks"]
    onset: Int64[np.ndarray, " tracks"]
    end: Int64[np.ndarray, " tracks"]
    edges: Float64[np.ndarray, "2 tracks"]
    total: Float64[np.ndarray, "tracks classes"]


class _Run(NamedTuple):
    """Hops ``start`` to ``stop`` of one track that all sound, under one label where it matters.

    Attributes:
        begins: whether it does not go on with what sounded at the last hop before these.
        edges: when it begins and ends, hops and parts of hops.
    """

    track: int
    start: int
    stop: int
    begins: bool
    edges: tuple[float, float]


class DetectionDecoder:
    """Posteriors to events; see `DetectionConfig` for the order of its steps.

    Attributes:
        delay: hops after an event's last one until it is told, at the most.
    """

    def __init__(
        self,
        classes: tuple[str, ...],
        config: DetectionConfig,
        *,
        single: bool,
        hop_s: float,
        lookahead: int = 0,
    ) -> None:
        """Decode posteriors of these classes.

        Args:
            single: classes exclude each other, and the last column is none of them.
            hop_s: seconds of a hop.
            lookahead: hops by which posteriors come late.
        Raises:
            ConfigError: thresholds, medians, gaps or durations that are not one a class.
        """
        self.classes, self.config, self.single, self.hop_s = classes, config, single, hop_s
        self.num_outputs = len(classes) + single
        check_per_class(config, classes=len(classes), single=single)
        halves = [width // 2 for width in config.medians] or [config.median // 2]
        gaps = [round(gap_s / hop_s) for gap_s in config.min_gaps_s or (config.min_gap_s,)]
        lengths_s = config.min_durations_s or (config.min_duration_s,)
        self.half = max(halves)
        longest = config.max_event_s
        self.longest = None if longest is None else max(1, round(longest / hop_s))
        self.delay = self.half + max(gaps) + 1 + lookahead
        self._late = self.half + lookahead
        self._tracks = 1 if single else len(classes)
        self._halves = np.resize(halves, self.num_outputs)
        self._gaps = np.resize(gaps, self._tracks)
        self._shortest = [
            max(1, round(length_s / hop_s)) for length_s in np.resize(lengths_s, self._tracks)
        ]
        self._by_label = single and config.vote == "none"
        self._thresholds = thresholds_of(classes, config)

    def initial_state(self) -> DetectionState:
        """Nothing heard yet."""
        recent = self._silence(2 * self.half)
        none = np.full(self._tracks, -1, dtype=np.int64)
        total = np.zeros((self._tracks, len(self.classes)))
        quiet = np.zeros(self._tracks, dtype=bool)
        unheard = np.full((2, self._tracks), np.nan)
        return DetectionState(
            recent, -self.half, quiet, _NO_LABEL, unheard, none, none.copy(), unheard.copy(), total
        )

    def forward(
        self, probs: Float32[np.ndarray, "hops outputs"], state: DetectionState
    ) -> tuple[list[Detection], DetectionState]:
        """Events that are known after these hops, in the order in which they became known.

        Args:
            probs: the posteriors of hops that follow one another.
        """
        if not len(probs):
            return [], state
        smoothed, recent, first = self._smooth(probs, state)
        state = state._replace(recent=recent)
        if not len(smoothed):
            return [], state._replace(hop=first)
        sounding, labels, margins = self._sounding(smoothed, state)
        hop = first + len(smoothed)
        runs = [
            run
            for track in range(self._tracks)
            for run in self._runs(
                track, sounding[:, track], labels, margins[:, :, track], state, first
            )
        ]
        state = self._end_at_cut(state, sounding[0], margins[1, :2], first)
        told, open_events = self._collect(runs, smoothed, state, first, hop)
        last = int(labels[-1]) if self._by_label else _NO_LABEL
        margin = margins[:, -1].copy()
        return told, DetectionState(recent, hop, sounding[-1].copy(), last, margin, *open_events)

    def finish(self, state: DetectionState) -> list[Detection]:
        """The last events: nothing sounds any more."""
        events, state = self.forward(self._silence(self.half), state)
        for track in np.flatnonzero(state.onset >= 0):
            onset, end = int(state.onset[track]), int(state.end[track])
            edges = state.edges[:, track]
            events += self._tell(int(track), onset, end, edges, state.total[track], state.hop)
        return _in_order(events)

    def _silence(self, hops: int) -> Float32[np.ndarray, "hops outputs"]:
        silence = np.zeros((hops, self.num_outputs), dtype=np.float32)
        if self.single:
            silence[:, -1] = 1
        return silence

    def _smooth(
        self, probs: Float32[np.ndarray, "hops outputs"], state: DetectionState
    ) -> tuple[Float32[np.ndarray, "smoothed outputs"], Float32[np.ndarray, "held outputs"], int]:
        """Medians that are complete, what the next ones need, and the hop of the first."""
        if self.half == 0:
            return probs, state.recent, state.hop
        joined = np.concatenate([state.recent, probs])
        windows = np.lib.stride_tricks.sliding_window_view(joined, 2 * self.half + 1, axis=0)
        early = min(len(windows), max(0, -state.hop))  # medians before the first hop
        windows = windows[early:]
        medians = np.empty(windows.shape[:2], dtype=np.float32)
        for half in np.unique(self._halves).tolist():
            outputs = self._halves == half
            width = slice(self.half - half, self.half + half + 1)
            part = np.partition(windows[:, outputs, width], half, axis=2)
            medians[:, outputs] = part[..., half]
        return medians, joined[len(joined) - 2 * self.half :].copy(), state.hop + early

    def _sounding(
        self, probs: Float32[np.ndarray, "hops outputs"], state: DetectionState
    ) -> tuple[
        Bool[np.ndarray, "hops tracks"],
        Int64[np.ndarray, " hops"],
        Float64[np.ndarray, "2 later tracks"],
    ]:
        """Whether each track sounds at each hop, the likeliest class, and `margins` of each hop,
        those of the hop before these first."""
        named = probs[:, : len(self.classes)]
        labels = named.argmax(axis=1)
        level, threshold = named.astype(np.float64), self._thresholds[None]
        if self.single:
            level, threshold = 1 - level_of_none(probs), self._thresholds[labels][:, None]
        margins = np.stack([level - threshold, level - self.config.release * threshold])
        with_last = np.concatenate([state.margins[:, None], margins], axis=1)
        above = margins[0] >= 0
        if self.config.release == 1:
            return above, labels, with_last
        decided = above | (margins[1] < 0)
        places = np.where(decided, np.arange(len(probs))[:, None], -1)
        places = np.maximum.accumulate(places, axis=0)
        held = np.take_along_axis(above, places.clip(min=0), axis=0)
        return np.where(places < 0, state.sounding, held), labels, with_last

    def _runs(
        self,
        track: int,
        sounding: Bool[np.ndarray, " hops"],
        labels: Int64[np.ndarray, " hops"],
        margins: Float64[np.ndarray, "2 later"],
        state: DetectionState,
        first: int,
    ) -> list[_Run]:
        """Stretches in which the track sounds, cut where its label changes if that matters."""
        before = sounding[:-1]
        changes = sounding[1:] != before
        goes_on = bool(state.sounding[track])
        if self._by_label:
            changes |= sounding[1:] & (labels[1:] != labels[:-1])
            goes_on = goes_on and state.label == labels[0]
        cuts = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(sounding)]])
        stretches = zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
        return [
            _Run(
                track,
                first + start,
                first + stop,
                begins=start > 0 or not goes_on,
                edges=(
                    first + start + _rise(margins[0, start : start + 2]),
                    first + stop - _rise(margins[1, stop : stop + 2][::-1]),
                ),
            )
            for start, stop in stretches
            if sounding[start]
        ]

    def _end_at_cut(
        self,
        state: DetectionState,
        sounding: Bool[np.ndarray, " tracks"],
        margins: Float64[np.ndarray, "2 tracks"],
        first: int,
    ) -> DetectionState:
        """Where a track falls silent at the first of these hops, its event ended between hops."""
        edges = state.edges.copy()
        for track in np.flatnonzero(state.sounding & ~sounding):
            edges[1, track] = first - _rise(margins[::-1, track])
        return state._replace(edges=edges)

    def _collect(
        self,
        runs: list[_Run],
        probs: Float32[np.ndarray, "hops outputs"],
        state: DetectionState,
        first: int,
        hop: int,
    ) -> tuple[list[Detection], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Join runs to events; tell those that can no longer go on."""
        onset, end, total = state.onset.copy(), state.end.copy(), state.total.copy()
        edges = state.edges.copy()
        told: list[Detection] = []

        def close(track: int, next_start: int) -> None:
            known = min(next_start, int(end[track] + self._gaps[track])) + 1
            begun, ended = int(onset[track]), int(end[track])
            told.extend(self._tell(track, begun, ended, edges[:, track], total[track], known))
            onset[track] = -1

        for run in runs:
            track = run.track
            sums = probs[run.start - first : run.stop - first, : len(self.classes)]
            joins = self._joins(run, int(onset[track]), int(end[track]), total[track], sums)
            origin = int(onset[track]) if joins else run.start
            for start, stop in self._pieces(run, origin):
                if onset[track] >= 0 and not (joins and start == run.start):
                    close(track, start)
                if onset[track] < 0:
                    onset[track], total[track] = start, 0
                    edges[0, track] = run.edges[0] if start == run.start else start
                end[track] = stop
                edges[1, track] = run.edges[1] if stop == run.stop else stop
                piece = sums[start - run.start : stop - run.start]
                total[track] += piece.sum(axis=0, dtype=np.float64)
        for track in np.flatnonzero((onset >= 0) & (hop > end + self._gaps)).tolist():
            close(track, hop)
        return _in_order(told), (onset, end, edges, total)

    def _pieces(self, run: _Run, origin: int) -> list[tuple[int, int]]:
        """The run, cut where the event that began at ``origin`` would grow longer than allowed."""
        if self.longest is None:
            return [(run.start, run.stop)]
        cuts = [at for at in range(origin, run.stop, self.longest) if at > run.start]
        return list(zip([run.start, *cuts], [*cuts, run.stop], strict=True))

    def _joins(
        self,
        run: _Run,
        onset: int,
        end: int,
        total: Float64[np.ndarray, " classes"],
        probs: Float32[np.ndarray, "hops classes"],
    ) -> bool:
        """Whether the run goes on with the track's event."""
        if onset < 0 or (self.longest is not None and run.start - onset >= self.longest):
            return False
        if not run.begins:
            return True
        same = not self._by_label or total.argmax() == probs[0].argmax()
        return bool(same and 0 < run.start - end <= self._gaps[run.track])

    def _tell(
        self,
        track: int,
        onset: int,
        end: int,
        edges: Float64[np.ndarray, "2"],
        total: Float64[np.ndarray, " classes"],
        known: int,
    ) -> list[Detection]:
        """The event, if it is long enough."""
        if end - onset < self._shortest[track]:
            return []
        label = int(total.argmax()) if self.single else track
        return [
            Detection(
                label=self.classes[label],
                onset_s=float(edges[0]) * self.hop_s,
                offset_s=float(edges[1]) * self.hop_s,
                score=float(total[label]) / (end - onset),
                time_s=(known + self._late) * self.hop_s,
            )
        ]


def level_of_none(
    probs: Float32[np.ndarray, "hops outputs"],
) -> Float64[np.ndarray, "hops 1"]:
    """The posterior of none of the classes, in double precision."""
    none: Float64[np.ndarray, "hops 1"] = probs[:, -1:].astype(np.float64)
    return none


def _rise(margins: Float64[np.ndarray, "..."]) -> float:
    """How far from the edge between two hops the line through their middles crosses zero.

    From m_0 < 0 to m_1 >= 0 it is (m_0 + m_1) / (2 (m_0 - m_1)), in hops, in (-0.5, 0.5]; 0 where
    one of the two is not known, or where nothing crosses because only the label changes.
    """
    if len(margins) < 2 or not margins[0] < 0 <= margins[1]:
        return 0.0
    low, high = float(margins[0]), float(margins[1])
    return -0.5 - low / (high - low) if high > low else 0.0


def _in_order(events: list[Detection]) -> list[Detection]:
    return sorted(events, key=lambda event: (event.time_s, event.onset_s, event.label))
