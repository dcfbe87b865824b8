"""A model: front end, compression, trunk and head composed into one causal map."""

from typing import NamedTuple, assert_never

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from auricle.errors import CausalityError, ConfigError, message
from auricle.features import (
    Compression,
    CompressionState,
    FeatureFrontEnd,
    FeaturesConfig,
    FeaturesState,
    LogMel,
    LogMelConfig,
    LogMelState,
)
from auricle.heads import (
    ClassifyConfig,
    ClassifyHead,
    DetectConfig,
    DetectHead,
    FrameScores,
    pool_clip,
)
from auricle.models.config import HeadConfig, ModelConfig, TrunkConfig
from auricle.trunks import (
    BidirectionalConfig,
    BidirectionalTrunk,
    RecurrentConfig,
    RecurrentTrunk,
    TdnnConfig,
    TdnnState,
    TdnnTrunk,
    TrunkState,
    WaveNetConfig,
    WaveNetState,
    WaveNetTrunk,
)

CausalTrunk = RecurrentTrunk | TdnnTrunk | WaveNetTrunk


class NetworkState(NamedTuple):
    """Memory of everything above the front end."""

    compression: CompressionState
    trunk: TrunkState | TdnnState | WaveNetState


class ModelState(NamedTuple):
    """Memory of the whole model: with it, the next sample goes on where the last one ended."""

    features: LogMelState | FeaturesState
    network: NetworkState


def build_trunk(config: TrunkConfig, *, input_size: int) -> CausalTrunk | BidirectionalTrunk:
    """The trunk that a configuration describes."""
    match config:
        case RecurrentConfig():
            return RecurrentTrunk(config, input_size=input_size)
        case BidirectionalConfig():
            return BidirectionalTrunk(config, input_size=input_size)
        case TdnnConfig():
            return TdnnTrunk(config, input_size=input_size)
        case WaveNetConfig():
            return WaveNetTrunk(config, input_size=input_size)
        case _:
            assert_never(config)


def build_front_end(config: LogMelConfig | FeaturesConfig) -> LogMel | FeatureFrontEnd:
    """The front end that a configuration describes."""
    match config:
        case LogMelConfig():
            return LogMel(config)
        case FeaturesConfig():
            return FeatureFrontEnd(config)
        case _:
            assert_never(config)


def build_head(
    config: HeadConfig, *, input_size: int, num_classes: int, stride: int
) -> ClassifyHead | DetectHead:
    """The head that a configuration describes.

    Args:
        stride: frames of the front end to one output of the trunk.
    """
    match config:
        case ClassifyConfig():
            return ClassifyHead(config, input_size=input_size, num_classes=num_classes)
        case DetectConfig():
            return DetectHead(
                config, input_size=input_size, num_classes=num_classes, answers=stride
            )
        case _:
            assert_never(config)


