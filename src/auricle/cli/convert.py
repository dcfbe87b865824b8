"""``auricle convert``."""

from auricle.cli.commands import Convert
from auricle.cli.reading import say
from auricle.data.annotations import (
    Annotations,
    annotation_problem_lines,
    read_annotations,
    what_is_lost,
    write_annotations,
)


def run(command: Convert) -> int:
    """Read, say what is odd, write; the events are never changed."""
    annotations = read_annotations(
        command.paths,
        recordings=command.recordings,
        format=command.source_format,
        times=command.times,
        label_column=command.label_column,
        tier=command.tier,
        strict=False,
    )
    _say_what_is_odd(annotations)
    for sentence in what_is_lost(annotations, command.to):
        say(f"auricle: {sentence}")
    sources = {event.source for event in annotations.events if event.source is not None}
    written = write_annotations(annotations, command.output, format=command.to, keep=sources)
    files = f"{len(written)} files in {command.output}" if len(written) > 1 else str(written[0])
    events, parts = len(annotations.events), len(annotations)
    print(f"{_count(events, 'event')} of {_count(parts, 'recording')}: {files}")
    return 0


def _say_what_is_odd(annotations: Annotations) -> None:
    for note in annotations.notes:
        say(f"auricle: {note}")
    for line in annotation_problem_lines(annotations.problems):
        say(line)
    if annotations.problems:
        say("Nothing of this was changed.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
