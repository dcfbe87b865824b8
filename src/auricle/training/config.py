"""How a model is trained: one frozen value, the same from Python and from the command line."""

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal

from auricle.errors import ConfigError, message

CellName = Literal[
    "elman",
    "elman_relu",
    "elman_sigmoid",
    "lstm",
    "lstm_peephole",
    "gru",
    "gru_before",
    "light_gru",
    "mingru",
    "minlstm",
    "qrnn",
    "rglru",
    "lru",
]
_DEFAULT_CELL: CellName = "mingru"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Settings of a training run; the defaults are those of the results in the README.

    Attributes:
        preset: size of the network: tiny, small or base.
        trunk: recurrent layers, a time-delay network or WaveNet's convolutions, as wide as the
            preset's recurrent layers; all of them can listen live.
        cell: recurrent cell of the recurrent trunk.
        bidirectional: read clips in both directions; needs --cell lstm or gru, cannot listen live.
        hidden_size: width of the recurrent layers; the preset's if not given.
        num_layers: number of recurrent layers; the preset's if not given.
        pooling: how time steps make a clip's answer.
        features: what the network is given, separated by commas, such as mfcc,delta_mfcc,chroma;
            log_mel alone is the default. An unknown name lists all of them.
        compression: log keeps levels; pcen is for recordings whose level changes.
        sample_rate: rate that the model hears at, Hz; the most common of the recordings if not
            given, at most 48000 unless asked for.
        n_mels: number of mel filters of log_mel alone; other features have their own.
        channel: mono refuses recordings of several channels, mix averages them, N takes one.
        epochs: passes over the training set; chosen from its size if not given.
        batch_size: examples a step; 32, or 16 for less than 1000 clips, if not given.
        learning_rate: highest rate of the schedule.
        weight_decay: of weights that are matrices.
        dropout: share of values set to zero; the preset's if not given.
        label_smoothing: share of each target that is spread over all classes.
        augment: how strongly training examples are varied.
        class_weights: balanced counts each class alike however many clips it has.
        patience: stop after so many epochs without a better validation loss; 0 never stops early.
        max_clip_s: longer training clips are cut at random places to this length, seconds.
        background: folder of recordings that hold none of the classes; they are learnt as
            "unknown" and mixed in as noise.
        products: type of the factors of matrix products and convolutions while training; bfloat16
            is quicker on processors that have it, and rounds each factor to 8 bits. Weights, sums
            and all that the model does afterwards stay float32.
        seed: of every random choice; same seed, machine and threads give the same weights.
        device: where to train; another than cpu is tested first and refused if it computes wrongly.
        threads: processor threads; if not given, one or all, by a measurement of a second, and as
            before where a run goes on.
    """

    preset: Literal["tiny", "small", "base"] = "small"
    trunk: Literal["recurrent", "tdnn", "wavenet"] = "recurrent"
    cell: CellName = _DEFAULT_CELL
    bidirectional: bool = False
    hidden_size: int | None = None
    num_layers: int | None = None
    pooling: Literal["mean", "attention"] = "attention"
    features: str = "log_mel"
    compression: Literal["log", "pcen"] = "log"
    sample_rate: int | None = None
    n_mels: int = 64
    channel: Literal["mono", "mix"] | int = "mono"
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    dropout: float | None = None
    label_smoothing: float = 0.1
    augment: Literal["none", "light", "default", "strong"] = "default"
    class_weights: Literal["none", "balanced"] = "none"
    patience: int = 20
    max_clip_s: float = 5.0
    background: Path | None = None
    products: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    threads: int | None = None

    def __post_init__(self) -> None:
        self._check("epochs", self.epochs is None or self.epochs >= 1, ">= 1")
        self._check(
            "batch_size",
            self.batch_size is None or self.batch_size >= 2,
            ">= 2 (batch normalisation needs two)",
        )
        self._check("learning_rate", 0 < self.learning_rate <= 1, "0 < learning_rate <= 1")
        self._check("label_smoothing", 0 <= self.label_smoothing < 1, "0 <= label_smoothing < 1")
        self._check("weight_decay", self.weight_decay >= 0, ">= 0")
        self._check("patience", self.patience >= 0, ">= 0")
        self._check("max_clip_s", 0 < self.max_clip_s < inf, "a number of seconds > 0")
        self._check("seed", 0 <= self.seed < 2**32, "0 <= seed < 2**32")
        self._check("dropout", self.dropout is None or 0 <= self.dropout < 1, "0 <= dropout < 1")
        self._check("sample_rate", self.sample_rate is None or self.sample_rate > 0, "> 0 Hz")
        self._check("channel", isinstance(self.channel, str) or self.channel >= 0, ">= 0")
        self._check("threads", self.threads is None or self.threads >= 1, ">= 1")
        self._check("hidden_size", self.hidden_size is None or self.hidden_size >= 1, ">= 1")
        self._check("num_layers", self.num_layers is None or self.num_layers >= 1, ">= 1")
        self._check("n_mels", 1 < self.n_mels <= 512, "2 to 512")
        self._check("features", bool(self.features.strip(", ")), "at least one name")
        if self.bidirectional and self.cell not in ("lstm", "gru"):
            raise ConfigError(
                message(
                    "cell",
                    expected="lstm or gru with --bidirectional",
                    got=self.cell,
                    remedy="Add --cell gru, or leave --bidirectional out to be able to listen.",
                )
            )
        self._check_trunk()

    def _check_trunk(self) -> None:
        settings = (self.cell, self.num_layers, self.bidirectional)
        if self.trunk != "recurrent" and settings != (_DEFAULT_CELL, None, False):
            raise ConfigError(
                message(
                    "trunk",
                    expected="recurrent with --cell, --num-layers or --bidirectional",
                    got=self.trunk,
                    remedy="Leave those out, or leave --trunk out; --hidden-size suits all trunks.",
                )
            )

    def _check(self, name: str, holds: bool, rule: str) -> None:
        if not holds:
            got = getattr(self, name)
            raise ConfigError(
                message(name, expected=rule, got=got, remedy="Leave it out for the default.")
            )