class Model(nn.Module):
    """Waveform to posteriors at every time step: ``forward(waveform, state) -> (scores, state)``.

    A file is one call, a microphone is many calls, and where the input is cut changes nothing.
    ``causal`` is False for a bidirectional trunk: such a model scores whole clips only.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        columns = config.front_end.n_features
        self.features = build_front_end(config.front_end)
        self.compression = Compression(
            config.compression, n_mels=columns, frame_rate=config.front_end.frame_rate
        )
        self.trunk = build_trunk(config.trunk, input_size=columns)
        self.head = build_head(
            config.head,
            input_size=self.trunk.output_size,
            num_classes=len(config.classes),
            stride=self.trunk.stride,
        )
        if isinstance(self.head, DetectHead) and not self.trunk.causal:
            raise ConfigError(
                message(
                    "trunk",
                    expected="one that listens forwards, to detect events",
                    got="a bidirectional one",
                    remedy="Give it a look-ahead (lookahead_ms) instead.",
                )
            )

    @property
    def causal(self) -> bool:
        """Whether the model can listen to a stream."""
        return self.trunk.causal

    @property
    def step_length(self) -> int:
        """Samples from one output to the next: the trunk's step, or a hop for a detector."""
        hop_length = self.config.front_end.hop_length
        return hop_length if isinstance(self.head, DetectHead) else hop_length * self.trunk.stride

    @property
    def step_s(self) -> float:
        """Seconds from one output to the next."""
        return self.step_length / self.config.front_end.sample_rate

    def initial_state(self, batch: int) -> ModelState:
        """Nothing heard yet."""
        return ModelState(self.features.initial_state(batch), self.initial_network_state(batch))

    def initial_network_state(self, batch: int) -> NetworkState:
        """Nothing heard yet, above the front end."""
        trunk = self._causal_trunk().initial_state(batch)
        return NetworkState(self.compression.initial_state(batch), trunk)

    def forward(
        self, waveform: Float[Tensor, "batch channels time"], state: ModelState
    ) -> tuple[FrameScores, ModelState]:
        """Scores that are ready after these samples, and the state for the next ones.

        Args:
            waveform: one channel, in [-1, 1], at the model's sample rate; any ``time`` ≥ 0.
        Raises:
            CausalityError: the trunk looks ahead; use `score_clips`.
            ShapeError: not one channel.
        """
        frames, features = self.features(waveform, state.features)
        scores, network = self.forward_frames(self._beside_weights(frames), state.network)
        return scores, ModelState(features, network)

    def forward_frames(
        self, frames: Float[Tensor, "batch frames mels"], state: NetworkState
    ) -> tuple[FrameScores, NetworkState]:
        """The same from the front end's frames on."""
        x, compression = self.compression(frames, state.compression)
        hidden, trunk = self._causal_trunk()(x, state.trunk)
        scores: FrameScores = self.head(hidden)
        return scores, NetworkState(compression, trunk)

    def finish(self, state: ModelState) -> FrameScores:
        """The last scores: those that silence up to the end of the last hop brings out."""
        missing = self.features.missing(state.features)
        silence = state.features.samples.new_zeros(state.features.samples.shape[0], 1, missing)
        last: FrameScores = self(silence, state)[0]
        return last

    def clip_frames(
        self, waveform: Float[Tensor, "batch channels time"]
    ) -> Float[Tensor, "batch frames mels"]:
        """All frames of whole clips, the last hop completed by silence; what is cached."""
        initial = self.features.initial_state(waveform.shape[0])
        missing = -waveform.shape[2] % self.config.front_end.hop_length
        frames: Tensor = self.features(nn.functional.pad(waveform, (0, missing)), initial)[0]
        return frames

    def score_clips(
        self, frames: Float[Tensor, "batch frames mels"], lengths: Int[Tensor, " batch"]
    ) -> tuple[FrameScores, Float[Tensor, "batch out_frames"], Float[Tensor, "batch classes"]]:
        """Scores of padded whole clips, causal or not.

        Args:
            frames: of the front end, padded to the longest clip.
            lengths: valid frames of each, ≥ 1.
        Returns:
            Scores of every step, 1 where a step belongs to its clip (else 0), and the
            log-posterior of each clip.
        """
        if isinstance(self.trunk, BidirectionalTrunk):
            initial = self.compression.initial_state(frames.shape[0])
            x, _ = self.compression(frames, initial)
            scores = self.head(self.trunk(x, lengths))
        else:
            scores, _ = self.forward_frames(frames, self.initial_network_state(frames.shape[0]))
        steps = -(-lengths // self.trunk.stride)
        index = torch.arange(scores.weights.shape[1], device=steps.device)
        mask = (index < steps[:, None]).to(scores.weights.dtype)
        return scores, mask, pool_clip(scores, mask)

    def _beside_weights(self, frames: Tensor) -> Tensor:
        """Composed features are computed by the processor; the network may be elsewhere."""
        return frames.to(self.compression.mean.device)

    def _causal_trunk(self) -> CausalTrunk:
        if not isinstance(self.trunk, BidirectionalTrunk):
            return self.trunk
        raise CausalityError(
            "trunk: expected a causal trunk, got a bidirectional one. It needs the whole clip "
            "before its first answer, so it cannot listen to a stream; train with --cell mingru "
            "(or gru, lstm, elman) without --bidirectional, or score whole clips."
        )
