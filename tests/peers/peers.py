"""Ask mir_eval, sed_eval and sed_scores_eval; runs in their own environment, without auricle.

    python tests/peers/peers.py OUT.json --seed 0

writes the cases, what each peer answers, and the peers' versions.
"""

import argparse
import json
import math
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np  # noqa: E402
from cases import LABELS, PSDS_SETTINGS, event_cases, psds_cases  # noqa: E402

EVENT_SETTINGS = {
    "both": {"evaluate_onset": True, "evaluate_offset": True},
    "onset": {"evaluate_onset": True, "evaluate_offset": False},
    "offset": {"evaluate_onset": False, "evaluate_offset": True},
}
MAX_EFPR = 3000.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    events, scores = event_cases(options.seed), psds_cases(options.seed)
    peers = ("mir_eval", "sed_eval", "sed_scores_eval", "numpy", "pandas")
    document = {
        "made_by": f"python tests/peers/peers.py OUT.json --seed {options.seed}",
        "versions": {name: version(name) for name in peers},
        "labels": LABELS,
        "max_efpr": MAX_EFPR,
        "psds_settings": PSDS_SETTINGS,
        "events": {name: with_answers(case) for name, case in events.items()},
        "psds": {
            name: {
                "recordings": case,
                "answers": {k: psds(case, v) for k, v in PSDS_SETTINGS.items()},
            }
            for name, case in scores.items()
        },
    }
    options.output.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


def with_answers(case):
    answers = {"mir_eval": mir_eval_hits(case), "segments": segment_scores(case)}
    for name, settings in EVENT_SETTINGS.items():
        answers[f"sed_eval_{name}"] = event_scores(case, **settings)
    return {"recordings": case, "answers": answers}


def mir_eval_hits(case):
    """Of each recording: matches by onset, by offset and by both; labels are pitches."""
    return [mir_eval_recording(truth, answer) for truth, answer in case]


def mir_eval_recording(truth, answer):
    """None where mir_eval refuses: it wants every event to have a length."""
    from mir_eval import transcription

    if any(on == off for on, off, _ in truth + answer):
        return None
    if not truth or not answer:
        return {"onset": 0, "offset": 0, "both": 0, "precision_recall_f1": [0.0, 0.0, 0.0]}
    (true, true_pitch), (found, found_pitch) = notes(truth), notes(answer)
    by_label = [(true[true_pitch == p], found[found_pitch == p]) for p in np.unique(true_pitch)]
    match, both = transcription.match_notes, (true, true_pitch, found, found_pitch)
    scores = transcription.precision_recall_f1_overlap(*both)[:3]
    return {
        "onset": len(match(*both, offset_ratio=None)),
        "offset": sum(len(transcription.match_note_offsets(a, b)) for a, b in by_label if len(b)),
        "both": len(match(*both)),
        "precision_recall_f1": [float(value) for value in scores],
    }


def notes(events):
    intervals = np.array([event[:2] for event in events])
    return intervals, np.array([100.0 * 2 ** LABELS.index(event[2]) for event in events])


def event_scores(case, **settings):
    from sed_eval.sound_event import EventBasedMetrics

    handling = {"empty_system_output_handling": "zero_score"}
    return sed_eval_scores(EventBasedMetrics(LABELS, **settings, **handling), case)


def segment_scores(case):
    from sed_eval.sound_event import SegmentBasedMetrics

    return sed_eval_scores(SegmentBasedMetrics(LABELS, time_resolution=1.0), case)


def sed_eval_scores(metrics, case):
    for index, (truth, answer) in enumerate(case):
        metrics.evaluate(event_list(truth, index), event_list(answer, index))
    results = metrics.results()
    return {
        "overall": plain(results["overall"]["f_measure"]),
        "average": plain(results["class_wise_average"]["f_measure"]),
        "classes": {
            label: plain(part["f_measure"]) | plain(part["count"])
            for label, part in results["class_wise"].items()
        },
    }


def event_list(events, index):
    import dcase_util

    return dcase_util.containers.MetaDataContainer(
        [
            {"filename": f"{index}.wav", "onset": on, "offset": off, "event_label": label}
            for on, off, label in events
        ]
    )


def plain(values):
    """NaN, which JSON has not, as None."""
    return {k: None if math.isnan(v) else float(v) for k, v in values.items()}


def psds(case, settings):
    from sed_scores_eval.base_modules.scores import create_score_dataframe
    from sed_scores_eval.intersection_based import psds as peer

    frames = {
        str(i): create_score_dataframe(
            np.array(part["scores"]), timestamps=np.array(part["edges"]), event_classes=LABELS
        )
        for i, part in enumerate(case)
    }
    value, classes, *_ = peer(
        frames,
        {str(i): [tuple(event) for event in part["truth"]] for i, part in enumerate(case)},
        {str(i): part["duration"] for i, part in enumerate(case)},
        dtc_threshold=settings["dtc"],
        gtc_threshold=settings["gtc"],
        cttc_threshold=settings["cttc"],
        alpha_ct=settings["alpha_ct"],
        alpha_st=settings["alpha_st"],
        max_efpr=MAX_EFPR,
    )
    return {"psds": float(value), "classes": {k: float(v) for k, v in classes.items()}}


if __name__ == "__main__":
    main()
