"""Our measures against the peers themselves, on new random cases: `make test-peers`."""

import json
import subprocess

import pytest
from tests.peers import environment
from tests.peers.comparing import compare_events, compare_psds

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def document(request, tmp_path_factory):
    if not environment.is_ready():
        pytest.skip(f"no peers' environment at {environment.folder()}: `make test-peers` makes it")
    return ask_peers(tmp_path_factory.mktemp("peers") / "answers.json", seed=request.param)


def ask_peers(path, *, seed):
    script = environment.HERE / "peers.py"
    command = [str(environment.python()), str(script), str(path), "--seed", str(seed)]
    subprocess.run(command, check=True)
    return json.loads(path.read_text(encoding="utf-8"))


def test_event_scores_equal_the_peers(document):
    answered = sum(compare_events(document, name) for name in document["events"])
    assert answered > 40


def test_psds_equals_the_peer(document):
    for name in document["psds"]:
        compare_psds(document, name)


def test_the_committed_answers_are_those_of_the_peers(tmp_path):
    if not environment.is_ready():
        pytest.skip(f"no peers' environment at {environment.folder()}: `make test-peers` makes it")
    committed = json.loads((environment.HERE / "reference.json").read_text(encoding="utf-8"))
    assert ask_peers(tmp_path / "answers.json", seed=0) == committed
