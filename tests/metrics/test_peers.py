"""Our measures equal mir_eval's, sed_eval's and sed_scores_eval's, as `tests/peers` recorded them.

`tests/peers/reference.json` holds cases and the peers' answers, with their versions; it is made by
``python tests/peers/peers.py tests/peers/reference.json --seed 0`` in the peers' environment.
"""

import json
from pathlib import Path

import pytest
from tests.peers.comparing import compare_events, compare_psds

REFERENCE = Path(__file__).parents[1] / "peers" / "reference.json"
DOCUMENT = json.loads(REFERENCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(DOCUMENT["events"]))
def test_event_scores_equal_mir_eval_and_sed_eval(name):
    compare_events(DOCUMENT, name)


@pytest.mark.parametrize("name", sorted(DOCUMENT["psds"]))
def test_psds_equals_sed_scores_eval(name):
    compare_psds(DOCUMENT, name)


def test_the_peers_answered_and_their_versions_are_known():
    assert set(DOCUMENT["versions"]) >= {"mir_eval", "sed_eval", "sed_scores_eval"}
    answered = [
        part for case in DOCUMENT["events"].values() for part in case["answers"]["mir_eval"]
    ]
    assert sum(part is not None for part in answered) > 40
    values = [
        part["psds"] for case in DOCUMENT["psds"].values() for part in case["answers"].values()
    ]
    assert sum(0.05 < value < 0.95 for value in values) > len(values) / 2


def test_the_comparison_sees_a_wrong_answer():
    case = json.loads(json.dumps(DOCUMENT))
    case["psds"]["random_0"]["answers"]["psds1"]["psds"] += 1e-6
    with pytest.raises(AssertionError):
        compare_psds(case, "random_0")
    case["events"]["random_0"]["answers"]["sed_eval_both"]["overall"]["f_measure"] += 1e-6
    with pytest.raises(AssertionError):
        compare_events(case, "random_0")
