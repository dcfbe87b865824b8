"""``auricle label``."""

import sys
import time
from collections.abc import Callable

from auricle.archive import LabelProgress, LabelSummary, find_places, label_recordings
from auricle.cli.label_options import Label
from auricle.cli.reading import TextSink, say
from auricle.errors import ConfigError, message

_EVERY_S, _EVERY_LINE_S = 0.5, 30.0


def run(command: Label) -> int:
    """Label what is not labelled yet; 1 when a recording could not be."""
    if command.jobs is not None and command.jobs < 1:
        raise ConfigError(
            message("jobs", expected=">= 1", got=command.jobs, remedy="Leave it out to choose.")
        )
    places = find_places(command.paths, command.output, format=command.to)
    summary = label_recordings(
        command.model,
        places,
        command.output,
        format=command.to,
        jobs=command.jobs,
        overwrite=command.overwrite,
        on_progress=None if command.quiet else teller(sys.stderr),
        on_error=lambda error: say(f"{_clean(sys.stderr)}auricle: {error}"),
    )
    if not command.quiet:
        print("\n".join(summary_lines(summary, command)))
    if summary.failed:
        say(f"auricle: {len(summary.failed)} of {len(places)} recordings were not labelled; "
            "the others are done.")  # fmt: skip
    return 1 if summary.failed else 0


def teller(out: TextSink) -> Callable[[LabelProgress], None]:
    """Progress with the time left: on one line of a terminal, else a line every half minute."""
    last = time.monotonic()
    wait_s = _EVERY_S if out.isatty() else _EVERY_LINE_S

    def tell(progress: LabelProgress) -> None:
        nonlocal last
        now, over = time.monotonic(), progress.done >= progress.files
        if now - last < wait_s and not (over and out.isatty()):
            return
        last = now
        line = progress_line(progress)
        if out.isatty():
            print(f"\r\x1b[K{line}", end="\n" if over else "", file=out, flush=True)
        else:
            print(line, file=out, flush=True)

    return tell


def progress_line(progress: LabelProgress) -> str:
    """Where a job stands, in a line."""
    left = "" if progress.left_s is None else f", {hours(progress.left_s)} left"
    return (
        f"{progress.done} of {progress.files} recordings, {hours(progress.heard_s)} of "
        f"{hours(progress.seconds)} heard, {progress.times_real_time:.0f} x real time{left}"
    )


def summary_lines(summary: LabelSummary, command: Label) -> list[str]:
    """How a job ended."""
    lines = []
    if summary.before:
        edited = f" ({summary.edited} edited since, and left alone)" if summary.edited else ""
        lines.append(f"{summary.before} recordings had been labelled before{edited}.")
    if summary.resampled:
        lines.append(
            f"{summary.resampled} recordings are at another sample rate than the model, and were "
            "resampled."
        )
    pace = summary.seconds / max(summary.wall_s, 1e-9)
    lines.append(
        f"{summary.events} events in {summary.labelled} recordings ({hours(summary.seconds)}), "
        f"labelled in {hours(summary.wall_s)} ({pace:.0f} x real time): {command.output}"
    )
    return lines


def hours(seconds: float) -> str:
    """Seconds as hours, minutes and seconds.

    >>> hours(3671.0), hours(59.2)
    ('1:01:11', '0:59')
    """
    whole = int(seconds)
    clock = f"{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{whole // 3600}:{clock}" if whole >= 3600 else clock.removeprefix("0")


def _clean(out: TextSink) -> str:
    """What makes room for a message where a line of progress stands."""
    return "\r\x1b[K" if out.isatty() else ""
