"""Our answers beside the peers', for a document that `peers.py` wrote."""

import numpy as np
import pytest

from auricle.metrics import (
    MIR_EVAL,
    EventCollars,
    PsdsSettings,
    ScoreCurves,
    TimedEvents,
    count_events,
    count_segments,
    psds,
)

SED_EVAL_COLLARS = {
    "both": EventCollars(),
    "onset": EventCollars(offset_s=None),
    "offset": EventCollars(onset_s=None),
}
MIR_EVAL_COLLARS = {
    "both": MIR_EVAL,
    "onset": EventCollars(onset_s=0.05, offset_s=None, decimals=4),
    "offset": EventCollars(onset_s=None, offset_s=0.05, offset_share=0.2, decimals=4),
}


def same(value):
    return pytest.approx(value, abs=1e-9)


def events_of(rows):
    return TimedEvents.of([tuple(row) for row in rows])


def pairs_of(recordings):
    truths = [events_of(truth) for truth, _ in recordings]
    return truths, [events_of(answer) for _, answer in recordings]


def compare_mir_eval(recordings, answers):
    """Returns how many recordings mir_eval answered for: it refuses events without length."""
    truths, found = pairs_of(recordings)
    counts = {k: count_events(truths, found, collars=v) for k, v in MIR_EVAL_COLLARS.items()}
    for row, answer in enumerate(answers):
        if answer is None:
            continue
        for name, count in counts.items():
            assert count.hits[row].sum() == answer[name], (row, name)
        assert counts["both"].select([row]).micro() == same(tuple(answer["precision_recall_f1"]))
    return sum(answer is not None for answer in answers)


def compare_sed_eval(count, answer):
    """None is sed_eval's NaN, a division by zero: we say 0."""
    for label, score in count.per_class().items():
        theirs = answer["classes"][label]
        ours = {"f_measure": score.f1, "precision": score.precision, "recall": score.recall}
        assert ours == same({key: theirs[key] or 0.0 for key in ours}), label
        column = count.labels.index(label)
        assert count.num_reference[:, column].sum() == theirs["Nref"]
        assert count.num_estimated[:, column].sum() == theirs["Nsys"]
    overall, micro = answer["overall"], count.micro()
    ours = {"f_measure": micro.f1, "precision": micro.precision, "recall": micro.recall}
    assert ours == same({key: overall[key] or 0.0 for key in ours})
    present = [part for part in answer["classes"].values() if part["Nref"]]
    assert count.macro().recall == same(answer["average"]["recall"] or 0.0)
    if all(part["f_measure"] is not None for part in present):
        assert count.macro().f1 == same(answer["average"]["f_measure"] or 0.0)


def compare_events(document, name):
    case = document["events"][name]
    recordings, answers, labels = case["recordings"], case["answers"], document["labels"]
    truths, found = pairs_of(recordings)
    for side, collars in SED_EVAL_COLLARS.items():
        count = count_events(truths, found, collars=collars, labels=labels)
        compare_sed_eval(count, answers[f"sed_eval_{side}"])
    compare_sed_eval(count_segments(truths, found, labels=labels), answers["segments"])
    return compare_mir_eval(recordings, answers["mir_eval"])


def compare_psds(document, name):
    case, labels = document["psds"][name], document["labels"]
    parts = case["recordings"]
    curves = [
        ScoreCurves(edges_s=np.array(part["edges"]), scores=np.array(part["scores"]))
        for part in parts
    ]
    for settings, answer in case["answers"].items():
        given = {**document["psds_settings"][settings], "max_efpr": document["max_efpr"]}
        given["cttc"] = given["cttc"] or 0.3
        result = psds(
            curves,
            [events_of(part["truth"]) for part in parts],
            durations_s=[part["duration"] for part in parts],
            labels=labels,
            settings=PsdsSettings(**given),
        )
        assert result.psds == same(answer["psds"]), settings
        assert result.per_class == same(answer["classes"]), settings
