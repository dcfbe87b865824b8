"""Mel bands, PCEN and cepstra."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from auricle.dsp import SpeechCepstra, dct_matrix, pcen, speech_cepstra
from auricle.features.heard import Heard, hann, mel_bank
from auricle.features.parts.part import Memory, Part
from auricle.features.specs import Clock, MelBands, Mfcc, Pcen

_FLOOR = 1e-10


def full_scale_bank(
    clock: Clock, *, n_mels: int, fmin: float, fmax: float | None = None
) -> Float[Tensor, "bins mels"]:
    """Filters of height 1, scaled so that a full-scale sine has a power of 1, as in `LogMel`."""
    bank = mel_bank(clock.sample_rate, clock.n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    peak_power = float(hann(clock.win_length).double().sum() / 2) ** 2
    return bank / bank.amax(dim=0) / peak_power


class MelBandsPart(Part):
    """ln(mel + floor)."""

    def __init__(self, spec: MelBands, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._floor = 10.0 ** (spec.floor_db / 10)
        self._bank = full_scale_bank(clock, n_mels=spec.n_mels, fmin=spec.fmin, fmax=spec.fmax)

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return torch.log(heard.power() @ self._bank + self._floor), memory


class PcenPart(Part):
    """`auricle.dsp.pcen`; its level begins as the first frame, so that no start is heard."""

    def __init__(self, spec: Pcen, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._bank = full_scale_bank(clock, n_mels=spec.n_mels, fmin=spec.fmin)
        self._settings = {
            "frame_rate": clock.frame_rate,
            "time_constant_s": spec.time_constant_s,
            "gain": spec.gain,
            "bias": spec.bias,
            "power": spec.power,
            "eps": spec.eps,
        }

    def initial_memory(self, batch: int) -> Memory:
        return (torch.full((batch, self.width), -1.0, dtype=torch.float64),)

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        energy = heard.power() @ self._bank
        level = torch.where(memory[0] < 0, energy[:, 0].double(), memory[0])
        y, level_after = pcen(energy, level=level.numpy(), **self._settings)
        return y, (torch.from_numpy(level_after),)


class MfccPart(Part):
    """librosa's convention, each frame alone: no level is cut off below the clip's loudest."""

    def __init__(self, spec: Mfcc, clock: Clock) -> None:
        super().__init__(spec, clock)
        self._n_mels = spec.filters
        mel_bank(clock.sample_rate, clock.n_fft, n_mels=self._n_mels)  # refused early
        cosines = dct_matrix(spec.filters, spec.coefficients).double()
        if spec.height:
            i = torch.arange(1, spec.coefficients + 1, dtype=torch.float64)
            cosines = cosines * (1 + spec.height / 2 * torch.sin(math.pi * i / spec.height))
        self._cosines = (cosines * (10 / math.log(10))).float()  # nepers to dB on the way

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return heard.mel(self._n_mels).clamp(min=_FLOOR).log() @ self._cosines, memory


class SpeechMfccPart(Part):
    """Kaldi's or HTK's convention: their own window and transform."""

    def __init__(self, spec: Mfcc, clock: Clock) -> None:
        super().__init__(spec, clock)
        kaldi = spec.convention == "kaldi"
        self._config = SpeechCepstra(
            convention="kaldi" if kaldi else "htk",
            sample_rate=clock.sample_rate,
            win_length=clock.win_length,
            n_mfcc=spec.coefficients,
            n_mels=spec.filters,
            fmin=20.0 if kaldi else 0.0,
            lifter=spec.height,
            energy=kaldi,
        )
        speech_cepstra(torch.zeros(1, 1, clock.win_length), self._config)  # refused early

    def __call__(self, heard: Heard, memory: Memory) -> tuple[Tensor, Memory]:
        return speech_cepstra(heard.frames(self.clock.win_length), self._config), memory
