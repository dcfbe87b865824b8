"""What is checked before hours of training go by."""

from collections.abc import Sequence

from auricle.data import Clip, Split
from auricle.errors import AudioError, SplitError, message
from auricle.training.config import TrainConfig
from auricle.training.examples import raise_unreadable
from auricle.training.reporter import Reporter


def check_test_clips(splits: Sequence[Split], config: TrainConfig, reporter: Reporter) -> None:
    """Refuse clips that could not be tested on, before hours of training go by.

    Raises:
        SplitError: there are none.
        AudioError: some cannot be read; all recordings that cannot are named.
    """
    if not all(len(split.test) for split in splits):
        raise SplitError(
            message(
                "test",
                expected="at least one clip to test on",
                got="none",
                remedy="Raise --test-fraction, or mark clips as test in the split column.",
            )
        )
    first = splits[0]
    held = first.test.clips
    problems = _unreadable(held, config, reporter)
    if problems:
        clips = (*first.train.clips, *first.validation.clips)
        problems += _unreadable(clips, config, reporter)
        raise_unreadable(problems, len(clips) + len(held))


def _unreadable(clips: Sequence[Clip], config: TrainConfig, reporter: Reporter) -> list[AudioError]:
    problems = []
    for done, clip in enumerate(clips, start=1):
        try:
            clip.load(channel=config.channel)
        except AudioError as error:
            problems.append(error)
        reporter.advance("checking", done, len(clips))
    return problems
