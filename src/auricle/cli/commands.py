"""What each command takes. Nothing heavy is imported until a command runs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import tyro

from auricle.training.config import TrainConfig
from auricle.training.detection.settings import DetectSettings
from auricle.training.split_config import SplitConfig

_Channel = Literal["mono", "mix"] | int
_AnnotationFormat = Literal["raven", "audacity", "textgrid", "elan", "dcase", "csv", "koumura"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """Train a model on labelled recordings, test it, and write one file.

    Attributes:
        path: folder of class folders, or a CSV or TSV with the columns path and label.
        output: the model file to write.
        labels: the table of labels, where PATH is a table of sounds without them.
        annotations: events with onset, offset and label: a file or a folder of them; PATH is then
            the folder of the recordings, and a detector is trained.
        tags: the labels of a clip are several, separated by semicolons; a tagger is trained.
        label_column: which column of a table is the class.
        group_column: which column of a table must not be divided, such as the speaker.
        table_rate: sample rate of a table whose rows are samples, Hz.
        data: how the recordings are kept apart.
        training: how the network is trained.
        detection: how events are learnt, with --annotations or --tags.
        report: write the report page there, too.
        baselines: train majority class, SVM and random forest beside the network.
        resume: go on with a run that was interrupted.
        skip_bad: leave recordings out that cannot be read, instead of stopping.
        cache: folder where features are kept between runs.
        cache_limit_gb: most that the cache may hold, GB; the features used longest ago go first.
        tensorboard: also write a TensorBoard log into this folder.
        quiet: say only what went wrong, and the result.
    """

    path: tyro.conf.Positional[Path]
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("model.auricle")
    labels: Path | None = None
    annotations: Path | None = None
    tags: bool = False
    label_column: str = "label"
    group_column: str | None = None
    table_rate: int | None = None
    data: Annotated[SplitConfig, tyro.conf.arg(name="")] = field(default_factory=SplitConfig)
    training: Annotated[TrainConfig, tyro.conf.arg(name="")] = field(default_factory=TrainConfig)
    detection: Annotated[DetectSettings, tyro.conf.arg(name="")] = field(
        default_factory=DetectSettings
    )
    report: Path | None = None
    baselines: bool = True
    resume: bool = False
    skip_bad: bool = False
    cache: Path | None = None
    cache_limit_gb: float | None = None
    tensorboard: Path | None = None
    quiet: bool = False

    @property
    def after_interrupt(self) -> str:
        """What a person can do after Ctrl-C."""
        folder, start = self.output.parent, f"{self.output.stem}.checkpoint"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        if any(name.startswith(start) and not name.endswith(".old") for name in names):
            return "Go on with the same command and --resume; every finished epoch is kept."
        return "No epoch was finished, so there is nothing to go on from."


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """Test a model on labelled recordings that it was not trained on.

    Attributes:
        model: the model file.
        path: labelled recordings, as for train; left out with --ambient. For a detector, the
            folder of the recordings.
        annotations: true events, to test a detector: a file or a folder of them.
        collar_ms: how far an onset or offset of an event may be off, milliseconds.
        labels: the table of labels, where PATH is a table of sounds without them.
        label_column: which column of a table is the class.
        group_column: which column of a table must not be divided.
        table_rate: sample rate of a table whose rows are samples, Hz.
        report: write one self-contained HTML page there.
        json: print the results as JSON.
        ambient: long recordings in which nothing should be heard: prints false alarms an hour.
        include_trained: score clips that the model was trained on, too; the report says so.
    """

    model: tyro.conf.Positional[Path]
    path: tyro.conf.Positional[Path | None] = None
    annotations: Path | None = None
    collar_ms: float = 200.0
    labels: Path | None = None
    label_column: str = "label"
    group_column: str | None = None
    table_rate: int | None = None
    report: Path | None = None
    json: bool = False
    ambient: tuple[Path, ...] = ()
    include_trained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """Say what each recording holds: a row a file; a bad file is a row with its error.

    Attributes:
        model: the model file.
        paths: recordings, and folders of them.
        format: how rows are printed.
        output: write there instead of to the terminal.
        frames: a row for each time step, with the posterior of every class.
        threshold: below this score the answer is unknown; the model's own if not given.
    """

    model: tyro.conf.Positional[Path]
    paths: tyro.conf.Positional[tuple[Path, ...]]
    format: Literal["table", "csv", "jsonl"] = "table"
    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    frames: bool = False
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Listen live: a line for each event with its time.

    Attributes:
        model: the model file; a detector tells each event when it is over, with onset and offset.
        input: a sound file, - for raw samples on standard input, or mic for the microphone.
        rate: sample rate of raw samples or of the microphone, Hz; the model's if not given.
        encoding: of raw samples.
        channels: of raw samples or of the microphone.
        channel: mono expects one channel, mix averages them, N takes one.
        device: microphone, by name or number.
        json: print each event as a line of JSON.
        ends: also print when an event ends, where the model is a classifier.
        threshold: below this score nothing is heard; the model's own if not given.
        save_state: write the stream's state there at the end.
        load_state: go on from a state that was saved.
    """

    model: tyro.conf.Positional[Path]
    input: str = "mic"
    rate: int | None = None
    encoding: Literal["u8", "s16le", "s24le", "s32le", "f32le"] = "s16le"
    channels: int = 1
    channel: _Channel = "mono"
    device: str | None = None
    json: bool = False
    ends: bool = False
    threshold: float | None = None
    save_state: Path | None = None
    load_state: Path | None = None

    @property
    def after_interrupt(self) -> str:
        """What Ctrl-C means here."""
        return "Stopped listening."


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspect:
    """Show what was understood of a list of recordings, or the card of a model file.

    Attributes:
        path: labelled recordings, as for train, or a model file.
        labels: the table of labels, where PATH is a table of sounds without them.
        label_column: which column of a table is the class.
        group_column: which column of a table must not be divided.
        table_rate: sample rate of a table whose rows are samples, Hz.
        channel: mono expects one channel, mix averages them, N takes one.
        json: print as JSON.
    """

    path: tyro.conf.Positional[Path]
    labels: Path | None = None
    label_column: str = "label"
    group_column: str | None = None
    table_rate: int | None = None
    channel: _Channel = "mono"
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitCommand:
    """Divide recordings into train, validation and test, as a CSV that train takes back.

    Attributes:
        path: labelled recordings, as for train.
        output: the CSV to write.
        labels: the table of labels, where PATH is a table of sounds without them.
        label_column: which column of a table is the class.
        group_column: which column of a table must not be divided.
        data: how the recordings are kept apart; with folds, a CSV for each.
        seed: of the draw.
    """

    path: tyro.conf.Positional[Path]
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("split.csv")
    labels: Path | None = None
    label_column: str = "label"
    group_column: str | None = None
    data: Annotated[SplitConfig, tyro.conf.arg(name="")] = field(default_factory=SplitConfig)
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert:
    """Turn annotations (who sang when) from one format into another; what is odd is said.

    Attributes:
        paths: annotation files, and folders of them.
        to: format to write.
        output: the file, or the folder where the format has a file for each recording.
        source_format: format to read; told from name and content if not given.
        recordings: folder of the recordings, or the one recording; beside PATHS if not given.
        times: unit of the times; auto takes seconds and refuses what looks like milliseconds.
        label_column: which column of a table is the label.
        tier: the only tier of Praat or ELAN to read.
    """

    paths: tyro.conf.Positional[tuple[Path, ...]]
    to: _AnnotationFormat
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    source_format: Annotated[_AnnotationFormat | Literal["auto"], tyro.conf.arg(name="from")] = (
        "auto"
    )
    recordings: Path | None = None
    times: Literal["auto", "s", "ms"] = "auto"
    label_column: str | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Datasets:
    """Fetch a public set of recordings, or list those that are known.

    Attributes:
        action: get fetches, list tells.
        name: fsdd, esc50 or speech-commands.
        output: folder to put it in.
        mirror: fetch from this address instead of the set's own.
    """

    action: tyro.conf.Positional[Literal["list", "get"]]
    name: tyro.conf.Positional[Literal["fsdd", "esc50", "speech-commands"] | None] = None
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("data")
    mirror: str | None = None

    @property
    def after_interrupt(self) -> str:
        """What a person can do after Ctrl-C."""
        return "Run the same command again: the download goes on where it stopped."


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Show, cap or clear the features that are kept between runs.

    Attributes:
        action: show its size, trim it to a limit, or clear it.
        folder: the cache; the usual place if not given.
        limit_gb: what trim leaves, GB.
    """

    action: tyro.conf.Positional[Literal["show", "trim", "clear"]] = "show"
    folder: Path | None = None
    limit_gb: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Make sounds, train on them, evaluate, write the report, and listen: needs no data.

    Attributes:
        folder: where everything goes.
        epochs: passes over the training set; chosen from its size if not given.
        seed: of every random choice.
    """

    folder: tyro.conf.Positional[Path] = Path("demo")
    epochs: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Synth:
    """Make a labelled set of sounds: recordings, manifest.csv and annotations.csv.

    Attributes:
        spec: what to make: a TOML or JSON file, or one that is built in: alarms, demo,
            instruments, overlap, words.
        output: the folder to write; the name of the spec if not given.
        seed: of every random choice, in place of the one that the spec says.
        show: print the spec instead, as a start for one of your own.
    """

    spec: tyro.conf.Positional[str]
    output: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None
    seed: int | None = None
    show: bool = False

    @property
    def after_interrupt(self) -> str:
        """What a person can do after Ctrl-C."""
        return "Run the same command again: it goes on where it stopped."
