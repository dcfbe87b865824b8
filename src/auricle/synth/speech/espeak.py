"""A better voice, where the program espeak-ng is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from jaxtyping import Float

from auricle.errors import AudioError, ConfigError, MissingExtraError, message
from auricle.synth.checks import check_between, check_rate
from auricle.synth.sound import Sound, SoundEvent, finish, trimmed
from auricle.synth.spectrum import change_rate

PROGRAM = "espeak-ng"
_LONGEST_TEXT = 5000
_PATIENCE_S = 60


def has_espeak() -> bool:
    """Whether espeak-ng is on the path."""
    return shutil.which(PROGRAM) is not None


def speak_text(
    text: str,
    *,
    voice: str = "en",
    words_per_minute: int = 160,
    pitch: int = 50,
    sample_rate: int = 16000,
    peak: float = 0.5,
) -> Sound:
    """Let the program espeak-ng speak a text. The program is run; nothing is installed.

    Args:
        text: at most 5000 characters.
        voice: as ``espeak-ng --voices`` lists them, such as ``en-us`` or ``de``.
        words_per_minute: 80 to 450.
        pitch: 0 to 99, in the program's own scale.
        sample_rate: Hz, 4000 to 192000; the program speaks at 22050.
        peak: largest absolute sample, above 0 and at most 1.
    Returns:
        The sound with one event, labelled ``speech``; silence at either end is cut.
    Raises:
        MissingExtraError: espeak-ng is not on the path.
        ConfigError: a setting is out of range, or the program refused it.
        AudioError: what the program wrote is no sound.
    """
    check_rate(sample_rate)
    check_between("words_per_minute", words_per_minute, 80, 450)
    check_between("pitch", pitch, 0, 99)
    check_between("len(text)", len(text.strip()), 1, _LONGEST_TEXT)
    program = shutil.which(PROGRAM)
    if program is None:
        raise MissingExtraError(
            message(
                PROGRAM,
                expected="the program on the path",
                got="none",
                remedy="Install it, for example with apt or brew, or use speak().",
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "speech.wav"
        words = [program, "-v", voice, "-s", str(words_per_minute), "-p", str(pitch)]
        _run([*words, "--stdin", "-w", str(target)], text)
        wave, rate = _read(target)
    wave = trimmed(change_rate(wave, from_rate=rate, to_rate=sample_rate))
    event = SoundEvent(label="speech", onset_s=0.0, offset_s=len(wave) / sample_rate)
    return finish(wave, sample_rate=sample_rate, peak=peak, events=[event])


def _run(words: list[str], text: str) -> None:
    try:
        done = subprocess.run(
            words, input=text.encode("utf-8"), capture_output=True, timeout=_PATIENCE_S, check=False
        )
        said, status = done.stderr.decode("utf-8", errors="replace").strip(), done.returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        said, status = f"{type(error).__name__}: {error}", -1
    if status != 0:
        raise ConfigError(
            message(
                PROGRAM,
                expected="to speak the text",
                got=repr(said or f"status {status}"),
                remedy=f"Try: {PROGRAM} --voices",
            )
        )


def _read(path: Path) -> tuple[Float[np.ndarray, " time"], int]:
    try:
        wave, rate = soundfile.read(path, dtype="float64", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise _no_sound(str(error)) from error
    if not np.abs(wave).max(initial=0.0) > 0:
        raise _no_sound("silence")
    return wave[:, 0], int(rate)


def _no_sound(got: str) -> AudioError:
    return AudioError(
        message(
            PROGRAM,
            expected="a wav file with sound",
            got=got,
            remedy="Run it by hand with -w test.wav, and listen.",
        )
    )
