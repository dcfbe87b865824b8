"""``auricle evaluate``."""

import json
from pathlib import Path

from auricle.cli.commands import Evaluate
from auricle.cli.predict import find_recordings
from auricle.cli.reading import counter, open_manifest, say
from auricle.cli.results import ambient_lines, result_lines, short_card
from auricle.data import Manifest
from auricle.errors import ConfigError, ManifestError, message
from auricle.evaluation import (
    AmbientTable,
    ClipScores,
    Report,
    Results,
    collect_mistakes,
    listen_to_ambient,
    score_manifest,
    summarise,
    without_temperature,
    write_report,
)
from auricle.io import check_writable
from auricle.models.model_file import Json
from auricle.streaming import Detector, Listener, load
from auricle.training.card import MAX_REMEMBERED_CLIPS


def run(command: Evaluate) -> int:
    """Test a model; 1 when a recording could not be read."""
    loaded = load(command.model)
    if isinstance(loaded, Detector):
        from auricle.cli import evaluate_events

        return evaluate_events.run(command, loaded)
    if command.annotations is not None:
        raise ConfigError(
            message(
                "annotations",
                expected="a detector of events",
                got="a classifier of clips",
                remedy="Leave --annotations out, or train a detector: auricle train --annotations.",
            )
        )
    if command.path is None and not command.ambient:
        raise ConfigError(
            message(
                "path",
                expected="labelled recordings, or --ambient with long ones",
                got="neither",
                remedy="For example: auricle evaluate model.auricle recordings.",
            )
        )
    if command.report is not None:
        check_writable(command.report)
    listener = loaded
    if command.path is None:
        return _finish_ambient(command, _ambient(command, listener))
    manifest = open_manifest(command.path, command, table_rate=command.table_rate, one_class=True)
    manifest, sentence = choose_clips(manifest, listener, include_trained=command.include_trained)
    say(sentence)
    table = _ambient(command, listener)
    scores, errors = score_manifest(listener, manifest, progress=counter("clips"))
    for error in errors:
        say(f"auricle: {error}")
    results = _summarise(listener, scores, sentence)
    _print(command, listener, results, table)
    if command.report is not None:
        _report(command, listener, manifest, scores, results, table)
    return 1 if errors else 0


def choose_clips(
    manifest: Manifest, listener: Listener, *, include_trained: bool
) -> tuple[Manifest, str]:
    """Leave out what the model was trained on, and say so.

    Raises:
        ManifestError: nothing is left, or no label is one of the model's.
    """
    data = listener.card.get("data")
    remembered = data.get("heard") if isinstance(data, dict) else None
    heard = set(remembered) if isinstance(remembered, list) else set()
    trained = [c.fingerprint()[:12] in heard for c in manifest.clips]
    doubt = _doubt(data, len(heard))
    if include_trained:
        return manifest, _sentence(sum(trained), len(manifest), "are among those scored") + doubt
    new = manifest.select(i for i, known in enumerate(trained) if not known)
    if not len(new):
        raise ManifestError(
            message(
                "recordings",
                expected="some that the model was not trained on",
                got=f"{len(manifest)} that it was",
                remedy="Give new recordings, or --include-trained to score them all the same.",
            )
        )
    if not set(new.classes) & set(listener.classes):
        raise ManifestError(
            message(
                "labels",
                expected=f"some of the model's: {', '.join(listener.classes)}",
                got=", ".join(new.classes[:10]),
                remedy="Check the label column, or the names of the class folders.",
            )
        )
    return new, _sentence(sum(trained), len(manifest), "are left out") + doubt


def _doubt(data: Json, remembered: int) -> str:
    """What to say where the card does not name every clip that the model was trained on."""
    counts = data.get("clips") if isinstance(data, dict) else None
    if not isinstance(counts, dict):
        return " The model's card does not say what it was trained on."
    parts = [counts.get(part) for part in ("train", "validation")]
    used = sum(part for part in parts if isinstance(part, int))
    if remembered >= MAX_REMEMBERED_CLIPS and used > remembered:
        return f" The card names {remembered} of the {used} clips used; others cannot be told."
    return ""


def _sentence(trained: int, total: int, what: str) -> str:
    if not trained:
        return f"{total} clips, none of which the model was trained on by its card."
    return f"{trained} of {total} clips were used to train the model and {what}."


def _summarise(listener: Listener, scores: ClipScores, sentence: str) -> Results:
    temperature = float(listener.model.head.temperature)
    return summarise(
        scores,
        uncalibrated=without_temperature(scores, temperature),
        threshold=listener.threshold,
        temperature=temperature,
        split_kind="external",
        split_description=sentence,
    )


def _ambient(command: Evaluate, listener: Listener) -> AmbientTable | None:
    if not command.ambient:
        return None
    paths = list(find_recordings(command.ambient))
    if not paths:
        raise ManifestError(
            message(
                "ambient",
                expected="at least one sound file",
                got=f"none in {', '.join(map(str, command.ambient))}",
                remedy="Name a long recording, or the folder that holds some.",
            )
        )
    return listen_to_ambient(listener, paths, progress=counter("seconds"))


def _finish_ambient(command: Evaluate, table: AmbientTable | None) -> int:
    assert table is not None
    if command.json:
        from dataclasses import asdict

        print(json.dumps({"ambient": asdict(table)}, indent=2))
    else:
        print("\n".join(ambient_lines(table)))
    return 0


def _print(
    command: Evaluate, listener: Listener, results: Results, table: AmbientTable | None
) -> None:
    if command.json:
        from dataclasses import asdict

        ambient = None if table is None else asdict(table)
        print(json.dumps({"results": results.to_dict(), "ambient": ambient}, indent=2))
        return
    card = {key: value for key, value in listener.card.items() if key != "identity"}
    print("\n".join(result_lines(results, {}, card)))
    if table is not None:
        print()
        print("\n".join(ambient_lines(table)))


def _report(
    command: Evaluate,
    listener: Listener,
    manifest: Manifest,
    scores: ClipScores,
    results: Results,
    table: AmbientTable | None,
) -> None:
    assert command.report is not None
    history = listener.card.get("history")
    report = Report(
        title=Path(command.model).stem,
        results=results,
        history=history if isinstance(history, list) else (),  # type: ignore[arg-type]
        mistakes=collect_mistakes(listener, manifest, scores),
        ambient=table,
        card=short_card(listener.card),
    )
    write_report(report, command.report)
    say(f"report: {command.report}")
