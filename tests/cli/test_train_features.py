"""``auricle train --features``: trained, tested, listened with, and refused by name."""

from tests.tiny_set import TINY

from auricle.models import load_model, read_card


def test_train_predict_and_listen_with_chosen_features(auricle, tiny_set, tmp_path):
    path = tmp_path / "m.auricle"
    words = ("--features", "mfcc,chroma,flatness", "--epochs", "40")
    done = auricle("train", tiny_set, "-o", path, *TINY[:-1], "light", *words)
    assert done.status == 0
    model, card = load_model(path)
    kinds = [spec.kind for spec in model.config.front_end.features]
    assert kinds == ["mfcc", "chroma", "flatness"]
    assert model.config.trunk.stem == "columns"
    assert card["results"]["accuracy"] >= 0.8
    assert card["identity"]["max_abs_diff"] <= 1e-5
    sound = next((tiny_set / "high").glob("*.wav"))
    predicted = auricle("predict", path, sound)
    assert predicted.status == 0 and "high" in predicted.out
    heard = auricle("listen", path, "--input", sound)
    assert heard.status == 0 and "high" in heard.out


def test_log_mel_stays_the_default(model):
    document = read_card(model)["config"]
    assert document["front_end"]["kind"] == "log_mel"
    assert document["trunk"]["stem"] == "bands"


def test_unknown_and_unfit_features_are_refused_by_name(auricle, tiny_set, tmp_path):
    words = ("train", tiny_set, "-o", tmp_path / "m.auricle", *TINY, "--epochs", "1")
    done = auricle(*words, "--features", "mfcc,chrome")
    assert done.status == 1 and "got chrome" in done.message
    assert "tonnetz" in done.message
    done = auricle(*words, "--features", "mfcc", "--compression", "pcen")
    assert done.status == 1 and "compression: expected log with features" in done.message
    done = auricle(*words, "--features", " ")
    assert done.status == 2 and "features: expected at least one name" in done.message
